"""Bounds of first prices: what a meter may cost before anything else is known of the price.

Gates compare a price with the one before it. A first price has none, so it is compared with what
the meter has ever cost (`bounds.toml`, with where each number comes from). So is a price that moves
beyond that.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from models.registry import METERS

if TYPE_CHECKING:
    from models.history.statement import Statement


@dataclass(frozen=True, slots=True)
class Bounds:
    """The lowest and highest believable first price, in USD per unit, both included."""

    lower: Decimal
    upper: Decimal

    def side(self, unit_price: Decimal | None) -> int:
        """Below them (-1), above them (1), or neither (0), as are a free and an unstated price."""
        if not unit_price or self.lower <= unit_price <= self.upper:
            return 0
        return 1 if unit_price > self.upper else -1


@cache
def load_bounds() -> Mapping[str, Bounds]:
    """The bounds of every meter that has some."""
    text = resources.files("models.history").joinpath("bounds.toml").read_text(encoding="utf-8")
    return {
        meter: Bounds(
            Decimal(stated["lower"]) / METERS[meter].quoted_per,
            Decimal(stated["upper"]) / METERS[meter].quoted_per,
        )
        for meter, stated in tomllib.loads(text).items()
    }


def is_beyond(bounds: Bounds | None, before: Statement | None, said: Statement) -> bool:
    """Whether a statement has a price beyond the bounds that no earlier price vouches for.

    A number under the same conditions vouches where it was beyond them on the same side.
    """
    if bounds is None:
        return False
    beyond = [rate for rate in said.rates if bounds.side(rate.unit_price)]
    if not beyond:
        return False  # Nearly every price is believable.
    rates = before.rates if before is not None else ()
    earlier = {rate.conditions.items: bounds.side(rate.unit_price) for rate in rates}
    return any(
        earlier.get(rate.conditions.items) != bounds.side(rate.unit_price) for rate in beyond
    )
