"""A page prints most rows twice: equal twins are one, unequal ones are a finding and no price.

Readings are twins when developer, name and operation are spelled alike but for case, space and the
kind of hyphen. They are compared price by price, over all pages of one fetch.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from models.conditions import Conditions
from models.money import same_price
from models.reading import RULE_CONTESTED, CellResult, Claim, Outcome, RowReading
from spiders.contest import unknown_claim

CONFLICT = "conflicting_twin"
_Spot: TypeAlias = tuple[int, str]
"""A cell among all pages: the number of its page, its locator."""
_HYPHENS = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-"))


@dataclass(frozen=True, slots=True)
class Placed:
    """A reading and the number of the page it stands on. ``is_repeat``: an earlier page lists the
    same model, and this one adds no price to it."""

    page: int
    reading: RowReading
    is_repeat: bool = False


def spelled(*parts: str) -> tuple[str, ...]:
    """The texts with all that is only a way of printing taken out."""
    plain_parts = (unicodedata.normalize("NFKC", part).translate(_HYPHENS) for part in parts)
    return tuple(" ".join(part.split()).casefold() for part in plain_parts)


def merged(placed: Iterable[Placed]) -> list[Placed]:
    """The readings with every price stated once; twins on one page become one reading."""
    groups: dict[tuple[str, ...], list[Placed]] = {}
    for one in placed:
        listing = one.reading.listing
        key = spelled(listing.developer, listing.name, listing.operation)
        groups.setdefault(key, []).append(one)
    return [one for group in groups.values() for one in _merged_group(group)]


def _merged_group(group: Sequence[Placed]) -> list[Placed]:
    if len(group) == 1 and not _repeats(group[0].reading.claims):
        return [*group]
    stated = [(one.page, claim) for one in group for claim in one.reading.claims]
    conflicts = _conflicts(stated)
    kept = _kept(stated, conflicts)
    by_page: dict[int, RowReading] = {}
    for one in group:
        settled = _settled(one, conflicts, kept)
        standing = by_page.get(one.page)
        by_page[one.page] = settled if standing is None else _joined(standing, settled)
    first = min(by_page)
    return [
        Placed(page, reading, is_repeat=page != first and not reading.claims)
        for page, reading in by_page.items()
    ]


def _repeats(claims: Sequence[Claim]) -> bool:
    return len({(claim.meter, claim.conditions) for claim in claims}) < len(claims)


def _conflicts(stated: Sequence[tuple[int, Claim]]) -> dict[_Spot, str]:
    """The cells that contradict another cell, each with a text that shows both sides."""
    found: dict[_Spot, str] = {}
    for page, claim in stated:
        for other_page, other in stated:
            if _same_meter(claim, other) and not _agree(claim, other):
                here, there = (page, claim.locator), (other_page, other.locator)
                where = other.locator if page == other_page else f"page {other_page + 1}"
                detail = f"{claim.meter}: {claim.raw_text!r} here, {other.raw_text!r} at {where}"
                if here != there or here not in found:
                    found.setdefault(here, detail)
    return found


def _same_meter(one: Claim, other: Claim) -> bool:
    return (one.meter, one.conditions) == (other.meter, other.conditions)


def _agree(one: Claim, other: Claim) -> bool:
    if one.status is not other.status:
        return False
    if one.unit_price is None or other.unit_price is None:
        return one.unit_price is other.unit_price
    return same_price(one.unit_price, other.unit_price)


def _kept(
    stated: Sequence[tuple[int, Claim]], conflicts: dict[_Spot, str]
) -> dict[tuple[str, Conditions], _Spot]:
    """For each meter and conditions the cell that is taken at its word: the first undisputed; where
    all are disputed, the first, whose price is unknown."""
    kept: dict[tuple[str, Conditions], _Spot] = {}
    for page, claim in sorted(stated, key=lambda one: (one[0], one[1].locator) in conflicts):
        kept.setdefault((claim.meter, claim.conditions), (page, claim.locator))
    return kept


def _in_doubt(claim: Claim) -> Claim:
    return unknown_claim(claim.meter, claim.conditions, claim, RULE_CONTESTED)


def _settled(
    one: Placed, conflicts: dict[_Spot, str], kept: dict[tuple[str, Conditions], _Spot]
) -> RowReading:
    claims = tuple(
        _in_doubt(claim) if (one.page, claim.locator) in conflicts else claim
        for claim in one.reading.claims
        if kept.get((claim.meter, claim.conditions)) == (one.page, claim.locator)
    )
    standing = {claim.locator for claim in claims}
    cells = tuple(_outcome(cell, one.page, conflicts, standing) for cell in one.reading.cells)
    return replace(one.reading, claims=_distinct(claims), cells=cells)


def _distinct(claims: tuple[Claim, ...]) -> tuple[Claim, ...]:
    """One claim per meter and conditions, should one cell say the same price twice."""
    return tuple({(claim.meter, claim.conditions): claim for claim in reversed(claims)}.values())[
        ::-1
    ]


def _outcome(
    cell: CellResult, page: int, conflicts: dict[_Spot, str], standing: set[str]
) -> CellResult:
    if cell.outcome is not Outcome.CLAIM:
        return cell
    detail = conflicts.get((page, cell.locator))
    if detail is not None:
        return replace(cell, outcome=Outcome.REJECTED, reason=CONFLICT, detail=detail)
    return cell if cell.locator in standing else replace(cell, outcome=Outcome.MERGED)


def _joined(first: RowReading, twin: RowReading) -> RowReading:
    return replace(
        first,
        claims=(*first.claims, *twin.claims),
        cells=(*first.cells, *twin.cells),
        drift=(*first.drift, *twin.drift),
    )
