-- What was believed at one moment to be charged at another.
SELECT p.*
FROM price_versions AS p
LEFT JOIN meters AS m ON m.meter = p.meter
WHERE
    p.valid_from <= $at
    AND (p.valid_to IS NULL OR p.valid_to > $at)
    AND p.recorded_at <= $as_known
    AND (p.superseded_at IS NULL OR p.superseded_at > $as_known)
    AND ($sellers::VARCHAR[] IS NULL OR list_contains($sellers, p.seller))
    AND ($offerings::VARCHAR[] IS NULL OR list_contains($offerings, p.offering_id))
    AND ($operations::VARCHAR[] IS NULL OR list_contains($operations, p.operation))
    AND ($modalities::VARCHAR[] IS NULL OR list_contains($modalities, p.modality))
    AND ($meters::VARCHAR[] IS NULL OR list_contains($meters, p.meter))
    AND CASE
        WHEN $statuses::VARCHAR[] IS NULL THEN p.price_status <> 'not_offered'
        ELSE list_contains($statuses, p.price_status)
    END
ORDER BY
    p.model_id, p.seller, p.operation,
    list_position(
        ['input', 'output', 'cache_read', 'cache_write', 'request', 'tool', 'storage', 'compute'],
        m.direction
    ),
    p.meter, p.is_headline DESC, p.min_prompt_tokens, p.utc_from_minute NULLS FIRST, p.conditions;
