INSERT INTO pricebook.main.claims BY NAME
SELECT
    price_key.price_id,
    claim.offering_id,
    claim.seller,
    model_now.model_id,
    model_now.operation,
    model_now.canonical_id,
    model_now.modality,
    price_key.meter,
    meters.unit,
    claim.unit_price_usd,
    quoted.quoted_price_usd,
    meters.quoted_per,
    claim.price_status,
    claim.conditions,
    price_key.min_prompt_tokens,
    claim.max_prompt_tokens,
    price_key.utc_from_minute,
    price_key.utc_to_minute,
    price_key.resolution,
    price_key.quality,
    price_key.width,
    price_key.height,
    price_key.duration_s,
    price_key.has_audio,
    price_key.service_tier,
    claim.source,
    coalesce(claim.precedence = best.precedence, false) AS is_price,
    CASE
        WHEN claim.precedence >= 1000 THEN 'only noted beside the price: ' || sources.precedence_reason
        WHEN claim.precedence > best.precedence
            THEN best.source || ' states this meter too and comes first: ' || winner.precedence_reason
    END AS lost_because,
    CASE
        WHEN standing.unit_price_usd > 0 AND claim.unit_price_usd IS NOT NULL
            THEN ratio_of(claim.unit_price_usd, standing.unit_price_usd)
    END AS ratio_to_price,
    claim.disagreement IS NOT NULL AS is_disagreement,
    claim.disagreement AS review_id,
    claim.valid_from,
    sources.url AS source_url,
    claim.capture_sha256,
    claim.locator,
    claim.raw_text,
    claim.unit_words,
    claim.rule
FROM claim_now AS claim
JOIN model_now ON model_now.offering_id = claim.offering_id
JOIN pricebook.main.sources ON sources.source = claim.source
-- From 1000 on a source only notes what it says: that is never a price.
LEFT JOIN (
    SELECT offering_id, meter, min(precedence) AS precedence, arg_min(source, precedence) AS source
    FROM claim_now
    WHERE precedence < 1000
    GROUP BY offering_id, meter
) AS best ON best.offering_id = claim.offering_id AND best.meter = claim.meter
LEFT JOIN pricebook.main.sources AS winner ON winner.source = best.source
JOIN price_key ON price_key.price_id = claim.price_id
LEFT JOIN claim_now AS standing
    ON standing.offering_id = claim.offering_id
    AND standing.meter = claim.meter
    AND standing.conditions = claim.conditions
    AND standing.source = best.source
LEFT JOIN pricebook.main.meters ON meters.meter = nullif(claim.meter, '')
LEFT JOIN incoming AS quoted
    ON quoted.unit_price_usd = claim.unit_price_usd AND quoted.quoted_per = meters.quoted_per
ORDER BY claim.seller, model_now.model_id, model_now.operation, nullif(claim.meter, ''), claim.conditions, claim.precedence;
