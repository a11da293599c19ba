-- Moves of prices in time, and what was corrected of prices that did not move there. Of a correction, the
-- old side is what was believed before it wherever nothing stood earlier in time.
INSERT INTO pricebook.main.price_changes BY NAME
WITH believed_before AS (
    -- Of each row that a correction brought, or took away and put nothing in its place: what was
    -- believed of that instant until then.
    SELECT
        corrected.log_id,
        arg_max(held.price_status, held.valid_from) AS price_status,
        arg_max(held.unit_price_usd, held.valid_from) AS unit_price_usd
    FROM (
        SELECT log_id, price_key, valid_from, recorded_at AS corrected_at
        FROM belief
        WHERE cause = 'correction' AND kind IS NULL
    ) AS corrected
    JOIN fact AS held
        ON held.price_key = corrected.price_key
        AND held.valid_from <= corrected.valid_from
        AND held.recorded_at < corrected.corrected_at
        AND (held.retracted_at IS NULL OR held.retracted_at >= corrected.corrected_at)
    GROUP BY corrected.log_id
),
gone AS (
    SELECT fact.*
    FROM fact
    SEMI JOIN model_now USING (offering_id)
    ANTI JOIN belief ON belief.price_key = fact.price_key AND belief.valid_from = fact.valid_from
    WHERE fact.because = 'correction' AND fact.reason <> 'a review was decided'
    QUALIFY row_number() OVER (
        PARTITION BY fact.price_key, fact.valid_from ORDER BY fact.retracted_at DESC, fact.log_id DESC
    ) = 1
),
moved AS (
    SELECT * FROM belief WHERE kind IS NOT NULL
    UNION ALL BY NAME
    SELECT
        belief.* REPLACE (
            before.price_status AS old_price_status,
            before.unit_price_usd AS old_unit_price_usd
        )
    FROM belief
    LEFT JOIN believed_before AS before USING (log_id)
    WHERE belief.cause = 'correction' AND belief.kind IS NULL
    UNION ALL BY NAME
    SELECT
        gone.* REPLACE (
            gone.retracted_at AS recorded_at,
            'correction' AS cause,
            NULL AS kind,
            coalesce(standing.price_status, 'not_offered') AS price_status,
            standing.unit_price_usd AS unit_price_usd
        ),
        gone.price_status AS old_price_status,
        gone.unit_price_usd AS old_unit_price_usd
    FROM gone
    ASOF LEFT JOIN belief AS standing
        ON standing.price_key = gone.price_key AND standing.valid_from <= gone.valid_from
)
SELECT
    'chg_' || left(sha256(price_id || ' ' || epoch_us(valid_from)), 16) AS change_id,
    CASE
        WHEN cause = 'correction' THEN 'evt_' || left(sha256('correction ' || epoch_us(recorded_at)), 16)
        ELSE event_id
    END AS event_id,
    changed_after,
    valid_from AS changed_at,
    recorded_at,
    price_id,
    offering_id,
    seller,
    model_id,
    operation,
    canonical_id,
    modality,
    meter,
    unit,
    conditions,
    CASE
        WHEN kind IS NOT NULL THEN kind
        WHEN old_price_status IS NULL OR price_status = 'not_offered' THEN 'meter'
        WHEN old_price_status <> price_status THEN 'status'
        WHEN unit_price_usd > old_unit_price_usd THEN 'increase'
        ELSE 'decrease'
    END AS kind,
    cause,
    old_price_status,
    price_status AS new_price_status,
    old_unit_price_usd,
    unit_price_usd AS new_unit_price_usd,
    CASE
        WHEN old_unit_price_usd > 0 AND unit_price_usd IS NOT NULL
            THEN ratio_of(unit_price_usd, old_unit_price_usd)
    END AS ratio,
    source,
    capture_sha256
FROM moved
WHERE kind IS NOT NULL
    OR old_price_status IS DISTINCT FROM price_status
    OR old_unit_price_usd IS DISTINCT FROM unit_price_usd
ORDER BY changed_at, seller, model_id, operation, meter, conditions;
