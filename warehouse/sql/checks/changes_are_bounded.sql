-- The time before a change lies before the change.
SELECT price_id, changed_after, valid_from
FROM price_belief
JOIN price_key USING (price_key)
WHERE changed_after > valid_from;
