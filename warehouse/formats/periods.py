"""Past and present text prices of offerings as periods of days, for formats with a history."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from models.record import record
from warehouse.statements import sql

if TYPE_CHECKING:
    from warehouse.built import Built


@record
class Period:
    """One price of a text meter on whole days: from the first, until but not on the last.

    ``from_day`` is None for what was there when it was first looked at, ``to_day`` for what still
    holds. ``min_prompt_tokens`` is the tier.
    """

    seller: str
    model_id: str
    operation: str
    name: str
    meter: str
    min_prompt_tokens: int
    max_prompt_tokens: int | None
    is_tier_only: bool
    unit_price_usd: Decimal | None
    from_day: date | None
    to_day: date | None

    @property
    def key(self) -> str:
        """The key of the offering in feeds."""
        return f"{self.seller}/{self.model_id}#{self.operation}"


def read_periods(built: Built) -> tuple[Period, ...]:
    """Every period of every input, output and cached-input price, the oldest first."""
    return tuple(Period(**row) for row in built.records(sql("publish/periods")))
