"""Opening the writer's database: one writer at a time, held by a lock of the operating system."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb
from filelock import FileLock, Timeout

from warehouse.errors import LockedError
from warehouse.migrations import migrate

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

DATABASE = "warehouse.duckdb"
LOCK = "pricebook.lock"


@contextmanager
def writer_lock(data_dir: Path) -> Generator[None]:
    """Hold the data directory for writing; the lock dies with the process, however that ends.

    Raises :class:`LockedError` at once when another process holds it.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    lock = FileLock(data_dir / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise LockedError(
            f"another run is writing to {data_dir}: wait until it ends, or use --data-dir"
        ) from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def open_writer(data_dir: Path) -> Generator[duckdb.DuckDBPyConnection]:
    """The writer's database at the newest schema. Hold :func:`writer_lock` around it.

    Raises what :func:`warehouse.migrations.migrate` raises.
    """
    connection = duckdb.connect(str(data_dir / DATABASE))
    try:
        connection.execute("SET TimeZone = 'UTC'")
        migrate(connection)
        yield connection
    finally:
        connection.close()


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Generator[None]:
    """All or nothing."""
    connection.begin()
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()
