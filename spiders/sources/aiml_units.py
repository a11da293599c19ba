"""The words AIML API prices things in, and the meter each stands for.

A price names its unit (``name`` or ``unit``: token, second, image…), what the unit is made of
(``content``: text, image, audio…) and where it comes from (``origin``: provided, generated, cached,
cache_write; one documented example says ``measure: "output"`` instead). Field by field they are put
into the registry's form, "<origin> <content> <unit>", and the registry has the last word. What the
operation implies is filled in from the tables below; whatever then is still open is a refusal,
because a price under the wrong meter is worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from models.reading import CellError
from models.registry import meter_for

SOURCE: Final = "aiml_models"
NOT_ESTABLISHED: Final = "unit_not_established"

_ORIGINS: Final = {
    "provided": "provided",
    "input": "provided",
    "prompt": "provided",
    "generated": "generated",
    "output": "generated",
    "completion": "generated",
    "cached": "cached",
    "cache_read": "cached",
    "cache_write": "cache_write",
}
_CONTENTS: Final = {
    "text": "text",
    "image": "image",
    "audio": "audio",
    "speech": "audio",
    "voice": "audio",
    "music": "audio",
    "sound": "audio",
    "video": "video",
    "document": "document",
    "file": "document",
    "pdf": "document",
    "reasoning": "reasoning",
    "citation": "citation",
}
# Each unit word with the registry's word for it and how many of those one of them is.
_UNITS: Final[Mapping[str, tuple[str, int]]] = {
    "token": ("token", 1),
    "character": ("character", 1),
    "char": ("character", 1),
    "second": ("second", 1),
    "sec": ("second", 1),
    "minute": ("second", 60),
    "min": ("second", 60),
    "hour": ("second", 3600),
    "image": ("image", 1),
    "megapixel": ("megapixel", 1),
    "mp": ("megapixel", 1),
    "video": ("video", 1),
    "track": ("track", 1),
    "song": ("track", 1),
    "page": ("page", 1),
    "request": ("request", 1),
    "search": ("search", 1),
}
# Units which say by themselves what they are made of.
_SELF_EVIDENT: Final[Mapping[str, frozenset[str]]] = {
    "character": frozenset({"text"}),
    "image": frozenset({"image"}),
    "megapixel": frozenset({"image"}),
    "video": frozenset({"video"}),
    "track": frozenset({"audio"}),
    "page": frozenset({"document"}),
}
_WITHOUT_ORIGIN: Final = frozenset({"request", "search"})
# Where an operation leaves only one reading of a unit whose origin is not stated.
_IMPLIED_ORIGIN: Final[Mapping[tuple[str, str], str]] = {
    ("embedding", "token"): "provided",
    ("rerank", "token"): "provided",
    ("image", "image"): "generated",
    ("image", "megapixel"): "generated",
    ("video", "second"): "generated",
    ("video", "video"): "generated",
    ("speech", "character"): "provided",
    ("speech", "second"): "generated",
    ("audio", "second"): "generated",
    ("audio", "track"): "generated",
    ("transcription", "second"): "provided",
    ("document", "page"): "provided",
}
# What a second consists of where the content is not stated.
_IMPLIED_CONTENT: Final[Mapping[tuple[str, str, str], str]] = {
    ("video", "generated", "second"): "video",
    ("speech", "generated", "second"): "audio",
    ("audio", "generated", "second"): "audio",
    ("transcription", "provided", "second"): "audio",
}
# Operations whose tokens are text unless something else is stated.
TEXT_OPERATIONS: Final = frozenset(
    {"chat", "responses", "messages", "completion", "embedding", "rerank"}
)
_SEPARATORS: Final = re.compile(r"[\s_\-/]+")


def meter_of(stated: Mapping[str, object], operation: str) -> tuple[str, int]:
    """The meter of one priced object, and how many of the meter's units one of its units is.

    ``stated`` holds the fields ``name``, ``unit``, ``content``, ``measure`` and ``origin`` as far
    as the source gives them. Raises CellError (``unit_not_established``) when they, together with
    the operation, leave more than one reading or none.
    """
    unit, count = _unit(stated)
    if unit in _WITHOUT_ORIGIN:
        return _registered(unit), count
    origin = _origin(stated) or _IMPLIED_ORIGIN.get((operation, unit))
    if origin is None:
        raise CellError(NOT_ESTABLISHED, f"neither input nor output is said of this {unit}")
    content = _content(stated, unit) or _IMPLIED_CONTENT.get((operation, origin, unit))
    if content is None and unit == "token" and operation in TEXT_OPERATIONS:
        content = "text"
    if content in _SELF_EVIDENT.get(unit, ()):
        content = None
    if content is None and unit not in _SELF_EVIDENT:
        raise CellError(NOT_ESTABLISHED, f"{origin} {unit}: of what is not said")
    return _registered(" ".join(part for part in (origin, content, unit) if part)), count


def _registered(word: str) -> str:
    meter = meter_for(SOURCE, word)
    if meter is None:
        raise CellError(NOT_ESTABLISHED, f"no meter for {word!r}")
    return meter


def _unit(stated: Mapping[str, object]) -> tuple[str, int]:
    for key in ("unit", "name", "measure", "content"):
        # The last word is the unit: "image token" is a token made of image.
        for word in reversed(_words(stated.get(key))):
            if word in _UNITS:
                return _UNITS[word]
    shown = {key: stated[key] for key in ("name", "unit", "measure") if key in stated}
    raise CellError(NOT_ESTABLISHED, f"no unit known to us in {shown}")


def _origin(stated: Mapping[str, object]) -> str | None:
    """The stated origin; raises CellError where a field that means nothing else has a new word."""
    word = stated.get("origin")
    if isinstance(word, str) and word:
        origin = _ORIGINS.get(word.lower())
        if origin is None:
            raise CellError(NOT_ESTABLISHED, f"unknown origin {word!r}")
        return origin
    for key in ("measure", "name"):
        words = _words(stated.get(key))
        if "cache" in words and "write" in words:
            return "cache_write"
        found = [_ORIGINS[word] for word in words if word in _ORIGINS]
        if "cache" in words or "cached" in found:
            return "cached"
        if found:
            return found[0]
    return None


def _content(stated: Mapping[str, object], unit: str) -> str | None:
    """The stated content; raises CellError for a new word, which no default may replace."""
    word = stated.get("content")
    if isinstance(word, str) and word:
        content = _CONTENTS.get(word.lower())
        if content is None and _singular(word.lower()) not in _UNITS:
            raise CellError(NOT_ESTABLISHED, f"unknown content {word!r}")
        if content is not None:
            return content
    named = [word for key in ("unit", "name") for word in _words(stated.get(key))]
    return next((_CONTENTS[word] for word in named if word in _CONTENTS and word != unit), None)


def _words(text: object) -> list[str]:
    if not isinstance(text, str):
        return []
    return [_singular(word) for word in _SEPARATORS.split(text.lower()) if word]


def _singular(word: str) -> str:
    return word.removesuffix("s") if len(word) > 2 else word
