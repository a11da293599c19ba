INSERT INTO pricebook.main.unmatched BY NAME
SELECT
    unmatched_now.source,
    unmatched_now.raw_name,
    unmatched_now.offering_id,
    coalesce(said.price, 'unknown') AS price,
    unmatched_now.suggestions,
    unmatched_now.first_seen_at
FROM unmatched_now
LEFT JOIN (
    SELECT
        offering_id,
        string_agg(
            meter || ' ' || coalesce(
                rtrim(rtrim(CAST(quoted_price_usd AS VARCHAR), '0'), '.') || ' per ' || quoted_per,
                price_status
            ), ', ' ORDER BY meter
        ) AS price
    FROM pricebook.stored.prices
    WHERE is_headline AND meter IS NOT NULL
    GROUP BY offering_id
) AS said USING (offering_id)
ORDER BY unmatched_now.source, unmatched_now.raw_name;

INSERT INTO pricebook.main.rejections BY NAME
SELECT capture_sha256, source, locator, raw_text, reason, detail, first_seen_at
FROM rejection_log
ORDER BY first_seen_at, source, locator, raw_text;

INSERT INTO pricebook.main.reviews BY NAME
SELECT
    review_id, source, what, evidence, gate, held_since,
    coalesce(said.decision, review_now.decision) AS decision,
    coalesce(said.decided_at, review_now.decided_at) AS decided_at
FROM review_now
LEFT JOIN (
    SELECT review_id, arg_max(decision, decided_at) AS decision, max(decided_at) AS decided_at
    FROM decision_log
    GROUP BY review_id
    -- A disagreement is known or it is not: to reject it takes back that it was accepted.
    HAVING NOT starts_with(review_id, 'dis_') OR arg_max(decision, decided_at) = 'accept'
) AS said USING (review_id)
ORDER BY held_since, review_id;

INSERT INTO pricebook.main.captures BY NAME
SELECT
    capture_sha256, source, scope, url, fetched_at, http_status, bytes, outcome, origin
FROM fetch_as_read
LEFT JOIN capture_log USING (fetch_key)
ORDER BY fetched_at, source, page;

INSERT INTO pricebook.main.runs BY NAME
SELECT
    run_id, source, fetched_at AS started_at, finished_at, outcome, detail,
    coalesce(cells, 0) AS cells,
    coalesce(claim, 0) AS claim,
    coalesce(merged, 0) AS merged,
    coalesce(no_price, 0) AS no_price,
    coalesce(superseded_by_window, 0) AS superseded_by_window,
    coalesce(rejected, 0) AS rejected,
    coalesce(new, 0) AS new,
    coalesce(changed, 0) AS changed,
    coalesce(held, 0) AS held,
    coalesce(drift, '[]') AS drift
FROM fetch_as_read
LEFT JOIN reading_log USING (fetch_key)
ORDER BY started_at, source;

INSERT INTO pricebook.stored.confirmations BY NAME
SELECT prices.price_id, coalesce(max(claim.last_confirmed_at), any_value(sources.last_success_at)) AS last_confirmed_at
FROM pricebook.stored.prices AS prices
JOIN pricebook.main.sources ON sources.source = prices.source
LEFT JOIN claim_now AS claim ON claim.price_id = prices.price_id AND claim.source = prices.source
GROUP BY prices.price_id
HAVING coalesce(max(claim.last_confirmed_at), any_value(sources.last_success_at)) IS NOT NULL
ORDER BY prices.price_id;
