-- Current prices; within a meter, longer prompts come later.
SELECT
    offering_id, meter, unit, quoted_per, unit_price_usd, quoted_price_usd, price_status,
    conditions, min_prompt_tokens, max_prompt_tokens, utc_from_minute, utc_to_minute, resolution,
    quality, width, height, duration_s, has_audio, service_tier, is_headline, valid_from, source, source_url
FROM pricebook.stored.prices
ORDER BY seller, model_id, operation, meter, min_prompt_tokens, conditions;
