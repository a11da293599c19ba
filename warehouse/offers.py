"""What is on offer: every offering that is not withdrawn, with its current rates.

The one form that simulators' and other catalogues' files are made from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import combinations
from operator import attrgetter, itemgetter
from typing import Any, Final

from models.money import canonical, times
from models.record import record
from models.registry import METERS

NUMBERED: Final = frozenset({"known", "free"})
"""The statuses that have a number."""


@lru_cache(maxsize=10_000)
def price_of(units: int, unit_price: Decimal) -> Decimal:
    """The price of so many units. Files ask for the same few hundred prices again and again."""
    return canonical(times(unit_price, units))


@record
class Rate:
    """One price of an offering: a row of the public table ``prices``."""

    meter: str
    unit: str
    quoted_per: int
    unit_price_usd: Decimal | None
    quoted_price_usd: Decimal | None
    price_status: str
    conditions: Mapping[str, str | int]
    min_prompt_tokens: int
    max_prompt_tokens: int | None
    utc_from_minute: int | None
    utc_to_minute: int | None
    resolution: str | None
    quality: str | None
    width: int | None
    height: int | None
    duration_s: int | None
    has_audio: bool | None
    service_tier: str | None
    is_headline: bool
    valid_from: datetime
    source: str
    source_url: str | None
    is_disputed: bool

    @property
    def price(self) -> Decimal | None:
        """The price of one unit, where there is a number."""
        return self.unit_price_usd if self.price_status in NUMBERED else None

    @property
    def is_plain(self) -> bool:
        """Whether it applies whatever the request is like."""
        return not self.conditions

    @property
    def is_tier_only(self) -> bool:
        """Whether the length of the prompt is all that it depends on."""
        return set(self.conditions) <= {"min_prompt_tokens"}

    def per(self, units: int) -> Decimal:
        """The price of so many units; raises ``TypeError`` where there is no number."""
        if self.price is None:
            raise TypeError(f"{self.meter} has no number: {self.price_status}")
        return price_of(units, self.price)


@record
class Offer:
    """An offering that is sold now: a row of the public table ``models``, and its rates."""

    offering_id: str
    seller: str
    model_id: str
    operation: str
    service_tier: str | None
    variant: str | None
    canonical_id: str | None
    name: str
    developer: str
    modality: str
    input_modalities: Sequence[str]
    output_modalities: Sequence[str]
    context_length: int | None
    max_output_tokens: int | None
    lifecycle: str
    first_seen_at: datetime
    expires_on: date | None
    is_recommended: bool
    source_url: str | None
    rates: tuple[Rate, ...]
    price_status: str

    @property
    def key(self) -> str:
        """Its key in feeds; unique."""
        return f"{self.seller}/{self.model_id}#{self.operation}"

    @property
    def rivals(self) -> frozenset[str]:
        """Meters that count one thing in different units, each by a source of its own.

        A page that prices images by the piece and an interface that prices them by the megapixel
        speak of one charge: only one of them is to be paid.
        """
        stated: defaultdict[tuple[str, str], defaultdict[str, set[str]]] = defaultdict(
            lambda: defaultdict(set)
        )
        for rate in self.rates:
            counted = METERS[rate.meter]
            stated[counted.direction, counted.content][rate.meter].add(rate.source)
        return frozenset(
            meter
            for by_meter in stated.values()
            for pair in combinations(by_meter, 2)
            if by_meter[pair[0]].isdisjoint(by_meter[pair[1]])
            for meter in pair
        )

    def headline(self, meter: str) -> Rate | None:
        """The rate that stands for a meter where only one number fits."""
        return next((rate for rate in self.rates if rate.meter == meter and rate.is_headline), None)


_rate_of: Final[Callable[[Mapping[str, Any]], tuple[Any, ...]]] = itemgetter(
    *(field.name for field in fields(Rate))
)
_OFFER: Final = [f.name for f in fields(Offer) if f.name not in ("rates", "price_status")]
_by_tier: Final = attrgetter("meter", "min_prompt_tokens")


def offers_of(
    models: Iterable[Mapping[str, Any]], prices: Iterable[Mapping[str, Any]]
) -> tuple[Offer, ...]:
    """Every offering on offer, in the order of ``models``; in a meter longer prompts come later."""
    rates: defaultdict[str, list[Rate]] = defaultdict(list)
    statuses: defaultdict[str, set[str]] = defaultdict(set)
    for row in prices:
        statuses[row["offering_id"]].add(row["price_status"])
        if row["meter"] is not None:
            rates[row["offering_id"]].append(Rate(*_rate_of(row)))
    return tuple(
        _offer(row, rates[row["offering_id"]], statuses[row["offering_id"]])
        for row in models
        if row["lifecycle"] != "withdrawn"
    )


def _offer(row: Mapping[str, Any], rates: list[Rate], statuses: set[str]) -> Offer:
    status = next((s for s in ("known", "free", "dynamic") if s in statuses), "unknown")
    stated = {name: row[name] for name in _OFFER}
    return Offer(**stated, rates=tuple(sorted(rates, key=_by_tier)), price_status=status)
