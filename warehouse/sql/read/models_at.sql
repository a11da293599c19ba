-- Offerings that were on offer at a moment: each has a row on its price, if only that
-- nobody knows it.
SELECT p.*
FROM models AS p
WHERE
    ($sellers::VARCHAR[] IS NULL OR list_contains($sellers, p.seller))
    AND ($offerings::VARCHAR[] IS NULL OR list_contains($offerings, p.offering_id))
    AND ($operations::VARCHAR[] IS NULL OR list_contains($operations, p.operation))
    AND ($modalities::VARCHAR[] IS NULL OR list_contains($modalities, p.modality))
    AND ($statuses::VARCHAR[] IS NULL OR list_contains($statuses, p.lifecycle))
    AND EXISTS (
        SELECT 1
        FROM price_history AS h
        WHERE
            h.offering_id = p.offering_id
            AND h.price_status <> 'not_offered'
            AND h.valid_from <= $at
            AND (h.valid_to IS NULL OR h.valid_to > $at)
    )
ORDER BY p.model_id, p.seller, p.operation;
