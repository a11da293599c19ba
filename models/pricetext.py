"""What people write as a price, read without guessing.

A text is read whole or refused: every word has to belong to a closed vocabulary, and a text that
could mean two things raises `PriceTextError` with a reason of a closed set. No text raises
anything else.

`parse_price("$0.231 per 1000 characters")` is 0.231 USD for 1000 characters. What a text leaves
out (the currency, the unit, the direction) is None, for the caller to take from where it stood.
The same grammar reads the unit words of a catalogue ("1K characters") and the names of prices
("cents_per_second_output_1080p"): `parse_unit_word`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import takewhile
from typing import Final

from models.conditions import Stated
from models.money import ZERO, MoneyError, canonical, fits_column, per_unit, times
from models.price_qualifiers import READABLE_WORDS
from models.price_reader import Draft, read_tokens
from models.price_tokens import Kind, PriceTextError, Token, read_number, tokens
from models.price_words import (
    CENTS,
    CONTENTS,
    CREDIT,
    MAGNITUDES,
    UNITS,
    Content,
    Direction,
    Reason,
    Unit,
)

__all__ = [
    "Content",
    "Direction",
    "PriceText",
    "PriceTextError",
    "Reason",
    "Unit",
    "parse_context",
    "parse_label",
    "parse_price",
    "parse_unit_phrase",
    "parse_unit_word",
    "price_read_of",
    "words_read_of",
]

_MAX_CONTEXT: Final = 10**12
_USD: Final[Mapping[str, Decimal]] = {
    "USD": Decimal(1),
    CENTS: Decimal("0.01"),
    # AIML API sells credits ("AI/ML Tokens") at a fixed 2,000,000 for one dollar; as read 2026-08.
    CREDIT: Decimal("0.0000005"),
}
"""What one of each currency is worth in USD; a price in any other is refused."""


@dataclass(frozen=True, slots=True)
class PriceText:
    """A price as a text states it.

    `amount` is in USD (`currency` is None where the text names none, and USD is the reader's
    assumption to make) and buys `quoted_per` of `unit`; it is None where the text names terms
    without a number. `stated_amount` in `stated_in` is what the text literally says. `when` holds
    the conditions that it names. `is_variable` marks a price that the seller sets per request: its
    number, where there is one, is not what will be charged.
    """

    amount: Decimal | None = None
    currency: str | None = None
    unit: Unit | None = None
    quoted_per: int = 1
    direction: Direction | None = None
    content: Content | None = None
    size: str | None = None
    resolution: str | None = None
    when: tuple[tuple[str, Stated], ...] = ()
    is_variable: bool = False
    stated_amount: Decimal | None = None
    stated_in: str | None = None

    @property
    def is_free(self) -> bool:
        """Whether the text states a price of nothing ("Free", `0`)."""
        return self.amount == 0 and not self.is_variable

    @property
    def unit_price(self) -> Decimal | None:
        """USD for one unit, 12 significant digits; None without an amount."""
        return None if self.amount is None else per_unit(self.amount, self.quoted_per)

    @property
    def usd(self) -> Decimal:
        """What one of the stated currency is worth in USD."""
        return _USD[self.stated_in or "USD"]

    @property
    def conditions(self) -> dict[str, Stated]:
        """All that the text says of when the price applies, sizes included."""
        stated: dict[str, Stated] = dict(self.when)
        if self.size:
            width, _, height = self.size.partition("x")
            stated |= {"width": int(width), "height": int(height)}
        if self.resolution:
            stated["resolution"] = self.resolution
        return stated


def parse_price(text: str) -> PriceText:
    """Read the text of one price.

    Only a text that says "variable" may lack a number. Raises PriceTextError.
    """
    price = _price(read_tokens(tokens(text)), text)
    if price.amount is None and not price.is_variable:
        raise PriceTextError(Reason.UNREADABLE, text, "no amount")
    return price


def parse_unit_phrase(text: str) -> PriceText:
    """Read terms without a number, such as a heading ("per 1M input tokens", "/ second").

    Raises PriceTextError, also where the text does hold an amount.
    """
    return _terms(tokens(text), text)


def parse_label(text: str) -> PriceText:
    """Read a label that a price stands below or beside: "Batch input", "Output, per 1M tokens".

    Raises PriceTextError unless every word is understood, and where the text holds an amount.
    """
    price = _price(read_tokens(tokens(text)), text)
    if price.amount is not None:
        raise PriceTextError(Reason.UNREADABLE, text, "an amount in a label")
    return price


def parse_unit_word(text: str) -> PriceText:
    """Read what a catalogue calls a unit, or a price by: "1K characters", "video_tokens_1080p".

    Raises PriceTextError unless every word and number of it is understood.
    """
    return _terms(_with_per(_word_tokens(text)), text)


def words_read_of(text: str) -> PriceText | None:
    """What is understood of a unit's name that is refused, its unknown words left out.

    None where the words that are left name no unit that there is.
    """
    try:
        known = [token for token in _word_tokens(text) if _is_known(token)]
    except PriceTextError:
        known = []
    if not known:
        return PriceText()
    try:
        return _price(read_tokens(_with_per(known)), text)
    except PriceTextError as error:
        return None if error.reason is Reason.OTHER_WORK else _unit_alone(known)


def _unit_alone(items: list[Token]) -> PriceText | None:
    """What known words in no order that is read say of the unit; None for two units at once.

    What follows "with" is handed in, and counts nothing.
    """
    words = list(takewhile(lambda word: word != "with", (item.word for item in items)))
    units = {UNITS[(word,)] for word in words if (word,) in UNITS}
    if len(units) > 1:
        units -= {UNITS[(word,)] for word in words if word in CONTENTS and (word,) in UNITS}
    return PriceText(unit=units.pop()) if len(units) == 1 else None


def price_read_of(text: str) -> PriceText | None:
    """What is understood of a price that is refused, its unknown words left out; None for nothing
    that makes a price."""
    try:
        price = _price(read_tokens([t for t in tokens(text) if _is_part(t)]), text)
    except PriceTextError:
        return None
    return None if price.amount is None else price


def _is_part(token: Token) -> bool:
    return _is_known(token) or token.text in {"$", "/", "(", ")"}


def _word_tokens(text: str) -> list[Token]:
    return tokens(text.replace("_", " ").replace("-", " "))


def _with_per(items: list[Token]) -> list[Token]:
    """The terms of a price begin with "per", which names of units leave out."""
    if any(item.word == "per" or item.text == "/" for item in items):
        return items
    return [Token(Kind.WORD, "per", is_spaced=False), *items]


def _is_known(token: Token) -> bool:
    return token.kind is not Kind.SYMBOL and (
        token.kind is not Kind.WORD or token.word in READABLE_WORDS
    )


def _terms(items: list[Token], text: str) -> PriceText:
    price = _price(read_tokens(items), text)
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


def _price(draft: Draft, text: str) -> PriceText:
    """Turn what was read into USD and check that a price column can hold it."""
    if draft.currency is not None and draft.currency not in _USD:
        raise PriceTextError(Reason.CURRENCY, draft.currency, "a currency without a rate")
    price = PriceText(
        currency=None if draft.currency is None else "USD",
        unit=draft.unit,
        quoted_per=draft.quoted_per,
        direction=draft.direction,
        content=draft.content,
        size=draft.size,
        resolution=draft.resolution,
        when=tuple(sorted(draft.qualifiers.items())),
        is_variable=draft.is_variable,
        stated_amount=draft.amount,
        stated_in=draft.currency,
    )
    if draft.amount is None:
        return price
    try:
        price = replace(price, amount=_in_usd(price, draft.amount))
        fits_column(per_unit(price.amount or ZERO, price.quoted_per))
    except MoneyError as error:
        raise PriceTextError(Reason.OUT_OF_BOUNDS, text, str(error)) from error
    return price


def _in_usd(price: PriceText, amount: Decimal) -> Decimal:
    return amount if price.usd == 1 else canonical(times(amount, price.usd))
