SELECT count(*) FROM price_log;
