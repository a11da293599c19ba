"""What differs between two snapshots, in the current models and prices."""

from __future__ import annotations

from pathlib import Path

import duckdb

from warehouse.errors import SnapshotError
from warehouse.read import DATABASE, Table
from warehouse.statements import sql


def difference(before: Path, after: Path) -> Table:
    """Every model and price that was added, removed or changed from one snapshot to another.

    Raises :class:`SnapshotError` when one of them cannot be read.
    """
    try:
        with duckdb.connect() as connection:
            for path, name in ((before, "before"), (after, "after")):
                quoted = str(path / DATABASE).replace("'", "''")
                connection.execute(f"ATTACH '{quoted}' AS {name} (READ_ONLY)")
            cursor = connection.execute(sql("publish/diff"))
            columns = tuple(str(column[0]) for column in cursor.description or ())
            return Table(columns, tuple(cursor.fetchall()))
    except duckdb.Error as error:
        raise SnapshotError(
            f"{before.name} and {after.name} cannot be compared: {str(error).partition(chr(10))[0]}"
        ) from error
