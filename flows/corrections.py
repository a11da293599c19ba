"""Corrections: where today's code and what is believed differ, told row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, cast

from flows.times import readable
from models.money import plain
from warehouse.beliefs import Content

PRICE_FIELDS: Final = (
    "changed after",
    "status",
    "USD per unit",
    "up to prompt tokens",
    "headline",
    "source",
    "capture",
    "at",
    "text",
    "rule",
    "kind",
    "event",
)
"""What a row of price history says beside whose price it is and since when; as beliefs order it."""
LIFE_FIELDS: Final = (
    "changed after",
    "lifecycle",
    "id",
    "operation",
    "listed by",
    "capture",
    "kind",
)
_TELLING: Final = ("status", "USD per unit", "lifecycle", "id", "source", "text", "at", "capture")
"""What is told of a row that stands alone; of a pair, all that differs."""
_SHORT_SHA: Final = 12


@dataclass(frozen=True, slots=True)
class Correction:
    """One row on which what is believed and what today's code derives differ.

    ``what`` names the price or the model in words, ``row_id`` by its id. ``believed`` is None where
    nothing was, ``instead`` where nothing is derived.
    """

    seller: str
    what: str
    row_id: str
    valid_from: datetime
    believed: Mapping[str, object] | None
    instead: Mapping[str, object] | None

    @property
    def line(self) -> str:
        """The row in words: what differs, old → new, or all that tells."""
        start = f"{self.seller} {self.what}, from {readable(self.valid_from)}:"
        if self.believed is None or self.instead is None:
            said = self.believed or self.instead or {}
            word = "believed no more" if self.instead is None else "believed from now on"
            told = [f"{name} {_shown(said[name])}" for name in _TELLING if said.get(name)]
            return f"{start} {word}: {', '.join(told)}"
        moved = [
            f"{name} {_shown(old)} → {_shown(self.instead[name])}"
            for name, old in self.believed.items()
            if old != self.instead[name]
        ]
        return f"{start} {', '.join(moved)}"


def differences(
    seller: str,
    believed: Mapping[Content, object],
    derived: Sequence[Content],
    fields: Sequence[str],
    name_of: Callable[[str], str],
) -> Iterator[Correction]:
    """Every row that only one side has, by id and time; rows of both at one instant are a pair.

    A row begins with its id and its time; ``fields`` name the rest.
    """
    old = {row[:2]: row[2:] for row in believed.keys() - set(derived)}
    new = {row[:2]: row[2:] for row in set(derived) - believed.keys()}
    for key in sorted(old.keys() | new.keys()):
        row_id, valid_from = key
        before, after = old.get(key), new.get(key)
        yield Correction(
            seller,
            name_of(row_id),
            row_id,
            valid_from,
            None if before is None else dict(zip(fields, before, strict=True)),
            None if after is None else dict(zip(fields, after, strict=True)),
        )


def price_name(model_id: str, meter: str | None, conditions: str) -> str:
    """A price in words: whose it is, what it counts, when it applies."""
    stated = "" if conditions == "{}" else f" {conditions}"
    return f"{model_id} {meter or 'without a meter'}{stated}"


def _shown(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case Decimal():
            return plain(value)
        case datetime():
            return readable(value)
        case bool():
            return "yes" if value else "no"
        case tuple():
            return " and ".join(map(str, cast("tuple[object, ...]", value))) or "nobody"
        case str() if len(value) == 64:  # a SHA-256
            return value[:_SHORT_SHA]
        case _:
            return str(value) or "nothing"
