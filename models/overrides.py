"""The entries of OpenRouter's `pricing.overrides`, read: when each holds, and what it prices.

Errors: `OverrideError` for an entry whose conditions cannot be meant.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, TypeAlias, cast

from models.conditions import MIN_PROMPT_TOKENS, MINUTES_PER_DAY, ConditionError, Conditions

UTC_START: Final = "utc_start"
UTC_END: Final = "utc_end"
CONDITION_KEYS: Final = frozenset({MIN_PROMPT_TOKENS, UTC_START, UTC_END})
# The most seen is 4 entries (2026-08); with their number squared grows how many rates they make.
MAX_OVERRIDES: Final = 50

Window: TypeAlias = tuple[int, int]
"""Minutes of the day, half-open; the end lies over 1440 where it wraps midnight."""


class OverrideError(ValueError):
    """An override entry whose conditions cannot be meant; its cells are to be rejected.

    Reasons: `not_an_object`, `too_many_overrides`, `bad_min_prompt_tokens`, `bad_window`,
    `unknown_condition`. `index` is the entry's position.
    """

    def __init__(self, index: int, reason: str, message: str) -> None:
        super().__init__(f"override {index}: {message}")
        self.index: Final = index
        self.reason: Final = reason


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: above how many tokens and when it holds, and its prices by key."""

    index: int
    minimum: int
    window: Window
    texts: Mapping[str, str] = field(default_factory=dict[str, str])


def is_open(window: Window, minute: int) -> bool:
    """Whether a daily window contains a UTC minute of the day."""
    start, end = window
    return start <= minute < end or start <= minute + MINUTES_PER_DAY < end


def read_entries(
    overrides: Sequence[object], price_keys: Collection[str]
) -> tuple[list[Entry], list[OverrideError]]:
    """The entries that can be applied, and an error for each one that cannot.

    ``price_keys`` are the keys that prices stand under; any other key is a condition.
    """
    entries: list[Entry] = []
    errors: list[OverrideError] = []
    if len(overrides) > MAX_OVERRIDES:
        return [], [_too_many(index, len(overrides)) for index in range(len(overrides))]
    for index, override in enumerate(overrides):
        try:
            entries.append(_read_entry(index, override, price_keys))
        except OverrideError as error:
            errors.append(error)
    return entries, errors


def _too_many(index: int, count: int) -> OverrideError:
    return OverrideError(index, "too_many_overrides", f"one of {count}, at most {MAX_OVERRIDES}")


def _read_entry(index: int, override: object, price_keys: Collection[str]) -> Entry:
    if not isinstance(override, Mapping):
        raise OverrideError(index, "not_an_object", f"not an object: {str(override)[:80]!r}")
    stated = {str(key): value for key, value in cast("Mapping[object, object]", override).items()}
    _check_conditions(index, stated, price_keys)
    texts = {
        key: str(value) for key, value in stated.items() if key in price_keys and value is not None
    }
    minimum = _whole_number(index, stated.get(MIN_PROMPT_TOKENS), "bad_min_prompt_tokens") or 0
    _check_minimum(index, minimum)
    return Entry(index, minimum, _window(index, stated), texts)


def _check_conditions(
    index: int, stated: Mapping[str, object], price_keys: Collection[str]
) -> None:
    """Raises OverrideError where an entry has no condition, or one that is null or not known."""
    conditions = stated.keys() - price_keys
    for key in sorted(conditions):
        if key not in CONDITION_KEYS or stated[key] is None:
            said = f"{key[:80]!r}: {str(stated[key])[:80]!r}"
            raise OverrideError(index, "unknown_condition", said)
    if not conditions:
        raise OverrideError(index, "unknown_condition", "nothing says when it applies")
    for key in price_keys & stated.keys():
        if stated[key] is None or isinstance(stated[key], bool | list | dict):
            said = f"{key[:80]!r}: {str(stated[key])[:80]!r}"
            raise OverrideError(index, "unknown_condition", said)


def _whole_number(index: int, value: object, reason: str) -> int | None:
    if value is None:
        return None
    text = "" if isinstance(value, bool) else str(value)[:20]
    if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value():
        text = str(int(value)) if abs(value) < MINUTES_PER_DAY * 10**9 else ""
    if not (text.isascii() and text.isdecimal()):
        raise OverrideError(index, reason, f"not a whole number: {str(value)[:80]!r}")
    return int(text)


def _check_minimum(index: int, minimum: int) -> None:
    try:
        Conditions.of({MIN_PROMPT_TOKENS: minimum})
    except ConditionError as error:
        raise OverrideError(index, "bad_min_prompt_tokens", str(error)) from error


def _window(index: int, stated: Mapping[str, object]) -> Window:
    start = _minute(index, stated.get(UTC_START))
    end = _minute(index, stated.get(UTC_END))
    if start is None and end is None:
        return (0, MINUTES_PER_DAY)
    if start is None or end is None:
        raise OverrideError(index, "bad_window", "a window needs both its ends")
    if start in {end, MINUTES_PER_DAY}:
        raise OverrideError(index, "bad_window", f"no window: minute {start} to {end}")
    return (start, end if end > start else end + MINUTES_PER_DAY)


def _minute(index: int, value: object) -> int | None:
    """The minute of the day of an HHMM number (`100` is 01:00); 2400 is the day's end."""
    number = _whole_number(index, value, "bad_window")
    if number is None:
        return None
    hours, minutes = divmod(number, 100)
    if minutes > 59 or number > 2400:
        raise OverrideError(index, "bad_window", f"no time of day: {number}")
    return hours * 60 + minutes
