INSERT INTO dispute_now BY NAME SELECT * FROM incoming;
