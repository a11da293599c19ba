INSERT INTO claim_now
SELECT
    price_id, offering_id, seller, coalesce(meter, ''), conditions, price_status, unit_price_usd,
    max_prompt_tokens, source, precedence, valid_from, last_confirmed_at, capture_sha256, locator,
    raw_text, rule, disagreement, unit_words
FROM incoming;
