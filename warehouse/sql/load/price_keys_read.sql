SELECT offering_id, coalesce(meter, ''), conditions, price_key
FROM price_key
JOIN offering_key USING (offering_key);
