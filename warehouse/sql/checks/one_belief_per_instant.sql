-- Of one price, two beliefs may not begin at the same instant.
SELECT price_id, valid_from, count(*) AS beliefs
FROM price_belief
JOIN price_key USING (price_key)
GROUP BY price_id, valid_from
HAVING count(*) > 1;
