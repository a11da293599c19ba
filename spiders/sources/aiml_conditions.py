"""The request parameters AIML API's variants depend on, in the words of our conditions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from models.conditions import (
    HAS_AUDIO,
    MIN_PROMPT_TOKENS,
    SERVICE_TIER,
    STANDARD_TIERS,
    VIDEO_INPUT,
    ConditionError,
    Conditions,
    Stated,
)
from models.money import MoneyError, decimal_from_text
from models.price_qualifiers import VAGUE

BATCH: Final = "batch"
# Their word (in lower case, parts joined by "_") and ours; some stay words of their own.
_DIMENSIONS: Final = {
    "resolution": "resolution",
    "quality": "quality",
    "size": "size",
    "width": "width",
    "height": "height",
    "mode": "mode",
    "aspect_ratio": "aspect_ratio",
    "duration": "duration_s",
    "duration_s": "duration_s",
    "duration_seconds": "duration_s",
    "seconds": "duration_s",
    "audio": HAS_AUDIO,
    "has_audio": HAS_AUDIO,
    "with_audio": HAS_AUDIO,
    "generate_audio": HAS_AUDIO,
    "sound": HAS_AUDIO,
    "video_input": VIDEO_INPUT,
    "with_video_input": VIDEO_INPUT,
    "has_video_input": VIDEO_INPUT,
    "service_tier": SERVICE_TIER,
    "tier": SERVICE_TIER,
    "batch": BATCH,
    "min_prompt_tokens": MIN_PROMPT_TOKENS,
}
# Dimensions that are read beside a price, and among the parameters of a request mean nothing.
_MISPLACED: Final = frozenset(
    {"ttl", "cache_ttl", "threshold", "minimum", "currency", "unit", "per"}
)
_TIERS: Final = frozenset({"batch", "flex", "priority", "fast"})
_YES_NO: Final = {
    **dict.fromkeys(("true", "yes", "on", "1", "with_audio", "with audio"), True),
    **dict.fromkeys(("false", "no", "off", "0", "no_audio", "no audio", "without_audio"), False),
}
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SIZE: Final = re.compile(r"([0-9]{1,5}) ?[x×*] ?([0-9]{1,5})", re.IGNORECASE)
_SECONDS: Final = re.compile(r"([0-9]{1,6})(?:\.0+)? ?(?:s|sec|seconds?)?", re.IGNORECASE)


def conditions_of(when: Mapping[str, object]) -> tuple[Conditions, list[str]]:
    """The conditions a variant states, and the names among them that we have no word for.

    A dimension we do not know is kept under its own name, as text. A value that does not fit its
    dimension ("long" as a duration) is kept as text under the source's word too.
    Raises ConditionError when a value is no scalar, or two words state one condition differently.
    """
    stated: dict[str, Stated] = {}
    unknown: list[str] = []
    for key, value in when.items():
        word = _HUMP.sub("_", key).lower().replace("-", "_")
        if word in _MISPLACED:
            raise ConditionError(key, "no parameter of a request")
        ours = _DIMENSIONS.get(word)
        if ours is None:
            unknown.append(key)
        for name, read in _read(ours, key, value).items():
            if stated.get(name, read) != read:
                raise ConditionError(name, f"stated twice: {stated[name]!r} and {read!r}")
            stated[name] = read
    return Conditions.of(stated), unknown


def _read(ours: str | None, key: str, value: object) -> dict[str, Stated]:
    if not isinstance(value, str | int):
        raise ConditionError(key, f"no single value: {value!r}")
    text = str(value).strip()
    if text.lower() in VAGUE:
        raise ConditionError(key, f"{text!r} leaves open which value is meant")
    if ours in (SERVICE_TIER, BATCH):
        return {SERVICE_TIER: _tier(key, value, text.lower(), is_flag=ours == BATCH)}
    if ours == "size" and (size := _SIZE.fullmatch(text)):
        return {"width": int(size[1]), "height": int(size[2])}
    if ours == "duration_s":
        seconds = _SECONDS.fullmatch(text)
        return {ours: int(seconds[1])} if seconds else {key: _plain(value)}
    if ours == "mode" and text.lower() in _TIERS:
        raise ConditionError(key, f"{value!r} is a service tier")
    if ours in (HAS_AUDIO, VIDEO_INPUT):
        flag = value if isinstance(value, bool) else _YES_NO.get(text.lower())
        return {key: text} if flag is None else {ours: flag}
    return {ours or key: _plain(value)}


def _tier(key: str, value: str | int, text: str, *, is_flag: bool) -> str:
    """The service tier that a request asks for, by its name or by whether it is a batch."""
    if is_flag:
        flag = value if isinstance(value, bool) else _YES_NO.get(text)
        text = {True: BATCH, False: "standard"}.get(flag, "") if flag is not None else "?"
    if text not in _TIERS | STANDARD_TIERS:
        raise ConditionError(key, f"no service tier that is known: {value!r}")
    return text


def _plain(value: str | int) -> Stated:
    """Numbers as numbers: JSON fractions arrive as the text that was printed."""
    if isinstance(value, str) and "." in value:
        try:
            number = decimal_from_text(value)
        except MoneyError:
            return value
        return int(number) if number == int(number) else Decimal(number)
    return value
