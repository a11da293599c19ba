"""The qualifiers of a price: words that say when it applies, each a condition.

The vocabulary is closed, like that of units: a qualifier that is not here refuses the price that it
stands with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from models.conditions import (
    HAS_AUDIO,
    MEGAPIXELS,
    MODE,
    POSITION,
    SERVICE_TIER,
    VIDEO_INPUT,
    Stated,
)
from models.price_tokens import Kind, PriceTextError, Token, tokens
from models.price_words import KNOWN_WORDS, Phrase, longest

RESOLUTION: Final = "resolution"

QUALIFIERS: Final[Mapping[Phrase, tuple[str, Stated]]] = {
    ("with", "audio"): (HAS_AUDIO, True),
    ("with", "sound"): (HAS_AUDIO, True),
    ("without", "audio"): (HAS_AUDIO, False),
    ("without", "sound"): (HAS_AUDIO, False),
    ("with", "video", "input"): (VIDEO_INPUT, True),
    ("without", "video", "input"): (VIDEO_INPUT, False),
    ("text", "to", "video"): (MODE, "text-to-video"),
    ("image", "to", "video"): (MODE, "image-to-video"),
    ("video", "to", "video"): (MODE, "video-to-video"),
    ("batch",): (SERVICE_TIER, "batch"),
    ("flex",): (SERVICE_TIER, "flex"),
    ("priority",): (SERVICE_TIER, "priority"),
    ("first",): (POSITION, "first"),
    ("additional",): (POSITION, "additional"),
}
CLOSED: Final[Mapping[str, tuple[Stated, ...]]] = {
    HAS_AUDIO: (True, False),
    VIDEO_INPUT: (True, False),
    POSITION: ("first", "additional"),
}
"""The conditions whose values are all known: what one price leaves out of them is the rest."""

QUALITY: Final = "quality"
_QUALITIES: Final = frozenset({"low", "medium", "high", "standard", "hd", "xhigh", "max"})
_ABOVE: Final = {("above",): "above", ("over",): "above", ("up", "to"): "up to"}
VAGUE: Final = frozenset({"auto"})
"""Values that leave open which of the others is meant."""

READABLE_WORDS: Final = KNOWN_WORDS | {word for phrase in QUALIFIERS for word in phrase}
"""Every word that a price, its terms or its qualifiers may have."""

_IN_PIXELS: Final = frozenset({"256", "480", "512", "720", "768", "1024", "1080", "1536", "2048"})
_SHOWN_IN_K: Final = frozenset({"1", "1.5", "2", "3", "4", "5", "6", "8"})


def domain_of(key: str, stated: Sequence[Stated]) -> tuple[Stated, ...]:
    """All values of a condition where they are known: of a bound on megapixels its two sides."""
    if key == MEGAPIXELS and len({str(value).rpartition(" ")[2] for value in stated}) == 1:
        bound = str(stated[0]).rpartition(" ")[2]
        return (f"above {bound}", f"up to {bound}")
    return CLOSED.get(key, ())


def qualifier_at(items: Sequence[Token], at: int) -> tuple[str, Stated, int] | None:
    """The qualifier that begins at a token: its condition, the value, and how many tokens it takes.

    None where none begins there.
    """
    words: list[str] = []
    for item in items[at : at + 3]:
        if item.kind is not Kind.WORD:
            break
        words.append(item.word)
    found = longest(QUALIFIERS, words)
    if found is not None:
        (key, value), width = found
        return key, value, width
    resolution = resolution_at(items, at)
    return None if resolution is None else (RESOLUTION, *resolution)


def resolution_at(items: Sequence[Token], at: int) -> tuple[str, int] | None:
    """A resolution such as "4k", which is cut into a number and a letter, and its tokens."""
    if at + 1 >= len(items):
        return None
    number, letter = items[at], items[at + 1]
    is_written_so = number.kind is Kind.NUMBER and letter.word == "k" and not letter.is_spaced
    return (f"{number.text}k", 2) if is_written_so and number.text in _SHOWN_IN_K else None


@dataclass(frozen=True, slots=True)
class Qualified:
    """What a text of qualifiers says. ``unread`` are the words of it that are not understood,
    ``is_vague`` tells that it leaves a value open on purpose ("auto")."""

    when: dict[str, Stated]
    unread: tuple[str, ...] = ()
    is_vague: bool = False


def read_qualifiers(text: str) -> Qualified:
    """Read a variant's name, which is qualifiers and nothing else: "low_1k", "1024x1024"."""
    try:
        items = tokens(text.replace("_", " ").lower())
    except PriceTextError:
        return Qualified({}, (text[:80],))
    when: dict[str, Stated] = {}
    unread: list[str] = []
    at, is_vague = 0, False
    while at < len(items):
        found = _variant_word(items, at) or qualifier_at(items, at)
        if found is not None and when.setdefault(found[0], found[1]) == found[1]:
            at += found[2]
            continue
        is_vague = is_vague or items[at].word in VAGUE
        if items[at].word not in VAGUE:
            unread.append(items[at].text)
        at += 1
    return Qualified(when, tuple(unread), is_vague)


def _variant_word(items: Sequence[Token], at: int) -> tuple[str, Stated, int] | None:
    """A quality, a resolution or a bound on megapixels, in the words of image variants."""
    token = items[at]
    if token.word in _QUALITIES:
        return QUALITY, token.word, 1
    if token.kind in {Kind.RESOLUTION, Kind.SIZE}:
        return RESOLUTION, token.word.replace(" ", ""), 1
    if resolution_at(items, at) is None and token.text in _IN_PIXELS:
        return RESOLUTION, token.text, 1
    bound = longest(_ABOVE, [item.word for item in items[at : at + 2]])
    if bound is not None:
        side, width = bound
        after = [item.word for item in items[at + width : at + width + 2]]
        if len(after) == 2 and after[0].isdecimal() and after[1] in {"megapixel", "megapixels"}:
            return MEGAPIXELS, f"{side} {after[0]}", width + 2
    return None
