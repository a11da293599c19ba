"""The DuckDB warehouse: migrations, loading, queries, checks and publishing."""
