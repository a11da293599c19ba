-- Changes with the model's name, the newest first, of as many events as a feed of each seller holds; a
-- uniform repricing has one event for all sellers' models that it moved, a correction one for all that it
-- corrected, as of when that was done; any other change belongs to one offering at one moment.
WITH named AS (
    SELECT
        CASE
            WHEN cause IN ('uniform_repricing', 'correction') THEN event_id
            ELSE offering_id || ' ' || epoch_us(changed_at)
        END AS event,
        CASE WHEN cause = 'correction' THEN recorded_at ELSE changed_at END AS happened_at,
        *
    FROM pricebook.main.price_changes
),
newest AS (
    SELECT own.event
    FROM (SELECT DISTINCT event, seller FROM named) AS own
    JOIN (SELECT event, max(happened_at) AS last_at FROM named GROUP BY event) AS whole
        ON whole.event = own.event
    QUALIFY row_number() OVER (PARTITION BY own.seller ORDER BY whole.last_at DESC, own.event) <= $1
)
SELECT
    changes.event,
    changes.happened_at,
    changes.seller,
    changes.price_id,
    changes.offering_id,
    changes.model_id,
    models.name,
    models.modality,
    models.source_url,
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
FROM named AS changes
SEMI JOIN newest ON newest.event = changes.event
JOIN pricebook.stored.models AS models ON models.offering_id = changes.offering_id
ORDER BY changes.happened_at DESC, changes.event, changes.changed_at DESC, changes.meter, changes.conditions;
