"""JSON feeds: the current models and prices, money as exact decimal strings."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from warehouse.built import CURRENCY, Built, iso
from warehouse.snapshots import SCHEMA_VERSION, json_bytes

FEEDS: Final = ("models", "prices")


def write_feeds(built: Built, building: Path) -> None:
    """Write ``models.json`` and ``prices.json``, rows in the order of the tables."""
    rows = {"models": built.models, "prices": built.prices}
    for name in FEEDS:
        feed = {**envelope(built, name), name: rows[name]}
        (building / f"{name}.json").write_bytes(json_bytes(feed))


def envelope(built: Built, name: str) -> dict[str, Any]:
    """What every feed says of itself before its rows."""
    return {
        "schema": f"pricebook/{name}/{SCHEMA_VERSION}",
        "snapshot_id": built.identity.snapshot_id,
        "as_of": iso(built.identity.as_of),
        "currency": CURRENCY,
    }
