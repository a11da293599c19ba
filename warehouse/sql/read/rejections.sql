-- Price cells that were not believed; the newest first.
SELECT r.*
FROM rejections AS r
WHERE
    ($sources::VARCHAR[] IS NULL OR list_contains($sources, r.source))
    AND ($reasons::VARCHAR[] IS NULL OR list_contains($reasons, r.reason))
    AND ($at::TIMESTAMPTZ IS NULL OR r.first_seen_at <= $at)
ORDER BY r.first_seen_at DESC, r.source, r.reason, r.locator;
