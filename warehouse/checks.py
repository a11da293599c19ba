"""Checks in SQL: each file under ``sql/checks`` returns the rows that must not exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.errors import CheckFailedError
from warehouse.statements import names, sql

if TYPE_CHECKING:
    import duckdb

_SHOWN = 3


def check(connection: duckdb.DuckDBPyConnection) -> None:
    """Run every check; raises :class:`CheckFailedError` with rows of the first that fails."""
    for name in names("checks"):
        rows = connection.execute(sql(f"checks/{name}")).fetchmany(_SHOWN)
        if rows:
            raise CheckFailedError(
                f"the check {name} found rows that must not exist, so nothing was loaded: {rows}. "
                "The captures are safe; run again with the version of before, and report this"
            )
