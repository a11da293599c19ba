-- Moves of prices in [since, at], learned by as_known; the newest first.
SELECT p.*
FROM price_changes AS p
WHERE
    ($sellers::VARCHAR[] IS NULL OR list_contains($sellers, p.seller))
    AND ($offerings::VARCHAR[] IS NULL OR list_contains($offerings, p.offering_id))
    AND ($operations::VARCHAR[] IS NULL OR list_contains($operations, p.operation))
    AND ($modalities::VARCHAR[] IS NULL OR list_contains($modalities, p.modality))
    AND ($meters::VARCHAR[] IS NULL OR list_contains($meters, p.meter))
    AND ($since::TIMESTAMPTZ IS NULL OR p.changed_at >= $since)
    AND ($at::TIMESTAMPTZ IS NULL OR p.changed_at <= $at)
    AND ($as_known::TIMESTAMPTZ IS NULL OR p.recorded_at <= $as_known)
    AND ($kinds::VARCHAR[] IS NULL OR list_contains($kinds, p.kind))
ORDER BY p.changed_at DESC, p.seller, p.model_id, p.operation, p.meter, p.conditions, p.change_id;
