-- The stored public tables and their columns, in order.
SELECT
    tables.table_name,
    tables.comment,
    columns.column_name,
    columns.data_type,
    columns.is_nullable,
    columns.comment
FROM duckdb_tables() AS tables
JOIN duckdb_columns() AS columns ON columns.table_oid = tables.table_oid
    AND columns.database_name = tables.database_name
WHERE tables.database_name = 'pricebook'
ORDER BY tables.table_name, columns.column_index;
