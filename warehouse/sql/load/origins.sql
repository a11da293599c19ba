SELECT DISTINCT origin FROM fetch_log;
