"""The grammar of price texts: tokens in, a draft of what they state out.

A price is an amount and its terms in any order, with a direction, a size and remarks in
parentheses around them: ``[input:] $3 [USD] (per | /) [1M] [input] [image] tokens [(variable)]``.
Each part occurs once; anything else raises `PriceTextError`, which names the fragment.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Never

from price_parser import Price

from models.conditions import Stated
from models.money import times
from models.price_qualifiers import qualifier_at
from models.price_terms import read_terms, words_at
from models.price_tokens import Kind, PriceTextError, Token, read_number
from models.price_words import (
    BOUND_SIGNS,
    BOUNDS,
    CREDIT,
    CREDIT_WORDS,
    CURRENCY_CODES,
    DIRECTIONS,
    MAGNITUDES,
    US_DOLLARS,
    Content,
    Direction,
    Reason,
    Unit,
    longest,
)

_DASHES: Final = frozenset("-–~")
_DIGITS: Final = re.compile("[0-9]+")


@dataclass(slots=True)
class Draft:
    """What has been read so far; `amount` is in `currency`, a code."""

    amount: Decimal | None = None
    currency: str | None = None
    unit: Unit | None = None
    quoted_per: int = 1
    direction: Direction | None = None
    content: Content | None = None
    size: str | None = None
    resolution: str | None = None
    qualifiers: dict[str, Stated] = field(default_factory=dict[str, Stated])
    is_variable: bool = False
    has_terms: bool = False


def read_tokens(items: Sequence[Token]) -> Draft:
    """Read all tokens of a text; raises PriceTextError at the first that does not belong."""
    reader = _Reader(items)
    return reader.read()


class _Reader:
    """A cursor over tokens. Every step takes at least one token or raises."""

    def __init__(self, items: Sequence[Token]) -> None:
        self._items = items
        self._at = 0
        self._draft = Draft()
        self._is_inside = False
        self._has_colon = False

    def read(self) -> Draft:
        if not self._items:
            raise PriceTextError(Reason.UNREADABLE, "", "an empty text")
        while self._at < len(self._items):
            self._step(self._items[self._at])
        if self._is_inside:
            raise PriceTextError(Reason.UNREADABLE, "(", "a parenthesis that stays open")
        return self._draft

    def _step(self, token: Token) -> None:
        match token.kind:
            case Kind.NUMBER:
                self._number(token)
            case Kind.SIZE | Kind.RESOLUTION:
                self._measurements(token)
                self._at += 1
            case Kind.CREDITS:
                self._take_currency(CREDIT, 1)
            case Kind.WORD:
                self._word(token)
            case Kind.SYMBOL:
                self._symbol(token)

    # --- amounts

    def _number(self, token: Token) -> None:
        if self._draft.amount is not None:
            self._refuse(token, Reason.SEVERAL_PRICES, "more than one amount")
        if self._is_inside:
            self._refuse(token, Reason.UNREADABLE, "an amount in parentheses")
        if self._draft.has_terms and not (self._has_colon or self._draft.currency):
            self._refuse(token, Reason.UNREADABLE, "a number after the terms")
        scale_word = self._peek(1)
        scale = MAGNITUDES.get(scale_word.word, 1) if scale_word else 1
        width = 1 if scale == 1 else 2
        if self._is_credit(self._peek(width)):
            self._draft.amount = times(read_number(token.text, is_count=width == 1), scale)
        elif width > 1:
            self._refuse(token, Reason.UNREADABLE, "a magnitude on the amount")
        else:
            self._draft.amount = read_number(token.text, is_count=False)
        self._at += width

    def _is_credit(self, token: Token | None) -> bool:
        return token is not None and (token.kind is Kind.CREDITS or token.word in CREDIT_WORDS)

    # --- words

    def _word(self, token: Token) -> None:
        words = words_at(self._items, self._at)
        if (bound := longest(BOUNDS, words)) is not None:
            self._refuse(token, bound[0], "a bound, not a price")
        if (qualifier := qualifier_at(self._items, self._at)) is not None:
            self._take_qualifier(qualifier[0], qualifier[1], token)
            self._at += qualifier[2]
        elif (direction := longest(DIRECTIONS, words)) is not None:
            self._take_direction(direction[0], token)
            self._at += direction[1]
        elif token.word == "per":
            self._terms(token)
        elif token.word == "free":
            self._free(token)
        elif token.word == "variable":
            self._draft.is_variable = True
            self._at += 1
        else:
            self._currency_word(token, words)

    def _free(self, token: Token) -> None:
        if self._draft.amount is not None or self._is_inside:
            self._refuse(token, Reason.SEVERAL_PRICES, "free beside an amount")
        self._draft.amount = Decimal(0)
        self._at += 1

    def _currency_word(self, token: Token, words: Sequence[str]) -> None:
        after = self._peek(1)
        if after is not None and after.text == "$" and not after.is_spaced:
            is_us = token.word in {"us", "usd"}
            self._take_currency("USD" if is_us else f"{token.text}$", 2)
        elif (dollars := longest(US_DOLLARS, words)) is not None:
            self._take_currency("USD", dollars[1])
        elif token.word in CREDIT_WORDS:
            self._take_currency(CREDIT, 1)
        elif token.word == "to" and self._draft.amount is not None:
            self._refuse(token, Reason.RANGE, "a range")
        elif (code := _foreign_currency(token.text)) is not None:
            self._take_currency(code, 1)
        else:
            self._refuse(token, Reason.UNREADABLE, "a word that belongs to no price")

    def _take_currency(self, code: str, width: int) -> None:
        if self._draft.currency not in {None, code}:
            raise PriceTextError(
                Reason.CURRENCY, code, f"two currencies, {self._draft.currency} and another"
            )
        self._draft.currency = code
        self._at += width

    def _take_qualifier(self, key: str, value: Stated, token: Token) -> None:
        """Keep a condition, which may be stated again but not otherwise."""
        if self._draft.qualifiers.setdefault(key, value) != value:
            self._refuse(token, Reason.UNREADABLE, f"two values of {key}")

    def _take_direction(self, stated: Direction, token: Token) -> None:
        """Keep a direction; a cache read or write of input is a cache read or write."""
        known = self._draft.direction
        if known in {None, stated} or (known is Direction.INPUT and stated.is_cache):
            self._draft.direction = stated
        elif not (known and known.is_cache and stated is Direction.INPUT):
            self._refuse(token, Reason.UNREADABLE, "two directions")

    # --- signs

    def _symbol(self, token: Token) -> None:
        sign = token.text
        if sign in _DASHES:
            self._dash(token)
        if sign in BOUND_SIGNS:
            self._refuse(token, BOUND_SIGNS[sign], "a bound, not a price")
        if sign == "/":
            self._terms(token)
            return
        if sign == "$":
            self._take_currency("USD", 1)
            return
        if unicodedata.category(sign) == "Sc":
            self._take_currency(_foreign_currency(sign) or sign, 1)
            return
        self._punctuation(token)
        self._at += 1

    def _dash(self, token: Token) -> Never:
        following = self._peek(1)
        if following is not None and unicodedata.category(following.text[0]) == "Sc":
            following = self._peek(2)
        if following is None or following.kind is not Kind.NUMBER:
            self._refuse(token, Reason.UNREADABLE, "a dash that belongs to no price")
        if self._draft.amount is not None:
            self._refuse(token, Reason.RANGE, "a range")
        if token.text == "~":
            self._refuse(following, Reason.APPROXIMATE, "no exact amount")
        self._refuse(following, Reason.NEGATIVE, "less than nothing")

    def _punctuation(self, token: Token) -> None:
        is_first, is_last = self._at == 0, self._at == len(self._items) - 1
        if token.text == "(" and not self._is_inside and not is_last:
            self._is_inside = True
        elif token.text == ")" and self._is_inside and self._items[self._at - 1].text != "(":
            self._is_inside = False
        elif token.text == ":" and not (is_first or self._has_colon or self._draft.amount):
            self._has_colon = True
        elif token.text == "+" and self._draft.amount is not None:
            self._refuse(token, Reason.LOWER_BOUND, "a bound, not a price")
        elif not (token.text == "." and is_last and not is_first):
            self._refuse(token, Reason.UNREADABLE, "a sign that belongs to no price")

    # --- terms

    def _terms(self, token: Token) -> None:
        if self._draft.has_terms:
            self._refuse(token, Reason.UNREADABLE, "a second divisor")
        terms = read_terms(self._items, self._at + 1)
        self._draft.has_terms = True
        self._draft.unit, self._draft.content = terms.unit, terms.content
        self._draft.quoted_per = terms.quoted_per
        for stated in terms.directions:
            self._take_direction(stated, token)
        for measurement in terms.measurements:
            self._measurements(measurement)
        for key, value in terms.qualifiers:
            self._take_qualifier(key, value, token)
        self._at = terms.end

    def _measurements(self, token: Token) -> None:
        """Keep a size or resolution, which may be stated again but not otherwise."""
        text = _measurement(token)
        draft = self._draft
        if token.kind is Kind.SIZE:
            known, draft.size = draft.size, text
        else:
            known, draft.resolution = draft.resolution, text
        if known not in {None, text}:
            self._refuse(token, Reason.UNREADABLE, "two sizes")

    # --- the cursor

    def _peek(self, ahead: int) -> Token | None:
        at = self._at + ahead
        return self._items[at] if at < len(self._items) else None

    def _refuse(self, token: Token, reason: Reason, message: str) -> Never:
        raise PriceTextError(reason, token.text, message)


def _measurement(token: Token) -> str:
    """One spelling of what a picture measures: "1024x1024", "720p"."""
    if token.kind is Kind.RESOLUTION:
        return token.word
    width, height = _DIGITS.findall(token.text)
    return f"{width}x{height}"


def _foreign_currency(text: str) -> str | None:
    """The code, or else the sign, of a currency other than the US dollar; None for other texts."""
    code = CURRENCY_CODES.get(text.lower())
    if code is not None:
        return code
    return text if Price.fromstring(text).currency == text else None
