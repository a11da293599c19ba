SELECT source, max(fetched_at) FROM fetch_as_read WHERE is_healthy GROUP BY source;
