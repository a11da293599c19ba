-- Refused cells that name one of some models: by id in a JSONPath, by name in the explanation.
SELECT r.*
FROM rejections AS r
WHERE EXISTS (
    SELECT 1
    FROM models AS o
    INNER JOIN sources AS s ON s.seller = o.seller
    WHERE
        list_contains($offerings, o.offering_id)
        AND s.source = r.source
        AND (
            contains(r.locator, chr(39) || o.model_id || chr(39))
            OR contains(r.detail, o.model_id)
            OR contains(r.detail, o.name)
        )
)
ORDER BY r.first_seen_at DESC, r.source, r.locator;
