-- The offerings, each with whether its seller is the one to default to for its model and work.
INSERT INTO pricebook.stored.models BY NAME
WITH sold AS (
    -- Who sells a model for a kind of work; one that is known by its offering only is sold by one.
    SELECT
        coalesce(canonical_id, offering_id) AS model,
        modality,
        seller,
        bool_or(variant IS NULL) AS has_standard,
        any_value(canonical_id) AS canonical_id
    FROM model_now
    WHERE lifecycle <> 'withdrawn'
    GROUP BY ALL
),
shared AS (
    -- Prices of meters that every seller who prices the model prices.
    SELECT canonical_id, modality, seller, unit_price_usd
    FROM pricebook.main.comparison
    QUALIFY count(*) OVER (PARTITION BY canonical_id, modality, meter)
        = count(DISTINCT seller) OVER (PARTITION BY canonical_id, modality)
),
asked AS (
    -- The geometric mean over those meters, as a logarithm: units cancel out, free is below all.
    SELECT
        canonical_id,
        modality,
        seller,
        round(avg(CASE WHEN unit_price_usd > 0 THEN ln(CAST(unit_price_usd AS DOUBLE)) ELSE -1000 END), 9)
            AS level
    FROM shared
    GROUP BY ALL
),
chosen AS (
    SELECT
        sold.model,
        sold.modality,
        arg_min(
            sold.seller,
            (
                NOT sold.has_standard,
                CASE WHEN modalities.recommended_seller = 'cheapest' THEN coalesce(asked.level, 1000) ELSE 0 END,
                sold.seller <> modalities.recommended_seller,
                sellers.rowid
            )
        ) AS seller
    FROM sold
    JOIN pricebook.main.modalities ON modalities.modality = sold.modality
        AND modalities.recommended_seller IS NOT NULL
    JOIN pricebook.main.sellers ON sellers.seller = sold.seller
    LEFT JOIN asked ON asked.canonical_id = sold.canonical_id
        AND asked.modality = sold.modality
        AND asked.seller = sold.seller
    GROUP BY ALL
)
SELECT model_now.* REPLACE (
    model_now.lifecycle <> 'withdrawn' AND chosen.seller IS NOT NULL AS is_recommended
)
FROM model_now
LEFT JOIN chosen ON chosen.model = coalesce(model_now.canonical_id, model_now.offering_id)
    AND chosen.modality = model_now.modality
    AND chosen.seller = model_now.seller
ORDER BY seller, model_id, operation;
