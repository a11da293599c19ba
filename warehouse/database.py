"""Opening the writer's database: one writer at a time, held by a lock of the operating system."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb
from filelock import FileLock, Timeout

from warehouse.checks import check
from warehouse.errors import LockedError
from warehouse.migrations import migrate, refuse_newer
from warehouse.statements import sql

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

DATABASE = "warehouse.duckdb"
LOCK = "pricebook.lock"
LONG_LOG = 100_000
"""From so many versions of prices on, statements are worth more than one thread.

Below it they are small, and to wake threads for each takes longer than what they share: with two,
publishing 4,400 versions took 1.20 s in place of 1.06, and storing a snapshot 2.2 ms in place of
1.8 (2026-11, processor time).
"""


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
    path = data_dir / DATABASE
    try:
        with duckdb.connect(str(path)) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            migrate(connection)
            _keep_to_one_thread_while_short(connection)
            yield connection
    except duckdb.Error as error:
        # A damaged block is found when it is read, and DuckDB then does not say in which file.
        error.add_note(f'in "{path}"')
        raise


def _keep_to_one_thread_while_short(connection: duckdb.DuckDBPyConnection) -> None:
    [(versions,)] = connection.execute(sql("load/versions")).fetchall()
    if versions < LONG_LOG:
        connection.execute("SET threads = 1")


def examine(data_dir: Path, *, deep: bool) -> None:
    """Open the writer's database without changing it; with ``deep``, run every check on it.

    Raises ``duckdb.Error`` for a damaged file, :class:`warehouse.errors.NewerDatabaseError`, and
    what :func:`warehouse.checks.check` raises.
    """
    path = data_dir / DATABASE
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            refuse_newer(connection)
            if deep:
                check(connection)
    except duckdb.Error as error:
        error.add_note(f'in "{path}"')
        raise


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
