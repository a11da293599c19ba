"""Conditional prices resolved into disjoint rates: OpenRouter's `pricing.overrides`.

An override holds above a number of prompt tokens, or during a daily UTC window, or both. A later
entry wins per price key, and a key that an entry does not name keeps what held before (documented
by the seller, 2026-07). The top-level price "always reflects the window that applies right now":
while a window is open it repeats that window's price, so it tells the price between the windows
only when it was fetched between them. That held in 28 of 28 recorded models.

The resolution works on cells, one per token tier and stretch of the day between any two stated
times. Each cell has one winner; cells of one winner are joined again into the widest windows that
stay inside what was stated, so a window that nobody overlaps comes out as it went in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import Final, cast

from models.conditions import (
    MIN_PROMPT_TOKENS,
    MINUTES_PER_DAY,
    UTC_FROM,
    UTC_TO,
    ConditionError,
    Conditions,
)
from models.money import MoneyError, decimal_from_text

UTC_START: Final = "utc_start"
UTC_END: Final = "utc_end"
CONDITION_KEYS: Final = frozenset({MIN_PROMPT_TOKENS, UTC_START, UTC_END})
# The most seen is 4 entries (2026-08); the work grows with the cube of their number.
MAX_OVERRIDES: Final = 50

GAP_NOT_OBSERVED: Final = "gap_not_observed"
NO_BASE_PRICE: Final = "no_base_price"
RULE_GAP: Final = "window_gap_not_observed"
"""The rule of a claim whose price stands between the windows and was not seen there."""

_TOP_LEVEL: Final = None
_Window = tuple[int, int]
_Stretch = tuple[int | None, _Window]


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
class ResolvedRate:
    """One rate of one price key.

    `text` is the source's own text, None where no price is known, and then `reason` says why.
    `origin` is the position of the override that states it, None for the top level.
    """

    conditions: Conditions
    text: str | None
    origin: int | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Resolution:
    """All rates by price key, and what became of every cell that is not a rate.

    `superseded`: keys whose top-level price stands for no rate. `shadowed`: (entry, key) of cells
    that later entries hide wholly. `errors`: entries that could not be applied.
    """

    rates: Mapping[str, tuple[ResolvedRate, ...]]
    superseded: tuple[str, ...] = ()
    shadowed: tuple[tuple[int, str], ...] = ()
    errors: tuple[OverrideError, ...] = ()


@dataclass(frozen=True, slots=True)
class _Entry:
    index: int
    minimum: int
    window: _Window
    texts: Mapping[str, str] = field(default_factory=dict[str, str])

    def holds(self, tier: int, minute: int) -> bool:
        """Whether it applies above `tier` tokens, up to the next tier, at a minute of the day."""
        start, end = self.window
        return self.minimum <= tier and (
            start <= minute < end or start <= minute + MINUTES_PER_DAY < end
        )


def resolve_overrides(
    base: Mapping[str, str], overrides: Sequence[object], fetched_minute: int
) -> Resolution:
    """Resolve a `pricing` object into disjoint rates per price key.

    `base` holds the top-level prices, `overrides` the decoded entries, `fetched_minute` the UTC
    minute of the day (0..1439) at which the top level was read. The rates of a key cover every
    minute and token count exactly once. Malformed entries are left out and come back in `errors`.
    """
    if not 0 <= fetched_minute < MINUTES_PER_DAY:
        raise ValueError(f"no minute of a day: {fetched_minute}")
    entries, errors = _read_entries(base, overrides)
    keys = [*base, *sorted({key for entry in entries for key in entry.texts} - base.keys())]
    rates: dict[str, tuple[ResolvedRate, ...]] = {}
    for key in keys:
        named = [entry for entry in entries if key in entry.texts]
        rates[key] = _resolve_key(key, base.get(key), named, fetched_minute)
    return Resolution(
        rates=rates,
        superseded=tuple(key for key in base if not _stands(rates[key], _TOP_LEVEL)),
        shadowed=tuple(
            (entry.index, key)
            for entry in entries
            for key in entry.texts
            if not _stands(rates[key], entry.index)
        ),
        errors=tuple(errors),
    )


def _stands(rates: Sequence[ResolvedRate], origin: int | None) -> bool:
    return any(rate.origin == origin and rate.text is not None for rate in rates)


def _read_entries(
    base: Mapping[str, str], overrides: Sequence[object]
) -> tuple[list[_Entry], list[OverrideError]]:
    entries: list[_Entry] = []
    errors: list[OverrideError] = []
    if len(overrides) > MAX_OVERRIDES:
        return [], [_too_many(index, len(overrides)) for index in range(len(overrides))]
    for index, override in enumerate(overrides):
        try:
            entries.append(_read_entry(index, override, base))
        except OverrideError as error:
            errors.append(error)
    return entries, errors


def _too_many(index: int, count: int) -> OverrideError:
    return OverrideError(index, "too_many_overrides", f"one of {count}, at most {MAX_OVERRIDES}")


def _read_entry(index: int, override: object, base: Mapping[str, str]) -> _Entry:
    if not isinstance(override, Mapping):
        raise OverrideError(index, "not_an_object", f"not an object: {str(override)[:80]!r}")
    stated = {str(key): value for key, value in cast("Mapping[object, object]", override).items()}
    texts: dict[str, str] = {}
    for key, value in stated.items():
        if key in CONDITION_KEYS or value is None:
            continue
        texts[key] = _price_text(index, key, value, is_known=key in base)
    minimum = _whole_number(index, stated.get(MIN_PROMPT_TOKENS), "bad_min_prompt_tokens") or 0
    _check_minimum(index, minimum)
    return _Entry(index, minimum, _window(index, stated), texts)


def _price_text(index: int, key: str, value: object, *, is_known: bool) -> str:
    """The verbatim text of a price; what is no price must be a condition we do not know.

    An unreadable text under a known key stays: it is that cell's fault, not the entry's.
    """
    if isinstance(value, str) and (is_known or _is_number(value)):
        return value
    if is_known and isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return str(value)
    raise OverrideError(index, "unknown_condition", f"{key[:80]!r}: {str(value)[:80]!r}")


def _is_number(text: str) -> bool:
    try:
        decimal_from_text(text)
    except MoneyError:
        return False
    return True


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


def _window(index: int, stated: Mapping[str, object]) -> _Window:
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


def _resolve_key(
    key: str, base_text: str | None, entries: Sequence[_Entry], fetched_minute: int
) -> tuple[ResolvedRate, ...]:
    tiers = sorted({0, *(entry.minimum for entry in entries)})
    cuts = sorted({0, *(edge % MINUTES_PER_DAY for entry in entries for edge in entry.window)})
    # At the fetch a window was open: the top level repeated its price, not the one between windows.
    is_hidden = _winner(entries, 0, fetched_minute) is not _TOP_LEVEL
    gap_reason = GAP_NOT_OBSERVED if is_hidden else NO_BASE_PRICE
    texts: dict[int | None, str | None] = {_TOP_LEVEL: None if is_hidden else base_text}
    texts.update((entry.index, entry.texts[key]) for entry in entries)
    rates: list[ResolvedRate] = []
    below: list[_Stretch] = []
    for tier in tiers:
        stretches = _stretches([_winner(entries, tier, minute) for minute in cuts], cuts)
        for winner, window in stretches:
            # A stretch that goes on from the tier below is one rate: tiers have no stated end.
            if (winner, window) not in below:
                text = texts[winner]
                reason = gap_reason if text is None else ""
                rates.append(ResolvedRate(_conditions(tier, window), text, winner, reason))
        below = stretches
    return tuple(rates)


def _conditions(tier: int, window: _Window) -> Conditions:
    """Conditions.of drops the tier from zero and the window of a whole day."""
    return Conditions.of({MIN_PROMPT_TOKENS: tier, UTC_FROM: window[0], UTC_TO: window[1]})


def _winner(entries: Sequence[_Entry], tier: int, minute: int) -> int | None:
    """The last entry that holds there; None where only the top level does."""
    return max((entry.index for entry in entries if entry.holds(tier, minute)), default=_TOP_LEVEL)


def _stretches(row: Sequence[int | None], cuts: Sequence[int]) -> list[_Stretch]:
    """Join neighbouring cells of one winner, past midnight too."""
    runs: list[_Stretch] = []
    for winner, (start, end) in zip(row, pairwise([*cuts, MINUTES_PER_DAY]), strict=True):
        if runs and runs[-1][0] == winner:
            runs[-1] = (winner, (runs[-1][1][0], end))
        else:
            runs.append((winner, (start, end)))
    if len(runs) > 1 and runs[0][0] == runs[-1][0]:
        (winner, (start, _)), (_, (_, end)) = runs[-1], runs[0]
        runs = [*runs[1:-1], (winner, (start, end + MINUTES_PER_DAY))]
    return runs
