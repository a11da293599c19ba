INSERT INTO pricebook.main.comparison_history BY NAME
WITH offers AS (
    SELECT
        belief.canonical_id,
        belief.modality,
        belief.meter,
        belief.seller,
        belief.offering_id,
        belief.unit_price_usd,
        belief.valid_from,
        belief.valid_to
    FROM belief
    JOIN model_now ON model_now.offering_id = belief.offering_id
    WHERE belief.is_headline
        AND belief.canonical_id IS NOT NULL
        AND belief.unit_price_usd IS NOT NULL
        AND model_now.variant IS NULL
        AND model_now.service_tier IS NULL
),
edges AS (
    SELECT DISTINCT canonical_id, modality, meter, unnest([valid_from, valid_to]) AS edge
    FROM offers
),
spans AS (
    SELECT
        canonical_id,
        modality,
        meter,
        edge AS valid_from,
        lead(edge) OVER (PARTITION BY canonical_id, modality, meter ORDER BY edge) AS valid_to
    FROM edges
    WHERE edge IS NOT NULL
),
standing AS (
    SELECT
        spans.canonical_id,
        spans.modality,
        spans.meter,
        offers.seller,
        spans.valid_from,
        spans.valid_to,
        arg_min(offers.offering_id, (offers.unit_price_usd, offers.offering_id)) AS offering_id,
        min(offers.unit_price_usd) AS unit_price_usd
    FROM spans
    JOIN offers
        ON offers.canonical_id = spans.canonical_id
        AND offers.modality = spans.modality
        AND offers.meter = spans.meter
        AND offers.valid_from <= spans.valid_from
        AND (offers.valid_to IS NULL OR offers.valid_to > spans.valid_from)
    GROUP BY ALL
),
compared AS (
    SELECT
        *,
        min(unit_price_usd) OVER (PARTITION BY canonical_id, modality, meter, valid_from)
            AS cheapest_unit_price_usd
    FROM standing
),
marked AS (
    SELECT
        *,
        lag(valid_to) OVER line IS DISTINCT FROM valid_from
            OR lag(unit_price_usd) OVER line IS DISTINCT FROM unit_price_usd
            OR lag(offering_id) OVER line IS DISTINCT FROM offering_id
            OR lag(cheapest_unit_price_usd) OVER line IS DISTINCT FROM cheapest_unit_price_usd
            AS begins
    FROM compared
    WINDOW line AS (PARTITION BY canonical_id, modality, meter, seller ORDER BY valid_from)
),
numbered AS (
    SELECT
        *,
        sum(CASE WHEN begins THEN 1 ELSE 0 END) OVER (
            PARTITION BY canonical_id, modality, meter, seller ORDER BY valid_from
        ) AS part
    FROM marked
)
SELECT
    canonical_id,
    modality,
    meter,
    seller,
    any_value(offering_id) AS offering_id,
    any_value(unit_price_usd) AS unit_price_usd,
    any_value(cheapest_unit_price_usd) AS cheapest_unit_price_usd,
    CASE
        WHEN any_value(unit_price_usd) = any_value(cheapest_unit_price_usd) THEN 1
        WHEN any_value(cheapest_unit_price_usd) > 0
            THEN ratio_of(any_value(unit_price_usd), any_value(cheapest_unit_price_usd))
    END AS ratio_to_cheapest,
    any_value(unit_price_usd) = any_value(cheapest_unit_price_usd) AS is_cheapest,
    min(valid_from) AS valid_from,
    CASE WHEN bool_or(valid_to IS NULL) THEN NULL ELSE max(valid_to) END AS valid_to
FROM numbered
GROUP BY canonical_id, modality, meter, seller, part
ORDER BY canonical_id, modality, meter, seller, valid_from;
