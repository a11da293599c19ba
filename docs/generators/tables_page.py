"""The public tables' reference, from the catalogue of a database made by the product's own SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import duckdb

from docs.generators.markdown import code, page, table
from warehouse.publish import TABLES
from warehouse.statements import sql

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_INTRODUCTION: Final = """
Every table is in `pricebook.duckdb` (schema `main`) and, under the same name and with the same
columns, in `<table>.parquet` beside it. Times are UTC. Money is `DECIMAL(38,24)` in US dollars.
The comments below are in the database too:

```sql
SELECT column_name, comment FROM duckdb_columns() WHERE table_name = 'price_history';
```

`prices` and `models` are views over stored tables: they add one column that moves with every
fetch (`last_confirmed_at`, `last_seen_at`) and is not part of the Parquet files.
"""
_MACROS: Final = """
Macros take times as `TIMESTAMPTZ` or as text; a time without a zone is UTC whatever the session's
zone is. They name no database, so they work in an attached one too.
"""


def tables_page() -> str:
    """The page of all public tables, views and macros."""
    with duckdb.connect() as connection:
        _create(connection)
        names = _names(connection)
        return page(
            "Tables",
            _INTRODUCTION,
            "## List",
            table(
                ["table", "holds"],
                [(f"[`{name}`](#{name})", _comment(connection, name)) for name in names],
            ),
            *(_section(connection, name) for name in names),
            "## Macros",
            _MACROS,
            table(["macro", "parameters", "gives"], _macros(connection)),
        )


def public_columns() -> dict[str, list[str]]:
    """The columns of every public table and view."""
    with duckdb.connect() as connection:
        _create(connection)
        names = _names(connection)
        return {name: [column for column, *_ in _columns(connection, name)] for name in names}


def _names(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The public tables in their order, then the views that are no table's."""
    views = connection.execute(
        "SELECT view_name FROM duckdb_views() WHERE schema_name = 'main' AND NOT internal "
        "AND database_name = 'pricebook' ORDER BY 1"
    ).fetchall()
    return [*TABLES, *(name for (name,) in views if name not in TABLES)]


def _create(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("ATTACH ':memory:' AS pricebook")
    connection.execute("USE pricebook")
    connection.execute(sql("public/schema"))
    connection.execute(sql("public/views"))
    for statement in connection.execute(sql("publish/view_comments")).fetchall():
        connection.execute(statement[0])


def _comment(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    found = connection.execute(
        "SELECT comment FROM duckdb_tables() WHERE schema_name = 'main' AND table_name = $name "
        "UNION ALL "
        "SELECT comment FROM duckdb_views() WHERE schema_name = 'main' AND view_name = $name",
        {"name": name},
    ).fetchone()
    return str(found[0] or "") if found else ""


def _columns(
    connection: duckdb.DuckDBPyConnection, name: str
) -> list[tuple[str, str, bool, str | None]]:
    return connection.execute(
        "SELECT column_name, data_type, is_nullable, comment FROM duckdb_columns() "
        "WHERE schema_name = 'main' AND table_name = ? ORDER BY column_index",
        [name],
    ).fetchall()


def _section(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    nullable = _nullable(connection, name)
    rows = [
        (code(column), code(kind), "" if column not in nullable else "yes", comment or "")
        for column, kind, _, comment in _columns(connection, name)
    ]
    head = ["column", "type", "may be null", "meaning"]
    return f"## {name}\n\n{_comment(connection, name)}\n\n{table(head, rows)}"


def _nullable(connection: duckdb.DuckDBPyConnection, name: str) -> set[str]:
    """Columns without NOT NULL; of a view, those of the stored table behind it."""
    stored = connection.execute(
        "SELECT column_name, is_nullable FROM duckdb_columns() "
        "WHERE table_name = ? AND schema_name IN ('main', 'stored') "
        "ORDER BY schema_name = 'main'",
        [name],
    ).fetchall()
    known: dict[str, bool] = {}
    for column, is_nullable in stored:
        known.setdefault(column, is_nullable)
    return {column for column, is_nullable in known.items() if is_nullable}


def _macros(connection: duckdb.DuckDBPyConnection) -> Iterator[Sequence[str]]:
    found = connection.execute(
        "SELECT function_name, parameters, comment FROM duckdb_functions() "
        "WHERE database_name = 'pricebook' AND NOT internal ORDER BY function_type DESC, 1"
    ).fetchall()
    for name, parameters, comment in found:
        yield code(name), ", ".join(map(code, parameters)), comment or ""
