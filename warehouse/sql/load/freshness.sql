SELECT
    source,
    seller,
    max(fetched_at) AS last_fetch_at,
    max(fetched_at) FILTER (is_healthy) AS last_success_at,
    arg_max(outcome, fetched_at) AS last_outcome,
    arg_max(detail, fetched_at) AS last_detail,
    arg_max(origin, fetched_at) AS origin
FROM fetch_as_read
WHERE outcome <> 'withdrawn'
GROUP BY source, seller
ORDER BY source;
