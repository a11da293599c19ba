-- How much there is, and how much waits for a person.
SELECT
    (SELECT count(*) FROM models AS o WHERE o.lifecycle <> 'withdrawn') AS models,
    (SELECT count(*) FROM prices) AS prices,
    (SELECT count(*) FROM prices AS p WHERE p.is_disputed) AS disputed,
    (SELECT count(*) FROM price_changes) AS changes,
    (SELECT count(*) FROM rejections) AS rejections,
    (SELECT count(*) FROM unmatched) AS unmatched,
    count(*) FILTER (r.gate <> 'disagreement') AS held,
    min(r.held_since) FILTER (r.gate <> 'disagreement') AS held_since,
    count(*) FILTER (r.gate = 'disagreement') AS disagreements
FROM reviews AS r
WHERE r.decision IS NULL;
