"""The qualifiers of a price: words that say when it applies, each a condition.

The vocabulary is closed, like that of units: a qualifier that is not here refuses the price that it
stands with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from models.conditions import HAS_AUDIO, SERVICE_TIER, Stated
from models.price_tokens import Kind, Token
from models.price_words import KNOWN_WORDS, Phrase, longest

MODE: Final = "mode"
VIDEO_INPUT: Final = "video_input"
POSITION: Final = "position"
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

READABLE_WORDS: Final = KNOWN_WORDS | {word for phrase in QUALIFIERS for word in phrase}
"""Every word that a price, its terms or its qualifiers may have."""

_SHOWN_IN_K: Final = frozenset({"1", "1.5", "2", "3", "4", "5", "6", "8"})


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
