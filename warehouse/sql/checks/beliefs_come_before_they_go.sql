-- A belief is taken back by a later load than the one that brought it.
SELECT price_log.log_id, price_log.recorded_at, retraction_log.recorded_at AS retracted_at
FROM retraction_log
JOIN price_log ON price_log.log_id = retraction_log.log_id AND retraction_log.log = 'price'
WHERE retraction_log.recorded_at <= price_log.recorded_at;
