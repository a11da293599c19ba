-- Of one offering, two states may not begin at the same instant.
SELECT offering_id, valid_from, count(*) AS states
FROM lifecycle_belief
JOIN offering_key USING (offering_key)
GROUP BY offering_id, valid_from
HAVING count(*) > 1;
