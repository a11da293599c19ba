"""A person's own SQL on the published database: one statement that only reads."""

from __future__ import annotations

from typing import Final

import duckdb

from flows.errors import UsageError
from flows.render import cell, text_table
from flows.tables import Column
from warehouse.read import Book, Table

# PIVOT comes as several statements in one. The database itself is opened so that none of these can
# write, reach a file or change a setting; this list only gives the refusal in better words.
_READING: Final = frozenset({"SELECT", "EXPLAIN", "MULTI", "CALL", "PRAGMA"})
_NUMERIC: Final = ("INT", "DECIMAL", "DOUBLE", "FLOAT")


def ask(book: Book, query: str, limit: int) -> tuple[Table, list[str], bool]:
    """Run a query; return its rows, the columns' types, and whether there was more than `limit`.

    A limit of 0 is none. Raises UsageError in one sentence when the query cannot be answered.
    """
    _check(book, query)
    try:
        cursor = book.connection.execute(query)
        described = cursor.description or []
        rows = cursor.fetchmany(limit + 1) if limit else cursor.fetchall()
    except duckdb.Error as error:
        raise UsageError(f"the query cannot be answered: {_told(error)}") from error
    columns = tuple(str(column[0]) for column in described)
    types = [str(column[1]) for column in described]
    is_cut = bool(limit) and len(rows) > limit
    return Table(columns, tuple(rows[:limit] if limit else rows)), types, is_cut


def answer_text(table: Table, types: list[str]) -> str:
    """Any result as a table; numbers to the right."""
    columns = [
        Column(name, align="right" if kind.startswith(_NUMERIC) else "left")
        for name, kind in zip(table.columns, types, strict=True)
    ]
    if len(columns) == 2 and table.columns[0] == "explain_key":
        return "\n".join(str(row[1]) for row in table.rows)
    return text_table(
        columns, [[cell(value) for value in row] for row in table.rows], keep_empty=True
    )


def _check(book: Book, query: str) -> None:
    try:
        statements = book.connection.extract_statements(query)
    except duckdb.Error as error:
        raise UsageError(f"the query cannot be understood: {_told(error)}") from error
    if len(statements) != 1:
        raise UsageError(f"one statement at a time; this is {len(statements)}")
    kind = statements[0].type.name
    if kind not in _READING:
        raise UsageError(f"{kind} is not for reading; the published database only answers SELECT")


def _told(error: duckdb.Error) -> str:
    """What the database says, with the place it points to, without its blank lines."""
    lines = [line.rstrip() for line in str(error).splitlines()]
    return "\n".join(line for line in lines if line)
