-- Freshness and last run of each source, as the snapshot knows them.
SELECT
    s.source,
    s.seller,
    s.enabled,
    s.expected_interval,
    epoch(s.expected_interval::INTERVAL) AS expected_s,
    s.last_success_at,
    r.started_at AS last_run_at,
    r.outcome,
    r.detail,
    r.drift
FROM sources AS s
LEFT JOIN runs AS r
    ON r.source = s.source
    AND r.outcome <> 'withdrawn'
    AND r.started_at = (
        SELECT max(q.started_at) FROM runs AS q WHERE q.source = s.source AND q.outcome <> 'withdrawn'
    )
ORDER BY s.seller, s.precedence, s.source;
