"""Why a model of a list, or all of its prices, is refused before anything is decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from models.reading import Drift, Row
from spiders.bounds import MOST_CELLS, displayable, is_name
from spiders.sources import values
from spiders.sources.values import Doubled, JsonObject

PRICING: Final = "pricing"
SKUS: Final = "pricing_skus"
DUPLICATE_KEY: Final = "duplicate_key"
TOO_MANY_CELLS: Final = "too_many_cells"
UNUSABLE_ID: Final = "unusable_id"
# What selects a model in its list.
_SELECTING: Final = ("id", "type")
_SHOWN: Final = 80


def stated_twice(key: str, stated: str) -> str:
    """What is wrong where one object states a key more than once, with the values."""
    return f"{displayable(key)} is stated more than once: {stated}"


def fault_of_id(model: JsonObject) -> tuple[str, str] | None:
    """Why an entry cannot be told from others: the reason and a sentence; None where it can."""
    if isinstance(model, Doubled):
        for key, stated in values.doubled_in(model):
            if key in _SELECTING:
                return DUPLICATE_KEY, stated_twice(key, stated)
    if not values.is_text(model.get("id")) or not model["id"]:
        return "no_id", "the entry has no id to belong to"
    for key in _SELECTING:
        text = model.get(key)
        if values.is_text(text) and not is_name(text):
            said = f"{key} of {len(text)} characters: {text[:_SHOWN]!r}"
            return UNUSABLE_ID, f"{said} is of several lines, steers a terminal or is too long"
    return None


def refusal_of(row: Row, doubled: Sequence[tuple[str, str]]) -> tuple[str, str] | None:
    """The reason, and a sentence, why no price of a row is read; None for one that is.

    ``doubled`` are the keys that its model states more than once, with their values.
    """
    for key, stated in doubled:
        if _is_of_prices(key):
            return DUPLICATE_KEY, stated_twice(key, stated)
    if len(row.cells) > MOST_CELLS:
        said = f"{len(row.cells):,} price cells in one row, at most {MOST_CELLS:,}"
        return TOO_MANY_CELLS, said
    return None


def without_prices(row: Row) -> Row:
    """What is left of a row, none of whose prices is read."""
    return replace(row, cells=(), pricing=None)


def doubled_drift(doubled: Sequence[tuple[str, str]]) -> tuple[Drift, ...]:
    """Keys that are stated more than once where no price stands."""
    return tuple(
        Drift(DUPLICATE_KEY, displayable(key)) for key, _ in doubled if not _is_of_prices(key)
    )


def _is_of_prices(path: str) -> bool:
    """Whether equal keys at a place of a model make its prices doubtful."""
    return path.partition(".")[0] in (PRICING, SKUS)
