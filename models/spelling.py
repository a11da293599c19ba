"""One spelling for what conditions say, so that how a source writes a value is no part of a price.

``720P`` is ``720p``, ``1280 × 720`` is ``1280x720``, and for a video both are the resolution
``720p``: a source that goes from one to the other has changed no price. What a video's frame
measures stands beside its resolution (`Conditions.size`) and tells no two prices apart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from models.conditions import Conditions, Stated, Value
from models.registry import METERS

RESOLUTION: Final = "resolution"
QUALITY: Final = "quality"
WIDTH: Final = "width"
HEIGHT: Final = "height"
VIDEO: Final = "video"
# Names, spelled as their owners spell them.
_NAMES: Final = frozenset({"provider"})
_HD: Final = "hd"
# What a frame is called whose shorter side has so many pixels; 2160p is mostly written 4k.
_NAMED_HEIGHTS: Final = {"480": "480p", "720": "720p", "1080": "1080p", "1440": "1440p"} | {
    "2160": "4k"
}
_SIZE: Final = re.compile(r"([0-9]{1,5}) ?[x*] ?([0-9]{1,5})")
_NUMBER_AND_LETTER: Final = re.compile(r"([0-9]{1,5}(?:\.[0-9])?) ?([pk])")


def canonical_conditions(
    stated: Mapping[str, Stated], meter: str, operation: str = ""
) -> Conditions:
    """The conditions of a rate in their one spelling.

    ``meter`` and ``operation`` say whether a resolution is a video's: then a frame size whose
    shorter side has a name is the resolution of that name, ``2160p`` is ``4k``, and every other
    size is a resolution by its width and height. ``HD`` is a resolution for a video only, and a
    quality for everything else. Raises ConditionError when a condition cannot be meant.
    """
    return respelled(Conditions.of(stated), meter, operation)


def respelled(conditions: Conditions, meter: str, operation: str = "") -> Conditions:
    """Conditions that a source stated, in their one spelling; see `canonical_conditions`."""
    texts = spelled(conditions)
    return _of_video(texts) if is_video(meter, operation) else _of_picture(texts)


def spelled(conditions: Conditions) -> Conditions:
    """Conditions with each text in one spelling, and no size taken for the name of a resolution.

    The sides of a resolution that is a size stand beside it.
    """
    items = tuple((key, _text(key, value)) for key, value in conditions.items)
    values = dict(items)
    size = None if WIDTH in values or HEIGHT in values else _size_in(values.get(RESOLUTION, ""))
    if items == conditions.items and size in (None, conditions.size):
        return conditions
    return Conditions(items, size or conditions.size)


def is_video(meter: str, operation: str) -> bool:
    """Whether a rate is one of a video, by what is called for or by what is counted."""
    known = METERS.get(meter)
    return operation == VIDEO or (known is not None and known.content == VIDEO)


def _text(key: str, value: Value) -> Value:
    """Lower case, single spaces, an `x` between the sides of a size.

    A text with letters beyond ASCII is left alone: its lower case may be longer, or another word.
    """
    if not isinstance(value, str) or key in _NAMES:
        return value
    text = " ".join(value.split()).replace("×", "x")
    if not text or not text.isascii():
        return value
    text = text.lower()
    if size := _SIZE.fullmatch(text):
        return f"{int(size[1])}x{int(size[2])}"
    if key == RESOLUTION and (short := _NUMBER_AND_LETTER.fullmatch(text)):
        return short[1] + short[2]
    return text


def _of_video(conditions: Conditions) -> Conditions:
    """A frame size as the resolution it is, with the size beside it."""
    values = dict(conditions.items)
    resolution, size = values.get(RESOLUTION), _stated_size(values)
    if size is not None:
        name = _resolution_of(*size)
        if resolution is not None and _named(str(resolution)) != name:
            # Both are stated and say two things, so both tell prices apart.
            return _with(values, _named(str(resolution)), conditions.size)
        del values[WIDTH], values[HEIGHT]
        return _with(values, name, size)
    if resolution is None:
        return conditions
    return _with(values, _named(str(resolution)), conditions.size)


def _of_picture(conditions: Conditions) -> Conditions:
    """``HD`` as the quality it is, unless another quality stands beside it."""
    values = dict(conditions.items)
    if values.get(RESOLUTION) != _HD or values.get(QUALITY, _HD) != _HD:
        return conditions
    del values[RESOLUTION]
    return Conditions.of({**values, QUALITY: _HD})


def _with(values: Mapping[str, Value], name: str, size: tuple[int, int] | None) -> Conditions:
    return replace(Conditions.of({**values, RESOLUTION: name}), size=size)


def _stated_size(values: Mapping[str, Value]) -> tuple[int, int] | None:
    width, height = values.get(WIDTH), values.get(HEIGHT)
    return (width, height) if isinstance(width, int) and isinstance(height, int) else None


def _size_in(resolution: Value) -> tuple[int, int] | None:
    found = _SIZE.fullmatch(str(resolution))
    return None if found is None else (int(found[1]), int(found[2]))


def _resolution_of(width: int, height: int) -> str:
    return _NAMED_HEIGHTS.get(str(min(width, height)), f"{width}x{height}")


def _named(resolution: str) -> str:
    """The name of a video's resolution that is stated by its height (``2160p``, ``720``)."""
    if size := _size_in(resolution):
        return _resolution_of(*size)
    return _NAMED_HEIGHTS.get(resolution.removesuffix("p"), resolution)
