INSERT INTO pricebook.main.sources BY NAME
SELECT * FROM incoming;
