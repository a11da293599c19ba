"""The labels of a price: heads of columns, cells of a unit column, words right beside it.

Labels are short and no prose, so they are read whole by the grammar of prices: a word that it does
not know refuses the prices that the label is of.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from models.price_meters import NOT_ESTABLISHED
from models.price_qualifiers import read_qualifiers
from models.pricetext import (
    Content,
    Direction,
    PriceText,
    PriceTextError,
    Reason,
    parse_label,
    parse_unit_word,
)
from models.reading import CellError
from spiders.sources.page_said import CURRENCY, NOTHING, Said, said_of, together
from spiders.sources.page_words import is_context, squeezed

_PUNCTUATION: Final = re.compile(r"[(),;:|\[\]]")
_FILLERS: Final = re.compile(
    r"\b(?:prices?|pricing|costs?|rates?|amount|in(?= us)|only|units?|standard|api)\b",
    re.IGNORECASE,
)
_CREATION: Final = re.compile(r"\bcache creation\b", re.IGNORECASE)
_HOUR_WRITE: Final = re.compile(r"\b(cache writes?) 1 ?h(?:ours?|r)?\b", re.IGNORECASE)
_SHORT_WRITE: Final = re.compile(r"\b(cache writes?) 5 ?m(?:in(?:ute)?s?)?\b", re.IGNORECASE)
# "Audio input", "Output image": of what a direction is, where no unit stands beside it.
_CONTENT: Final = re.compile(
    r"(?:^|(?<=input )|(?<=output ))(text|image|audio|video)"
    r"(?=$| (?:input|output|prompt|completion|cached?|per)\b| ?/)",
    re.IGNORECASE,
)
_HAS_TERMS: Final = re.compile(r"\bper\b|/|[0-9]", re.IGNORECASE)
_US_DOLLARS: Final = frozenset({"usd", "$", "us$", "us dollar", "us dollars"})
_EMPTY: Final = re.compile(r"[\s\u2010-\u2015\u2212-]*|n/?a|none", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Beside:
    """The texts around a price, verbatim.

    ``heads`` are the heads of its columns and the label before it, ``unit`` the cell of a unit
    column, ``qualifiers`` the cells of columns such as "Resolution", ``near`` any other text,
    ``after`` the texts after the last of several prices, which may be of that one or of all.
    ``gone`` is the reason why the price itself does not stand, such as ``struck_out``.
    ``is_spanning`` tells that its cell spans several columns, and so has none of their directions.
    """

    heads: tuple[str, ...] = ()
    unit: str = ""
    qualifiers: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    gone: str = ""
    is_spanning: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """What the labels of a price say: of what it is, and what its qualifying words come to."""

    said: Said = NOTHING
    direction: Direction | None = None
    content: Content | None = None
    is_variable: bool = False


NO_LABEL: Final = Label()


@lru_cache(maxsize=4096)
def label_of(beside: Beside) -> Label:
    """What all texts around a price say of it. What cannot be read is unread in it."""
    parts = [said_of(text) for text in beside.near if not is_context(text)]
    parts += map(_qualifier, beside.qualifiers)
    parts += map(_after, beside.after)
    read: list[PriceText] = []
    for text in filter(None, (*beside.heads, beside.unit)):
        try:
            read.append(_unit(text) if text == beside.unit else read_head(text))
        except PriceTextError as error:
            reason = CURRENCY if error.reason is Reason.CURRENCY else NOT_ESTABLISHED
            parts.append(Said((), text, reason))
    parts += [Said(tuple(sorted(one.conditions.items()))) for one in read]
    directions = {one.direction for one in read if one.direction}
    contents = {one.content for one in read if one.content}
    units = {(one.unit, one.quoted_per) for one in read if one.unit}
    is_torn = len(directions) > 1 and not beside.is_spanning
    if is_torn or len(contents) > 1 or len(units) > 1:
        parts.append(Said((), " and ".join((*beside.heads, beside.unit))))
    return Label(
        together(parts),
        directions.pop() if len(directions) == 1 else None,
        contents.pop() if len(contents) == 1 else None,
        any(one.is_variable for one in read),
    )


def _after(text: str) -> Said:
    """A condition after the last of several prices may be that of one, or of all."""
    found = said_of(text)
    return Said((), text, found.reason) if found.when else found


def labelled(price: PriceText, label: Label, column: str) -> PriceText:
    """The price with what its labels say of what it is of; ``column`` is the direction that its
    column has by itself.

    Raises CellError where the labels contradict the price.
    """
    way = label.direction
    if way and price.direction and way is not price.direction:
        is_kept_input = price.direction.is_cache and way is Direction.INPUT
        if not is_kept_input:
            raise CellError(NOT_ESTABLISHED, f"{price.direction} in the text, {way} beside it")
    if label.content and price.content not in (None, label.content):
        raise CellError(NOT_ESTABLISHED, f"{price.content} in the text, {label.content} beside it")
    is_more = way is not None and way.value != column
    return replace(
        price,
        direction=price.direction or (way if is_more else None),
        content=price.content or label.content,
        is_variable=price.is_variable or label.is_variable,
    )


def read_head(text: str) -> PriceText:
    """Read the head of a column of prices, or a label before a price, whole.

    Raises PriceTextError for a word that is not understood.
    """
    plain = _FILLERS.sub(" ", _spelled(text))
    plain = squeezed(plain)
    kept_for_an_hour = _HOUR_WRITE.search(plain) is not None
    plain = _HOUR_WRITE.sub(r"\1", _SHORT_WRITE.sub(r"\1", plain))
    content = _CONTENT.search(plain)
    if content is not None:
        plain = squeezed(_CONTENT.sub(" ", plain, count=1))
    read = _label(plain)
    if kept_for_an_hour:
        read = replace(read, direction=Direction.CACHE_WRITE_1H)
    if content is not None:
        stated = Content(content.group(1).lower())
        if read.content not in (None, stated):
            raise PriceTextError(Reason.UNREADABLE, text, "two contents")
        read = replace(read, content=stated)
    return read


def _label(plain: str) -> PriceText:
    """Read a label with the unit that it may end in: "Input tokens" is tokens of input."""
    if not plain:
        return PriceText()
    try:
        return parse_label(plain)
    except PriceTextError as error:
        if error.reason is not Reason.UNREADABLE or "per" in plain.lower().split():
            raise
        read = parse_unit_word(plain)
        return read if _HAS_TERMS.search(plain) else replace(read, unit=None)


def _unit(text: str) -> PriceText:
    """Read a cell of a unit column; raises PriceTextError for a word that is not understood."""
    plain = squeezed(_FILLERS.sub(" ", _spelled(text)))
    if not plain:
        return PriceText()
    is_written_out = any(word in {"per", "/"} for word in plain.lower().replace("/", " / ").split())
    return parse_label(plain) if is_written_out else parse_unit_word(plain)


def _spelled(text: str) -> str:
    return squeezed(_CREATION.sub("cache write", _PUNCTUATION.sub(" ", text)))


def _qualifier(text: str) -> Said:
    """Read a cell of a column of qualifiers whole: a currency, a resolution, a tier."""
    plain = squeezed(_FILLERS.sub(" ", text))
    if _EMPTY.fullmatch(plain) or plain.lower() in _US_DOLLARS:
        return NOTHING
    found = said_of(plain)
    if found.unread:
        return Said((), plain, found.reason)
    read = read_qualifiers(plain)
    if read.unread or read.is_vague:
        return Said((), plain)
    return Said(tuple(sorted(read.when.items())))
