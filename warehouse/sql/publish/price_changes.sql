-- Moves of prices in time; and per correction one row for each price of which something else is believed
-- since, at the newest instant where that is so: from what was believed of it to what is believed now.
INSERT INTO pricebook.main.price_changes BY NAME
WITH learned AS (
    -- A seller's move of which a correction changed no more than the numbers was learned when it was first.
    SELECT price_key, valid_from, kind, min(recorded_at) AS recorded_at
    FROM fact
    WHERE because = 'correction' AND kind IS NOT NULL
    GROUP BY price_key, valid_from, kind
),
moved AS (
    SELECT
        belief.* EXCLUDE (valid_to) REPLACE (
            CASE
                WHEN belief.cause IN ('change', 'uniform_repricing')
                    THEN least(belief.recorded_at, learned.recorded_at)
                ELSE belief.recorded_at
            END AS recorded_at
        )
    FROM belief
    LEFT JOIN learned USING (price_key, valid_from, kind)
    WHERE belief.kind IS NOT NULL
),
touched AS (
    SELECT price_key, valid_from, retracted_at AS corrected_at
    FROM fact
    WHERE because = 'correction' AND reason <> 'a review was decided'
    UNION
    SELECT price_key, valid_from, recorded_at FROM fact WHERE cause = 'correction'
),
sides AS (
    SELECT
        touched.price_key,
        touched.valid_from,
        touched.corrected_at,
        max_by(held, held.valid_from) FILTER (held.recorded_at < touched.corrected_at) AS before,
        max_by(held, held.valid_from) FILTER (
            held.retracted_at IS NULL OR held.retracted_at > touched.corrected_at
        ) AS after
    FROM touched
    JOIN (
        SELECT
            log_id, price_key, valid_from, recorded_at, retracted_at, price_status, unit_price_usd,
            kind, cause
        FROM fact
    ) AS held
        ON held.price_key = touched.price_key
        AND held.valid_from <= touched.valid_from
        AND held.recorded_at <= touched.corrected_at
        AND (held.retracted_at IS NULL OR held.retracted_at >= touched.corrected_at)
    GROUP BY ALL
),
differing AS (
    SELECT
        corrected_at,
        valid_from,
        coalesce(after.log_id, before.log_id) AS log_id,
        before.price_status AS old_price_status,
        before.unit_price_usd AS old_unit_price_usd,
        coalesce(after.price_status, 'not_offered') AS price_status,
        after.unit_price_usd AS unit_price_usd
    FROM sides
    WHERE
        (
            coalesce(before.price_status, 'not_offered') <> coalesce(after.price_status, 'not_offered')
            OR before.unit_price_usd IS DISTINCT FROM after.unit_price_usd
        )
        -- A move that the correction found is told as such.
        AND NOT coalesce(
            after.valid_from = valid_from
            AND after.recorded_at = corrected_at
            AND after.cause = 'correction'
            AND after.kind IS NOT NULL,
            false
        )
    QUALIFY row_number() OVER (PARTITION BY price_key, corrected_at ORDER BY valid_from DESC) = 1
),
corrected AS (
    SELECT
        fact.* REPLACE (
            differing.corrected_at AS recorded_at,
            differing.valid_from AS valid_from,
            differing.price_status AS price_status,
            differing.unit_price_usd AS unit_price_usd,
            'correction' AS cause,
            CASE
                WHEN old_price_status IS NULL OR 'not_offered' IN (old_price_status, differing.price_status)
                    THEN 'meter'
                WHEN old_price_status <> differing.price_status THEN 'status'
                WHEN differing.unit_price_usd > old_unit_price_usd THEN 'increase'
                ELSE 'decrease'
            END AS kind
        ),
        old_price_status,
        old_unit_price_usd
    FROM differing
    JOIN fact USING (log_id)
    SEMI JOIN model_now USING (offering_id)
)
SELECT
    'chg_' || left(
        sha256(price_id || ' ' || epoch_us(valid_from) || coalesce(' ' || told, '')), 16
    ) AS change_id,
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
    kind,
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
FROM (
    SELECT *, NULL AS told FROM moved
    UNION ALL BY NAME
    SELECT *, 'correction ' || epoch_us(recorded_at) AS told FROM corrected
)
ORDER BY changed_at, seller, model_id, operation, meter, conditions, recorded_at;
