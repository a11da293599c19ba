-- What a person may call each offering.
SELECT
    o.offering_id, o.seller, o.model_id, o.operation, o.canonical_id, o.name, o.developer, o.aliases
FROM models AS o
ORDER BY o.model_id, o.seller, o.operation;
