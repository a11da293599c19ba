-- Bodies received, and fetches that failed; the newest first.
SELECT c.*
FROM captures AS c
WHERE
    ($sources::VARCHAR[] IS NULL OR list_contains($sources, c.source))
    AND ($outcomes::VARCHAR[] IS NULL OR list_contains($outcomes, c.outcome))
    AND ($since::TIMESTAMPTZ IS NULL OR c.fetched_at >= $since)
    AND ($at::TIMESTAMPTZ IS NULL OR c.fetched_at <= $at)
ORDER BY c.fetched_at DESC, c.source, c.url, c.capture_sha256;
