"""Price texts cut into tokens, and numbers read out of them.

Every step is a single pass over a text of bounded length.

price-parser is not used for numbers: it takes three digits behind a point or comma for thousands
("$0.315 / second" becomes 315 and "0,042" becomes 42), takes the first number for the price
("1024x1024 image $0.04" becomes 1024), drops minus signs and exponents ("$1e-7" becomes 1), and
calls "from $0.04" a price. A test holds these readings, so that a better release is noticed. What
it does well, knowing the world's currencies by sign and code, `price_reader` leaves to it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto
from typing import Final

from models.money import MoneyError, decimal_from_text
from models.price_words import Reason

MAX_TEXT: Final = 200


class PriceTextError(ValueError):
    """A text that is not read as a price.

    `reason` is one of a closed set of codes, `fragment` the part of the text that is to blame.
    """

    def __init__(self, reason: Reason, fragment: str, message: str) -> None:
        super().__init__(f"{message}: {fragment[:80]!r}")
        self.reason: Final = reason
        self.fragment: Final = fragment[:80]


class Kind(Enum):
    """What a token is."""

    NUMBER = auto()
    SIZE = auto()
    RESOLUTION = auto()
    CREDITS = auto()
    WORD = auto()
    SYMBOL = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of folded text; `is_spaced` tells whether a space stands before it."""

    kind: Kind
    text: str
    is_spaced: bool

    @property
    def word(self) -> str:
        """The text for looking up in a vocabulary."""
        return self.text.lower()


# A group after a space or apostrophe has three digits, or the separator is not part of the number.
_TOKEN: Final = re.compile(
    r"""
    (?P<size>[0-9]{2,5}\ ?[xX×*\u0445]\ ?[0-9]{2,5}(?:\ ?px)?(?!\w))
  | (?P<resolution>[0-9]{3,4}[pP](?!\w))
  | (?P<number>
      (?:[0-9]+|\.[0-9]+) (?:[.,][0-9]+|['\ ][0-9]{3}(?!\w))* (?:[eE][+-]?[0-9]{1,3}(?!\w))?
    )
  | (?P<credits>(?i:AI\ ?/\ ?ML\ (?:API\ )?(?:Tokens?|credits?))(?!\w))
  | (?P<word>[^\W\d_]+)
  | (?P<symbol>\S)
    """,
    re.VERBOSE,
)
_POINT: Final = re.compile(r"[0-9]*\.[0-9]+|[0-9]+")
_COMMA: Final = re.compile(r"[0-9]+,[0-9]+")
_THOUSANDS: Final = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")
_GROUPED: Final = re.compile(
    r"(?P<whole>[1-9][0-9]{0,2}(?P<sep>[.,' ])[0-9]{3}(?:(?P=sep)[0-9]{3})*)"
    r"(?:(?P<mark>[.,])(?P<fraction>[0-9]+))?"
)
_JOINED_WORDS: Final = re.compile(r"(?<=[^\W\d_])[-_](?=[^\W\d_])")
_WHITE: Final = re.compile(r"[ \t\r\n\f\v]+")

# Only changes of width and of breaking are undone. Full NFKC would also turn "5²" into 52.
_WIDTH_TAGS: Final = ("<wide>", "<narrow>", "<small>", "<noBreak>")
_INVISIBLE: Final = frozenset("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")
_SAME_SIGN: Final = str.maketrans(
    {
        "\u2010": "-",
        "\u2212": "-",
        "\u2012": "–",
        "\u2014": "–",
        "\u2015": "–",
        "\u2018": "'",
        "\u2019": "'",
        "\u02bc": "'",
        "\u2032": "'",
    }
)


def fold(text: str) -> str:
    """Undo typography: widths, kinds of space, hyphen and apostrophe, invisible marks.

    Raises PriceTextError for over-long text and control characters.
    """
    if len(text) > MAX_TEXT:
        raise PriceTextError(Reason.UNREADABLE, text, f"a price of {len(text)} characters")
    folded = "".join(map(_fold_character, text)).translate(_SAME_SIGN)
    return _WHITE.sub(" ", _JOINED_WORDS.sub(" ", folded)).strip(" ")


def _fold_character(character: str) -> str:
    if character.isascii():
        if character.isprintable() or character in "\t\r\n\f\v":
            return character
        raise PriceTextError(Reason.UNREADABLE, character, "a control character")
    if unicodedata.decomposition(character).startswith(_WIDTH_TAGS):
        character = unicodedata.normalize("NFKC", character)
    if character in _INVISIBLE:
        return ""
    return " " if unicodedata.category(character[0]).startswith("Z") else character


def tokens(text: str) -> list[Token]:
    """Cut a text into tokens; every character but spaces is in one of them."""
    folded = fold(text)
    return [
        Token(
            kind=Kind[str(match.lastgroup).upper()],
            text=match.group(),
            is_spaced=folded[match.start() - 1 : match.start()] == " ",
        )
        for match in _TOKEN.finditer(folded)
    ]


def read_number(text: str, *, is_count: bool) -> Decimal:
    """The value of a NUMBER token.

    A lone point is a decimal point, a lone comma a decimal comma. Where exactly three digits follow
    it could be thousands instead. Both sellers write prices with a point and often three decimals,
    so in a price a point stays decimal and a comma is ambiguous ("0,042" is not: no thousands start
    with a zero). A count is whole, so there a comma means thousands and a point is ambiguous.
    Raises PriceTextError (ambiguous_number, out_of_bounds).
    """
    mantissa, mark, exponent = text.lower().partition("e")
    plain_mantissa = _mantissa(mantissa, is_count=is_count)
    if mark and mantissa != plain_mantissa:
        raise PriceTextError(Reason.AMBIGUOUS_NUMBER, text, "separators beside an exponent")
    try:
        return decimal_from_text(f"{plain_mantissa}{mark}{exponent}")
    except MoneyError as error:
        raise PriceTextError(Reason.OUT_OF_BOUNDS, text, str(error)) from error


def _mantissa(text: str, *, is_count: bool) -> str:
    thousands = _THOUSANDS.fullmatch(text) is not None
    if _POINT.fullmatch(text) and not (thousands and is_count):
        return text
    if _COMMA.fullmatch(text) and (not thousands or is_count):
        return text.replace(",", "" if thousands else ".")
    grouped = None if thousands else _GROUPED.fullmatch(text)
    if grouped is None or grouped["mark"] == grouped["sep"]:
        raise PriceTextError(Reason.AMBIGUOUS_NUMBER, text, "more than one way to read the number")
    whole = grouped["whole"].replace(grouped["sep"], "")
    return f"{whole}.{grouped['fraction']}" if grouped["mark"] else whole
