-- The same, as it was believed at a moment.
SELECT p.*
FROM price_versions AS p
LEFT JOIN meters AS m ON m.meter = p.meter
WHERE
    p.valid_from <= $at
    AND p.recorded_at <= $as_known
    AND (p.superseded_at IS NULL OR p.superseded_at > $as_known)
    AND list_contains($offerings, p.offering_id)
    AND ($meters::VARCHAR[] IS NULL OR list_contains($meters, p.meter))
ORDER BY
    p.model_id, p.seller, p.operation,
    list_position(
        ['input', 'output', 'cache_read', 'cache_write', 'request', 'tool', 'storage', 'compute'],
        m.direction
    ),
    p.meter, p.min_prompt_tokens, p.utc_from_minute NULLS FIRST, p.conditions, p.valid_from;
