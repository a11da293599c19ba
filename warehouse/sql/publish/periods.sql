-- The history of plain text prices in whole days (UTC): a day belongs to the price at its end.
SELECT
    history.seller,
    history.model_id,
    history.operation,
    models.name,
    history.meter,
    history.min_prompt_tokens,
    history.max_prompt_tokens,
    history.conditions = '{}' OR history.conditions = '{"min_prompt_tokens":' || history.min_prompt_tokens || '}'
        AS is_tier_only,
    CASE WHEN history.price_status IN ('known', 'free') THEN history.unit_price_usd END
        AS unit_price_usd,
    CASE
        WHEN history.changed_after IS NOT NULL THEN CAST(timezone('UTC', history.valid_from) AS DATE)
    END AS from_day,
    CAST(timezone('UTC', history.valid_to) AS DATE) AS to_day
FROM pricebook.main.price_history AS history
JOIN pricebook.stored.models AS models ON models.offering_id = history.offering_id
WHERE history.meter IN ('input_token', 'output_token', 'cache_read_token')
    AND history.price_status <> 'not_offered'
ORDER BY history.seller, history.model_id, history.operation, history.min_prompt_tokens,
    history.meter, history.conditions, history.valid_from;
