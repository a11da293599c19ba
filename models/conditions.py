"""When a rate applies: canonical conditions, and the arithmetic of tiers and daily windows.

Conditions that always hold are no conditions: a token tier from zero and a window of a whole day
are dropped, so that one rate has one spelling, and one identity.

Errors: `ConditionError` (a ValueError) is the only exception raised for data; it names the key.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, Self

from models.money import MoneyError, plain

Value = int | str
"""What a condition holds once canonical: a whole number, or text; ``true`` and ``false`` stand for
the truth values, in whatever form they were stated, because Python takes True for 1."""
Stated = int | str | bool | Decimal
"""What a source may state; JSON numbers arrive as int or Decimal."""

MINUTES_PER_DAY: Final = 1440
_WHOLE_DAY: Final = (1 << MINUTES_PER_DAY) - 1
MIN_PROMPT_TOKENS: Final = "min_prompt_tokens"
UTC_FROM: Final = "utc_from_minute"
UTC_TO: Final = "utc_to_minute"
SERVICE_TIER: Final = "service_tier"
HAS_AUDIO: Final = "has_audio"
VIDEO_INPUT: Final = "video_input"
MODE: Final = "mode"
POSITION: Final = "position"
MEGAPIXELS: Final = "megapixels"
TRUE: Final = "true"
FALSE: Final = "false"
_TRUTH: Final = {TRUE: True, FALSE: False}

INTEGER_KEYS: Final = frozenset(
    {MIN_PROMPT_TOKENS, UTC_FROM, UTC_TO, "width", "height", "duration_s"}
)
TEXT_KEYS: Final = frozenset({"resolution", "quality", SERVICE_TIER, HAS_AUDIO})
_TYPED_KEYS: Final = tuple(sorted(INTEGER_KEYS | TEXT_KEYS))
# Tier and window are compared as intervals, every other key as a plain value.
_INTERVAL_KEYS: Final = frozenset({MIN_PROMPT_TOKENS, UTC_FROM, UTC_TO})

STANDARD_TIERS: Final = frozenset({"", "default", "standard", "on_demand"})
"""Words for the service tier that a request without one gets."""

_MAX_INTEGER: Final = 2**31 - 1
_MAX_KEYS: Final = 32
_MAX_TEXT: Final = 200


class ConditionError(ValueError):
    """A condition that cannot be meant; `key` names it."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(f"condition {key[:80]!r}: {message}")
        self.key: Final = key


@dataclass(frozen=True, slots=True)
class Conditions:
    """A canonical set of conditions: equal, hashed and ordered in JSON by what they mean.

    Build with `of` or `from_json`; `items` is sorted by key. `size` is the width and height in
    pixels that a source states beside a resolution: no part of what the conditions are.
    """

    items: tuple[tuple[str, Value], ...] = ()
    size: tuple[int, int] | None = field(default=None, compare=False)

    @classmethod
    def of(cls, stated: Mapping[str, Stated]) -> Self:
        """Canonicalise stated conditions; raises ConditionError when one cannot be meant."""
        if len(stated) > _MAX_KEYS:
            raise ConditionError("", f"{len(stated)} keys, at most {_MAX_KEYS}")
        values = {_checked_key(key): _value(key, value) for key, value in stated.items()}
        _drop_empty_tier(values)
        _drop_standard_tier(values)
        _check_window(values)
        return cls(tuple(sorted(values.items())))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote; raises ConditionError for anything that is no flat object."""
        return cls(_items_of(text))

    def to_json(self) -> str:
        """Canonical JSON: sorted keys, no spaces; whole numbers, true and false bare, else text."""
        return _canonical_json(self.items)

    def get(self, key: str) -> Value | None:
        """The value of one condition, None where it is not stated."""
        # A handful of items: looking through them is quicker than a dictionary made for one look.
        for name, value in self.items:
            if name == key:
                return value
        return None

    def typed(self) -> dict[str, int | str | bool | None]:
        """The values of the typed public columns, None where not stated (no tier: 0).

        `max_prompt_tokens` is absent: it follows from the sibling rates.
        """
        stated = dict(self.items)
        columns: dict[str, int | str | bool | None] = {key: stated.get(key) for key in _TYPED_KEYS}
        columns[MIN_PROMPT_TOKENS] = self.min_prompt_tokens
        audio = stated.get(HAS_AUDIO)
        columns[HAS_AUDIO] = None if audio is None else audio == TRUE
        if self.size is not None:
            columns["width"], columns["height"] = self.size
        return columns

    @property
    def min_prompt_tokens(self) -> int:
        """The tier: the rate applies above this many prompt tokens; 0 is from the start."""
        return _integer(self.get(MIN_PROMPT_TOKENS)) or 0

    @property
    def window(self) -> tuple[int, int] | None:
        """The half-open daily window in UTC minutes, its end over 1440 where it wraps midnight."""
        start, end = _integer(self.get(UTC_FROM)), _integer(self.get(UTC_TO))
        return None if start is None or end is None else (start, end)

    @property
    def minutes(self) -> int:
        """For how many minutes of a day the rate applies."""
        start, end = self.window or (0, MINUTES_PER_DAY)
        return end - start

    @property
    def dimensions(self) -> dict[str, Value]:
        """Every condition but tier and window."""
        return {key: value for key, value in self.items if key not in _INTERVAL_KEYS}

    def holds_at(self, minute: int) -> bool:
        """Whether the window contains a UTC minute of the day (0..1439)."""
        start, end = self.window or (0, MINUTES_PER_DAY)
        return start <= minute < end or start <= minute + MINUTES_PER_DAY < end


@lru_cache(maxsize=65_536)
def _canonical_json(items: tuple[tuple[str, Value], ...]) -> str:
    """One text per set of conditions: most prices have none, and few sets are ever stated."""
    return _compact({key: _told(value) for key, value in items})


def _told(value: Value) -> int | str | bool:
    return _TRUTH.get(value, value) if isinstance(value, str) else value


def _compact(stated: Mapping[str, object]) -> str:
    return json.dumps(stated, ensure_ascii=False, separators=(",", ":"))


def spelled_for_identity(conditions_json: str) -> str:
    """Canonical JSON with the truth values as text, as ids were first made of them."""
    if TRUE not in conditions_json and FALSE not in conditions_json:
        return conditions_json  # as it is for nearly all
    return _compact(with_truth_as_text(json.loads(conditions_json)))


def with_truth_as_text(stated: Mapping[str, Any]) -> dict[str, Any]:
    """Decoded conditions with ``true`` and ``false`` as text, all else as it is."""
    return {k: (TRUE if v else FALSE) if isinstance(v, bool) else v for k, v in stated.items()}


@lru_cache(maxsize=65_536)
def _items_of(text: str) -> tuple[tuple[str, Value], ...]:
    try:
        decoded: Any = json.loads(
            text, object_pairs_hook=_unique_pairs, parse_float=Decimal, parse_constant=_refuse
        )
    except (ValueError, RecursionError) as error:
        raise ConditionError("", f"unreadable conditions {text[:80]!r}: {error}") from error
    if not isinstance(decoded, dict):
        raise ConditionError("", f"conditions are an object, not {text[:80]!r}")
    return Conditions.of(decoded).items  # pyright: ignore[reportUnknownArgumentType] # values are checked


def open_minutes(rate: Conditions) -> int:
    """The minutes of the day at which the window is open, each a bit of one number."""
    return _bits(rate.window or (0, MINUTES_PER_DAY))


@lru_cache(maxsize=4096)
def _bits(window: tuple[int, int]) -> int:
    start, end = window
    through = ((1 << (end - start)) - 1) << start
    return (through | through >> MINUTES_PER_DAY) & _WHOLE_DAY


def _checked_key(key: str) -> str:
    if not key or len(key) > _MAX_TEXT or not _encodable(key):
        raise ConditionError(key, "not a usable name")
    return key


def _value(key: str, stated: object) -> Value:
    """Bring one stated value to its canonical type."""
    value = _canonical_value(key, stated)
    if key in INTEGER_KEYS:
        return _whole_number(key, value)
    if key == HAS_AUDIO and value not in _TRUTH:
        raise ConditionError(key, f"{value!r} is neither true nor false")
    if key in TEXT_KEYS:
        return str(value)
    return value


def _canonical_value(key: str, stated: object) -> Value:
    if isinstance(stated, bool):
        return TRUE if stated else FALSE
    if isinstance(stated, Decimal):
        return _from_decimal(key, stated)
    if isinstance(stated, int):
        if abs(stated) > _MAX_INTEGER:
            raise ConditionError(key, "number out of bounds")
        return stated
    if not isinstance(stated, str):
        raise ConditionError(key, f"neither number nor text: {type(stated).__name__}")
    if len(stated) > _MAX_TEXT or not _encodable(stated):
        raise ConditionError(key, f"not a usable text: {stated[:80]!r}")
    return stated


def _from_decimal(key: str, stated: Decimal) -> Value:
    """A whole number however it was written (`5.0`), anything finer as plain text."""
    try:
        text = plain(stated)
    except MoneyError as error:
        raise ConditionError(key, str(error)) from error
    return text if "." in text else _canonical_value(key, int(text))


def _whole_number(key: str, value: Value) -> int:
    if isinstance(value, str):
        if not (value.isascii() and value.isdecimal() and len(value) <= 10):
            raise ConditionError(key, f"{value!r} is not a whole number")
        value = int(value)
    if not 0 <= value <= _MAX_INTEGER:
        raise ConditionError(key, f"{value} is out of bounds")
    return value


def _integer(value: Value | None) -> int | None:
    return value if isinstance(value, int) else None


def _encodable(text: str) -> bool:
    """Whether the text has a UTF-8 form (a lone surrogate out of JSON has none)."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _drop_empty_tier(values: dict[str, Value]) -> None:
    if values.get(MIN_PROMPT_TOKENS) == 0:
        del values[MIN_PROMPT_TOKENS]


def _drop_standard_tier(values: dict[str, Value]) -> None:
    """The service tier that one gets without asking for any is no condition."""
    if values.get(SERVICE_TIER) in STANDARD_TIERS:
        del values[SERVICE_TIER]


def _check_window(values: dict[str, Value]) -> None:
    """Hold a window to its bounds, and drop one that is open all day."""
    start, end = _integer(values.get(UTC_FROM)), _integer(values.get(UTC_TO))
    if start is None and end is None:
        return
    if start is None or end is None:
        raise ConditionError(UTC_FROM, "a window needs both its ends")
    if not (0 <= start < MINUTES_PER_DAY and start < end <= start + MINUTES_PER_DAY):
        raise ConditionError(UTC_FROM, f"no daily window: {start} to {end}")
    if end - start == MINUTES_PER_DAY:
        del values[UTC_FROM], values[UTC_TO]


def _unique_pairs(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ConditionError("", "a key is stated twice")
    return found


def _refuse(constant: str) -> None:
    raise ConditionError("", f"not a number: {constant}")
