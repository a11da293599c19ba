"""Conditional prices resolved into disjoint rates: OpenRouter's `pricing.overrides`.

An override holds above a number of prompt tokens, or during a daily UTC window, or both. A later
entry wins per price key, and a key that an entry does not name keeps what held before (documented
by the seller, 2026-07). The top-level price "always reflects the window that applies right now":
while a window is open it repeats that window's price, so it tells the price between two windows
only when it was fetched there: each gap is seen by itself. That held in 28 of 28 recorded models.

An entry that cannot be understood may replace any price that it names, nobody knows when. A price
key is stated as a whole, so nothing of such a key is resolved, and the price that stood stands.

The resolution works on cells, one per token tier and stretch of the day between any two stated
times. Each cell has one winner; cells of one winner are joined again into the widest windows that
stay inside what was stated, so a window that nobody overlaps comes out as it went in.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final, cast

from models.conditions import MIN_PROMPT_TOKENS, MINUTES_PER_DAY, UTC_FROM, UTC_TO, Conditions
from models.overrides import CONDITION_KEYS, Entry, OverrideError, Window, is_open, read_entries
from models.record import record

GAP_NOT_OBSERVED: Final = "gap_not_observed"
NO_BASE_PRICE: Final = "no_base_price"
OVERRIDE_UNREADABLE: Final = "override_unreadable"

_TOP_LEVEL: Final = None
_Stretch = tuple[int | None, Window]


@record
class ResolvedRate:
    """One rate of one price key.

    `text` is the source's own text, None where no price is known, and then `reason` says why.
    `origin` is the position of the override that states it, None for the top level.
    """

    conditions: Conditions
    text: str | None
    origin: int | None
    reason: str = ""


@record
class Resolution:
    """All rates by price key, and what became of every cell that is not a rate.

    `superseded`: keys whose top-level price stands for no rate. `shadowed`: (entry, key) of cells
    that later entries hide wholly. `doubtful`: (entry or None, key) of cells whose key is named by
    an entry that could not be applied too; it has no rates. `errors`: those entries.
    """

    rates: Mapping[str, tuple[ResolvedRate, ...]]
    superseded: tuple[str, ...] = ()
    shadowed: tuple[tuple[int, str], ...] = ()
    errors: tuple[OverrideError, ...] = ()
    doubtful: tuple[tuple[int | None, str], ...] = ()


def resolve_overrides(
    base: Mapping[str, str],
    overrides: Sequence[object],
    fetched_minute: int,
    price_keys: frozenset[str] = frozenset(),
) -> Resolution:
    """Resolve a `pricing` object into disjoint rates per price key.

    `base` holds the top-level prices, `overrides` the decoded entries, `fetched_minute` the UTC
    minute of the day (0..1439) at which the top level was read. `price_keys` are keys that prices
    stand under beside those of `base`; every other key of an entry is a condition. The rates of a
    key cover every minute and token count exactly once. Malformed entries are left out and come
    back in `errors`.
    """
    if not 0 <= fetched_minute < MINUTES_PER_DAY:
        raise ValueError(f"no minute of a day: {fetched_minute}")
    entries, errors = read_entries(overrides, base.keys() | price_keys)
    unsure = _unsure(overrides, errors, base.keys())
    keys = [*base, *sorted({key for entry in entries for key in entry.texts} - base.keys())]
    rates: dict[str, tuple[ResolvedRate, ...]] = {}
    for key in keys:
        if key not in unsure:
            named = [entry for entry in entries if key in entry.texts]
            rates[key] = _resolve_key(key, base.get(key), named, fetched_minute)
    cells = [(entry.index, key) for entry in entries for key in entry.texts]
    everywhere = (*((_TOP_LEVEL, key) for key in base), *cells)
    standing = {key: _standing(found) for key, found in rates.items()}
    return Resolution(
        rates=rates,
        superseded=tuple(key for key in base if key in rates and _TOP_LEVEL not in standing[key]),
        shadowed=tuple(
            (entry, key) for entry, key in cells if key in rates and entry not in standing[key]
        ),
        errors=tuple(errors),
        doubtful=tuple(cell for cell in everywhere if cell[1] in unsure),
    )


def _unsure(
    overrides: Sequence[object], errors: Sequence[OverrideError], keys: Iterable[str]
) -> set[str]:
    """The keys that an entry names which could not be understood; all of them where the entry is
    no object, and names nothing."""
    stated = [overrides[error.index] for error in errors]
    objects = [cast("Mapping[object, object]", s) for s in stated if isinstance(s, Mapping)]
    named = {str(key) for entry in objects for key in entry} - CONDITION_KEYS
    return named if len(objects) == len(stated) else named | set(keys)


def _standing(rates: Sequence[ResolvedRate]) -> set[int | None]:
    """The origins whose price stands for a rate."""
    return {rate.origin for rate in rates if rate.text is not None}


def _resolve_key(
    key: str, base_text: str | None, entries: Sequence[Entry], fetched_minute: int
) -> tuple[ResolvedRate, ...]:
    cuts = sorted({0, *(edge % MINUTES_PER_DAY for entry in entries for edge in entry.window)})
    texts = {entry.index: entry.texts[key] for entry in entries}
    rates: list[ResolvedRate] = []
    below: set[_Stretch] = set()
    seen: Window | None = None
    for tier, winners in _winners(entries, cuts):
        stretches = _stretches(winners, cuts)
        if tier == 0:
            seen = _gap_at(stretches, fetched_minute)
        for winner, window in stretches:
            # A stretch that goes on from the tier below is one rate: tiers have no stated end.
            if (winner, window) in below:
                continue
            text, reason = (base_text, NO_BASE_PRICE) if winner is None else (texts[winner], "")
            if winner is None and (seen is None or not is_open(seen, window[0])):
                # The top level showed a window's price then, or that of another gap.
                text, reason = None, GAP_NOT_OBSERVED
            conditions = _conditions(tier, window)
            rates.append(ResolvedRate(conditions, text, winner, "" if text is not None else reason))
        below = set(stretches)
    return tuple(rates)


def _winners(
    entries: Sequence[Entry], cuts: Sequence[int]
) -> Iterator[tuple[int, list[int | None]]]:
    """Each tier, ascending, with the last entry that holds in each cell of the day above it; None
    where only the top level does.

    What holds above a tier holds above all later ones, so each entry is laid over the day once.
    """
    beginning: dict[int, list[Entry]] = {0: []}
    for entry in entries:
        beginning.setdefault(entry.minimum, []).append(entry)
    winners: list[int | None] = [_TOP_LEVEL] * len(cuts)
    for tier in sorted(beginning):
        for entry in beginning[tier]:
            for cell in _cells(entry.window, cuts):
                before = winners[cell]
                winners[cell] = entry.index if before is None else max(before, entry.index)
        yield tier, winners


def _cells(window: Window, cuts: Sequence[int]) -> Iterator[int]:
    """The cells between cuts that a window holds in, past midnight too."""
    start, end = window
    yield from range(bisect_left(cuts, start), bisect_left(cuts, end))
    yield from range(bisect_left(cuts, end - MINUTES_PER_DAY))


def _gap_at(stretches: Sequence[_Stretch], minute: int) -> Window | None:
    """The stretch without a window that contains a minute of the day; None inside a window."""
    gaps = (window for winner, window in stretches if winner is _TOP_LEVEL)
    return next((window for window in gaps if is_open(window, minute)), None)


def _conditions(tier: int, window: Window) -> Conditions:
    """Conditions.of drops the tier from zero and the window of a whole day."""
    return Conditions.of({MIN_PROMPT_TOKENS: tier, UTC_FROM: window[0], UTC_TO: window[1]})


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
