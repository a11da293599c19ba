SELECT DISTINCT price_id, model_id, meter, conditions
FROM price_key
JOIN offering_key USING (offering_key)
JOIN (FROM model_now UNION ALL FROM model_past) AS described USING (offering_id)
WHERE offering_key.seller = ?;
