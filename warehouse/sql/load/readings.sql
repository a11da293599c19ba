INSERT INTO reading_log
SELECT
    fetch_key, cells, claim, merged, no_price, superseded_by_window, rejected,
    new, changed, held, drift
FROM incoming
JOIN fetch_log USING (fetch_id)
ANTI JOIN reading_log AS known USING (fetch_key);
