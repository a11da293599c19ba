INSERT INTO price_key
SELECT
    (SELECT coalesce(max(price_key), 0) FROM price_key) + row_number() OVER (ORDER BY price_id),
    price_id, offering_key, meter, conditions, min_prompt_tokens, utc_from_minute, utc_to_minute,
    resolution, quality, width, height, duration_s, has_audio, service_tier
FROM (SELECT DISTINCT ON (price_id) * FROM incoming)
JOIN offering_key USING (offering_id)
ANTI JOIN price_key AS known USING (price_id);
