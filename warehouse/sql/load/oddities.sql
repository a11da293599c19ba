SELECT source || ': refused because ' || reason FROM rejection_log
UNION
SELECT source || ': ' || (drift ->> 'kind') || ' ' || (drift ->> 'what')
FROM (
    SELECT source, unnest(CAST(reading_log.drift AS JSON[])) AS drift
    FROM reading_log
    JOIN fetch_log USING (fetch_key)
    WHERE reading_log.drift <> '[]'
);
