INSERT INTO review_now BY NAME SELECT * FROM incoming;
