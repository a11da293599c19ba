-- A price below a fifth of what the next seller asks for the same model: more often a unit read
-- wrong, or a seller's slip, than a bargain.
SELECT
    low.seller, listed.model_id, low.meter, low.unit_price_usd,
    min(other.unit_price_usd) AS beside
FROM comparison AS low
JOIN models AS listed ON listed.offering_id = low.offering_id
JOIN comparison AS other
    ON other.canonical_id = low.canonical_id
    AND other.modality = low.modality
    AND other.meter = low.meter
    AND other.seller <> low.seller
WHERE low.unit_price_usd > 0
GROUP BY ALL
HAVING min(other.unit_price_usd) > low.unit_price_usd * 5
ORDER BY ALL;
