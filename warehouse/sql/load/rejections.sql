INSERT INTO rejection_log
SELECT source, locator, raw_text, reason, detail, capture_sha256, first_seen_at
FROM incoming
ANTI JOIN rejection_log AS known USING (source, locator, raw_text, reason)
RETURNING source, locator, raw_text, reason;
