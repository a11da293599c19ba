"""Finding amounts of money in running text, bounded so that no text takes long."""

from __future__ import annotations

import re
from typing import Final

_NUMBER: Final = r"[0-9]{1,12}(?:[,'\s][0-9]{3}){0,5}(?:[.,][0-9]{1,18})?"
_SIGNS: Final = r"[$€£¥₽₹₩¢]"
_CODES: Final = (
    r"(?:usd|eur|gbp|cny|jpy|rmb|rub|inr|dollars?|cents?|euros?|credits?|ai/ml tokens)\b"
)
_BUYS: Final = (
    r"(?:per|/)\s?(?:[0-9][0-9,.\s]{0,12}[km]?\s?|[km]\s|million\s|thousand\s)?"
    r"(?:(?:input|output|cached|text|image|video|audio|[0-9]+x[0-9]+)\s)?"
    r"(?:tokens?|char\w*|images?|img|megapixels?|mp|sec\w*|s|min\w*|hours?|songs?|tracks?|pages?"
    r"|(?:web\s)?search\w*|quer(?:y|ies)|requests?|videos?)\b"
)
# A bound or a sign in front belongs to the amount: what is printed is not the bare number.
_BEFORE: Final = (
    r"(?:\b(?:from|starting (?:at|from)|starts (?:at|from)|up to|about|approx\.?)\s|~\s?|≈\s?)?"
)
AMOUNT: Final = re.compile(
    rf"{_BEFORE}[-\u2212+]?\s?(?:us|\b(?:usd|eur|gbp|cny|jpy|rub)\s?)?(?:{_SIGNS}\s?[-\u2212]?\s?[0-9]"
    rf"|(?<![\w.,]){_NUMBER}\s?(?:{_SIGNS}(?!\s?[0-9])|{_CODES}|{_BUYS}))"
    rf"|\b(?:usd|eur|gbp|cny|jpy|rub)\s?[0-9]",
    re.IGNORECASE,
)
_MAX_TEXT: Final = 2_000
"""Longer texts are prose or code; only their beginning is looked at."""


def has_amount(text: str) -> bool:
    """Whether a text holds an amount of money."""
    return AMOUNT.search(text[:_MAX_TEXT]) is not None


def first_amount(text: str) -> int | None:
    """Where the first amount of money starts, its sign and its bound included."""
    found = AMOUNT.search(text[:_MAX_TEXT])
    return found.start() if found else None


def amounts_in(text: str) -> int:
    """How many amounts of money a text holds."""
    return sum(1 for _ in AMOUNT.finditer(text[:_MAX_TEXT]))
