INSERT INTO pricebook.stored.models BY NAME
SELECT * FROM model_now ORDER BY seller, model_id, operation;
