-- A cached token that costs more than one that is not. Seen once in 2,591 changes, an error at the
-- source; where it comes about by a change it is held instead.
SELECT cached.seller, cached.model_id, cached.meter, cached.unit_price_usd, plain.unit_price_usd AS beside
FROM prices AS cached
JOIN prices AS plain
    ON plain.offering_id = cached.offering_id
    AND plain.is_headline
    AND plain.meter = CASE cached.meter
        WHEN 'cache_read_token' THEN 'input_token'
        WHEN 'cache_read_audio_token' THEN 'input_audio_token'
    END
WHERE cached.is_headline AND cached.unit_price_usd > plain.unit_price_usd
ORDER BY ALL;
