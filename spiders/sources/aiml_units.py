"""What AIML API says that a price is for: the words of a unit, read whole or not at all.

A unit has a name (``name`` or ``unit``: "token", "second", "1K characters"), says what it is made
of (``content``: text, image, audio…) and where it comes from (``origin``). **Origin is the
direction**: provided is input, generated output, cached a cache read, cache_write a cache write.
``measure`` is not: the seller writes "output" there on input, output and cached units alike
(2026-11); it is read only where it says more than that. ``tier``, ``threshold`` and ``ttl`` are
qualifiers that become conditions or another meter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from models.conditions import MIN_PROMPT_TOKENS, SERVICE_TIER, STANDARD_TIERS, Stated
from models.price_meters import NOT_ESTABLISHED
from models.price_words import Content, Direction
from models.pricetext import PriceText, PriceTextError, parse_unit_word, words_read_of
from models.reading import CellError
from spiders.sources import values
from spiders.sources.values import JsonObject

SOURCE: Final = "aiml_models"

_ORIGINS: Final = {
    "provided": Direction.INPUT,
    "input": Direction.INPUT,
    "prompt": Direction.INPUT,
    "generated": Direction.OUTPUT,
    "output": Direction.OUTPUT,
    "completion": Direction.OUTPUT,
    "cached": Direction.CACHE_READ,
    "cache_read": Direction.CACHE_READ,
    "cache_write": Direction.CACHE_WRITE,
}
# What `measure` may say beside the directions, which it repeats whatever the unit is.
_CACHE_MEASURES: Final = {
    "cache_read": Direction.CACHE_READ,
    "cache_write": Direction.CACHE_WRITE,
    "cache_write_5m": Direction.CACHE_WRITE,
    "cache_write_1h": Direction.CACHE_WRITE_1H,
}
_MEASURES_WITHOUT_MEANING: Final = frozenset({"input", "output"})
_CONTENTS: Final[Mapping[str, Content]] = {
    **{content.value: content for content in Content},
    **dict.fromkeys(("speech", "voice", "music", "sound"), Content.AUDIO),
    **dict.fromkeys(("file", "pdf"), Content.DOCUMENT),
}
TIERS: Final = frozenset({"batch", "flex", "priority", "fast"})
_LIVES: Final = {
    **dict.fromkeys(("5m", "5min", "5minutes", "300", "300s"), Direction.CACHE_WRITE),
    **dict.fromkeys(("1h", "1hour", "60m", "60minutes", "3600", "3600s"), Direction.CACHE_WRITE_1H),
}
# Words about a unit that say nothing of its price while they are these.
_EXPECTED: Final[Mapping[str, frozenset[str]]] = {
    "type": frozenset({"charge"}),
    "phase": frozenset({"inference"}),
    "author": frozenset({"user", "model"}),
}
_SPACE: Final = re.compile(r"[\s_-]+")


@dataclass(slots=True)
class UnitReading:
    """What was read of a unit, and what of it was not understood.

    ``price`` is None where its words make no unit that any meter counts. ``problems`` is empty
    where all was understood; ``has_open_content`` tells that one of them is what it is made of.
    """

    price: PriceText | None
    when: dict[str, Stated] = field(default_factory=dict[str, Stated])
    problems: list[str] = field(default_factory=list[str])
    has_open_content: bool = False
    cache: Direction | None = None
    """Which cache, and for how long, where more than the direction says so."""

    def state(self, key: str, value: Stated) -> None:
        """Keep a condition; a second value of it is a problem."""
        if self.when.setdefault(key, value) != value:
            self.problems.append(f"{key}: {self.when[key]!r} and {value!r}")

    def turn(self, direction: Direction) -> None:
        """Keep a direction; another one that was stated is a problem."""
        if self.price is None:
            return
        known = self.price.direction
        if known is None or (known is Direction.INPUT and direction.is_cache):
            self.price = replace(self.price, direction=direction)
        elif known is not direction:
            self.problems.append(f"{known.value} and {direction.value}")

    def keep(self, cache: Direction) -> None:
        """Keep which cache it is; another one that was stated is a problem."""
        if self.cache not in (None, cache):
            self.problems.append(f"{self.cache} and {cache}")
        self.cache = cache


def read_unit(stated: JsonObject) -> UnitReading:
    """Read all that is said of what a price buys."""
    reading = _named(stated)
    if reading.price is not None:
        for key, value in reading.price.conditions.items():
            reading.state(key, value)
    _read_origin(stated, reading)
    _read_measure(stated, reading)
    _read_content(stated, reading)
    _read_tier(stated, reading)
    _read_qualifiers(stated, reading)
    _settle_cache(reading)
    for key, expected in _EXPECTED.items():
        if stated.get(key) is not None and _word(stated[key]) not in expected:
            reading.problems.append(f"{key} {stated[key]!r}")
    return reading


def _named(stated: JsonObject) -> UnitReading:
    """The unit itself, by its name; where two fields name it, by both."""
    words = [values.text_at(stated, key) for key in ("name", "unit")]
    text = " ".join(dict.fromkeys(word.lower() for word in words if word))
    wrong = [key for key in ("name", "unit") if key in stated and not values.is_text(stated[key])]
    problems = [f"{key} {stated[key]!r}" for key in wrong if stated[key] is not None]
    if not text:
        return UnitReading(PriceText(), problems=problems or ["no unit is named"])
    try:
        price = parse_unit_word(text)
    except PriceTextError as error:
        return UnitReading(words_read_of(text), problems=[*problems, str(error)])
    if price.is_variable:
        problems.append("a price that is set per request")
    return UnitReading(price, problems=problems)


def _read_origin(stated: JsonObject, reading: UnitReading) -> None:
    if stated.get("origin") is None:
        return
    direction = _ORIGINS.get(_word(stated["origin"]))
    if direction is None:
        reading.problems.append(f"unknown origin {stated['origin']!r}")
    else:
        reading.turn(direction)


def _read_measure(stated: JsonObject, reading: UnitReading) -> None:
    """`measure` repeats the unit, or says which cache; its "input" and "output" mean nothing."""
    word = _word(stated.get("measure"))
    if word in _MEASURES_WITHOUT_MEANING or stated.get("measure") is None:
        return
    if (cache := _CACHE_MEASURES.get(word)) is not None:
        reading.keep(cache)
        return
    try:
        measured = parse_unit_word(word)
    except PriceTextError:
        measured = None
    # The unit once more, and nothing else: any further word would be part of what it buys.
    if reading.price is None or measured != PriceText(unit=reading.price.unit):
        reading.problems.append(f"measure {stated['measure']!r}")


def _settle_cache(reading: UnitReading) -> None:
    """A write says how long it is kept beside an origin that only says that it is one."""
    cache, price = reading.cache, reading.price
    if cache is None or price is None:
        return
    expected = Direction.CACHE_READ if cache is Direction.CACHE_READ else Direction.CACHE_WRITE
    if price.direction is not expected:
        said = "no origin" if price.direction is None else price.direction.value
        reading.problems.append(f"{cache.value} beside {said}")
    reading.price = replace(price, direction=cache)


def _read_content(stated: JsonObject, reading: UnitReading) -> None:
    if stated.get("content") is None or reading.price is None:
        return
    word = _word(stated["content"])
    content = _CONTENTS.get(word)
    known = reading.price.content
    if content is None:
        reading.problems.append(f"unknown content {stated['content']!r}")
        reading.has_open_content = True
    elif known not in (None, content):
        reading.problems.append(f"{known} and {content}")
    else:
        reading.price = replace(reading.price, content=content)


def _read_tier(stated: JsonObject, reading: UnitReading) -> None:
    named = [key for key in ("tier", SERVICE_TIER) if stated.get(key) is not None]
    tiers = {_word(stated[key]) for key in named}
    if len(tiers) > 1:
        reading.problems.append(f"the tiers {' and '.join(sorted(tiers))}")
    for tier in tiers:
        if tier in TIERS:
            reading.state(SERVICE_TIER, tier)
        elif tier not in STANDARD_TIERS or not tier:
            reading.problems.append(f"tier {tier!r}")


def _read_qualifiers(stated: JsonObject, reading: UnitReading) -> None:
    for key in ("threshold", MIN_PROMPT_TOKENS):
        if stated.get(key) is not None:
            bound = values.whole_number(stated[key])
            if bound is None:
                reading.problems.append(f"{key} {stated[key]!r}")
            else:
                reading.state(MIN_PROMPT_TOKENS, bound)
    if stated.get("ttl") is not None:
        life = _LIVES.get(_SPACE.sub("", _word(stated["ttl"])))
        if life is None:
            reading.problems.append(f"ttl {stated['ttl']!r}")
        else:
            reading.keep(life)


def _word(value: object) -> str:
    """A text in lower case, or a number as printed."""
    return values.text_of(value).strip().lower() if values.is_scalar(value) else ""


def refuse_if_open(reading: UnitReading) -> PriceText:
    """What the unit is; raises CellError (``unit_not_established``) where a word was not read."""
    if reading.problems or reading.price is None:
        said = "; ".join(reading.problems) or "words that make no unit"
        raise CellError(NOT_ESTABLISHED, said)
    return reading.price
