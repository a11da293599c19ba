-- One row per day, seller and modality, as things stood at the end of the day (UTC) or, for the
-- newest day, at the newest fetch. Between two days nothing may have happened: days that come after
-- the same last event are counted once.
INSERT INTO pricebook.main.coverage BY NAME
WITH bounds AS (
    SELECT min(valid_from) AS first_at, (SELECT as_of FROM pricebook.main.snapshot) AS last_at
    FROM belief
),
days AS (
    SELECT
        CAST(day AS DATE) AS as_of,
        least(timezone('UTC', day + INTERVAL 1 DAY), last_at + INTERVAL 1 MICROSECOND) AS before
    FROM bounds, unnest(generate_series(
        CAST(CAST(timezone('UTC', first_at) AS DATE) AS TIMESTAMP),
        CAST(CAST(timezone('UTC', last_at) AS DATE) AS TIMESTAMP),
        INTERVAL 1 DAY
    )) AS series (day)
),
events AS (
    SELECT unnest([valid_from, valid_to]) AS happened_at FROM belief
    UNION
    SELECT unnest([disputed_from, disputed_to]) FROM dispute
),
counted AS (
    SELECT days.as_of, min(days.before) OVER (PARTITION BY events.happened_at) AS before
    FROM days
    ASOF JOIN events ON events.happened_at < days.before
),
offerings AS (
    SELECT
        moments.before,
        belief.seller,
        belief.modality,
        belief.offering_id,
        any_value(belief.model_id) AS model_id,
        bool_or(belief.price_status = 'known') AS has_known,
        bool_or(belief.price_status = 'free') AS has_free,
        bool_or(belief.price_status = 'dynamic') AS has_dynamic
    FROM (SELECT DISTINCT before FROM counted) AS moments
    JOIN belief
        ON belief.valid_from < moments.before
        AND (belief.valid_to IS NULL OR belief.valid_to >= moments.before)
        AND belief.price_status <> 'not_offered'
    GROUP BY ALL
),
states AS (
    SELECT
        offerings.before,
        offerings.seller,
        offerings.modality,
        count(*) AS listed,
        count(*) FILTER (has_known) AS known,
        count(*) FILTER (has_free AND NOT has_known) AS free,
        count(*) FILTER (has_dynamic AND NOT has_known AND NOT has_free) AS dynamic,
        count(*) FILTER (NOT has_known AND NOT has_free AND NOT has_dynamic) AS unknown,
        count(*) FILTER (EXISTS (
            SELECT 1
            FROM dispute
            WHERE dispute.offering_id = offerings.offering_id
                AND dispute.disputed_from < offerings.before
                AND (dispute.disputed_to IS NULL OR dispute.disputed_to >= offerings.before)
        )) AS held,
        count(*) FILTER (model_id LIKE 'page:%') AS page_only
    FROM offerings
    GROUP BY offerings.before, offerings.seller, offerings.modality
)
SELECT counted.as_of, states.* EXCLUDE (before)
FROM counted
JOIN states ON states.before = counted.before
ORDER BY counted.as_of, states.seller, states.modality;
