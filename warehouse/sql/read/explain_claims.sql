-- What every source states now of some offerings, the claim that stands first.
SELECT p.*
FROM claims AS p
WHERE
    list_contains($offerings, p.offering_id)
    AND ($meters::VARCHAR[] IS NULL OR list_contains($meters, p.meter))
ORDER BY p.is_price DESC, p.source, p.conditions;
