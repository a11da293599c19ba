-- A dispute ends no earlier than it begins, and has an outcome exactly if it has ended.
SELECT price_id, source, disputed_from, disputed_to, outcome
FROM dispute_now
WHERE disputed_to < disputed_from OR (disputed_to IS NULL) <> (outcome IS NULL);
