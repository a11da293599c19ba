"""The terms of a price: what follows "per" or a slash.

``[number] [magnitude] {direction | content | size | qualifier} unit [of content]``. The last noun
is the unit and what stands before it says of what: "image tokens", "video second".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Never

from models.conditions import Stated
from models.money import times
from models.price_qualifiers import qualifier_at
from models.price_tokens import Kind, PriceTextError, Token, read_number
from models.price_words import (
    CONTENT_UNITS,
    CONTENTS,
    DIRECTIONS,
    MAGNITUDES,
    OTHER_WORK,
    SCALED_UNITS,
    UNITS,
    Content,
    Direction,
    Reason,
    Unit,
    longest,
)

_MAX_PER: Final = 10**12
# "1m" of these can only be a million; of others, or alone, it may be a minute or a metre.
_COUNTED_IN_MILLIONS: Final = frozenset({Unit.TOKEN, Unit.CHARACTER})
# "4K" before these, in the singular, is as likely a resolution as a number.
_SHOWN_IN_RESOLUTIONS: Final = frozenset({Unit.IMAGE, Unit.VIDEO, Unit.SECOND, Unit.MINUTE})


@dataclass(slots=True)
class Terms:
    """What was read, and the position after it."""

    end: int
    quoted_per: int = 1
    unit: Unit | None = None
    content: Content | None = None
    directions: list[Direction] = field(default_factory=list[Direction])
    measurements: list[Token] = field(default_factory=list[Token])
    qualifiers: list[tuple[str, Stated]] = field(default_factory=list[tuple[str, Stated]])


@dataclass(frozen=True, slots=True)
class _Noun:
    text: str
    unit: Unit | None
    content: Content | None

    @property
    def is_singular(self) -> bool:
        return not self.text.endswith("s")


def read_terms(items: Sequence[Token], start: int) -> Terms:
    """Read terms that begin at `start`; raises PriceTextError where none stand there."""
    terms = Terms(end=start)
    magnitude = _read_count(items, terms)
    nouns = _read_nouns(items, terms)
    if nouns:
        _settle_unit(nouns, terms)
    if magnitude is not None:
        _check_magnitude(magnitude, nouns, terms)
    if terms.unit is None and (terms.quoted_per < 1000 or terms.quoted_per % 1000):
        _refuse_divisor(items[start] if start < len(items) else None)
    return terms


def words_at(items: Sequence[Token], start: int) -> list[str]:
    """The words that follow one another from `start`, as many as a phrase may have."""
    words: list[str] = []
    for item in items[start : start + 3]:
        if item.kind is not Kind.WORD:
            break
        words.append(item.word)
    return words


def _refuse_divisor(first: Token | None) -> Never:
    """Without a unit only a round number is a divisor: "$3 / 1M", but not "$3 / $15" or "3/4"."""
    if first is not None and first.text == "$":
        raise PriceTextError(Reason.SEVERAL_PRICES, first.text, "a second amount")
    raise PriceTextError(Reason.UNREADABLE, first.text if first else "", "no unit of the price")


def _read_count(items: Sequence[Token], terms: Terms) -> Token | None:
    """Read "1000", "1M", "million" or nothing; returns the magnitude's token."""
    number = _at(items, terms.end, Kind.NUMBER)
    terms.end += number is not None
    magnitude = _at(items, terms.end, Kind.WORD)
    if magnitude is not None and magnitude.word not in MAGNITUDES:
        magnitude = None
    terms.end += magnitude is not None
    value = Decimal(1) if number is None else read_number(number.text, is_count=magnitude is None)
    if magnitude is not None:
        value = times(value, MAGNITUDES[magnitude.word])
    if number is not None and (value != int(value) or not 1 <= value <= _MAX_PER):
        raise PriceTextError(Reason.UNREADABLE, number.text, "no number of units")
    terms.quoted_per = int(value)
    return magnitude


def _read_nouns(items: Sequence[Token], terms: Terms) -> list[_Noun]:
    nouns: list[_Noun] = []
    while terms.end < len(items):
        token = items[terms.end]
        words = words_at(items, terms.end)
        if token.kind in {Kind.SIZE, Kind.RESOLUTION}:
            terms.measurements.append(token)
            terms.end += 1
        elif tuple(words[:2]) in OTHER_WORK:
            raise PriceTextError(Reason.OTHER_WORK, " ".join(words[:2]), "another kind of work")
        elif (qualifier := qualifier_at(items, terms.end)) is not None:
            terms.qualifiers.append(qualifier[:2])
            terms.end += qualifier[2]
        elif (direction := longest(DIRECTIONS, words)) is not None:
            terms.directions.append(direction[0])
            terms.end += direction[1]
        elif (noun := _noun(token, words, terms)) is not None:
            nouns.append(noun)
        elif words[:1] == ["of"] and nouns:
            return _read_of(items, terms, nouns)
        else:
            break
    return nouns


def _noun(token: Token, words: Sequence[str], terms: Terms) -> _Noun | None:
    """Read one noun and step over it."""
    if (unit := longest(UNITS, words)) is not None:
        terms.end += unit[1]
        return _Noun(words[unit[1] - 1], unit[0], CONTENTS.get(token.word))
    if words and words[0] in SCALED_UNITS:
        scale, scaled = SCALED_UNITS[words[0]]
        terms.quoted_per *= scale
        terms.end += 1
        return _Noun(f"{words[0]}s", scaled, None)
    if words and words[0] in CONTENTS:
        terms.end += 1
        return _Noun(words[0], None, CONTENTS[words[0]])
    if token.kind is Kind.CREDITS:
        terms.end += 1
        return _Noun(token.word, Unit.CREDIT, None)
    return None


def _read_of(items: Sequence[Token], terms: Terms, nouns: list[_Noun]) -> list[_Noun]:
    """Read "of [generated] video" and put the content where "video second" has it."""
    terms.end += 1
    direction = longest(DIRECTIONS, words_at(items, terms.end))
    if direction is not None:
        terms.directions.append(direction[0])
        terms.end += direction[1]
    token = _at(items, terms.end, Kind.WORD)
    if token is None or token.word not in CONTENTS:
        raise PriceTextError(Reason.UNREADABLE, token.text if token else "of", "of what")
    terms.end += 1
    return [_Noun(token.word, None, CONTENTS[token.word]), *nouns]


def _settle_unit(nouns: Sequence[_Noun], terms: Terms) -> None:
    *before, last = nouns
    content = before[0].content if before else None
    terms.unit, terms.content = last.unit, content
    fits = content is None or last.unit in CONTENT_UNITS[content]
    if last.unit is None or len(before) > 1 or (before and content is None) or not fits:
        raise PriceTextError(
            Reason.UNREADABLE, " ".join(noun.text for noun in nouns), "nouns that make no unit"
        )


def _check_magnitude(magnitude: Token, nouns: Sequence[_Noun], terms: Terms) -> None:
    """Refuse letters that may mean something else than a thousand or a million."""
    if magnitude.text in {"m", "\u043c"} and terms.unit not in _COUNTED_IN_MILLIONS:
        raise PriceTextError(Reason.AMBIGUOUS_UNIT, magnitude.text, "million or minute")
    is_kilo = magnitude.text.lower() in {"k", "\u043a"}
    if is_kilo and terms.unit in _SHOWN_IN_RESOLUTIONS and nouns[-1].is_singular:
        raise PriceTextError(Reason.AMBIGUOUS_UNIT, magnitude.text, "thousand or resolution")


def _at(items: Sequence[Token], position: int, kind: Kind) -> Token | None:
    if position < len(items) and items[position].kind is kind:
        return items[position]
    return None
