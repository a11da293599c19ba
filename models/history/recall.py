"""The last numbers of prices: what a price was before it became dynamic, unknown, free or absent.

A gate compares numbers. Where what stands has none, it compares with the last one that stood under
the same conditions, so that no interruption lets a doubtful move in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from models.history.statement import Rate, Statement
from models.reading import PriceStatus
from models.record import record


@record
class LastNumber:
    """The last price above zero, in USD per unit, and whether it became free after that."""

    paid: Decimal
    is_free: bool = False


def remember(
    last: dict[str, LastNumber], ending: Statement | None, beginning: Statement | None
) -> None:
    """Remember the numbers of a statement that ends, where the next one has none for them."""
    if ending is None:
        return
    rates = beginning.rates if beginning is not None else ()
    stated = {rate.conditions.items for rate in rates if rate.unit_price}
    for rate in ending.rates:
        if rate.conditions.items in stated:
            continue
        conditions = rate.conditions.to_json()
        if rate.unit_price:
            last[conditions] = LastNumber(rate.unit_price)
        elif rate.unit_price is not None and conditions in last:
            last[conditions] = replace(last[conditions], is_free=True)


def recalled(
    standing: Statement | None, said: Statement, last: Mapping[str, LastNumber]
) -> Statement | None:
    """What stands, with the last number of each price of ``said`` that has none in it.

    None where nothing stands and nothing is remembered. What became free before may be free again.
    """
    if not last:
        return standing
    rates = {rate.conditions.items: rate for rate in standing.rates} if standing else {}
    for rate in said.rates:
        earlier = last.get(rate.conditions.to_json())
        before = rates.get(rate.conditions.items)
        if earlier is None or (before is not None and before.unit_price):
            continue
        is_free = earlier.is_free or (before is not None and before.unit_price is not None)
        if not (is_free and rate.unit_price is not None and not rate.unit_price):
            rates[rate.conditions.items] = _paid(before or rate, earlier.paid)
    return Statement(tuple(rates.values())) if rates else None


def _paid(rate: Rate, unit_price: Decimal) -> Rate:
    return replace(rate, status=PriceStatus.KNOWN, unit_price=unit_price)
