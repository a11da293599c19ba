"""The names of OpenRouter's video prices: which meter and conditions each one states.

``pricing_skus`` maps a name to a price, and the name alone says what is priced and in what. No body
was recorded; the names below are those that several independent programs read (looked at 2026-11),
the first one also stands in the seller's documentation (2026-08). All are USD but for those that
say ``cents``. A name is understood as a whole or not at all.

===================================================  ===========================================
``per-video-second``, ``duration_seconds``           second of video made
``cents_per_second_output``,
``cents_per_video_output_second``                    the same, in cents
``video_tokens``                                     token that video made is counted as
``cents_per_image_input``, ``reference_images``      image handed in, reference image
===================================================  ===========================================

Endings: a resolution (``_720p``, ``_4k``), ``_with_audio``, ``_without_audio``,
``_with_video_input``; in front: ``text_to_video_``, ``image_to_video_``. Known and refused, because
no meter is theirs: ``minimum_cents_per_generation`` (a floor), ``cents_per_megapixel_second_…``
(two units at once), ``generate`` (by the piece for some, by the second for others).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from models.conditions import HAS_AUDIO, Stated
from models.reading import CellError
from models.registry import meter_for

SOURCE: Final = "openrouter_videos"
RESOLUTION: Final = "resolution"
MODE: Final = "mode"
VIDEO_INPUT: Final = "video_input"
BOTH: Final[tuple[Stated, ...]] = (True, False)

_RESOLUTION: Final = r"(?:_(?P<resolution>\d{3,4}p|\d{1,2}k|\d{2,5}x\d{2,5}))?"
_AUDIO: Final = r"(?:_(?P<audio>with|without)_audio)?"
_INPUT: Final = r"(?:_(?P<input>with|without)_video_input)?"
# Each form of a name with the registry's word for what it counts.
_FORMS: Final = tuple(
    (re.compile(form, re.ASCII), word)
    for form, word in (
        (rf"per_video_second{_RESOLUTION}", "second"),
        (
            rf"(?:(?P<mode>text|image)_to_video_)?duration_seconds{_AUDIO}{_RESOLUTION}",
            "second",
        ),
        (rf"(?P<cents>cents)_per_(?:second_output|video_output_second){_RESOLUTION}", "second"),
        (rf"video_tokens{_RESOLUTION}{_AUDIO}{_INPUT}", "video token"),
        (r"(?P<cents>cents)_per_image_input", "input image"),
        (r"reference_images?", "reference image"),
    )
)


@dataclass(frozen=True, slots=True)
class Sku:
    """What a name says: the meter, the conditions, and how many of its prices make a dollar."""

    meter: str
    when: dict[str, Stated]
    per_dollar: int


def sku_of(name: str) -> Sku:
    """Read a name; raises CellError (``unit_not_established``) unless all of it is understood."""
    plain = name.strip().lower().replace("-", "_")
    for form, word in _FORMS:
        found = form.fullmatch(plain)
        if found:
            said = found.groupdict()
            meter = meter_for(SOURCE, word)
            if meter is None:
                break
            return Sku(meter, _when(said), 100 if said.get("cents") else 1)
    raise CellError("unit_not_established", f"nothing is known of a price called {name[:80]!r}")


def _when(said: dict[str, str | None]) -> dict[str, Stated]:
    when: dict[str, Stated] = {}
    if said.get("resolution"):
        when[RESOLUTION] = str(said["resolution"])
    if said.get("audio"):
        when[HAS_AUDIO] = said["audio"] == "with"
    if said.get("input"):
        when[VIDEO_INPUT] = said["input"] == "with"
    if said.get("mode"):
        when[MODE] = f"{said['mode']}-to-video"
    return when
