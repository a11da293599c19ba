"""Settings of the change rules: the numbers that decide when a belief may move."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from pydantic import Field
from pydantic_settings import BaseSettings

from models.history.thresholds import Thresholds

_RULES: Final = Thresholds()
_HOUR: Final = timedelta(hours=1)


class RuleSettings(BaseSettings):
    """What `flows.settings` adds to all others; why each is what it is says `Thresholds`."""

    absent_fetches: int = Field(
        default=_RULES.absent_fetches,
        ge=1,
        le=1000,
        description="healthy fetches in a row without a model or meter before it has ended, such "
        "as 3",
    )
    absent_hours: float = Field(
        default=_RULES.absent_for / _HOUR,
        ge=0,
        le=24 * 365,
        description="hours that it has to be absent for as well, such as 24",
    )
    min_row_share: float = Field(
        default=_RULES.min_row_share,
        ge=0,
        le=1,
        description="share of the usual rows below which a whole fetch is held, such as 0.7",
    )
    row_window: int = Field(
        default=_RULES.row_window,
        ge=1,
        le=1000,
        description="healthy fetches whose median says how many rows are usual, such as 10",
    )
    agreeing_fetches: int = Field(
        default=_RULES.agreeing_fetches,
        ge=1,
        le=1000,
        description="later fetches that have to agree to release what is held, such as 2",
    )
    agreeing_hours: float = Field(
        default=_RULES.agreeing_for / _HOUR,
        ge=0,
        le=24 * 365,
        description="hours after which one fetch that agrees is enough for that, such as 24",
    )
    power_tolerance: float = Field(
        default=_RULES.power_tolerance,
        ge=0,
        lt=0.5,
        description="how near to a power of ten a move has to be to be held, such as 0.01",
    )
    jump_factor: int = Field(
        default=_RULES.jump_factor,
        ge=2,
        le=10**9,
        description="the factor from which on any move is held, such as 50",
    )
    repricing_share: float = Field(
        default=_RULES.repricing_share,
        gt=0,
        le=1,
        description="share of a source's prices that move by one factor in a uniform repricing, "
        "such as 0.5",
    )
    repricing_tolerance: float = Field(
        default=_RULES.repricing_tolerance,
        ge=0,
        lt=0.5,
        description="how far from that factor rounding may bring a printed price, such as 0.015",
    )
    repricing_least: int = Field(
        default=_RULES.repricing_least,
        ge=2,
        le=10**6,
        description="prices that a uniform repricing moves at least, such as 5",
    )
    slip_share: float = Field(
        default=_RULES.slip_share,
        gt=0,
        le=1,
        description="share of a list's prices that move by one factor in a slip of units, such as "
        "0.3",
    )
    slip_least: int = Field(
        default=_RULES.slip_least,
        ge=2,
        le=10**6,
        description="prices that a slip of units moves at least, such as 5",
    )
    slip_beyond: int = Field(
        default=_RULES.slip_beyond,
        ge=2,
        le=10**9,
        description="the factor beyond which a common one looks like a slip of units, such as 2",
    )
    stale_hold_days: float = Field(
        default=_RULES.stale_hold / (24 * _HOUR),
        gt=0,
        le=36_500,
        description="days after which something held makes the status unhealthy, such as 14",
    )

    def thresholds(self) -> Thresholds:
        """The numbers that decide when a belief may move."""
        return Thresholds(
            absent_fetches=self.absent_fetches,
            absent_for=timedelta(hours=self.absent_hours),
            min_row_share=self.min_row_share,
            row_window=self.row_window,
            agreeing_fetches=self.agreeing_fetches,
            agreeing_for=timedelta(hours=self.agreeing_hours),
            power_tolerance=self.power_tolerance,
            jump_factor=self.jump_factor,
            repricing_share=self.repricing_share,
            repricing_tolerance=self.repricing_tolerance,
            repricing_least=self.repricing_least,
            slip_share=self.slip_share,
            slip_least=self.slip_least,
            slip_beyond=self.slip_beyond,
            stale_hold=timedelta(days=self.stale_hold_days),
        )
