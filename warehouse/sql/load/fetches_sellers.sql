SELECT fetch_id, seller FROM fetch_log;
