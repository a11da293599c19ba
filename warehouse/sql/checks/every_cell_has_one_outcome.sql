-- The cells of a body, counted apart from the readers, are the sum of what became of them.
SELECT fetch_key, cells, claim, merged, no_price, superseded_by_window, rejected
FROM reading_log
WHERE cells <> claim + merged + no_price + superseded_by_window + rejected;
