PREPARE add_prices AS INSERT INTO price_log BY NAME SELECT * FROM incoming_prices;
