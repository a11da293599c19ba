-- The time before an offering was listed, deprecated or withdrawn lies before that.
SELECT offering_id, changed_after, valid_from
FROM lifecycle_belief
JOIN offering_key USING (offering_key)
WHERE changed_after > valid_from;
