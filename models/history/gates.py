"""Gates: moves of a price that are held for review while the old price stands.

A gate never drops anything: what it holds is released by a person, by another source that says the
same, or (for most gates) by later fetches that agree, and is then dated to when it was first seen.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from statistics import median
from typing import TYPE_CHECKING

from models.reading import RULE_ZERO_MEDIA, PriceStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from models.history.statement import Rate, Statement
    from models.history.thresholds import Thresholds

_ORDINARY = (Decimal("0.2"), Decimal(5))
"""Moves that are near no power of ten, with a tolerance of up to a half."""
_POWERS = tuple(Decimal(10) ** n for n in (1, 2, 3, 6, -1, -2, -3, -6))

CACHED_AND_PLAIN = {
    meter: pair
    for pair in (
        ("cache_read_token", "input_token"),
        ("cache_read_audio_token", "input_audio_token"),
    )
    for meter in pair
}
"""The meters whose prices are compared: what is read from a cache costs no more than input."""


class Gate(StrEnum):
    """Why something is held."""

    FEW_ROWS = "few_rows"
    BECAME_FREE = "became_free"
    POWER_OF_TEN = "power_of_ten"
    LARGE_FACTOR = "large_factor"
    CACHE_ABOVE_INPUT = "cache_above_input"
    LIST_SLIP = "list_slip"
    FIRST_SIGHT = "first_sight"
    REFUSED = "refused"
    """A price that stands cannot be read: nothing else is stated, so that nothing is held."""
    DISAGREEMENT = "disagreement"
    """Two sources state different prices: nothing is held, but a person should know."""

    @property
    def repetition_releases(self) -> bool:
        """Whether later fetches that agree are enough to release what this gate holds.

        Paid models have shown 0/0 for weeks, a cached price above the input price was an error at
        the source, and a list in other units stays in them: there, saying it again proves nothing.
        """
        return self in (Gate.FEW_ROWS, Gate.POWER_OF_TEN, Gate.LARGE_FACTOR)


def ratios(old: Statement | None, new: Statement) -> list[Decimal]:
    """New over old for every rate that has a positive number on both sides, by conditions."""
    if old is None:
        return []
    before = {rate.conditions.items: rate.unit_price for rate in old.rates}
    return [
        after / earlier
        for rate in new.rates
        if (after := rate.unit_price) and (earlier := before.get(rate.conditions.items))
    ]


def gate_of(
    model_id: str,
    old: Statement,
    new: Statement,
    moved: Sequence[Decimal],
    thresholds: Thresholds,
) -> Gate | None:
    """The gate that holds this move of one meter, or None when it may pass.

    ``moved`` are the ratios of the two.
    """
    if _became_free(old, new) and not model_id.endswith(":free"):
        return Gate.BECAME_FREE
    far = _far(moved, thresholds)
    if not far:
        return None
    allowed = _exactly(thresholds.power_tolerance)
    if any(_is_power_of_ten(ratio, allowed) for ratio in far):
        return Gate.POWER_OF_TEN
    factor = Decimal(thresholds.jump_factor)
    if any(ratio >= factor or ratio <= 1 / factor for ratio in far):
        return Gate.LARGE_FACTOR
    return None


def is_far_from_siblings(before: Statement, said: Statement, thresholds: Thresholds) -> bool:
    """Whether a price begins beside others of its meter and lies far from the headline one."""
    if len(said.rates) == 1:
        return False
    headline = before.headline
    base = None if headline is None else headline.unit_price
    if not base:
        return False
    known = {rate.conditions.items for rate in before.rates if rate.unit_price}
    first = (rate for rate in said.rates if rate.conditions.items not in known)
    factor = Decimal(thresholds.jump_factor)
    moved = (rate.unit_price / base for rate in first if rate.unit_price)
    return any(ratio >= factor or ratio <= 1 / factor for ratio in moved)


def _far(moved: Sequence[Decimal], thresholds: Thresholds) -> list[Decimal]:
    """The moves that a gate may hold at all, which nearly none is."""
    low, high = _ORDINARY
    if thresholds.power_tolerance < 0.5 and thresholds.jump_factor >= high:
        return [ratio for ratio in moved if not low < ratio < high]
    return [ratio for ratio in moved if ratio != 1]


def cache_above_input(
    meter: str, before: Callable[[str], Statement | None], after: Mapping[str, Statement]
) -> bool:
    """Whether a meter's move would bring a cached price above the input price, as it was not yet.

    ``before`` tells what stood of a meter, ``after`` is all that is stated now.
    The cached price is doubted; the input price only when it falls below the cached one that stood.
    """
    cached, plain = CACHED_AND_PLAIN[meter]
    high, low = _number(after.get(cached)), _number(after.get(plain))
    if high is None or low is None or high <= low:
        return False  # so it is nearly always
    old_high, old_low = _number(before(cached)), _number(before(plain))
    if old_low is None or (old_high is not None and old_high > old_low):
        return False
    return meter == cached or (old_high is not None and old_high > low)


def _number(statement: Statement | None) -> Decimal | None:
    rate = None if statement is None else statement.headline
    return None if rate is None else rate.unit_price


def _became_free(old: Statement, new: Statement) -> bool:
    """Whether a rate is zero that cost something: under its conditions, else as the headline."""
    zero = [rate for rate in new.rates if _is_zero(rate)]
    if not zero:
        return False  # Nearly no move ends at zero.
    before = {rate.conditions.items: rate for rate in old.rates}
    earlier = (before.get(rate.conditions.items, old.headline) for rate in zero)
    return any(rate is not None and rate.unit_price for rate in earlier)


def _is_zero(rate: Rate) -> bool:
    return rate.status is PriceStatus.FREE or rate.rule == RULE_ZERO_MEDIA


def _is_power_of_ten(ratio: Decimal, allowed: Decimal) -> bool:
    return any(abs(ratio / power - 1) <= allowed for power in _POWERS)


@lru_cache
def _exactly(share: float) -> Decimal:
    return Decimal(str(share))


def uniform_factor(
    moved: Sequence[Decimal], comparable: Iterable[object], thresholds: Thresholds
) -> Decimal | None:
    """The one factor by which most prices of a source moved in one fetch, or None.

    ``moved`` holds new over old of every price that changed; ``comparable`` are all prices that
    could have, counted only as far as needed. A factor of one is no move.
    """
    if len(moved) < thresholds.repricing_least:
        return None
    needed = 0.0
    for count, _ in enumerate(comparable, 1):
        needed = count * thresholds.repricing_share
        if len(moved) < needed:
            return None
    middle = sorted(moved)[len(moved) // 2]
    if is_like_a_slip(middle, thresholds):
        return None
    alike = sum(1 for ratio in moved if is_near(ratio, middle, thresholds))
    return middle if alike >= max(needed, thresholds.repricing_least) else None


def is_like_a_slip(factor: Decimal, thresholds: Thresholds) -> bool:
    """Whether a factor is more likely another unit than another margin."""
    low, high = _margins(thresholds.slip_beyond)
    return not low <= factor <= high


@lru_cache
def _margins(beyond: int) -> tuple[Decimal, Decimal]:
    """Between which factors another margin is as likely as another unit."""
    return 1 / Decimal(beyond), Decimal(beyond)


def slip_factor(
    moved: Sequence[Decimal], compared: Callable[[], int], thresholds: Thresholds
) -> Decimal | None:
    """The one factor, such as another unit makes, by which much of a list moved, or None.

    ``moved`` holds new over old of every price that changed; ``compared`` counts the prices that
    have a number before and now, and is asked only where a slip is possible.
    """
    low, high = _margins(thresholds.slip_beyond)
    far = sorted([ratio for ratio in moved if not low <= ratio <= high])
    if len(far) < thresholds.slip_least:
        return None
    count, factor = max((_alike(far, each, thresholds), each) for each in far)
    is_much = count >= max(thresholds.slip_least, thresholds.slip_share * compared())
    return factor if is_much else None


def _alike(ordered: Sequence[Decimal], factor: Decimal, thresholds: Thresholds) -> int:
    """How many of the ordered ratios are near a factor."""
    allowed = _exactly(thresholds.repricing_tolerance)
    first = bisect_left(ordered, factor * (1 - allowed))
    return bisect_right(ordered, factor * (1 + allowed)) - first


def is_near(ratio: Decimal, factor: Decimal, thresholds: Thresholds) -> bool:
    """Whether a price moved by that factor, allowing for the rounding of printed prices."""
    return abs(ratio / factor - 1) <= _exactly(thresholds.repricing_tolerance)


def has_too_few_rows(rows: int, counts: list[int], thresholds: Thresholds) -> bool:
    """Whether a fetch has so few rows that it is more likely a fault than the truth."""
    if not counts:
        return False
    return rows < thresholds.min_row_share * median(counts)


def row_counts_agree(held: int, rows: int, thresholds: Thresholds) -> bool:
    """Whether a later fetch has about as many rows as the one that is held."""
    return min(held, rows) >= thresholds.min_row_share * max(held, rows)
