-- Doubts, open or settled, about some offerings: `what` is the model id, a space and the meter.
SELECT r.*
FROM reviews AS r
WHERE EXISTS (
    SELECT 1
    FROM models AS o
    JOIN sources AS s ON s.seller = o.seller AND s.source = r.source
    WHERE list_contains($offerings, o.offering_id) AND starts_with(r.what, o.model_id || ' ')
)
ORDER BY r.held_since DESC, r.review_id;
