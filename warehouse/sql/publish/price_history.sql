INSERT INTO pricebook.main.price_history BY NAME
SELECT
    price_id, offering_id, seller, model_id, operation, canonical_id, modality, meter, unit,
    unit_price_usd, quoted_price_usd, quoted_per, price_status, conditions, min_prompt_tokens,
    max_prompt_tokens, utc_from_minute, utc_to_minute, resolution, quality, width, height,
    duration_s, has_audio, service_tier, is_headline, source, source_url, capture_sha256, locator,
    raw_text,
    valid_from, valid_to, changed_after,
    doubts.log_id IS NOT NULL AS was_disputed
FROM belief
LEFT JOIN (
    SELECT DISTINCT doubted.log_id
    FROM doubted
    JOIN belief USING (log_id)
    WHERE belief.valid_to IS NULL OR doubted.disputed_from < belief.valid_to
) AS doubts USING (log_id)
ORDER BY seller, model_id, operation, meter, conditions, valid_from;
