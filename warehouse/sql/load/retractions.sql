INSERT INTO retraction_log
SELECT $1, log_id, $2::TIMESTAMPTZ, $3, $4
FROM incoming;
