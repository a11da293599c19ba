SELECT source, max(fetched_at) FROM fetch_log WHERE is_healthy GROUP BY source;
