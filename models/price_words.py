"""The words of price phrases: units, directions, contents, bounds, currencies, magnitudes.

Closed vocabularies: a word that is not here makes a phrase unreadable, it is never skipped.
Phrases are tuples of lower-case words, and the longest that fits is taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final, TypeVar

Phrase = tuple[str, ...]
_T = TypeVar("_T")


class Unit(StrEnum):
    """What a price phrase counts."""

    TOKEN = "token"  # noqa: S105 - a unit
    CHARACTER = "character"
    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    IMAGE = "image"
    MEGAPIXEL = "megapixel"
    VIDEO = "video"
    TRACK = "track"
    PAGE = "page"
    REQUEST = "request"
    SEARCH = "search"
    WEB_SEARCH = "web search"
    QUERY = "query"
    CREDIT = "credit"
    FONT = "font"
    REFERENCE_IMAGE = "reference image"
    COMPUTE_SECOND = "compute second"
    GENERATION = "generation"


class Direction(StrEnum):
    """Which way the counted thing goes, where the phrase says so."""

    INPUT = "input"
    OUTPUT = "output"
    CACHE_READ = "cache_read"
    CACHE_WRITE = "cache_write"
    CACHE_WRITE_1H = "cache_write_1h"

    @property
    def is_cache(self) -> bool:
        """Whether it is about tokens kept from earlier requests."""
        return self not in {Direction.INPUT, Direction.OUTPUT}


class Content(StrEnum):
    """What kind of thing the unit measures ("per second of video"), where the phrase says so."""

    TEXT = "text"
    IMAGE = "image"
    AUDIO = "audio"
    VIDEO = "video"
    DOCUMENT = "document"
    REASONING = "reasoning"
    CITATION = "citation"


class Reason(StrEnum):
    """Why a text is not read as a price."""

    CURRENCY = "currency"
    NEGATIVE = "negative"
    LOWER_BOUND = "lower_bound"
    UPPER_BOUND = "upper_bound"
    APPROXIMATE = "approximate"
    RANGE = "range"
    SEVERAL_PRICES = "several_prices"
    AMBIGUOUS_NUMBER = "ambiguous_number"
    AMBIGUOUS_UNIT = "ambiguous_unit"
    OUT_OF_BOUNDS = "out_of_bounds"
    OTHER_WORK = "other_work"
    UNREADABLE = "unreadable"


_UNIT_WORDS: Final[Mapping[Unit, str]] = {
    Unit.TOKEN: "token tokens tok toks",
    Unit.CHARACTER: "character characters char chars",
    Unit.SECOND: "second seconds sec secs s",
    Unit.MINUTE: "minute minutes min mins",
    Unit.HOUR: "hour hours hr hrs h",
    Unit.IMAGE: "image images img imgs",
    Unit.MEGAPIXEL: "megapixel megapixels mp mpx",
    Unit.VIDEO: "video videos",
    Unit.TRACK: "track tracks song songs",
    Unit.PAGE: "page pages",
    Unit.REQUEST: "request requests call calls",
    Unit.SEARCH: "search searches",
    Unit.QUERY: "query queries",
    Unit.CREDIT: "credit credits",
    Unit.FONT: "font fonts",
    Unit.GENERATION: "generation generations",
}
UNITS: Final[Mapping[Phrase, Unit]] = {
    **{(word,): unit for unit, words in _UNIT_WORDS.items() for word in words.split()},
    ("web", "search"): Unit.WEB_SEARCH,
    ("web", "searches"): Unit.WEB_SEARCH,
    ("search", "query"): Unit.QUERY,
    ("search", "queries"): Unit.QUERY,
    ("api", "call"): Unit.REQUEST,
    ("api", "calls"): Unit.REQUEST,
    ("api", "request"): Unit.REQUEST,
    ("api", "requests"): Unit.REQUEST,
    ("duration", "second"): Unit.SECOND,
    ("duration", "seconds"): Unit.SECOND,
    ("compute", "second"): Unit.COMPUTE_SECOND,
    ("compute", "seconds"): Unit.COMPUTE_SECOND,
    ("reference", "image"): Unit.REFERENCE_IMAGE,
    ("reference", "images"): Unit.REFERENCE_IMAGE,
}
SCALED_UNITS: Final[Mapping[str, tuple[int, Unit]]] = {
    "ktok": (1_000, Unit.TOKEN),
    "mtok": (1_000_000, Unit.TOKEN),
    "mtoks": (1_000_000, Unit.TOKEN),
}
CONTENTS: Final[Mapping[str, Content]] = {content.value: content for content in Content}
# What each content may be measured in: "audio minute", "image tokens", "megapixel of image".
_PLAYED: Final = frozenset({Unit.TOKEN, Unit.SECOND, Unit.MINUTE, Unit.HOUR})
CONTENT_UNITS: Final[Mapping[Content, frozenset[Unit]]] = {
    Content.TEXT: frozenset({Unit.TOKEN, Unit.CHARACTER}),
    Content.IMAGE: frozenset({Unit.TOKEN, Unit.MEGAPIXEL}),
    Content.AUDIO: _PLAYED,
    Content.VIDEO: _PLAYED,
    Content.DOCUMENT: frozenset({Unit.TOKEN, Unit.PAGE}),
    Content.REASONING: frozenset({Unit.TOKEN}),
    Content.CITATION: frozenset({Unit.TOKEN}),
}

DIRECTIONS: Final[Mapping[Phrase, Direction]] = {
    ("input",): Direction.INPUT,
    ("inputs",): Direction.INPUT,
    ("prompt",): Direction.INPUT,
    ("output",): Direction.OUTPUT,
    ("outputs",): Direction.OUTPUT,
    ("completion",): Direction.OUTPUT,
    ("generated",): Direction.OUTPUT,
    ("cached",): Direction.CACHE_READ,
    ("cached", "input"): Direction.CACHE_READ,
    ("cache", "read"): Direction.CACHE_READ,
    ("cache", "reads"): Direction.CACHE_READ,
    ("cache", "read", "input"): Direction.CACHE_READ,
    ("input", "cache", "read"): Direction.CACHE_READ,
    ("cache", "write"): Direction.CACHE_WRITE,
    ("cache", "writes"): Direction.CACHE_WRITE,
    ("cache", "write", "input"): Direction.CACHE_WRITE,
    ("input", "cache", "write"): Direction.CACHE_WRITE,
}
OTHER_WORK: Final[frozenset[Phrase]] = frozenset({("video", "continuation")})
"""Kinds of work that no operation of ours stands for, named within a price."""

BOUNDS: Final[Mapping[Phrase, Reason]] = {
    **dict.fromkeys(
        [("from",), ("starting",), ("starts",), ("start",), ("at", "least"), ("min",)],
        Reason.LOWER_BOUND,
    ),
    **dict.fromkeys(
        [("minimum",), ("over",), ("more", "than"), ("or", "more"), ("and", "up")],
        Reason.LOWER_BOUND,
    ),
    **dict.fromkeys(
        [("up", "to"), ("at", "most"), ("max",), ("maximum",), ("under",), ("less", "than")],
        Reason.UPPER_BOUND,
    ),
    **dict.fromkeys(
        [("about",), ("approx",), ("approximately",), ("around",), ("circa",), ("roughly",)],
        Reason.APPROXIMATE,
    ),
    ("between",): Reason.RANGE,
}
BOUND_SIGNS: Final[Mapping[str, Reason]] = {
    **dict.fromkeys("≥>", Reason.LOWER_BOUND),
    **dict.fromkeys("≤<", Reason.UPPER_BOUND),
    **dict.fromkeys("≈≃∼", Reason.APPROXIMATE),
}

US_DOLLARS: Final[Mapping[Phrase, str]] = dict.fromkeys(
    [("usd",), ("dollar",), ("dollars",), ("us", "dollar"), ("us", "dollars")], "USD"
)
CREDIT: Final = "credit"
CENTS: Final = "US cents"
# Signs and words of currencies, for their codes. ¥ is left out: it is two currencies.
CURRENCY_CODES: Final[Mapping[str, str]] = {
    "€": "EUR",
    "euro": "EUR",
    "euros": "EUR",
    "£": "GBP",
    "₹": "INR",
    "₩": "KRW",
    "₽": "RUB",
    "元": "CNY",
    "rmb": "CNY",
    "yuan": "CNY",
    "cent": CENTS,
    "cents": CENTS,
    "¢": CENTS,
}
CREDIT_WORDS: Final = frozenset({"credit", "credits"})

# Pages mix up the Cyrillic letters U+041A and U+041C with K and M.
MAGNITUDES: Final[Mapping[str, int]] = {
    **dict.fromkeys(["k", "thousand", "\u043a"], 10**3),
    **dict.fromkeys(["m", "million", "mln", "mio", "\u043c"], 10**6),
    **dict.fromkeys(["b", "bn", "billion"], 10**9),
}


KNOWN_WORDS: Final = frozenset(
    word
    for table in (UNITS, DIRECTIONS, BOUNDS, US_DOLLARS, dict.fromkeys(OTHER_WORK))
    for phrase in table
    for word in phrase
) | {"per", "of", "cent", "cents", *SCALED_UNITS, *CONTENTS, *CREDIT_WORDS, *MAGNITUDES}
"""Every word that some phrase of units, directions, contents, bounds or currencies may have."""


def longest(table: Mapping[Phrase, _T], words: Sequence[str]) -> tuple[_T, int] | None:
    """The entry for the longest phrase that `words` starts with, and how many words it takes."""
    for count in range(min(3, len(words)), 0, -1):
        found = table.get(tuple(words[:count]))
        if found is not None:
            return found, count
    return None
