"""Publishing: from the logs to a snapshot directory that analysts and programs read.

The public tables are built in a database in memory, and every file is written from there, so that
all forms of a snapshot say the same, and nothing is written when only freshness moved.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from models.money import quoted
from warehouse.arrow import MONEY, WHOLE, incoming
from warehouse.built import Built, Identity
from warehouse.changes import write_changes
from warehouse.database import transaction
from warehouse.datapackage import write_datapackage
from warehouse.feeds import write_feeds
from warehouse.formats import write_formats
from warehouse.manifest import write_manifest
from warehouse.registries import fill_registries
from warehouse.schemas import write_schemas
from warehouse.simulator import write_simulator
from warehouse.snapshots import (
    BUILDING,
    LAYOUT,
    SCHEMA_VERSION,
    Snapshot,
    clear_leftovers,
    install,
)
from warehouse.standing import find_standing, free_id
from warehouse.statements import sql
from warehouse.tables import TABLES, write_database, write_tables

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

__all__ = ["TABLES", "Published", "publish"]

FILLED_IN_ORDER: Final = (
    "facts",
    "disputes",
    "price_history",
    "prices",
    "price_versions",
    "price_changes",
    "claims",
    "comparison",
    "models",  # whom to recommend may depend on who is cheapest
    "comparison_history",
    "coverage",
    "others",
)
CONTENT: Final = (
    "sellers", "meters", "modalities", "stored.models", "price_versions", "price_changes", "claims",
    "unmatched", "rejections", "reviews", "disputes",
)  # fmt: skip
"""The tables that make a snapshot new; the others are freshness, or follow from these."""

_AT_ONCE: Final = 10_000
"""Rows taken into memory at once: a long history has millions."""
_DECLARED: Final = ("public/schema", "public/views")
_COMMENTS: Final = re.compile(r"^COMMENT ON .*;\n", re.MULTILINE)

WRITERS: Final[tuple[Callable[[Built, Path], None], ...]] = (
    write_database,
    write_tables,
    write_feeds,
    write_simulator,
    write_formats,
    write_changes,
    write_datapackage,
    write_schemas,
    write_manifest,  # last: it lists the others
)


@dataclass(frozen=True, slots=True)
class Published:
    """A snapshot, and whether this call made it or found that nothing but freshness had moved.

    ``mended`` says what readers could not rely on before this call; empty when all was well.
    """

    snapshot: Snapshot
    is_new: bool
    mended: str = ""


def publish(
    connection: duckdb.DuckDBPyConnection,
    published: Path,
    created_at: datetime,
    recommended: Mapping[str, str] | None = None,
) -> Published | None:
    """Make a snapshot of what the warehouse believes, unless the newest one is whole and says it.

    Returns None while the warehouse holds no healthy fetch. ``created_at`` is the run's clock,
    ``recommended`` holds recommended sellers by modality, in place of the declared ones.
    """
    newest = connection.execute(sql("publish/newest_fetch")).fetchone()
    if newest is None or newest[0] is None:
        return None
    as_of, origin = newest
    (published / "snapshots").mkdir(parents=True, exist_ok=True)
    clear_leftovers(published)
    with _in_memory(connection):
        with transaction(connection):
            _create(connection)
            _fill(connection, as_of, created_at, origin, recommended or {})
        content = _digest(connection)
        there = find_standing(published)
        if there.content == content:
            return Published(there.point(published), is_new=False, mended=there.fault)
        name = free_id(published, as_of, content, after=there.snapshot_id)
        connection.execute("UPDATE pricebook.main.snapshot SET snapshot_id = ?", [name])
        _comment(connection)
        building = published / "snapshots" / f"{BUILDING}{os.getpid()}"
        building.mkdir()
        built = Built(connection, Identity(name, content, as_of, created_at, origin))
        for write in WRITERS:
            write(built, building)
    return Published(install(published, building, name), is_new=True, mended=there.fault)


@contextmanager
def _in_memory(connection: duckdb.DuckDBPyConnection) -> Generator[None]:
    """The database being built, attached as ``pricebook`` while the block runs."""
    connection.execute("ATTACH ':memory:' AS pricebook")
    try:
        yield
    finally:
        connection.execute("USE warehouse")
        connection.execute("DETACH pricebook")


def _create(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the public tables, views and macros, as yet without comments."""
    connection.execute("USE pricebook")
    for name in _DECLARED:
        connection.execute(_COMMENTS.sub("", sql(name)))
    connection.execute("USE warehouse")


def _comment(connection: duckdb.DuckDBPyConnection) -> None:
    """Add all comments, those of stored tables to the views of the same name too.

    In one transaction, and only for a snapshot that is new: they are hundreds of statements, which
    cost more than all else that finds out whether anything changed.
    """
    with transaction(connection):
        connection.execute("USE pricebook")
        for name in _DECLARED:
            connection.execute("".join(_COMMENTS.findall(sql(name))))
        for statement in connection.execute(sql("publish/view_comments")).fetchall():
            connection.execute(statement[0])
        connection.execute("USE warehouse")


def _fill(
    connection: duckdb.DuckDBPyConnection,
    as_of: datetime,
    created_at: datetime,
    origin: str,
    recommended: Mapping[str, str],
) -> None:
    """Build all public tables."""
    fill_registries(connection, recommended)
    snapshot = ["building", as_of, created_at, SCHEMA_VERSION, origin]
    connection.execute("INSERT INTO pricebook.main.snapshot VALUES (?, ?, ?, ?, ?)", snapshot)
    connection.execute(sql("publish/ratios"))
    with _quoted(connection):
        for name in FILLED_IN_ORDER:
            connection.execute(sql(f"publish/{name}"))


def _digest(connection: duckdb.DuckDBPyConnection) -> str:
    """What the public tables say, and how this code would write it down, as one number."""
    digest = hashlib.sha256(f"{SCHEMA_VERSION} {LAYOUT}\n".encode())
    for table in CONTENT:
        digest.update(f"{table} {_digest_of(connection, table)}\n".encode())
    return digest.hexdigest()


def _digest_of(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """The rows of one table, sorted as text, a line each."""
    catalogued = table if "." in table else f"main.{table}"
    query = sql("publish/digest").replace("some_table", f"pricebook.{catalogued}")
    rows = connection.execute(query)
    digest = hashlib.sha256()
    separator = ""
    while some := rows.fetchmany(_AT_ONCE):
        digest.update((separator + "\n".join(row for (row,) in some)).encode())
        separator = "\n"
    return digest.hexdigest()


@contextmanager
def _quoted(connection: duckdb.DuckDBPyConnection) -> Generator[None]:
    """Every price as people quote it, readable as ``incoming`` while the block runs.

    Rounded to 12 significant digits in Python, since SQL would print 0.0047 a minute, kept per
    second, as 0.004699999999998.
    """
    found = connection.execute(sql("publish/unit_prices")).fetchall()
    rows = [
        {"unit_price_usd": price, "quoted_per": per, "quoted_price_usd": quoted(price, per)}
        for price, per in found
    ]
    types: Mapping[str, pa.DataType] = {
        "unit_price_usd": MONEY,
        "quoted_per": WHOLE,
        "quoted_price_usd": MONEY,
    }
    with incoming(connection, rows, types):
        yield
