"""Two statements about one thing: equal twins become one, unequal ones are nobody's price.

A source may list a model twice, or price one meter twice. Taking the first, the last or the cheaper
would be a guess, so that where twins differ both are refused, and the refusal shows both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

from models.conditions import Conditions
from models.rates import overlaps
from models.reading import RULE_CONTESTED, Claim, Outcome, PriceStatus

CONFLICT: Final = "conflicting_twin"
OVERLAP: Final = "overlapping_conditions"

# A claim with the number of the row it comes from: pages of one fetch may repeat a locator.
Owned: TypeAlias = tuple[int, Claim]
Mark: TypeAlias = Callable[[Owned, Outcome, str, str], None]


def reconcile(claims: Sequence[Owned], mark: Mark) -> list[Owned]:
    """The claims of one offering that can stand side by side, in their order.

    Where two contradict each other, a claim of status unknown stands in their place, so that none
    of the others fills it.

    ``mark`` is told the new outcome of each claim's cell that does not stay: merged into its equal
    twin, or rejected with the reason ``conflicting_twin`` or ``overlapping_conditions``.
    """
    return _without_overlaps(_without_twins(claims, mark), mark)


def _without_twins(claims: Sequence[Owned], mark: Mark) -> list[Owned]:
    groups: dict[tuple[str, Conditions], list[Owned]] = {}
    for owned in claims:
        groups.setdefault((owned[1].meter, owned[1].conditions), []).append(owned)
    if len(groups) == len(claims):
        return list(claims)
    kept: list[Owned] = []
    for first, *others in groups.values():
        stated = first[1].status, first[1].unit_price
        if all((twin.status, twin.unit_price) == stated for _, twin in others):
            kept.append(first)
            for owned in others:
                mark(owned, Outcome.MERGED, "", "")
        else:
            twins = (first, *others)
            detail = f"{first[1].meter}: {', '.join(claim.raw_text for _, claim in twins)}"
            for owned in twins:
                mark(owned, Outcome.REJECTED, CONFLICT, detail)
            kept.append((first[0], _unknown(first[1], first[1].conditions)))
    return kept


def _unknown(claim: Claim, where: Conditions) -> Claim:
    return replace(
        claim, conditions=where, status=PriceStatus.UNKNOWN, unit_price=None, rule=RULE_CONTESTED
    )


def _without_overlaps(claims: Sequence[Owned], mark: Mark) -> list[Owned]:
    """Drop claims that one request could match at once: nobody says which of them wins."""
    doubtful: set[int] = set()
    unknown: list[Owned] = []
    for meter in sorted({claim.meter for _, claim in claims}):
        rates = [position for position, (_, claim) in enumerate(claims) if claim.meter == meter]
        if len(rates) < 2:
            continue
        for pair in overlaps([claims[position][1].conditions for position in rates]):
            both = [rates[index] for index in pair]
            detail = " and ".join(claims[position][1].conditions.to_json() for position in both)
            for position in both:
                mark(claims[position], Outcome.REJECTED, OVERLAP, f"{meter}: {detail}")
            doubtful.update(both)
        own = [position for position in rates if position in doubtful]
        if own:
            left = [claims[position] for position in rates if position not in doubtful]
            unknown.append(_unknown_among([claims[position] for position in own], left))
            if overlaps([claim.conditions for _, claim in (*left, unknown[-1])]):
                for owned in left:
                    mark(owned, Outcome.REJECTED, OVERLAP, f"{meter}: all of it is unsure")
                doubtful.update(rates)
    certain = [owned for position, owned in enumerate(claims) if position not in doubtful]
    return [*certain, *unknown]


def _unknown_among(doubtful: Sequence[Owned], left: Sequence[Owned]) -> Owned:
    """A claim that what all of the doubtful ones have in common has no known price."""
    shared = set(doubtful[0][1].conditions.items).intersection(
        *(claim.conditions.items for _, claim in doubtful)
    )
    where = Conditions(tuple(sorted(shared)))
    if overlaps([*(claim.conditions for _, claim in left), where]):
        where = Conditions()
    return doubtful[0][0], _unknown(doubtful[0][1], where)
