INSERT INTO capture_log
SELECT fetch_key, page, incoming.capture_sha256, incoming.url, incoming.http_status, incoming.bytes
FROM incoming
JOIN fetch_log USING (fetch_id)
ANTI JOIN capture_log AS known USING (fetch_key, page);
