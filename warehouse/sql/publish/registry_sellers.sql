INSERT INTO pricebook.main.sellers BY NAME
SELECT * FROM incoming;
