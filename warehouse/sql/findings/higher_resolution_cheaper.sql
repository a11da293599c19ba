-- A higher resolution that costs less than a lower one, everything else being equal.
WITH sized AS (
    SELECT
        *,
        json_merge_patch(conditions, '{"resolution":null,"width":null,"height":null}') AS rest,
        coalesce(
            width * height,
            CASE
                WHEN regexp_matches(resolution, '^[0-9]+[pP]$')
                    THEN CAST(regexp_extract(resolution, '[0-9]+') AS BIGINT)
                WHEN regexp_matches(resolution, '^[0-9]+[kK]$')
                    THEN CAST(regexp_extract(resolution, '[0-9]+') AS BIGINT) * 540
            END
        ) AS size,
        width IS NOT NULL AS is_exact
    FROM prices
    WHERE unit_price_usd > 0
)
SELECT
    high.seller, high.model_id, high.meter, high.unit_price_usd, min(low.unit_price_usd) AS beside
FROM sized AS high
JOIN sized AS low
    ON low.offering_id = high.offering_id
    AND low.meter = high.meter
    AND low.rest = high.rest
    AND low.is_exact = high.is_exact
    AND low.size < high.size
    AND low.unit_price_usd > high.unit_price_usd
GROUP BY ALL
ORDER BY ALL;
