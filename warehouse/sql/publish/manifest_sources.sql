SELECT source, max(fetched_at) AS fetched_at, arg_max(capture_sha256, fetched_at) AS sha256
FROM fetch_as_read
LEFT JOIN capture_log ON capture_log.fetch_key = fetch_as_read.fetch_key AND page = 1
WHERE is_healthy
GROUP BY source
ORDER BY source;
