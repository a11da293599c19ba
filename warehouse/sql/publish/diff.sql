-- What differs between two attached snapshots, `before` and `after`: offerings, then prices.
SELECT
    'model' AS what,
    CASE
        WHEN b.offering_id IS NULL THEN 'added'
        WHEN a.offering_id IS NULL THEN 'removed'
        ELSE 'changed'
    END AS difference,
    coalesce(a.seller, b.seller) AS seller,
    coalesce(a.model_id, b.model_id) AS model_id,
    coalesce(a.operation, b.operation) AS operation,
    NULL AS meter,
    NULL AS conditions,
    b.lifecycle AS old_status,
    a.lifecycle AS new_status,
    NULL AS old_unit_price_usd,
    NULL AS new_unit_price_usd
FROM before.stored.models AS b
FULL JOIN after.stored.models AS a ON a.offering_id = b.offering_id
WHERE a IS DISTINCT FROM b

UNION ALL

SELECT
    'price',
    CASE
        WHEN b.price_id IS NULL THEN 'added'
        WHEN a.price_id IS NULL THEN 'removed'
        ELSE 'changed'
    END,
    coalesce(a.seller, b.seller),
    coalesce(a.model_id, b.model_id),
    coalesce(a.operation, b.operation),
    coalesce(a.meter, b.meter),
    coalesce(a.conditions, b.conditions),
    b.price_status,
    a.price_status,
    b.unit_price_usd,
    a.unit_price_usd
FROM before.stored.prices AS b
FULL JOIN after.stored.prices AS a ON a.price_id = b.price_id
WHERE b.price_id IS NULL
    OR a.price_id IS NULL
    OR a.unit_price_usd IS DISTINCT FROM b.unit_price_usd
    OR a.price_status <> b.price_status
    OR a.max_prompt_tokens IS DISTINCT FROM b.max_prompt_tokens
    OR a.is_headline <> b.is_headline
ORDER BY what, seller, model_id, operation, meter NULLS FIRST, conditions NULLS FIRST;
