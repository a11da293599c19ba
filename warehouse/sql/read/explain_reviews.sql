-- Doubts, open or settled, that name one of some models.
SELECT r.*
FROM reviews AS r
WHERE EXISTS (
    SELECT 1
    FROM models AS o
    WHERE
        list_contains($offerings, o.offering_id)
        AND (
            contains(r.what, o.model_id)
            OR contains(r.what, o.name)
            OR contains(r.what, o.offering_id)
        )
)
ORDER BY r.held_since DESC, r.review_id;
