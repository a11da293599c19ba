"""Bounds of first prices: what a meter may cost before anything else is known of the price.

Gates compare a price with the one before it. A first price has none, so it is compared with what
the meter has ever cost (`bounds.toml`, with where each number comes from).
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

    def hold(self, unit_price: Decimal) -> bool:
        """Whether a price lies within them; a free one does."""
        return not unit_price or self.lower <= unit_price <= self.upper


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


def is_beyond(bounds: Bounds | None, standing: Statement | None, statement: Statement) -> bool:
    """Whether a statement has a price beyond the bounds that no earlier price vouches for.

    An earlier number under the same conditions vouches; free, unknown and dynamic ones do not.
    """
    if bounds is None:
        return False
    rates = standing.rates if standing is not None else ()
    vouched = {rate.conditions.items for rate in rates if rate.unit_price}
    return any(
        rate.unit_price is not None
        and rate.conditions.items not in vouched
        and not bounds.hold(rate.unit_price)
        for rate in statement.rates
    )
