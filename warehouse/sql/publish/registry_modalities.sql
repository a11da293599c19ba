INSERT INTO pricebook.main.modalities BY NAME
SELECT * FROM incoming;
