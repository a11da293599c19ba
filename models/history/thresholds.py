"""The numbers that decide when a belief may move, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from models.history.bounds import Bounds, load_bounds


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Settings of the change rules; `flows.settings` lets a user choose others.

    ``absent_fetches``, ``absent_for``: 34 of 503 OpenRouter ids vanished and came back between
    2026-08-01 and 2026-08-22, eleven of them together for 16 hours; three fetches and a day
    outlast such gaps.
    ``min_row_share``, ``row_window``: the largest real fall in one step of 289 was 7.7 %, the
    falls that were faults lost 96 %; 70 % of the median of ten lies far from both.
    ``agreeing_fetches``, ``agreeing_for``: how many later fetches must say the same before a doubt
    is given up, or how much later one must. Histories with gaps see a price twice at most: a real
    0.03 of 2025 was seen once in four months, and the 2 before it stood.
    ``power_tolerance``: a unit slip is a factor of exactly 10, 100, 1,000 or 10^6; 5 of 2,591
    real changes came within 1 % of one.
    ``jump_factor``: the largest real move in 714 was a factor of 10.9.
    ``repricing_share``, ``repricing_tolerance``, ``repricing_least``: a seller that moves its
    margin moves most of its prices by one factor; printed prices are rounded, by up to 1.5 %.
    ``slip_least``, ``slip_share``, ``slip_beyond``: a list that is read in other units moves many
    prices by one factor. The margins that a seller moved were 1.06 and 1.24, and halving a whole
    list may be real; beyond that, units are likelier. The factors 10, 100 and so on lie beyond it
    too. A slip may spare the prices in other units, so 30 % of a list are enough.
    ``bounds``: what a meter may cost at first sight (`bounds.toml`).
    ``stale_hold``: a held item nobody looked at for this long makes the status unhealthy.
    """

    absent_fetches: int = 3
    absent_for: timedelta = timedelta(hours=24)
    min_row_share: float = 0.7
    row_window: int = 10
    agreeing_fetches: int = 2
    agreeing_for: timedelta = timedelta(hours=24)
    power_tolerance: float = 0.01
    jump_factor: int = 50
    repricing_share: float = 0.5
    repricing_tolerance: float = 0.015
    repricing_least: int = 5
    slip_least: int = 5
    slip_share: float = 0.3
    slip_beyond: int = 2
    bounds: Mapping[str, Bounds] = field(default_factory=load_bounds)
    stale_hold: timedelta = timedelta(days=14)
