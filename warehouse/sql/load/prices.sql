INSERT INTO price_log
SELECT
    (SELECT coalesce(max(log_id), 0) FROM price_log)
        + row_number() OVER (ORDER BY valid_from, price_id),
    price_key, valid_from, changed_after, $1::TIMESTAMPTZ, price_status, unit_price_usd,
    max_prompt_tokens, is_headline, source, capture_sha256, locator, raw_text, rule,
    kind, cause, event_id
FROM incoming
JOIN price_key USING (price_id);
