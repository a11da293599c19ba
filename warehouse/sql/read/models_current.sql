-- All offerings.
SELECT p.*
FROM models AS p
WHERE
    ($sellers::VARCHAR[] IS NULL OR list_contains($sellers, p.seller))
    AND ($offerings::VARCHAR[] IS NULL OR list_contains($offerings, p.offering_id))
    AND ($operations::VARCHAR[] IS NULL OR list_contains($operations, p.operation))
    AND ($modalities::VARCHAR[] IS NULL OR list_contains($modalities, p.modality))
    AND ($statuses::VARCHAR[] IS NULL OR list_contains($statuses, p.lifecycle))
ORDER BY p.model_id, p.seller, p.operation;
