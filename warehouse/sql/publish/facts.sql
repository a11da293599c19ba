-- Every belief with all that describes it: what the public price tables are cut from.
CREATE OR REPLACE TEMP TABLE fact AS
SELECT
    price_key.price_id,
    offering_key.offering_id,
    described.seller,
    described.model_id,
    described.operation,
    described.canonical_id,
    described.modality,
    price_key.meter,
    meters.unit,
    log.unit_price_usd,
    quoted.quoted_price_usd,
    meters.quoted_per,
    log.price_status,
    price_key.conditions,
    price_key.min_prompt_tokens,
    log.max_prompt_tokens,
    price_key.utc_from_minute,
    price_key.utc_to_minute,
    price_key.resolution,
    price_key.quality,
    price_key.width,
    price_key.height,
    price_key.duration_s,
    price_key.has_audio,
    coalesce(price_key.service_tier, described.service_tier) AS service_tier,
    log.is_headline,
    log.valid_from,
    log.changed_after,
    log.source,
    sources.precedence,
    coalesce(addresses.url, sources.url) AS source_url,
    log.capture_sha256,
    log.locator,
    log.raw_text,
    log.rule,
    log.kind,
    log.cause,
    log.event_id,
    log.recorded_at,
    log.log_id,
    log.price_key,
    retracted.recorded_at AS retracted_at,
    retracted.because,
    retracted.reason
FROM price_log AS log
JOIN price_key ON price_key.price_key = log.price_key
JOIN offering_key ON offering_key.offering_key = price_key.offering_key
JOIN (
    FROM model_now
    UNION ALL
    -- What was believed of them is told in price_versions only: all of it was taken back.
    FROM model_past ANTI JOIN model_now USING (offering_id)
) AS described ON described.offering_id = offering_key.offering_id
JOIN pricebook.main.sources ON sources.source = log.source
LEFT JOIN pricebook.main.meters ON meters.meter = price_key.meter
LEFT JOIN incoming AS quoted
    ON quoted.unit_price_usd = log.unit_price_usd AND quoted.quoted_per = meters.quoted_per
LEFT JOIN (
    SELECT capture_sha256, any_value(url ORDER BY fetched_at, url) AS url
    FROM capture_log
    JOIN fetch_log USING (fetch_key)
    GROUP BY capture_sha256
) AS addresses ON addresses.capture_sha256 = log.capture_sha256
LEFT JOIN retraction_log AS retracted ON retracted.log = 'price' AND retracted.log_id = log.log_id;

CREATE OR REPLACE TEMP TABLE belief AS
SELECT
    fact.*,
    lead(fact.valid_from) OVER times AS valid_to,
    lag(fact.price_status) OVER times AS old_price_status,
    lag(fact.unit_price_usd) OVER times AS old_unit_price_usd
FROM fact
WHERE fact.retracted_at IS NULL
WINDOW times AS (PARTITION BY fact.price_key ORDER BY fact.valid_from);
