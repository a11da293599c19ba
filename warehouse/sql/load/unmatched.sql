INSERT INTO unmatched_now BY NAME SELECT * FROM incoming;
