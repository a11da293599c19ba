SELECT 'COMMENT ON VIEW ' || table_name || ' IS ''' || replace(comment, '''', '''''') || ''''
FROM duckdb_tables()
WHERE database_name = 'pricebook' AND schema_name = 'stored' AND table_name IN ('models', 'prices')
UNION ALL
SELECT
    'COMMENT ON COLUMN main.' || table_name || '.' || column_name || ' IS '''
        || replace(comment, '''', '''''') || ''''
FROM duckdb_columns()
WHERE database_name = 'pricebook' AND schema_name = 'stored' AND table_name IN ('models', 'prices');
