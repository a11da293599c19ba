INSERT INTO pricebook.main.meters BY NAME
SELECT * FROM incoming;
