INSERT INTO offering_key
SELECT
    (SELECT coalesce(max(offering_key), 0) FROM offering_key) + row_number() OVER (ORDER BY offering_id),
    offering_id,
    $1
FROM (SELECT DISTINCT offering_id FROM incoming)
ANTI JOIN offering_key AS known USING (offering_id);
