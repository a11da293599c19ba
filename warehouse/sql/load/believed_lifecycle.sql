SELECT
    log_id, offering_id, valid_from, changed_after, lifecycle, model_id, operation, listed_by,
    capture_sha256, kind
FROM lifecycle_belief
JOIN offering_key USING (offering_key)
WHERE seller = ?;
