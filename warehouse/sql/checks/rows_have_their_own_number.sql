-- A row is taken back by its number, so no two rows have the same.
SELECT log_id, count(*) AS numbered_so
FROM price_log
GROUP BY log_id
HAVING count(*) > 1;
