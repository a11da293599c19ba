-- Whether a fetch can be read depends on the code. When it is read again with another result, that is
-- noted here; what was noted first stays in `fetch_log`.
CREATE TABLE rereading_log (
    fetch_key INTEGER NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    outcome VARCHAR NOT NULL,
    is_healthy BOOLEAN NOT NULL,
    detail VARCHAR NOT NULL
);

-- Every fetch, with how it was read last.
CREATE VIEW fetch_as_read AS
SELECT
    logged.* REPLACE (
        coalesce(again.outcome, logged.outcome) AS outcome,
        coalesce(again.is_healthy, logged.is_healthy) AS is_healthy,
        coalesce(again.detail, logged.detail) AS detail
    )
FROM fetch_log AS logged
LEFT JOIN (
    SELECT
        fetch_key,
        arg_max(outcome, recorded_at) AS outcome,
        arg_max(is_healthy, recorded_at) AS is_healthy,
        arg_max(detail, recorded_at) AS detail
    FROM rereading_log
    GROUP BY fetch_key
) AS again USING (fetch_key);
