SELECT fetch_id FROM fetch_log;
