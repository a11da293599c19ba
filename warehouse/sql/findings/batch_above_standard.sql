-- A batch price above the standard one. Rare, and sometimes meant: a batch price follows another
-- provider than the standard one does.
SELECT batch.seller, batch.model_id, batch.meter, batch.unit_price_usd, standard.unit_price_usd AS beside
FROM prices AS batch
JOIN prices AS standard
    ON standard.seller = batch.seller
    AND standard.operation = batch.operation
    AND standard.meter = batch.meter
    AND standard.is_headline
    AND standard.model_id || ':batch' = batch.model_id
WHERE batch.is_headline AND batch.unit_price_usd > standard.unit_price_usd
UNION ALL
SELECT batch.seller, batch.model_id, batch.meter, batch.unit_price_usd, standard.unit_price_usd
FROM prices AS batch
JOIN prices AS standard
    ON standard.offering_id = batch.offering_id
    AND standard.meter = batch.meter
    AND standard.is_headline
WHERE json_extract_string(batch.conditions, '$.service_tier') = 'batch'
    AND batch.unit_price_usd > standard.unit_price_usd
ORDER BY ALL;
