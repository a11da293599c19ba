SELECT
    log_id, price_id, valid_from, changed_after, price_status, unit_price_usd, max_prompt_tokens,
    is_headline, source, capture_sha256, locator, raw_text, rule, kind,
    event_id
FROM price_belief
JOIN price_key USING (price_key)
JOIN offering_key USING (offering_key)
WHERE seller = ?;
