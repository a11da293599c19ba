SELECT DISTINCT prices.unit_price_usd, meters.quoted_per
FROM (
    SELECT price_key.meter, price_log.unit_price_usd
    FROM price_log
    JOIN price_key USING (price_key)
    UNION ALL
    SELECT claim_now.meter, claim_now.unit_price_usd FROM claim_now
) AS prices
JOIN pricebook.main.meters ON meters.meter = prices.meter
WHERE prices.unit_price_usd IS NOT NULL;
