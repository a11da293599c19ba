INSERT INTO pricebook.stored.prices BY NAME
SELECT
    price_id, offering_id, seller, model_id, operation, canonical_id, modality, meter, unit,
    unit_price_usd, quoted_price_usd, quoted_per, price_status, conditions, min_prompt_tokens,
    max_prompt_tokens, utc_from_minute, utc_to_minute, resolution, quality, width, height,
    duration_s, has_audio, service_tier, is_headline, source, source_url, capture_sha256, locator,
    raw_text,
    open.disputed_since IS NOT NULL AS is_disputed,
    open.disputed_since,
    open.disputed_value,
    valid_from
FROM belief
LEFT JOIN (
    SELECT
        log_id,
        min(disputed_from) AS disputed_since,
        first(value ORDER BY precedence, source) AS disputed_value
    FROM doubted
    WHERE disputed_to IS NULL
    GROUP BY log_id
) AS open USING (log_id)
WHERE valid_to IS NULL AND price_status <> 'not_offered'
ORDER BY seller, model_id, operation, meter, conditions;
