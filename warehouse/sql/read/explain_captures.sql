-- The captures that some prices rest on.
SELECT c.*
FROM captures AS c
WHERE list_contains($shas, c.capture_sha256)
ORDER BY c.fetched_at, c.source, c.url;
