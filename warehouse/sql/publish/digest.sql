SELECT sha256(coalesce(string_agg(CAST(to_json(t) AS VARCHAR), chr(10) ORDER BY CAST(to_json(t) AS VARCHAR)), ''))
FROM some_table AS t;
