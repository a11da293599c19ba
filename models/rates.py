"""The rates of one offering and meter taken together: tiers, disjointness, the headline.

A rate states only where its tier starts; where it ends follows from its siblings. All functions
take the rates of one offering and meter, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import combinations
from typing import Final, Protocol

from models.conditions import (
    MINUTES_PER_DAY,
    SERVICE_TIER,
    ConditionError,
    Conditions,
    Stated,
    Value,
    shared_minutes,
)
from models.reading import PriceStatus

PROMPT_TOKENS: Final = "prompt_tokens"
UTC_MINUTE: Final = "utc_minute"
POSITION: Final = "position"
FIRST: Final = "first"
ADDITIONAL: Final = "additional"
RULE_NOT_SUPPORTED: Final = "resolution_not_supported"
"""The rule of a price for a resolution that the model's own list does not name."""
RULE_BESIDE_REFUSED: Final = "beside_refused_base"
"""The rule of a price whose more general sibling is refused: it stands for no more than it says."""
_NO_HEADLINE: Final = frozenset({RULE_NOT_SUPPORTED, RULE_BESIDE_REFUSED})


def max_prompt_tokens(rates: Sequence[Conditions]) -> list[int | None]:
    """For each rate the most prompt tokens it applies to, inclusive; None is no end.

    A tier ends where siblings of the same dimensions start that are, together, open during the
    whole of its window. Siblings open for a part of it only end nothing: that is an overlap, for
    `overlaps` to report, and better than minutes without any rate.
    """
    return [_tier_end(rate, rates) for rate in rates]


def _tier_end(rate: Conditions, siblings: Sequence[Conditions]) -> int | None:
    open_minutes: dict[int, int] = {}
    for sibling in siblings:
        start = sibling.min_prompt_tokens
        if start > rate.min_prompt_tokens and sibling.dimensions == rate.dimensions:
            open_minutes[start] = open_minutes.get(start, 0) + shared_minutes(rate, sibling)
    ends = [start for start, minutes in open_minutes.items() if minutes >= rate.minutes]
    return min(ends, default=None)


def overlaps(rates: Sequence[Conditions]) -> list[tuple[int, int]]:
    """The pairs of rates, by position, that one request could match at once."""
    ends = max_prompt_tokens(rates)
    return [
        (left, right)
        for left, right in combinations(range(len(rates)), 2)
        if _tiers_meet((rates[left], ends[left]), (rates[right], ends[right]))
        and shared_minutes(rates[left], rates[right])
        and _dimensions_meet(rates[left], rates[right])
    ]


def disjoint(rates: Sequence[Conditions]) -> bool:
    """Whether a fully specified request matches at most one of the rates."""
    return not overlaps(rates)


def _tiers_meet(left: tuple[Conditions, int | None], right: tuple[Conditions, int | None]) -> bool:
    (_, lower_end), (upper, _) = sorted((left, right), key=lambda x: x[0].min_prompt_tokens)
    return lower_end is None or upper.min_prompt_tokens < lower_end


def _dimensions_meet(left: Conditions, right: Conditions) -> bool:
    """Whether no dimension sets them apart. One that is not stated holds for any value, but for the
    service tier: a rate that names none is of the standard tier."""
    ours, theirs = left.dimensions, right.dimensions
    if ours.get(SERVICE_TIER) != theirs.get(SERVICE_TIER):
        return False
    return all(ours[key] == theirs[key] for key in ours.keys() & theirs.keys())


def matches(conditions: Conditions, max_tokens: int | None, request: Mapping[str, Stated]) -> bool:
    """Whether a request is charged at this rate.

    `request` gives `prompt_tokens` (0 when left out), `utc_minute` (0..1439) and any dimension by
    its name. What the rate asks for and the request leaves out is no match. Raises ConditionError
    for values that no request can have.
    """
    tokens = _whole(request, PROMPT_TOKENS) or 0
    start = conditions.min_prompt_tokens
    if (start and tokens <= start) or (max_tokens is not None and tokens > max_tokens):
        return False
    minute = _whole(request, UTC_MINUTE)
    if conditions.window is not None and (minute is None or not conditions.holds_at(minute)):
        return False
    wanted = conditions.dimensions
    given = {key: value for key, value in request.items() if key in wanted}
    return Conditions.of(given).dimensions == wanted


def _whole(request: Mapping[str, Stated], key: str) -> int | None:
    value = request.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ConditionError(key, f"{value!r} is not a count")
    if key == UTC_MINUTE and value >= MINUTES_PER_DAY:
        raise ConditionError(key, f"{value} is no minute of a day")
    return value


class Priced(Protocol):
    """What a headline is chosen by: a rate as it is claimed, or as it stands in a statement."""

    @property
    def conditions(self) -> Conditions:
        """When it applies."""
        ...

    @property
    def status(self) -> PriceStatus:
        """What is known of its price."""
        ...

    @property
    def unit_price(self) -> Decimal | None:
        """USD per unit, where there is a number."""
        ...

    @property
    def rule(self) -> str:
        """The reading rule by which it was found."""
        ...


def headline(rates: Sequence[Priced]) -> int | None:
    """The position of the rate that stands for the meter where one number has to; None for none.

    The declared rule, each step deciding what the one before leaves open: no condition; the lowest
    token tier; a price before none; the price that holds for most minutes of the day; the lowest
    price; the first in canonical JSON. What a buyer does not get by default is no headline: another
    service tier, an additional piece, a resolution that the model does not support.

    Where the price of the rate that comes first is not known, there is no headline: none of its
    siblings stands in for it.
    """
    eligible = [position for position, rate in enumerate(rates) if _is_default(rate)]
    if not eligible:
        return None
    held = _minutes_by_price(rates)

    def rank(position: int) -> tuple[bool, int, bool, int, Decimal, str]:
        conditions, price = rates[position].conditions, rates[position].unit_price
        return (
            bool(conditions.items),
            conditions.min_prompt_tokens,
            price is None,
            -held[_group(conditions, price)],
            Decimal(0) if price is None else price,
            conditions.to_json(),
        )

    first = min(eligible, key=rank)
    return None if rates[first].status is PriceStatus.UNKNOWN else first


def _is_default(rate: Priced) -> bool:
    """Whether a buyer who asks for nothing in particular may be charged at this rate."""
    stated = rate.conditions.get
    return (
        rate.rule not in _NO_HEADLINE
        and stated(SERVICE_TIER) is None
        and stated(POSITION) != ADDITIONAL
    )


_Group = tuple[int, tuple[tuple[str, Value], ...], Decimal | None]


def _group(conditions: Conditions, price: Decimal | None) -> _Group:
    """What the windows of one tier and variant have in common when they cost the same."""
    return conditions.min_prompt_tokens, tuple(conditions.dimensions.items()), price


def _minutes_by_price(rates: Sequence[Priced]) -> dict[_Group, int]:
    minutes: dict[_Group, int] = {}
    for rate in rates:
        group = _group(rate.conditions, rate.unit_price)
        minutes[group] = minutes.get(group, 0) + rate.conditions.minutes
    return minutes
