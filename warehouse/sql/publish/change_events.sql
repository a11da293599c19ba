-- Changes with the model's name, the newest first; a uniform repricing has one event for all sellers'
-- models that it moved, any other change belongs to one offering at one moment.
SELECT
    CASE
        WHEN changes.cause = 'uniform_repricing' THEN changes.event_id
        ELSE changes.offering_id || ' ' || epoch_us(changes.changed_at)
    END AS event,
    changes.cause = 'uniform_repricing' AS is_uniform,
    changes.seller,
    changes.model_id,
    models.name,
    models.modality,
    models.source_url,
    changes.changed_after,
    changes.changed_at,
    changes.kind,
    changes.cause,
    changes.meter,
    changes.conditions,
    changes.old_price_status,
    changes.new_price_status,
    changes.old_unit_price_usd,
    changes.new_unit_price_usd,
    changes.ratio
FROM pricebook.main.price_changes AS changes
JOIN pricebook.stored.models AS models ON models.offering_id = changes.offering_id
ORDER BY changes.changed_at DESC, event, changes.meter, changes.conditions;
