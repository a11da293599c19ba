INSERT INTO migration (name, checksum) VALUES (?, ?);
