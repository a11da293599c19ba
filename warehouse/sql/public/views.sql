-- Views and macros of the published database. They name no catalogue, so the file works under any
-- name and attached beside others; no parameter is named like a column.

CREATE VIEW prices AS
SELECT stated.*, confirmed.last_confirmed_at
FROM stored.prices AS stated
LEFT JOIN stored.confirmations AS confirmed ON confirmed.price_id = stated.price_id;

CREATE VIEW models AS
SELECT listed.*, seen.last_seen_at
FROM stored.models AS listed
LEFT JOIN (
    SELECT stated.offering_id, max(confirmed.last_confirmed_at) AS last_seen_at
    FROM stored.prices AS stated
    JOIN stored.confirmations AS confirmed ON confirmed.price_id = stated.price_id
    GROUP BY stated.offering_id
) AS seen ON seen.offering_id = listed.offering_id;

-- Column names and allowed values of the FinOps FOCUS specification (1.2 to 1.4), so that cost tools
-- join without renaming. Columns of our own start with x_, as it demands.
CREATE VIEW focus_prices AS
SELECT
    sellers.name AS ProviderName,
    sellers.name AS ServiceProviderName,
    listed.developer AS PublisherName,
    'AI and Machine Learning' AS ServiceCategory,
    CASE
        WHEN stated.operation IN
            ('chat', 'responses', 'messages', 'completion', 'image', 'video', 'speech', 'audio')
            THEN 'Generative AI'
        ELSE 'Other (AI and Machine Learning)'
    END AS ServiceSubcategory,
    stated.offering_id AS SkuId,
    stated.price_id AS SkuPriceId,
    stated.meter AS SkuMeter,
    regexp_replace(stated.conditions, '"([a-z0-9_]+)":', '"x_\1":', 'g') AS SkuPriceDetails,
    CASE
        WHEN stated.price_status IN ('known', 'free') THEN 'Standard'
        WHEN stated.price_status = 'dynamic' THEN 'Dynamic'
        ELSE 'Other'
    END AS PricingCategory,
    CASE stated.unit
        WHEN 'search' THEN 'Searches'
        WHEN 'token hour' THEN 'Token-Hours'
        ELSE upper(stated.unit[1]) || stated.unit[2:] || 's'
    END AS PricingUnit,
    'USD' AS PricingCurrency,
    'USD' AS BillingCurrency,
    stated.unit_price_usd AS ListUnitPrice,
    stated.unit_price_usd AS PricingCurrencyListUnitPrice,
    stated.model_id AS x_ModelId,
    stated.modality AS x_Modality,
    stated.price_status AS x_PriceStatus,
    stated.valid_from AS x_ValidFrom,
    stated.is_disputed AS x_IsDisputed
FROM stored.prices AS stated
JOIN stored.models AS listed ON listed.offering_id = stated.offering_id
JOIN sellers ON sellers.seller = stated.seller
WHERE stated.meter IS NOT NULL;

-- Each seller's headline prices over every other seller's, as they stood at the end of each month
-- (UTC) or, in the newest month, at the newest fetch. A margin over a free price is no number.
CREATE VIEW margins AS
WITH months AS (
    SELECT
        CAST(started AS DATE) AS month,
        least(timezone('UTC', started + INTERVAL 1 MONTH), newest.as_of + INTERVAL 1 MICROSECOND)
            AS before
    FROM snapshot AS newest, (
        SELECT unnest(generate_series(
            date_trunc('month', timezone('UTC', min(compared.valid_from))),
            date_trunc('month', timezone('UTC', max(known.as_of))),
            INTERVAL 1 MONTH
        )) AS started
        FROM comparison_history AS compared, snapshot AS known
    ) AS series
)
SELECT
    months.month,
    dear.canonical_id,
    dear.modality,
    dear.meter,
    dear.seller,
    other.seller AS over_seller,
    dear.unit_price_usd,
    other.unit_price_usd AS over_unit_price_usd,
    TRY_CAST(CAST(dear.unit_price_usd AS DOUBLE) / CAST(other.unit_price_usd AS DOUBLE) - 1 AS DECIMAL(38, 12))
        AS margin
FROM months
JOIN comparison_history AS dear
    ON dear.valid_from < months.before
    AND (dear.valid_to IS NULL OR dear.valid_to >= months.before)
JOIN comparison_history AS other
    ON other.canonical_id = dear.canonical_id
    AND other.modality = dear.modality
    AND other.meter = dear.meter
    AND other.seller <> dear.seller
    AND other.valid_from < months.before
    AND (other.valid_to IS NULL OR other.valid_to >= months.before)
WHERE other.unit_price_usd > 0;

-- A time given as text or without a zone means UTC, whatever the session's zone is.
CREATE MACRO as_utc(moment) AS (
    CASE
        WHEN regexp_matches(CAST(moment AS VARCHAR), ':[0-9.]+ ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$')
            THEN CAST(CAST(moment AS VARCHAR) AS TIMESTAMPTZ)
        ELSE timezone('UTC', CAST(CAST(moment AS VARCHAR) AS TIMESTAMP))
    END
);

CREATE MACRO minute_of_day(moment) AS (
    hour(timezone('UTC', as_utc(moment))) * 60 + minute(timezone('UTC', as_utc(moment)))
);

CREATE MACRO price_at(p_seller, p_model, p_meter, ts, prompt_tokens := 0) AS TABLE
SELECT price_history.*
FROM price_history
WHERE price_history.seller = p_seller
    AND (price_history.model_id = p_model OR price_history.canonical_id = p_model)
    AND price_history.meter = p_meter
    AND price_history.price_status <> 'not_offered'
    AND price_history.valid_from <= as_utc(ts)
    AND (price_history.valid_to IS NULL OR price_history.valid_to > as_utc(ts))
    AND (price_history.min_prompt_tokens = 0 OR price_history.min_prompt_tokens < prompt_tokens)
    AND (price_history.max_prompt_tokens IS NULL OR price_history.max_prompt_tokens >= prompt_tokens)
    AND (
        price_history.utc_from_minute IS NULL
        OR (
            minute_of_day(ts) >= price_history.utc_from_minute
            AND minute_of_day(ts) < price_history.utc_to_minute
        )
        OR minute_of_day(ts) + 1440 < price_history.utc_to_minute
    );

CREATE MACRO prices_as_of(ts) AS TABLE
SELECT price_history.*
FROM price_history
WHERE price_history.price_status <> 'not_offered'
    AND price_history.valid_from <= as_utc(ts)
    AND (price_history.valid_to IS NULL OR price_history.valid_to > as_utc(ts));

CREATE MACRO prices_as_known(valid_ts, known_ts) AS TABLE
SELECT price_versions.*
FROM price_versions
WHERE price_versions.price_status <> 'not_offered'
    AND price_versions.valid_from <= as_utc(valid_ts)
    AND (price_versions.valid_to IS NULL OR price_versions.valid_to > as_utc(valid_ts))
    AND price_versions.recorded_at <= as_utc(known_ts)
    AND (price_versions.superseded_at IS NULL OR price_versions.superseded_at > as_utc(known_ts));

CREATE MACRO models_as_of(ts) AS TABLE
SELECT models.*
FROM models
WHERE EXISTS (
    SELECT 1
    FROM price_history
    WHERE price_history.offering_id = models.offering_id
        AND price_history.price_status <> 'not_offered'
        AND price_history.valid_from <= as_utc(ts)
        AND (price_history.valid_to IS NULL OR price_history.valid_to > as_utc(ts))
);

CREATE MACRO price_moves(ts_from, ts_to) AS TABLE
SELECT price_changes.*
FROM price_changes
WHERE price_changes.changed_at >= as_utc(ts_from)
    AND price_changes.changed_at < as_utc(ts_to)
ORDER BY price_changes.changed_at, price_changes.change_id;

COMMENT ON COLUMN prices.last_confirmed_at IS 'Newest healthy fetch, or 304, that states this price.';
COMMENT ON COLUMN models.last_seen_at IS 'Newest healthy fetch, or 304, that lists the model.';
COMMENT ON VIEW focus_prices IS 'Current prices under the column names of FinOps FOCUS.';
COMMENT ON COLUMN focus_prices.ProviderName IS 'The seller''s name.';
COMMENT ON COLUMN focus_prices.ServiceProviderName IS 'The same, as FOCUS 1.3 and later call it.';
COMMENT ON COLUMN focus_prices.PublisherName IS 'Who made the model; empty where not stated.';
COMMENT ON COLUMN focus_prices.ServiceCategory IS 'Always AI and Machine Learning.';
COMMENT ON COLUMN focus_prices.ServiceSubcategory IS 'Generative AI; Other (AI and Machine Learning) for embeddings, transcription, documents and reranking.';
COMMENT ON COLUMN focus_prices.SkuId IS 'offering_id; see models.';
COMMENT ON COLUMN focus_prices.SkuPriceId IS 'price_id; see prices.';
COMMENT ON COLUMN focus_prices.SkuMeter IS 'What is counted; see meters.';
COMMENT ON COLUMN focus_prices.SkuPriceDetails IS 'The stated conditions as JSON, each name after x_; {} when none.';
COMMENT ON COLUMN focus_prices.PricingCategory IS 'Standard for a list price, Dynamic where the seller sets it per request, Other where it is unknown.';
COMMENT ON COLUMN focus_prices.PricingUnit IS 'What ListUnitPrice buys one of, as FOCUS writes units: Tokens, Images, Seconds.';
COMMENT ON COLUMN focus_prices.PricingCurrency IS 'Always USD.';
COMMENT ON COLUMN focus_prices.BillingCurrency IS 'Always USD.';
COMMENT ON COLUMN focus_prices.ListUnitPrice IS 'US dollars per one unit; null unless the status is known or free.';
COMMENT ON COLUMN focus_prices.PricingCurrencyListUnitPrice IS 'The same, in the pricing currency.';
COMMENT ON COLUMN focus_prices.x_ModelId IS 'The id the seller gives the model.';
COMMENT ON COLUMN focus_prices.x_Modality IS 'Primary work of the offering, input-to-output.';
COMMENT ON COLUMN focus_prices.x_PriceStatus IS 'known, free, unknown or dynamic; see prices.';
COMMENT ON COLUMN focus_prices.x_ValidFrom IS 'Since when the price holds, as far as observed.';
COMMENT ON COLUMN focus_prices.x_IsDisputed IS 'Whether the price is in doubt; see prices.';

COMMENT ON VIEW margins IS 'Each seller''s headline price over every other seller''s for the same model, work and meter, month by month.';
COMMENT ON COLUMN margins.month IS 'First day of the month; prices are those at its end, or at the newest fetch.';
COMMENT ON COLUMN margins.canonical_id IS 'The model.';
COMMENT ON COLUMN margins.modality IS 'Kind of work.';
COMMENT ON COLUMN margins.meter IS 'What is counted.';
COMMENT ON COLUMN margins.seller IS 'Whose margin.';
COMMENT ON COLUMN margins.over_seller IS 'Over whose price.';
COMMENT ON COLUMN margins.unit_price_usd IS 'What the seller asks for one unit.';
COMMENT ON COLUMN margins.over_unit_price_usd IS 'What the other asks; never zero.';
COMMENT ON COLUMN margins.margin IS 'The one over the other, less one: 0.05 is five percent more; null where over 26 digits.';

COMMENT ON MACRO as_utc IS 'A time as TIMESTAMPTZ; text or a time without a zone is UTC.';
COMMENT ON MACRO minute_of_day IS 'The minute of the UTC day, 0 to 1439.';
COMMENT ON MACRO TABLE price_at IS 'The rows of price_history that applied to a call at a time: of one seller, model (id or canonical id) and meter, with the tier of prompt_tokens and the window of that minute. Rows with further conditions (resolution, quality, ...) are all given.';
COMMENT ON MACRO TABLE prices_as_of IS 'All prices on offer at a time, as believed now.';
COMMENT ON MACRO TABLE prices_as_known IS 'All prices on offer at valid_ts, as they were believed at known_ts.';
COMMENT ON MACRO TABLE models_as_of IS 'Offerings that were on offer at a time, described as they are now.';
COMMENT ON MACRO TABLE price_moves IS 'Changes from ts_from (inclusive) to ts_to (exclusive), oldest first.';
