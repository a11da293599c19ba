"""An empty Prefect database, without the migrations that would build it.

Prefect builds its SQLite schema by replaying years of migrations, some 34,000 statements that each
hop between two threads: 6 s on an idle machine, 20 s on a busy one (2026-11, 3.8.8), for every new
data directory. `prefect_schema.sql` is the result of that: the schema as the migrations leave it,
with the revision they stop at, so that a newer Prefect simply goes on from there.

Run as a program, this module writes that file again: `python -m flows.prefect_database`.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import tempfile
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import Final

DATABASE_FILE: Final = "prefect.db"
SCHEMA_FILE: Final = Path(__file__).with_name("prefect_schema.sql")
_HEAD: Final = "-- Prefect {version}, written by `python -m flows.prefect_database`; do not edit.\n"


def ensure_database(home: Path) -> None:
    """Make Prefect's database in `home` when there is none; leave one that is there alone.

    With another version of Prefect than the schema was written by, nothing is made: it may be
    older than the schema, and builds its own.
    """
    target = home / DATABASE_FILE
    schema = SCHEMA_FILE.read_text(encoding="utf-8")
    if target.exists() or not schema.startswith(_HEAD.format(version=version("prefect"))):
        return
    made = home / f".{DATABASE_FILE}.{os.getpid()}"
    made.unlink(missing_ok=True)
    with closing(sqlite3.connect(made)) as connection:
        connection.executescript(schema)
    made.replace(target)


def schema_of(database: Path) -> str:
    """The statements that build `database`, with the revision of its schema and nothing else."""
    with closing(sqlite3.connect(database)) as connection:
        lines = "\n".join(connection.iterdump()).splitlines()
    statements = "\n".join(line.rstrip() for line in lines)
    return f"{_HEAD.format(version=version('prefect'))}{statements}\n"


def build_by_migrations(home: Path) -> Path:
    """Prefect's own way to an empty database in `home`, an existing directory; takes seconds.

    Needs a process of its own, in which Prefect was not imported before.
    """
    os.environ["PREFECT_HOME"] = str(home)
    from prefect.server.database import provide_database_interface  # noqa: PLC0415

    asyncio.run(provide_database_interface().create_db())
    return home / DATABASE_FILE


def main() -> None:
    """Write the schema that the installed Prefect's migrations lead to."""
    with tempfile.TemporaryDirectory() as folder:
        schema = schema_of(build_by_migrations(Path(folder)))
    SCHEMA_FILE.write_text(schema, encoding="utf-8")


if __name__ == "__main__":
    main()
