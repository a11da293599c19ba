INSERT INTO price_log BY NAME SELECT * FROM incoming;
