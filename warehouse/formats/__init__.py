"""The formats of other catalogues: each is data and one pure function in a module of this package.

A module that has ``FORMATS`` takes part; adding a format is adding a file. What a format cannot
hold is never dropped in silence: `write_formats` reports it, by reason and count.
"""

from __future__ import annotations

import pkgutil
from collections import Counter, defaultdict
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from warehouse.formats.holding import (
    DISPUTED,
    REASONS,
    Converted,
    Format,
    Lost,
    Shelf,
    held_in_dispute,
)
from warehouse.formats.periods import read_periods
from warehouse.snapshots import SCHEMA_VERSION, json_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from warehouse.built import Built

__all__ = ["formats", "write_formats"]

REPORT: Final = "loss-report"
_EXAMPLES: Final = 3


@cache
def formats() -> Mapping[str, Format]:
    """Every format, by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    modules = [import_module(f"{__name__}.{name}") for name in names]
    found = [each for module in modules for each in getattr(module, "FORMATS", ())]
    return {each.name: each for each in found}


def write_formats(built: Built, building: Path) -> None:
    """Write ``formats/<folder>/<file>`` for every format, and ``formats/loss-report.json``."""
    shelf = Shelf(built.offers, read_periods(built))
    root = building / "formats"
    report: dict[str, Any] = {}
    for name, each in formats().items():
        converted = each.convert(shelf)
        for file, content in converted.files.items():
            path = root / each.folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(json_bytes(content))
        disputed = list(held_in_dispute(shelf.offers, converted.lost))
        report[name] = {**_told(each, converted), "disputed": _disputed(disputed)}
    stated = {
        "schema": f"pricebook/{REPORT}/{SCHEMA_VERSION}",
        "snapshot_id": built.identity.snapshot_id,
        "formats": report,
    }
    (root / f"{REPORT}.json").write_bytes(json_bytes(stated))


def _told(each: Format, converted: Converted) -> dict[str, Any]:
    return {
        "files": [f"formats/{each.folder}/{file}" for file in converted.files],
        "prices": converted.prices,
        "held": converted.prices - len(converted.lost),
        "lost": len(converted.lost),
        "reasons": list(_by_reason(converted.lost)),
        "filled_in": dict(each.filled_in),
    }


def _disputed(held: Sequence[Lost]) -> dict[str, Any]:
    examples = [_example(each) for each in held[:_EXAMPLES]]
    return {"meaning": DISPUTED, "count": len(held), "examples": examples}


def _by_reason(lost: Iterable[Lost]) -> Iterable[dict[str, Any]]:
    by_reason: defaultdict[str, list[Lost]] = defaultdict(list)
    for each in lost:
        by_reason[each.reason].append(each)
    for reason in REASONS:
        if reason in by_reason:
            found = by_reason[reason]
            meters = Counter(each.meter or "" for each in found)
            yield {
                "reason": reason,
                "meaning": REASONS[reason],
                "count": len(found),
                "meters": dict(sorted(meters.items())),
                "examples": [_example(each) for each in found[:_EXAMPLES]],
            }


def _example(lost: Lost) -> dict[str, Any]:
    return {"key": lost.key, "meter": lost.meter, "conditions": dict(lost.conditions)}
