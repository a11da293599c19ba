SELECT kind, count(*) AS moves FROM price_changes GROUP BY kind ORDER BY moves DESC, kind;
