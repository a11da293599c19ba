SELECT coalesce(max(log_id), 0) FROM price_log;
