INSERT INTO pricebook.main.price_changes BY NAME
SELECT
    'chg_' || left(sha256(price_id || ' ' || epoch_us(valid_from)), 16) AS change_id,
    event_id,
    changed_after,
    valid_from AS changed_at,
    recorded_at,
    price_id,
    offering_id,
    seller,
    model_id,
    operation,
    canonical_id,
    modality,
    meter,
    unit,
    conditions,
    kind,
    cause,
    old_price_status,
    price_status AS new_price_status,
    old_unit_price_usd,
    unit_price_usd AS new_unit_price_usd,
    CASE
        WHEN old_unit_price_usd > 0 AND unit_price_usd IS NOT NULL
            THEN ratio_of(unit_price_usd, old_unit_price_usd)
    END AS ratio,
    source,
    capture_sha256
FROM belief
WHERE kind IS NOT NULL
ORDER BY changed_at, seller, model_id, operation, meter, conditions;
