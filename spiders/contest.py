"""What a refused price contests: nothing else fills the place that it may have meant.

A price is refused because some of its words are not understood, or because its value is none. In
the first case it may mean whatever fits the words that were read, so that no other price of those
meters is certain. In the second its place is known, and only its number is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from models.conditions import ConditionError, Conditions, Stated
from models.price_meters import meters_that_fit
from models.pricetext import PriceText
from models.rates import overlaps
from models.reading import CONTESTED, RULE_REFUSED, Cell, Claim, Outcome, PriceStatus
from spiders.twins import Mark


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refused price as far as it was read.

    ``meters`` are those it may be of, ``when`` the conditions it states. ``is_whole`` tells that
    all of its words were read and only its value is none, ``is_rival`` that it may be the very
    price that a readable one states.
    """

    cell: Cell
    meters: frozenset[str]
    when: Conditions
    is_whole: bool
    is_rival: bool = True


def refusal_of(
    cell: Cell,
    price: PriceText | None,
    operation: str,
    when: Mapping[str, Stated],
    *,
    is_whole: bool,
    any_content: bool = False,
    is_rival: bool = True,
) -> Refusal:
    """A refusal by what was read of the price; ``price`` None is a price that no meter counts."""
    fitting = frozenset[str]()
    if price is not None:
        fitting = meters_that_fit(price, operation, any_content=any_content)
    try:
        conditions = Conditions.of(when)
    except ConditionError:
        conditions, is_whole = Conditions(), False
    return Refusal(cell, fitting, conditions, is_whole, is_rival)


def contested(claims: Sequence[Claim], refusals: Sequence[Refusal], mark: Mark) -> list[Claim]:
    """The claims that no refusal contests, and a claim of status unknown for each place that one
    may have meant.

    ``mark`` is told of every claim that does not stand, with the refused cell that contests it.
    """
    if not refusals:
        return list(claims)
    meters = {claim.meter for claim in claims} | {m for r in refusals for m in _own_meter(r)}
    kept: list[Claim] = []
    for meter in sorted(meters):
        own = [claim for claim in claims if claim.meter == meter]
        near = [refusal for refusal in refusals if meter in refusal.meters]
        kept += _of_meter(meter, own, near, mark) if near else own
    return kept


def unknown_claim(meter: str, when: Conditions, cell: Cell | Claim, rule: str) -> Claim:
    """A claim that there is a price, and that it is not known."""
    text, place = cell.raw_text, cell.locator
    return Claim(meter, when, PriceStatus.UNKNOWN, None, text, place, rule)


def _own_meter(refusal: Refusal) -> frozenset[str]:
    """The meter that a refused price is of, where there is no other that it could be of."""
    return refusal.meters if len(refusal.meters) == 1 else frozenset()


def _of_meter(
    meter: str, claims: Sequence[Claim], refusals: Sequence[Refusal], mark: Mark
) -> list[Claim]:
    disputed = {c.locator: r for c in claims for r in refusals if _contests(r, c)}
    kept = [claim for claim in claims if claim.locator not in disputed]
    stated = {claim.conditions for claim in kept}
    certain = [
        refusal
        for refusal in refusals
        if (meter in _own_meter(refusal) or (kept and refusal.is_rival))
        and (refusal.is_rival or refusal.when not in stated)
    ]
    places = {refusal.when: refusal.cell for refusal in reversed(certain)}
    for claim in claims:
        if claim.locator in disputed:
            places.setdefault(claim.conditions, disputed[claim.locator].cell)
    places = _widest(places)
    if overlaps([*(claim.conditions for claim in kept), *places]):
        # What the refused price takes away cannot be told from what is left: all is unsure.
        disputed |= {claim.locator: refusals[0] for claim in kept}
        kept, places = [], {Conditions(): refusals[0].cell}
    for claim in claims:
        if claim.locator in disputed:
            cell = disputed[claim.locator].cell
            detail = f"{cell.raw_text} at {cell.locator} is refused, and may be this price"
            mark((0, claim), Outcome.REJECTED, CONTESTED, detail)
    return [*kept, *(unknown_claim(meter, w, cell, RULE_REFUSED) for w, cell in places.items())]


def _contests(refusal: Refusal, claim: Claim) -> bool:
    if not refusal.is_rival:
        return False
    if refusal.is_whole:
        return refusal.when == claim.conditions
    ours, theirs = dict(refusal.when.items), dict(claim.conditions.items)
    return all(theirs[key] == value for key, value in ours.items() if key in theirs)


def _widest(places: Mapping[Conditions, Cell]) -> dict[Conditions, Cell]:
    """The places without those that lie within another one."""

    def is_within(inner: Conditions, outer: Conditions) -> bool:
        return inner != outer and set(outer.items) <= set(inner.items)

    everywhere: Iterable[Conditions] = [*places]
    return {
        place: cell
        for place, cell in places.items()
        if not any(is_within(place, other) for other in everywhere)
    }
