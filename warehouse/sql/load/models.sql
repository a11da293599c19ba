INSERT INTO model_now BY NAME
SELECT * REPLACE (expires_on::DATE AS expires_on) FROM incoming;
