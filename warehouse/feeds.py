"""JSON feeds: the current models and prices, money as exact decimal strings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from warehouse.built import CURRENCY, Built, iso
from warehouse.snapshots import SCHEMA_VERSION, json_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

FEEDS: Final[Mapping[str, str]] = {
    "models": "pricebook.stored.models",
    "prices": "pricebook.stored.prices",
}


def write_feeds(built: Built, building: Path) -> None:
    """Write ``models.json`` and ``prices.json``, rows in the order of the tables."""
    for name, table in FEEDS.items():
        feed = {**envelope(built, name), name: _rows(built, table)}
        (building / f"{name}.json").write_bytes(json_bytes(feed))


def envelope(built: Built, name: str) -> dict[str, Any]:
    """What every feed says of itself before its rows."""
    return {
        "schema": f"pricebook/{name}/{SCHEMA_VERSION}",
        "snapshot_id": built.identity.snapshot_id,
        "as_of": iso(built.identity.as_of),
        "currency": CURRENCY,
    }


def _rows(built: Built, table: str) -> list[dict[str, Any]]:
    rows = built.records(f"FROM {table}")
    for row in rows:
        if "conditions" in row:
            row["conditions"] = orjson.loads(row["conditions"])
    return rows
