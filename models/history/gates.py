"""Gates: moves of a price that are held for review while the old price stands.

A gate never drops anything: what it holds is released by a person, by another source that says the
same, or (for most gates) by later fetches that agree, and is then dated to when it was first seen.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from models.reading import PriceStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from models.history.statement import Rate, Statement
    from models.history.thresholds import Thresholds

_HALF = Decimal("0.5")
_ORDINARY = (Decimal("0.2"), Decimal(5))
"""Moves that are near no power of ten, with a tolerance of up to a half."""
_POWERS = tuple(Decimal(10) ** n for n in (1, 2, 3, 6, -1, -2, -3, -6))


class Gate(StrEnum):
    """Why something is held."""

    FEW_ROWS = "few_rows"
    BECAME_FREE = "became_free"
    POWER_OF_TEN = "power_of_ten"
    LARGE_FACTOR = "large_factor"
    CACHE_ABOVE_INPUT = "cache_above_input"
    DISAGREEMENT = "disagreement"
    """Two sources state different prices: nothing is held, but a person should know."""

    @property
    def repetition_releases(self) -> bool:
        """Whether later fetches that agree are enough to release what this gate holds.

        Paid models have shown 0/0 for weeks, and a cached price above the input price was an error
        at the source: there, saying it again proves nothing.
        """
        return self not in (Gate.BECAME_FREE, Gate.CACHE_ABOVE_INPUT)


def ratios(old: Statement, new: Statement) -> list[Decimal]:
    """New over old for every rate that has a positive number on both sides, by conditions."""
    before = {rate.conditions: rate for rate in old.rates}
    pairs = ((before.get(rate.conditions), rate) for rate in new.rates)
    return [
        after.unit_price / earlier.unit_price
        for earlier, after in pairs
        if earlier is not None and earlier.unit_price and after.unit_price
    ]


def gate_of(
    model_id: str, meter: str, old: Statement, new: Statement, thresholds: Thresholds
) -> Gate | None:
    """The gate that holds this move of one meter, or None when it may pass."""
    if _became_free(old, new) and not model_id.endswith(":free"):
        return Gate.BECAME_FREE
    moved = [ratio for ratio in ratios(old, new) if ratio != 1]
    if any(_is_power_of_ten(ratio, thresholds.power_tolerance) for ratio in moved):
        return Gate.POWER_OF_TEN
    factor = Decimal(thresholds.jump_factor)
    if any(ratio >= factor or ratio <= 1 / factor for ratio in moved):
        return Gate.LARGE_FACTOR
    return None


def cache_above_input(
    before: Mapping[str, Statement], after: Mapping[str, Statement]
) -> frozenset[str]:
    """The meters whose move would bring a cached price above the input price, as it was not before.

    The cached price is doubted; the input price only when it falls below the cached one that stood.
    """
    doubted: set[str] = set()
    for cached, plain in (
        ("cache_read_token", "input_token"),
        ("cache_read_audio_token", "input_audio_token"),
    ):
        is_news = _known(before, cached, plain) and not _is_above(before, cached, plain)
        if is_news and _is_above(after, cached, plain):
            doubted.add(cached)
            if _is_above({cached: before[cached], plain: after[plain]}, cached, plain):
                doubted.add(plain)
    return frozenset(doubted)


def _known(statements: Mapping[str, Statement], *meters: str) -> bool:
    return all(
        meter in statements and statements[meter].headline.unit_price is not None
        for meter in meters
    )


def _is_above(statements: Mapping[str, Statement], cached: str, plain: str) -> bool:
    if not _known(statements, cached, plain):
        return False
    high, low = statements[cached].headline.unit_price, statements[plain].headline.unit_price
    return high is not None and low is not None and high > low


def _became_free(old: Statement, new: Statement) -> bool:
    return _has(old.rates, PriceStatus.KNOWN) and all(
        rate.status is PriceStatus.FREE for rate in new.rates
    )


def _has(rates: Iterable[Rate], status: PriceStatus) -> bool:
    return any(rate.status is status for rate in rates)


def _is_power_of_ten(ratio: Decimal, tolerance: float) -> bool:
    allowed = Decimal(str(tolerance))
    if allowed < _HALF and _ORDINARY[0] < ratio < _ORDINARY[1]:
        return False
    return any(abs(ratio / power - 1) <= allowed for power in _POWERS)


def uniform_factor(
    moved: Sequence[Decimal], comparable: Iterable[object], thresholds: Thresholds
) -> Decimal | None:
    """The one factor by which most prices of a source moved in one fetch, or None.

    ``moved`` holds new over old of every price that changed; ``comparable`` are all prices that
    could have, counted only as far as needed. A factor of one is no move.
    """
    if len(moved) < thresholds.repricing_least:
        return None
    middle = sorted(moved)[len(moved) // 2]
    alike = sum(1 for ratio in moved if is_near(ratio, middle, thresholds))
    if alike < thresholds.repricing_least:
        return None
    for count, _ in enumerate(comparable, 1):
        if alike < count * thresholds.repricing_share:
            return None
    return middle


def is_near(ratio: Decimal, factor: Decimal, thresholds: Thresholds) -> bool:
    """Whether a price moved by that factor, allowing for the rounding of printed prices."""
    return abs(ratio / factor - 1) <= Decimal(str(thresholds.repricing_tolerance))
