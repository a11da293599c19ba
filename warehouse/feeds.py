"""JSON feeds: the current models and prices, money as exact decimal strings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.money import plain
from warehouse.snapshots import SCHEMA_VERSION, write_json

if TYPE_CHECKING:
    import duckdb

FEEDS = {"models": "pricebook.stored.models", "prices": "pricebook.stored.prices"}


def write_feeds(
    connection: duckdb.DuckDBPyConnection, building: Path, snapshot_id: str, as_of: datetime
) -> None:
    """Write ``models.json`` and ``prices.json``, rows in the order of the tables."""
    for name, table in FEEDS.items():
        feed = {
            "schema": f"pricebook/{name}/{SCHEMA_VERSION}",
            "snapshot_id": snapshot_id,
            "as_of": as_of.isoformat().replace("+00:00", "Z"),
            "currency": "USD",
            name: list(_rows(connection, table)),
        }
        write_json(building / f"{name}.json", feed)


def _rows(connection: duckdb.DuckDBPyConnection, table: str) -> Iterator[dict[str, Any]]:
    cursor = connection.execute(f"FROM {table}")
    columns = [column[0] for column in cursor.description or []]
    for row in cursor.fetchall():
        record = dict(zip(columns, map(exact, row), strict=True))
        if "conditions" in record:
            record["conditions"] = json.loads(str(record["conditions"]))
        yield record


def exact(value: object) -> object:
    """A database value as JSON can hold it: decimals as plain text, times in ISO 8601."""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return value
