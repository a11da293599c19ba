"""What people write as a price, read without guessing.

A text is read whole or refused: every word has to belong to a closed vocabulary, and a text that
could mean two things raises `PriceTextError` with a reason of a closed set. No text raises
anything else.

`parse_price("$0.231 per 1000 characters")` is 0.231 USD for 1000 characters. What a text leaves
out (the currency, the unit, the direction) is None, for the caller to take from where it stood.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Final

from models.money import ZERO, MoneyError, canonical, fits_column, per_unit, plain, times
from models.price_reader import Draft, read_tokens
from models.price_tokens import Kind, PriceTextError, read_number, tokens
from models.price_words import CREDIT, MAGNITUDES, Content, Direction, Reason, Unit

__all__ = [
    "DEFAULT_RATES",
    "Content",
    "Direction",
    "FxRate",
    "FxRates",
    "PriceText",
    "PriceTextError",
    "Reason",
    "Unit",
    "format_price",
    "parse_context",
    "parse_price",
    "parse_unit_phrase",
]

_IRREGULAR_PLURALS: Final = {"search": "searches", "query": "queries"}
_MAX_CONTEXT: Final = 10**12


@dataclass(frozen=True, slots=True)
class FxRate:
    """What one unit of a currency was worth in USD on a day."""

    usd: Decimal
    as_of: date

    def __post_init__(self) -> None:
        if not (self.usd.is_finite() and self.usd > 0):
            raise ValueError(f"no exchange rate: {self.usd}")


@dataclass(frozen=True, slots=True)
class FxRates:
    """The currencies that may be turned into USD, by code ("EUR"); every other is refused."""

    by_code: Mapping[str, FxRate] = field(default_factory=dict[str, FxRate])


# AIML API sells credits ("AI/ML Tokens") at a fixed 2,000,000 for one dollar; as read 2026-08.
CREDIT_RATE: Final = FxRate(usd=Decimal("0.0000005"), as_of=date(2026, 8, 31))
DEFAULT_RATES: Final = FxRates({CREDIT: CREDIT_RATE})


@dataclass(frozen=True, slots=True)
class PriceText:
    """A price as a text states it.

    `amount` is in USD (`currency` is None where the text names none, and USD is the reader's
    assumption to make) and buys `quoted_per` of `unit`; it is None where the text names terms
    without a number. `stated_amount` in `stated_in` is what the text literally says, `rate_as_of`
    the day of the rate applied where that is not USD. `is_variable` marks a price that the seller
    sets per request: its number, where there is one, is not what will be charged.
    """

    amount: Decimal | None = None
    currency: str | None = None
    unit: Unit | None = None
    quoted_per: int = 1
    direction: Direction | None = None
    content: Content | None = None
    size: str | None = None
    resolution: str | None = None
    is_variable: bool = False
    stated_amount: Decimal | None = None
    stated_in: str | None = None
    rate_as_of: date | None = None

    @property
    def is_free(self) -> bool:
        """Whether the text states a price of nothing ("Free", `0`)."""
        return self.amount == 0 and not self.is_variable

    @property
    def unit_price(self) -> Decimal | None:
        """USD for one unit, 12 significant digits; None without an amount."""
        return None if self.amount is None else per_unit(self.amount, self.quoted_per)


def parse_price(text: str, *, rates: FxRates = DEFAULT_RATES) -> PriceText:
    """Read the text of one price.

    Only a text that says "variable" may lack a number. Raises PriceTextError.
    """
    price = _price(read_tokens(tokens(text)), rates, text)
    if price.amount is None and not price.is_variable:
        raise PriceTextError(Reason.UNREADABLE, text, "no amount")
    return price


def parse_unit_phrase(text: str) -> PriceText:
    """Read terms without a number, such as a heading ("per 1M input tokens", "/ second").

    Raises PriceTextError, also where the text does hold an amount.
    """
    price = _price(read_tokens(tokens(text)), DEFAULT_RATES, text)
    if price.amount is not None or (price.unit is None and price.quoted_per == 1):
        raise PriceTextError(Reason.UNREADABLE, text, "not the terms of a price")
    return price


def parse_context(text: str) -> int | None:
    """A number of tokens ("128K", "1M", "2,000,000"), None where the text is none.

    K is 1000 and M is 1,000,000, in Latin or Cyrillic letters, as sellers print context windows.
    """
    try:
        number, *rest = tokens(text)
        scale = MAGNITUDES.get(rest[0].word) if rest else None
        left = rest[1:] if scale else rest
        if number.kind is not Kind.NUMBER or [t.word for t in left] not in ([], ["tokens"]):
            return None
        value = times(read_number(number.text, is_count=scale is None), scale or 1)
    except ValueError:  # no token at all, PriceTextError or MoneyError
        return None
    return int(value) if 1 <= value <= _MAX_CONTEXT and value == int(value) else None


def format_price(price: PriceText) -> str:
    """Write a price so that `parse_price` reads the same again (with the same rates)."""
    number = "" if price.stated_amount is None else plain(price.stated_amount)
    parts = [words] if (words := _amount_words(number, price.stated_in)) else []
    if price.unit is not None or price.quoted_per != 1:
        parts.extend(_terms_words(price))
    direction = price.direction.value.replace("_", " ") if price.direction else None
    variable = "variable" if price.is_variable else None
    qualifiers = (direction, price.size, price.resolution, variable)
    parts.extend(f"({qualifier})" for qualifier in qualifiers if qualifier)
    return " ".join(parts)


def _terms_words(price: PriceText) -> list[str]:
    count = "" if price.quoted_per == 1 else str(price.quoted_per)
    unit = price.unit.value if price.unit else ""
    if count and unit:
        unit = _IRREGULAR_PLURALS.get(unit, f"{unit}s")
    return [word for word in ("per", count, price.content or "", unit) if word]


def _amount_words(number: str, currency: str | None) -> str:
    if currency == "USD":
        return f"${number}"
    name = "credits" if currency == CREDIT else currency or ""
    return f"{number} {name}".strip()


def _price(draft: Draft, rates: FxRates, text: str) -> PriceText:
    """Turn what was read into USD and check that a price column can hold it."""
    price = PriceText(
        currency=None if draft.currency is None else "USD",
        unit=draft.unit,
        quoted_per=draft.quoted_per,
        direction=draft.direction,
        content=draft.content,
        size=draft.size,
        resolution=draft.resolution,
        is_variable=draft.is_variable,
        stated_amount=draft.amount,
        stated_in=draft.currency,
    )
    if draft.currency not in {None, "USD"}:
        price = replace(price, rate_as_of=_rate(draft, rates).as_of)
    if draft.amount is None:
        return price
    try:
        price = replace(price, amount=_in_usd(draft, draft.amount, rates))
        fits_column(per_unit(price.amount or ZERO, price.quoted_per))
    except MoneyError as error:
        raise PriceTextError(Reason.OUT_OF_BOUNDS, text, str(error)) from error
    return price


def _in_usd(draft: Draft, amount: Decimal, rates: FxRates) -> Decimal:
    if draft.currency in {None, "USD"}:
        return amount
    return canonical(times(amount, _rate(draft, rates).usd))


def _rate(draft: Draft, rates: FxRates) -> FxRate:
    rate = rates.by_code.get(draft.currency or "")
    if rate is None:
        raise PriceTextError(Reason.CURRENCY, draft.currency or "", "a currency without a rate")
    return rate
