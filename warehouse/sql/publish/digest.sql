SELECT CAST(to_json(t) AS VARCHAR) AS content FROM some_table AS t ORDER BY content;
