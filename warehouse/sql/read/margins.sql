-- How far a seller's prices lie above another's, month by month, as a distribution. Of two sellers
-- the dearer comes first, unless it is said whose margin is asked for.
WITH chosen AS (
    SELECT m.*
    FROM margins AS m
    WHERE
        m.margin IS NOT NULL
        AND ($offerings::VARCHAR[] IS NULL OR m.canonical_id IN (
            SELECT o.canonical_id FROM models AS o WHERE list_contains($offerings, o.offering_id)
        ))
        AND ($sellers::VARCHAR[] IS NULL OR list_contains($sellers, m.seller))
        AND ($modalities::VARCHAR[] IS NULL OR list_contains($modalities, m.modality))
        AND ($meters::VARCHAR[] IS NULL OR list_contains($meters, m.meter))
),
dearer AS (
    SELECT c.seller, c.over_seller
    FROM chosen AS c
    GROUP BY c.seller, c.over_seller
    HAVING $sellers::VARCHAR[] IS NOT NULL
        OR quantile_disc(c.margin, 0.5) > 0
        OR (quantile_disc(c.margin, 0.5) = 0 AND c.seller < c.over_seller)
),
common AS (
    SELECT
        c.month, c.seller, c.over_seller, round(c.margin, 3) AS margin, count(*) AS prices
    FROM chosen AS c
    GROUP BY c.month, c.seller, c.over_seller, round(c.margin, 3)
    QUALIFY row_number() OVER (
        PARTITION BY c.month, c.seller, c.over_seller ORDER BY count(*) DESC, round(c.margin, 3)
    ) = 1
)
SELECT
    c.month,
    c.seller,
    c.over_seller,
    count(DISTINCT c.canonical_id) AS models,
    count(*) AS prices,
    min(c.margin) AS lowest,
    quantile_disc(c.margin, 0.1) AS tenth,
    quantile_disc(c.margin, 0.5) AS median,
    quantile_disc(c.margin, 0.9) AS ninetieth,
    max(c.margin) AS highest,
    any_value(common.margin) AS commonest,
    any_value(common.prices) AS commonest_prices
FROM chosen AS c
JOIN dearer USING (seller, over_seller)
JOIN common ON common.month = c.month
    AND common.seller = c.seller
    AND common.over_seller = c.over_seller
GROUP BY c.month, c.seller, c.over_seller
ORDER BY c.month, c.seller, c.over_seller;
