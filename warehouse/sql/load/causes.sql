SELECT log_id, cause
FROM price_belief
JOIN price_key USING (price_key)
JOIN offering_key USING (offering_key)
WHERE seller = ?;
