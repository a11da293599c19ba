"""What the book charges for a call, to hold other programs' sums to."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

from tests.warehouse.shops import Shop

ULPS = 4
"""Sums of products of floats: off by a few of the last digits a float has, at most."""


def close(found: float, expected: Decimal) -> bool:
    return abs(found - float(expected)) <= ULPS * math.ulp(float(expected))


def records(book: Shop) -> list[dict[str, Any]]:
    return list(book.feed("simulator.json")["models"])


def rate_for(record: dict[str, Any], meter: str, prompt: int) -> Decimal | None:
    for stated in record["rates"]:
        end = stated["maxPromptTokens"]
        within = stated["minPromptTokens"] < prompt or not stated["minPromptTokens"]
        if stated["meter"] == meter and within and (end is None or prompt <= end):
            price = stated["unitPriceUsd"]
            return None if price is None else Decimal(price)
    return None


SHAPES = ((1_000, 0), (1_000, 500), (32_001, 7), (200_000, 500), (200_001, 500), (300_000, 9))
