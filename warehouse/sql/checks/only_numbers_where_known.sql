-- A price has a number exactly when it is known or free, and only free is zero.
SELECT price_id, price_status, unit_price_usd
FROM price_belief
JOIN price_key USING (price_key)
WHERE (unit_price_usd IS NOT NULL) <> (price_status IN ('known', 'free'))
    OR (price_status = 'free' AND unit_price_usd <> 0)
    OR (price_status = 'known' AND unit_price_usd = 0)
    OR unit_price_usd < 0;
