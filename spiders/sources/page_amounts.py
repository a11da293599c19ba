"""Finding amounts of money in running text, bounded so that no text takes long.

An amount is a number with a currency's sign or code (credits count as one), or a number with what
it buys: "per" and a unit anywhere, a slash and a unit where the text begins with the number.
"""

from __future__ import annotations

import re
from typing import Final

_NUMBER: Final = r"[0-9]{1,12}(?:[,' ][0-9]{3}){0,5}(?:[.,][0-9]{1,18})?"
_SIGN: Final = r"[$€£¥₽₹₩¢]"
_CODE: Final = r"(?:usd|eur|gbp|cny|jpy|rmb|rub|inr)"
_WORD: Final = r"(?:dollars?|cents?|euros?|credits?|ai/ml tokens)"
_COUNT: Final = r"(?:[0-9][0-9,. ]{0,12}[km]? ?|[km] |million |thousand )?"
_KIND: Final = r"(?:(?:input|output|cached|text|image|video|audio|[0-9]{2,5}x[0-9]{2,5}) ){0,2}"
_UNIT: Final = (
    r"(?:tokens?|characters?|chars?|images?|img|megapixels?|mp|seconds?|secs?|s|minutes?|mins?"
    r"|hours?|songs?|tracks?|pages?|(?:web )?search(?:es)?|quer(?:y|ies)|requests?|videos?)\b"
)
# A sign or a bound in front belongs to the amount: what is printed is not the bare number.
_BOUND: Final = r"(?:from|starting (?:at|from)|starts (?:at|from)|up to|about|approx\.?|~|≈) ?"
AMOUNT: Final = re.compile(
    rf"(?:(?<![a-z]){_BOUND})?[-\u2212+]? ?"
    rf"(?:(?:us ?|{_CODE} ?|(?<![a-z])[a-z]{{1,3}}(?=\$))?{_SIGN} ?[-\u2212]? ?{_NUMBER}"
    rf"|\b{_CODE} ?{_NUMBER}"
    rf"|{_NUMBER} ?(?:{_SIGN}(?! ?[0-9])|{_CODE}\b|{_WORD}\b|per {_COUNT}{_KIND}{_UNIT})"
    rf"|^{_NUMBER} ?/ ?{_COUNT}{_KIND}{_UNIT})",
    re.IGNORECASE,
)
_MAX_TEXT: Final = 2_000
"""Longer texts are prose or code; only their beginning is looked at."""


def has_amount(text: str) -> bool:
    """Whether a text holds an amount of money."""
    return first_amount(text) is not None


def first_amount(text: str) -> int | None:
    """Where, in the text with single spaces, the first amount starts, sign and bound included."""
    found = AMOUNT.search(_shortened(text))
    return found.start() if found else None


def amounts_in(text: str) -> int:
    """How many amounts of money a text holds."""
    return sum(1 for _ in AMOUNT.finditer(_shortened(text)))


def _shortened(text: str) -> str:
    return " ".join(text[: 4 * _MAX_TEXT].split())[:_MAX_TEXT]
