INSERT INTO fetch_log
SELECT
    (SELECT coalesce(max(fetch_key), 0) FROM fetch_log)
        + row_number() OVER (ORDER BY fetched_at, source, fetch_id),
    fetch_id, run_id, source, seller, scope, fetched_at, finished_at, $1::TIMESTAMPTZ,
    outcome, is_healthy, detail, origin
FROM incoming
ANTI JOIN fetch_log AS known USING (fetch_id);
