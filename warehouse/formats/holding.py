"""What a format is made from and gives back, and the rules that all formats share.

A price is held when a reader of the format would charge it for the requests it is for. Any other is
lost, for one of `REASONS`. Unknown is never zero: where a format reads a missing number as free, an
offering that lacks one is left out as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from models.registry import OPERATIONS

if TYPE_CHECKING:
    from warehouse.formats.periods import Period
    from warehouse.offers import Offer, Rate

REASONS: Final[Mapping[str, str]] = {
    "no_price": "the offering has no price at all",
    "no_number": "the price is unknown or set per request, and the format would read it as zero",
    "incomplete": "the offering lacks a number that the format needs, so it is left out",
    "no_id": "only a page names the model, so there is no id to call it by",
    "operation": "the format has no word for what the model is called for",
    "duplicate": "the same id is sold for another operation at another price",
    "unit": "the format has no unit for what is counted",
    "overlap": "the format would need a price for what two meters have in common",
    "tier": "the format cannot hold this length of prompt as a limit",
    "window": "the format cannot hold this time of day",
    "condition": "the format cannot hold what the price depends on",
    "headline_only": "the price is there, and what it depends on is not",
    "uncharged": "the price is there, and the format's own reader does not charge it",
    "same_day": "the price held for less than a day",
}


@dataclass(frozen=True, slots=True)
class Lost:
    """A price that a format cannot hold."""

    key: str
    meter: str | None
    conditions: Mapping[str, str | int]
    reason: str


DISPUTED: Final = "the price is there, and not that it is in dispute: another one is held"
"""What every format leaves out of a price that it holds; no format has a place for it."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """All that formats are made from."""

    offers: tuple[Offer, ...]
    periods: tuple[Period, ...]


@dataclass(frozen=True, slots=True)
class Converted:
    """A format's files (name to JSON value), how many prices were to be held, and the lost ones."""

    files: Mapping[str, object]
    prices: int
    lost: tuple[Lost, ...]


@dataclass(frozen=True, slots=True)
class Format:
    """One format: where its files go, and the pure function that makes them.

    ``filled_in`` tells which required fields hold a stand-in, since no source states them.
    ``merge`` lays the main file over a full one of that project, where the project wants it full.
    """

    name: str
    folder: str
    convert: Callable[[Shelf], Converted]
    main_file: str
    filled_in: Mapping[str, str] = field(default_factory=dict[str, str])
    merge: Callable[[Mapping[str, object], Mapping[str, object]], dict[str, object]] | None = None


def held_in_dispute(offers: Iterable[Offer], losses: Iterable[Lost]) -> Iterator[Lost]:
    """The prices that a format holds though they are in dispute, given those that it loses."""
    gone = {(each.key, each.meter, _stated(each.conditions)) for each in losses}
    for offer in offers:
        for rate in offer.rates:
            about = (offer.key, rate.meter, _stated(rate.conditions))
            if rate.is_disputed and rate.price is not None and about not in gone:
                yield lost(offer, rate, "disputed")


def prices_of(offers: Iterable[Offer]) -> int:
    """How many prices a format is asked to hold; an offering without any counts as one."""
    return sum(max(1, len(offer.rates)) for offer in offers)


def all_lost(offer: Offer, reason: str) -> Iterator[Lost]:
    """Every price of an offering that is left out."""
    if not offer.rates:
        yield Lost(offer.key, None, {}, "no_price")
    for rate in offer.rates:
        yield lost(offer, rate, "no_number" if rate.price is None else reason)


def lost(offer: Offer, rate: Rate, reason: str) -> Lost:
    """One price that cannot be held."""
    return Lost(offer.key, rate.meter, rate.conditions, reason)


def is_page_only(offer: Offer) -> bool:
    """Whether no API id is known."""
    return offer.model_id.startswith("page:")


def number(value: Decimal) -> int | float:
    """A JSON number; twelve digits, which a double gives back as they are."""
    return int(value) if value == value.to_integral_value() else float(value)


_RANK: Final = {operation: place for place, operation in enumerate(OPERATIONS)}


Twin = tuple["Offer", "Rate", "Offer"]
"""A price of an offering that another stands for, with that other."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The offerings that stand for their ids, and the prices of the others."""

    offers: tuple[Offer, ...]
    differing: tuple[Lost, ...]
    twins: tuple[Twin, ...]

    def all_lost(self, losses: Sequence[Lost]) -> tuple[Lost, ...]:
        """Every lost price: equal prices under one id are held together or lost together."""
        reasons = {(each.key, each.meter, _stated(each.conditions)): each.reason for each in losses}
        shared = [
            lost(other, rate, reason)
            for other, rate, kept in self.twins
            if (reason := reasons.get((kept.key, rate.meter, _stated(rate.conditions))))
        ]
        return (*self.differing, *losses, *shared)


def one_per_id(offers: Sequence[Offer]) -> Chosen:
    """The offering that stands for an id of a seller, where it is sold for several operations.

    The first operation of the registry that has a number stands.
    """
    by_id: dict[tuple[str, str], list[Offer]] = {}
    for offer in offers:
        by_id.setdefault((offer.seller, offer.model_id), []).append(offer)
    chosen: list[Offer] = []
    differing: list[Lost] = []
    twins: list[Twin] = []
    for same in by_id.values():
        kept, *others = sorted(same, key=_preference)
        chosen.append(kept)
        for other in others:
            _compare(kept, other, differing, twins)
    return Chosen(tuple(chosen), tuple(differing), tuple(twins))


def _preference(offer: Offer) -> tuple[bool, int]:
    has_number = any(rate.price is not None for rate in offer.rates)
    return not has_number, _RANK[offer.operation]


def _compare(kept: Offer, other: Offer, differing: list[Lost], twins: list[Twin]) -> None:
    """Sort the prices of ``other`` into those that ``kept`` has too and those that differ."""
    stated = {(rate.meter, _stated(rate.conditions)): rate.price for rate in kept.rates}
    if not other.rates:
        differing.append(Lost(other.key, None, {}, "no_price"))
    for rate in other.rates:
        if rate.price is None:
            differing.append(lost(other, rate, "no_number"))
        elif stated.get((rate.meter, _stated(rate.conditions))) == rate.price:
            twins.append((other, rate, kept))
        else:
            differing.append(lost(other, rate, "duplicate"))


def _stated(conditions: Mapping[str, str | int]) -> tuple[tuple[str, str | int], ...]:
    return tuple(sorted(conditions.items()))
