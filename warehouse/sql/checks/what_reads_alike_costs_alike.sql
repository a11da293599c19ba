-- Where a source states all of a price in its text and its key, the same text at the same place under the
-- same rule is the same number: if it is not, it was read otherwise, and the seller moved nothing. (Where
-- the unit stands apart from the number, as on pages, the seller may move that alone.)
SELECT price_id, valid_from, raw_text, old_unit_price_usd, unit_price_usd, cause
FROM (
    SELECT
        *,
        lag(raw_text) OVER times AS old_raw_text,
        lag(locator) OVER times AS old_locator,
        lag(rule) OVER times AS old_rule
    FROM price_belief
    WINDOW times AS (PARTITION BY price_key ORDER BY valid_from)
)
JOIN price_key USING (price_key)
WHERE cause IN ('change', 'uniform_repricing')
    AND source IN ('openrouter_models', 'openrouter_embeddings', 'openrouter_videos')
    AND unit_price_usd <> old_unit_price_usd
    AND raw_text = old_raw_text
    AND locator = old_locator
    AND rule = old_rule;
