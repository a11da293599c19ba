SELECT max(fetched_at), arg_max(origin, fetched_at) FROM fetch_log WHERE is_healthy;
