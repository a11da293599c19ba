-- What is held; a disagreement of sources holds nothing.
SELECT count(*), min(held_since)
FROM review_now
ANTI JOIN (SELECT DISTINCT review_id FROM decision_log) AS decided USING (review_id)
WHERE decision IS NULL AND gate <> 'disagreement';
