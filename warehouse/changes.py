"""Change feeds, as Atom and as JSON Feed: price changes, new models and withdrawn ones.

One entry for what happened to an offering at a moment, one for a whole uniform repricing, and one
for a whole correction. An entry's id follows from what happened alone, so a reader sees it once
however often it is published.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any, Final
from xml.etree import ElementTree as ET

import orjson

from models.conditions import with_truth_as_text
from models.money import plain
from models.registry import METERS, SELLERS
from warehouse.built import Built, iso
from warehouse.offers import price_of
from warehouse.snapshots import json_bytes
from warehouse.statements import sql

ENTRIES: Final = 250
"""How many a feed holds, the newest first."""
LINES: Final = 100
"""How many prices an entry lists; a repricing of everything moves thousands at once."""
ATOM: Final = "http://www.w3.org/2005/Atom"
JSON_FEED: Final = "https://jsonfeed.org/version/1.1"
_URN: Final = "urn:pricebook:changes"
# What XML cannot hold, escaped or not; names come from outside.
_NO_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WHOLE: Final[Mapping[str, str]] = {
    "new": "new",
    "withdrawn": "withdrawn",
    "returned": "back",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened."""

    identity: str
    title: str
    lines: tuple[str, ...]
    at: datetime
    sellers: tuple[str, ...]
    tags: tuple[str, ...]
    url: str


def write_changes(built: Built, building: Path) -> None:
    """Write ``changes.atom.xml`` and ``changes.json``, and the same for each seller."""
    entries = _entries(built.records(sql("publish/change_events"), [ENTRIES]))
    _write(built, building, "changes", "Prices of models", entries[:ENTRIES])
    for seller in SELLERS.values():
        own = [entry for entry in entries if seller.code in entry.sellers][:ENTRIES]
        _write(built, building, f"changes.{seller.code}", f"Prices at {seller.name}", own)


def _write(built: Built, building: Path, name: str, title: str, entries: Sequence[Entry]) -> None:
    (building / f"{name}.atom.xml").write_bytes(_atom(built, name, title, entries))
    feed = {
        "version": JSON_FEED,
        "title": title,
        "description": "Price changes, new models and withdrawn ones.",
        "items": [_item(entry) for entry in entries],
        "_pricebook": {
            "snapshot_id": built.identity.snapshot_id,
            "as_of": iso(built.identity.as_of),
        },
    }
    (building / f"{name}.json").write_bytes(json_bytes(feed))


def _entries(rows: Iterable[dict[str, Any]]) -> list[Entry]:
    by_event: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_event.setdefault(row["event"], []).append(row)
    return [_WHOLE_EVENTS.get(same[0]["cause"], _single)(same) for same in by_event.values()]


def _identity(row: Mapping[str, Any]) -> str:
    return f"{_URN}:{hashlib.sha256(str(row['event']).encode()).hexdigest()[:20]}"


def _uniform(rows: Sequence[Mapping[str, Any]]) -> Entry:
    """A seller moved all its prices by one factor."""
    first = rows[0]
    models = sorted({row["model_id"] for row in rows})
    ratios = [row["ratio"] for row in rows if row["ratio"] is not None]
    factor = f" by about {_percent(median(ratios))}" if ratios else ""
    seller = SELLERS[first["seller"]].name
    title = f"{seller} repriced {len(models)} models{factor}"
    lines = _bounded([f"{row['name']} ({row['model_id']}): {_line(row)}" for row in rows])
    tags = ("uniform_repricing",)
    at = max(row["changed_at"] for row in rows)
    sellers = tuple(sorted({row["seller"] for row in rows}))
    return Entry(_identity(first), title, tuple(lines), at, sellers, tags, SELLERS[sellers[0]].url)


def _corrected(rows: Sequence[Mapping[str, Any]]) -> Entry:
    """What was believed was read wrongly: the seller moved nothing."""
    first = rows[0]
    prices = len({row["price_id"] for row in rows})
    models = len({row["offering_id"] for row in rows})
    sellers = tuple(sorted({row["seller"] for row in rows}))
    title = f"Corrected: {_number(prices, 'price')} of {_number(models, 'model')} read otherwise"
    lines = [
        f"{row['name']} ({row['model_id']}), since {iso(row['changed_at'])}: {_line(row)}"
        for row in rows
    ]
    note = "No seller changed these prices: the same captures are read otherwise now."
    return Entry(
        _identity(first),
        title,
        (note, *_bounded(lines)),
        first["happened_at"],
        sellers,
        ("correction",),
        SELLERS[sellers[0]].url,
    )


def _number(count: int, of: str) -> str:
    return f"{count:,} {of}{'' if count == 1 else 's'}"


def _single(rows: Sequence[Mapping[str, Any]]) -> Entry:
    """What happened to one offering at one moment."""
    first = rows[0]
    kinds = sorted({row["kind"] for row in rows})
    seller = SELLERS[first["seller"]].name
    whole = _WHOLE.get(kinds[0]) if len(kinds) == 1 else None
    what = whole or _moved(rows)
    lines = _bounded([_line(row) for row in rows])
    if any(row["cause"] == "evidence" for row in rows):
        lines.append("Learned later, from older captures.")
    return Entry(
        _identity(first),
        f"{first['name']} at {seller}: {what}",
        tuple(lines),
        first["changed_at"],
        (first["seller"],),
        (*kinds, first["modality"]),
        first["source_url"] or SELLERS[first["seller"]].url,
    )


_WHOLE_EVENTS: Final[Mapping[str, Callable[[Sequence[Mapping[str, Any]]], Entry]]] = {
    "uniform_repricing": _uniform,
    "correction": _corrected,
}
"""The causes of which all prices together make one entry."""


def _bounded(lines: list[str]) -> list[str]:
    more = len(lines) - LINES
    return [*lines[:LINES], f"… and {more} more: see price_changes"] if more > 0 else lines


def _moved(rows: Sequence[Mapping[str, Any]]) -> str:
    """In which direction prices went, in a few words."""
    kinds = {row["kind"] for row in rows}
    if kinds <= {"increase", "decrease"} and len(kinds) == 1:
        ratios = [row["ratio"] for row in rows if row["ratio"] is not None]
        about = f" by about {_percent(median(ratios))}" if ratios else ""
        return ("price up" if kinds == {"increase"} else "price down") + about
    return "prices changed"


def _percent(ratio: Decimal) -> str:
    return f"{abs(ratio - 1) * 100:.1f} %".replace(".0 %", " %")


def _line(row: Mapping[str, Any]) -> str:
    """One price: what is counted, when it applies, and what it was and is."""
    meter = METERS.get(row["meter"] or "")
    counted = "any use" if meter is None else meter.code.replace("_", " ")
    conditions = with_truth_as_text(orjson.loads(row["conditions"]))
    stated = ", ".join(f"{key} {value}" for key, value in conditions.items())
    when = f" ({stated})" if stated else ""
    per = "" if meter is None else f" per {meter.quoted_per:,} {meter.unit}".replace(" 1 ", " ")
    old = _amount(row, "old", meter.quoted_per if meter else 1)
    new = _amount(row, "new", meter.quoted_per if meter else 1)
    if old is None:
        return f"{counted}{when}: {new}{per}"
    return f"{counted}{when}: {old} → {new}{per}"


def _amount(row: Mapping[str, Any], side: str, quoted_per: int) -> str | None:
    price, status = row[f"{side}_unit_price_usd"], row[f"{side}_price_status"]
    if price is not None:
        return f"${plain(price_of(quoted_per, price))}"
    return None if status is None else str(status).replace("_", " ")


def _item(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.identity,
        "url": entry.url,
        "title": entry.title,
        "content_text": "\n".join(entry.lines),
        "date_published": iso(entry.at),
        "tags": list(entry.tags),
        "_pricebook": {"sellers": list(entry.sellers)},
    }


def _atom(built: Built, name: str, title: str, entries: Sequence[Entry]) -> bytes:
    ET.register_namespace("", ATOM)
    feed = ET.Element(f"{{{ATOM}}}feed")
    newest = max((entry.at for entry in entries), default=built.identity.as_of)
    _text(feed, "id", f"{_URN}:{name}")
    _text(feed, "title", title)
    _text(feed, "updated", iso(newest))
    _text(ET.SubElement(feed, f"{{{ATOM}}}author"), "name", "pricebook")
    _text(feed, "generator", f"pricebook {built.identity.snapshot_id}")
    for entry in entries:
        element = ET.SubElement(feed, f"{{{ATOM}}}entry")
        _text(element, "id", entry.identity)
        _text(element, "title", entry.title)
        _text(element, "updated", iso(entry.at))
        ET.SubElement(element, f"{{{ATOM}}}link", rel="alternate", href=_clean(entry.url))
        for tag in entry.tags:
            ET.SubElement(element, f"{{{ATOM}}}category", term=tag)
        _text(element, "content", "\n".join(entry.lines)).set("type", "text")
    ET.indent(feed)
    written: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _text(parent: ET.Element, name: str, text: str) -> ET.Element:
    element = ET.SubElement(parent, f"{{{ATOM}}}{name}")
    element.text = _clean(text)
    return element


def _clean(text: str) -> str:
    return _NO_XML.sub("\ufffd", text)
