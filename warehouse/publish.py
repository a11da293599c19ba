"""Publishing: from the logs to a snapshot directory that analysts and programs read.

The public tables are built in a database file of their own, then written out as Parquet and JSON
from there, so that all forms of a snapshot say the same.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.money import canonical
from models.registry import METERS, SELLERS, SOURCES, Meter, Seller, Source
from warehouse.arrow import FLAG, MONEY, TEXT, TIME, WHOLE, incoming
from warehouse.database import transaction
from warehouse.feeds import write_feeds
from warehouse.snapshots import (
    BUILDING,
    SCHEMA_VERSION,
    Snapshot,
    clear_leftovers,
    install,
    latest,
    sha256_of,
    snapshot_id,
    write_json,
)
from warehouse.statements import sql

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

FILLED_IN_ORDER = (
    "facts",
    "models",
    "price_history",
    "prices",
    "price_versions",
    "price_changes",
    "claims",
    "comparison",
    "comparison_history",
    "coverage",
    "others",
)
TABLES = (
    "sellers", "sources", "snapshot", "meters", "models", "prices", "price_history",
    "price_versions", "price_changes", "claims", "comparison", "comparison_history", "coverage",
    "unmatched", "rejections", "reviews", "captures", "runs",
)  # fmt: skip
STORED = frozenset({"models", "prices"})
CONTENT = (
    "sellers", "meters", "stored.models", "price_versions", "price_changes", "claims", "unmatched",
    "rejections", "reviews",
)  # fmt: skip
"""The tables that make a snapshot new; the others are freshness, or follow from these."""


@dataclass(frozen=True, slots=True)
class Published:
    """A snapshot, and whether this call made it or found that nothing but freshness had moved."""

    snapshot: Snapshot
    is_new: bool


def publish(
    connection: duckdb.DuckDBPyConnection, published: Path, created_at: datetime
) -> Published | None:
    """Make a snapshot of what the warehouse believes, unless the newest one says the same.

    Returns None while the warehouse holds no healthy fetch. ``created_at`` is the run's clock.
    """
    as_of = _newest_fetch(connection)
    if as_of is None:
        return None
    (published / "snapshots").mkdir(parents=True, exist_ok=True)
    clear_leftovers(published)
    building = published / "snapshots" / f"{BUILDING}{os.getpid()}"
    building.mkdir()
    with _Attached(connection, building / "pricebook.duckdb"):
        # One transaction: hundreds of comments, each committed alone, cost a second of waiting.
        with transaction(connection):
            content = _fill(connection, as_of, created_at)
        name = snapshot_id(as_of[0], content)
        current = latest(published)
        if current is not None and _content_of(published, current) == content:
            name = str(current["snapshot_id"])
            is_new = False
        else:
            is_new = True
            _name_snapshot(connection, name)
            _write_tables(connection, building)
            write_feeds(connection, building, name, as_of[0])
    if not is_new:
        for file in building.iterdir():
            file.unlink()
        building.rmdir()
        return Published(Snapshot(name, published / "snapshots" / name), is_new=False)
    _write_manifest(connection, building, _Identity(name, content, as_of, created_at))
    return Published(install(published, building, name), is_new=True)


def _newest_fetch(connection: duckdb.DuckDBPyConnection) -> tuple[datetime, str] | None:
    row = connection.execute(sql("publish/newest_fetch")).fetchone()
    return None if row is None or row[0] is None else (row[0], row[1])


class _Attached:
    """The database being built, attached as ``pricebook`` while the block runs."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        self._connection = connection
        self._path = path

    def __enter__(self) -> None:
        path = str(self._path).replace("'", "''")
        # The oldest storage that every DuckDB 1.x from 1.2 on can open.
        self._connection.execute(f"ATTACH '{path}' AS pricebook (STORAGE_VERSION 'v1.2.0')")

    def __exit__(self, *_: object) -> None:
        self._connection.execute("USE warehouse")
        self._connection.execute("DETACH pricebook")


def _fill(
    connection: duckdb.DuckDBPyConnection, as_of: tuple[datetime, str], created_at: datetime
) -> str:
    """Build all public tables and return the digest of their content."""
    connection.execute("USE pricebook")
    connection.execute(sql("public/schema"))
    connection.execute(sql("public/views"))
    _comment_views(connection)
    connection.execute("USE warehouse")
    _fill_registries(connection)
    moment, origin = as_of
    snapshot = ["building", moment, created_at, SCHEMA_VERSION, origin]
    connection.execute("INSERT INTO pricebook.main.snapshot VALUES (?, ?, ?, ?, ?)", snapshot)
    with _quoted(connection):
        for name in FILLED_IN_ORDER:
            connection.execute(sql(f"publish/{name}"))
    digest = hashlib.sha256(SCHEMA_VERSION.encode())
    for table in CONTENT:
        catalogued = table if "." in table else f"main.{table}"
        query = sql("publish/digest").replace("some_table", f"pricebook.{catalogued}")
        row = connection.execute(query).fetchone()
        digest.update(f"{table} {row[0] if row else ''}\n".encode())
    return digest.hexdigest()


@contextmanager
def _quoted(connection: duckdb.DuckDBPyConnection) -> Generator[None]:
    """Every price as people quote it, readable as ``incoming`` while the block runs.

    Rounded to 12 significant digits in Python, since SQL would print 0.0047 a minute, kept per
    second, as 0.004699999999998.
    """
    found = connection.execute(sql("publish/unit_prices")).fetchall()
    rows = [
        {"unit_price_usd": price, "quoted_per": per, "quoted_price_usd": canonical(price * per)}
        for price, per in found
    ]
    types: Mapping[str, pa.DataType] = {
        "unit_price_usd": MONEY,
        "quoted_per": WHOLE,
        "quoted_price_usd": MONEY,
    }
    with incoming(connection, rows, types):
        yield


def _comment_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Carry the comments of stored tables over to the views of the same name."""
    for statement in connection.execute(sql("publish/view_comments")).fetchall():
        connection.execute(statement[0])


def _fill_registries(connection: duckdb.DuckDBPyConnection) -> None:
    newest = dict(connection.execute(sql("publish/last_success")).fetchall())
    sellers = [_seller_row(seller) for seller in SELLERS.values()]
    sources = [_source_row(source, newest.get(source.code)) for source in SOURCES.values()]
    meters = [_meter_row(meter) for meter in METERS.values()]
    _insert(connection, "sellers", sellers, {})
    numbers: Mapping[str, pa.DataType] = {
        "precedence": WHOLE,
        "enabled": FLAG,
        "last_success_at": TIME,
    }
    _insert(connection, "sources", sources, numbers)
    _insert(connection, "meters", meters, {"quoted_per": WHOLE})


def _seller_row(seller: Seller) -> dict[str, Any]:
    elsewhere = {
        f"{catalogue}_name": seller.names_elsewhere.get(catalogue)
        for catalogue in ("litellm", "genai_prices", "models_dev", "llm_prices")
    }
    return {"seller": seller.code, "name": seller.name, "url": seller.url, **elsewhere}


def _source_row(source: Source, last_success_at: datetime | None) -> dict[str, Any]:
    return {
        "source": source.code,
        "seller": source.seller,
        "url": source.url,
        "expected_interval": f"{source.expected_interval_hours} hours",
        "precedence": source.precedence,
        "precedence_reason": source.precedence_reason,
        "enabled": source.enabled,
        "last_success_at": last_success_at,
    }


def _meter_row(meter: Meter) -> dict[str, Any]:
    row = meter.model_dump(exclude={"code", "sources_words"})
    words = json.dumps(meter.sources_words, sort_keys=True)
    otel = meter.otel_attribute or None
    return {"meter": meter.code, **row, "otel_attribute": otel, "sources_words": words}


def _insert(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    rows: Sequence[Mapping[str, Any]],
    types: Mapping[str, pa.DataType],
) -> None:
    """Fill a registry's table; columns are text unless ``types`` says otherwise."""
    with incoming(connection, rows, {name: types.get(name, TEXT) for name in rows[0]}):
        connection.execute(sql(f"publish/registry_{table}"))


def _name_snapshot(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    connection.execute("UPDATE pricebook.main.snapshot SET snapshot_id = ?", [name])


def _write_tables(connection: duckdb.DuckDBPyConnection, building: Path) -> None:
    for table in TABLES:
        where = f"pricebook.{'stored' if table in STORED else 'main'}.{table}"
        target = str(building / f"{table}.parquet").replace("'", "''")
        connection.execute(f"COPY (FROM {where}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")


@dataclass(frozen=True, slots=True)
class _Identity:
    snapshot_id: str
    content: str
    as_of: tuple[datetime, str]
    created_at: datetime


def _write_manifest(
    connection: duckdb.DuckDBPyConnection, building: Path, identity: _Identity
) -> None:
    files = sorted(path for path in building.rglob("*") if path.is_file())
    manifest = {
        "schema": f"pricebook/manifest/{SCHEMA_VERSION}",
        "snapshot_id": identity.snapshot_id,
        "as_of": iso(identity.as_of[0]),
        "created_at": iso(identity.created_at),
        "schema_version": SCHEMA_VERSION,
        "origin": identity.as_of[1],
        "content_sha256": identity.content,
        "files": [_file_entry(connection, building, path) for path in files],
        "sources": _named(connection, "publish/manifest_sources"),
        "coverage": _named(connection, "publish/manifest_coverage", building),
    }
    write_json(building / "manifest.json", manifest)


def _file_entry(
    connection: duckdb.DuckDBPyConnection, building: Path, path: Path
) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "path": path.relative_to(building).as_posix(),
        "bytes": path.stat().st_size,
        "sha256": sha256_of(path),
    }
    if path.suffix == ".parquet":
        row = connection.execute("SELECT count(*) FROM read_parquet(?)", [str(path)]).fetchone()
        entry["rows"] = 0 if row is None else row[0]
    return entry


def _named(
    connection: duckdb.DuckDBPyConnection, query: str, building: Path | None = None
) -> list[dict[str, Any]]:
    values = [] if building is None else [str(building / "coverage.parquet")]
    cursor = connection.execute(sql(query), values)
    columns = [column[0] for column in cursor.description or []]
    return [dict(zip(columns, map(_plain, row), strict=True)) for row in cursor.fetchall()]


def _plain(value: object) -> object:
    return iso(value) if isinstance(value, datetime) else value


def iso(moment: datetime) -> str:
    """A time as published: ISO 8601, UTC, with a Z."""
    return moment.isoformat().replace("+00:00", "Z")


def _content_of(published: Path, pointer: Mapping[str, Any]) -> str | None:
    try:
        path = published / str(pointer["path"]) / "manifest.json"
        return str(json.loads(path.read_text(encoding="utf-8"))["content_sha256"])
    except (OSError, ValueError, KeyError):
        return None
