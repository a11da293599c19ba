-- Doubts that were open at a moment, or with the settled ones; the oldest first. Either what is
-- held, or what sources disagree about.
SELECT r.*
FROM reviews AS r
WHERE
    ($sources::VARCHAR[] IS NULL OR list_contains($sources, r.source))
    AND ($at::TIMESTAMPTZ IS NULL OR r.held_since <= $at)
    AND (r.gate = 'disagreement') = $disagreements::BOOLEAN
    AND ($settled::BOOLEAN OR r.decision IS NULL OR r.decided_at > $at)
ORDER BY r.held_since, r.source, r.review_id;
