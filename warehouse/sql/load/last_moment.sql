SELECT max(moment)
FROM (
    SELECT max(recorded_at) AS moment FROM fetch_log
    UNION ALL
    SELECT max(recorded_at) FROM price_log
    UNION ALL
    SELECT max(recorded_at) FROM retraction_log
    UNION ALL
    SELECT max(recorded_at) FROM lifecycle_log
    UNION ALL
    SELECT max(recorded_at) FROM rereading_log
);
