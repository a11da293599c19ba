-- Names that resolve to no id of the seller.
SELECT u.*
FROM unmatched AS u
WHERE
    ($sources::VARCHAR[] IS NULL OR list_contains($sources, u.source))
    AND ($at::TIMESTAMPTZ IS NULL OR u.first_seen_at <= $at)
ORDER BY u.source, u.raw_name;
