INSERT INTO price_key
SELECT
    price_key, price_id, offering_key, meter, conditions, min_prompt_tokens, utc_from_minute,
    utc_to_minute, resolution, quality, width, height, duration_s, has_audio, service_tier
FROM incoming
JOIN offering_key USING (offering_id);
