INSERT OR REPLACE INTO checkpoint_now (seller, version, through, state) VALUES (?, ?, ?, ?);
