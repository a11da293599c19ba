-- What is believed of a price rests on bytes of a fetch that is loaded.
SELECT price_id, valid_from, capture_sha256
FROM price_belief
JOIN price_key USING (price_key)
ANTI JOIN capture_log USING (capture_sha256);
