INSERT INTO claim_now BY NAME SELECT * FROM incoming;
