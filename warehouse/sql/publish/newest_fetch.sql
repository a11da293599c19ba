SELECT max(fetched_at), arg_max(origin, fetched_at) FROM fetch_as_read WHERE is_healthy;
