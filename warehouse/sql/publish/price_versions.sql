-- A belief about [valid_from, valid_to) is held from when it was recorded until it is taken back, or
-- until a later row of the same price is learned that moves its end. Each such span is one version.
INSERT INTO pricebook.main.price_versions BY NAME
WITH edges AS (
    SELECT fact.log_id, fact.recorded_at AS known_from FROM fact
    UNION
    SELECT fact.log_id, moved.known_at
    FROM fact
    JOIN (
        SELECT price_key, valid_from, recorded_at AS known_at FROM fact
        UNION ALL
        SELECT price_key, valid_from, retracted_at FROM fact WHERE retracted_at IS NOT NULL
    ) AS moved
        ON moved.price_key = fact.price_key
        AND moved.valid_from > fact.valid_from
        AND moved.known_at > fact.recorded_at
        AND (fact.retracted_at IS NULL OR moved.known_at < fact.retracted_at)
),
ends AS (
    SELECT edges.log_id, edges.known_from, min(later.valid_from) AS valid_to
    FROM edges
    JOIN fact USING (log_id)
    LEFT JOIN fact AS later
        ON later.price_key = fact.price_key
        AND later.valid_from > fact.valid_from
        AND later.recorded_at <= edges.known_from
        AND (later.retracted_at IS NULL OR later.retracted_at > edges.known_from)
    GROUP BY edges.log_id, edges.known_from
),
moved_ends AS (
    SELECT
        *,
        lag(valid_to) OVER spans IS DISTINCT FROM valid_to
            OR lag(known_from) OVER spans IS NULL AS is_moved
    FROM ends
    WINDOW spans AS (PARTITION BY log_id ORDER BY known_from)
),
spans AS (
    SELECT
        log_id,
        known_from,
        valid_to,
        lead(known_from) OVER (PARTITION BY log_id ORDER BY known_from) AS known_to
    FROM moved_ends
    WHERE is_moved
)
SELECT
    price_id, offering_id, seller, model_id, operation, canonical_id, modality, meter, unit,
    unit_price_usd, quoted_price_usd, quoted_per, price_status, conditions, min_prompt_tokens,
    max_prompt_tokens, utc_from_minute, utc_to_minute, resolution, quality, width, height,
    duration_s, has_audio, service_tier, is_headline, source, source_url, capture_sha256, locator,
    raw_text,
    fact.valid_from,
    spans.valid_to,
    fact.changed_after,
    doubts.log_id IS NOT NULL AS was_disputed,
    spans.known_from AS recorded_at,
    coalesce(spans.known_to, fact.retracted_at) AS superseded_at,
    CASE
        WHEN spans.known_to IS NOT NULL THEN coalesce(successor.because, 'change')
        ELSE fact.because
    END AS superseded_because,
    CASE
        WHEN spans.known_to IS NULL AND fact.because = 'correction' THEN fact.reason
        WHEN spans.known_to IS NOT NULL AND successor.because = 'correction'
            THEN coalesce(explained.reason, 'the same captures are read differently')
    END AS correction_reason
FROM spans
JOIN fact USING (log_id)
LEFT JOIN (
    SELECT DISTINCT doubted.log_id, spans.known_from
    FROM doubted
    JOIN spans USING (log_id)
    WHERE spans.valid_to IS NULL OR doubted.disputed_from < spans.valid_to
) AS doubts ON doubts.log_id = spans.log_id AND doubts.known_from = spans.known_from
LEFT JOIN (
    SELECT
        price_key,
        recorded_at AS known_at,
        arg_min(CASE WHEN cause IN ('evidence', 'correction') THEN cause ELSE 'change' END, log_id)
            AS because
    FROM fact
    GROUP BY price_key, recorded_at
) AS successor ON successor.price_key = fact.price_key AND successor.known_at = spans.known_to
LEFT JOIN (
    SELECT recorded_at AS known_at, any_value(reason ORDER BY reason) AS reason
    FROM retraction_log
    WHERE because = 'correction'
    GROUP BY recorded_at
) AS explained ON explained.known_at = spans.known_to
ORDER BY seller, model_id, operation, meter, conditions, fact.valid_from, recorded_at;
