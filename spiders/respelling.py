"""The claims of a row under conditions in their one spelling, whatever its source's reader made.

Two claims of a meter may come to mean one thing. Where they say the same they become one claim;
where two sizes of a video have one resolution and different prices, the size does tell prices
apart, and all claims of that meter keep their sizes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from operator import itemgetter

from models.conditions import Conditions
from models.reading import CellResult, Claim, Outcome, RowReading
from models.spelling import respelled, spelled
from spiders.twins import Owned, reconcile


def respelled_row(row: RowReading) -> RowReading:
    """The row with its claims under canonical conditions; itself where nothing is spelled anew."""
    if not any(claim.conditions.items for claim in row.claims):
        return row
    claims = _respelled_claims(row)
    changed = {
        new.meter
        for new, old in zip(claims, row.claims, strict=True)
        if new.conditions != old.conditions or new.conditions.size != old.conditions.size
    }
    return _reconciled(row, claims, changed) if changed else row


def _respelled_claims(row: RowReading) -> list[Claim]:
    operation = row.listing.operation
    by_meter: defaultdict[str, list[int]] = defaultdict(list)
    for place, claim in enumerate(row.claims):
        by_meter[claim.meter].append(place)
    found = list(row.claims)
    for meter, places in by_meter.items():
        stated = [row.claims[place] for place in places]
        as_meant = [_under(each, respelled(each.conditions, meter, operation)) for each in stated]
        if not _are_distinct(as_meant):
            as_meant = [
                _under(old, spelled(old.conditions)) if new.conditions.size else new
                for old, new in zip(stated, as_meant, strict=True)
            ]
        for place, claim in zip(places, _with_one_size(as_meant), strict=True):
            found[place] = claim
    return found


def _under(claim: Claim, conditions: Conditions) -> Claim:
    return claim if conditions is claim.conditions else replace(claim, conditions=conditions)


def _are_distinct(claims: Sequence[Claim]) -> bool:
    """Whether claims under equal conditions all say the same price, those that say one."""
    said: dict[Conditions, Decimal] = {}
    return all(
        said.setdefault(claim.conditions, claim.unit_price) == claim.unit_price
        for claim in claims
        if claim.unit_price is not None
    )


def _with_one_size(claims: Sequence[Claim]) -> list[Claim]:
    """Leave the size out where a price holds for several: a wide frame and the same one upright."""
    sizes: defaultdict[Conditions, set[tuple[int, int] | None]] = defaultdict(set)
    for claim in claims:
        sizes[claim.conditions].add(claim.conditions.size)
    return [
        claim
        if len(sizes[claim.conditions] - {None}) < 2
        else _under(claim, replace(claim.conditions, size=None))
        for claim in claims
    ]


def _reconciled(row: RowReading, claims: Sequence[Claim], changed: set[str]) -> RowReading:
    """The row without the claims that came to be twins of another, and what became of each cell."""
    marks: dict[str, tuple[Outcome, str, str]] = {}

    def mark(owned: Owned, outcome: Outcome, reason: str, detail: str) -> None:
        marks[owned[1].locator] = outcome, reason, detail

    placed = list(enumerate(claims))
    judged = reconcile([each for each in placed if each[1].meter in changed], mark)
    alone = [each for each in placed if each[1].meter not in changed]
    kept = [claim for _, claim in sorted([*judged, *alone], key=itemgetter(0))]
    standing = {claim.locator for claim in kept}
    cells = tuple(
        _marked(cell, marks.get(cell.locator), is_standing=cell.locator in standing)
        for cell in row.cells
    )
    return replace(row, claims=tuple(kept), cells=cells)


def _marked(
    cell: CellResult, mark: tuple[Outcome, str, str] | None, *, is_standing: bool
) -> CellResult:
    """A cell may make several claims: it is merged only when none of them is left."""
    if mark is None or cell.outcome is not Outcome.CLAIM:
        return cell
    outcome, reason, detail = mark
    if outcome is Outcome.MERGED and is_standing:
        return cell
    return replace(cell, outcome=outcome, reason=reason, detail=detail)
