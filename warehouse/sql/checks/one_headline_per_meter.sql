-- Of the rates of one offering and meter that stand now, at most one is the headline.
SELECT offering_key, meter, count(*) FILTER (is_headline) AS headlines
FROM price_belief
JOIN price_key USING (price_key)
WHERE valid_to IS NULL AND price_status <> 'not_offered'
GROUP BY offering_key, meter
HAVING count(*) FILTER (is_headline) > 1;
