INSERT INTO rereading_log
SELECT fetch_key, $1::TIMESTAMPTZ, incoming.outcome, incoming.is_healthy, incoming.detail
FROM incoming
JOIN fetch_log USING (fetch_id);
