-- Sellers side by side now.
SELECT p.*
FROM comparison AS p
WHERE
    ($offerings::VARCHAR[] IS NULL OR p.canonical_id IN (
        SELECT o.canonical_id FROM models AS o WHERE list_contains($offerings, o.offering_id)
    ))
    AND ($sellers::VARCHAR[] IS NULL OR list_contains($sellers, p.seller))
    AND ($modalities::VARCHAR[] IS NULL OR list_contains($modalities, p.modality))
    AND ($meters::VARCHAR[] IS NULL OR list_contains($meters, p.meter))
ORDER BY p.modality, p.canonical_id, p.meter, p.unit_price_usd, p.seller, p.offering_id;
