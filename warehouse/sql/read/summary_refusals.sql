SELECT source, reason, count(*) AS cells, any_value(detail ORDER BY first_seen_at, locator) AS detail
FROM rejections
GROUP BY source, reason
ORDER BY cells DESC, source, reason;
