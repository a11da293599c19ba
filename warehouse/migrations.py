"""Bringing a database to the newest schema: numbered SQL files, each in a transaction of its own.

An applied migration is remembered with the checksum of its text, so an edited one is noticed.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from warehouse.errors import MigrationError, NewerDatabaseError
from warehouse.statements import names, sql

if TYPE_CHECKING:
    import duckdb


def checksum(name: str) -> str:
    """SHA-256 of a migration's text."""
    return hashlib.sha256(sql(f"migrations/{name}").encode()).hexdigest()


def migrate(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Apply what is missing and return the names applied.

    Raises :class:`NewerDatabaseError` for a database from newer code, :class:`MigrationError` when
    an applied migration is not the one in the code.
    """
    connection.execute(sql("load/migration_table"))
    applied = refuse_newer(connection)
    known = names("migrations")
    for name in known:
        if name in applied and applied[name] != checksum(name):
            raise MigrationError(
                f"migration {name} was edited after it was applied here: restore its text, "
                "or move warehouse.duckdb aside and run `pricebook rebuild`"
            )
    missing = [name for name in known if name not in applied]
    for name in missing:
        _apply(connection, name)
    return missing


def refuse_newer(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The applied migrations with their checksums.

    Raises :class:`NewerDatabaseError` when one of them is not known here.
    """
    applied = dict(connection.execute(sql("load/migrations_applied")).fetchall())
    unknown = sorted(applied.keys() - set(names("migrations")))
    if unknown:
        raise NewerDatabaseError(
            f"this database has migration {unknown[-1]}, which this version does not know: "
            "update pricebook, or use another data directory"
        )
    return applied


def _apply(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    connection.begin()
    try:
        connection.execute(sql(f"migrations/{name}"))
        connection.execute(sql("load/migration_done"), [name, checksum(name)])
    except BaseException:
        connection.rollback()
        raise
    connection.commit()
