SELECT
    (SELECT count(*) FROM models WHERE lifecycle <> 'withdrawn') AS models,
    (SELECT count(DISTINCT seller) FROM models) AS sellers,
    (SELECT count(*) FROM prices) AS prices,
    (SELECT count(*) FROM prices WHERE price_status IN ('known', 'free')) AS numbers,
    (SELECT count(*) FROM price_history) AS history,
    (SELECT min(valid_from) FROM price_history) AS since;
