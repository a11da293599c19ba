-- One price per seller and canonical model: the standard offering's headline, the lowest where a
-- seller has several (the same model called in different ways).
INSERT INTO pricebook.main.comparison BY NAME
WITH offers AS (
    SELECT
        prices.canonical_id,
        prices.modality,
        prices.meter,
        prices.seller,
        arg_min(prices.offering_id, (prices.unit_price_usd, prices.offering_id)) AS offering_id,
        min(prices.unit_price_usd) AS unit_price_usd,
        arg_min(prices.is_disputed, (prices.unit_price_usd, prices.offering_id)) AS is_disputed
    FROM pricebook.stored.prices AS prices
    JOIN model_now ON model_now.offering_id = prices.offering_id
    WHERE prices.is_headline
        AND prices.canonical_id IS NOT NULL
        AND prices.unit_price_usd IS NOT NULL
        AND model_now.variant IS NULL
        AND model_now.service_tier IS NULL
    GROUP BY ALL
)
SELECT
    *,
    min(unit_price_usd) OVER sellers AS cheapest_unit_price_usd,
    CASE
        WHEN unit_price_usd = min(unit_price_usd) OVER sellers THEN 1
        WHEN min(unit_price_usd) OVER sellers > 0
            THEN ratio_of(unit_price_usd, min(unit_price_usd) OVER sellers)
    END AS ratio_to_cheapest,
    unit_price_usd = min(unit_price_usd) OVER sellers AS is_cheapest
FROM offers
WINDOW sellers AS (PARTITION BY canonical_id, modality, meter)
ORDER BY canonical_id, modality, meter, unit_price_usd, seller;
