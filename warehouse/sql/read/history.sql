-- Every interval of the prices of some offerings that had begun by a moment.
SELECT p.*
FROM price_history AS p
LEFT JOIN meters AS m ON m.meter = p.meter
WHERE
    p.valid_from <= $at
    AND list_contains($offerings, p.offering_id)
    AND ($meters::VARCHAR[] IS NULL OR list_contains($meters, p.meter))
ORDER BY
    p.model_id, p.seller, p.operation,
    list_position(
        ['input', 'output', 'cache_read', 'cache_write', 'request', 'tool', 'storage', 'compute'],
        m.direction
    ),
    p.meter, p.min_prompt_tokens, p.utc_from_minute NULLS FIRST, p.conditions, p.valid_from;
