-- The rules of history know what a person decided, not when. What was rejected is settled from then on;
-- where the same difference comes up again later, it is in dispute again. What was accepted was in dispute
-- until it was.
CREATE OR REPLACE TEMP TABLE dispute AS
SELECT
    held.price_id,
    held.offering_id,
    held.source,
    held.gate,
    held.disputed_from,
    CASE
        WHEN held.outcome = 'accepted' THEN greatest(held.disputed_from, said.decided_at)
        WHEN said.decision = 'reject'
            AND said.decided_at > held.disputed_from
            AND (held.disputed_to IS NULL OR held.disputed_to > said.decided_at)
            THEN said.decided_at
        ELSE held.disputed_to
    END AS disputed_to,
    held.value,
    CASE
        WHEN said.decision = 'reject'
            AND said.decided_at > held.disputed_from
            AND (held.disputed_to IS NULL OR held.disputed_to > said.decided_at)
            THEN 'rejected'
        ELSE held.outcome
    END AS outcome,
    held.capture_sha256,
    sources.precedence
FROM dispute_now AS held
JOIN pricebook.main.sources ON sources.source = held.source
LEFT JOIN (
    SELECT review_id, arg_max(decision, decided_at) AS decision, max(decided_at) AS decided_at
    FROM decision_log
    GROUP BY review_id
) AS said ON said.review_id = held.review_id;

INSERT INTO pricebook.main.disputes BY NAME
SELECT
    price_id, source, gate, disputed_from, disputed_to, value, outcome, capture_sha256
FROM dispute
ORDER BY disputed_from, price_id, source, disputed_to;

-- Which beliefs may have been in dispute: by the word of a source that counts at least as much as the
-- one whose price stood, and for some time after they began. Where they end is asked where they are used.
CREATE OR REPLACE TEMP TABLE doubted AS
SELECT
    fact.log_id,
    dispute.disputed_from,
    dispute.disputed_to,
    dispute.value,
    dispute.precedence,
    dispute.source
FROM dispute
JOIN fact ON fact.price_id = dispute.price_id
WHERE dispute.precedence <= fact.precedence
    AND fact.price_status <> 'not_offered'
    AND dispute.disputed_to IS DISTINCT FROM dispute.disputed_from
    AND (dispute.disputed_to IS NULL OR dispute.disputed_to > fact.valid_from);
