INSERT INTO lifecycle_log
SELECT
    (SELECT coalesce(max(log_id), 0) FROM lifecycle_log)
        + row_number() OVER (ORDER BY valid_from, offering_id),
    offering_key, valid_from, changed_after, $1::TIMESTAMPTZ, lifecycle, model_id, operation,
    listed_by, capture_sha256, kind
FROM incoming
JOIN offering_key USING (offering_id);
