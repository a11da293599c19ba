-- Since when anything is known.
SELECT min(h.valid_from) AS first_seen_at FROM price_history AS h;
