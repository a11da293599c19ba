-- How much there is, and how much waits for a person.
SELECT
    (SELECT count(*) FROM models AS o WHERE o.lifecycle <> 'withdrawn') AS models,
    (SELECT count(*) FROM prices) AS prices,
    (SELECT count(*) FROM price_changes) AS changes,
    (SELECT count(*) FROM rejections) AS rejections,
    (SELECT count(*) FROM unmatched) AS unmatched,
    (SELECT count(*) FROM reviews AS r WHERE r.decision IS NULL) AS held,
    (SELECT min(r.held_since) FROM reviews AS r WHERE r.decision IS NULL) AS held_since;
