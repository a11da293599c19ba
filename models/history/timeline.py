"""Timelines of statements, and the rows of history they amount to.

A :class:`Segment` says that from ``valid_from`` on a statement stands, or that nothing does
(``statement`` None). Each source has a timeline per offering and meter; :func:`effective` lays
them over each other by precedence; a :class:`~models.history.line.Line` turns the result into one
row per price and instant, the form that is stored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from operator import itemgetter

from models.history.statement import Rate, Statement
from models.record import record


class Kind(StrEnum):
    """What kind of change a row is to the price it belongs to."""

    NEW = "new"
    INCREASE = "increase"
    DECREASE = "decrease"
    WITHDRAWN = "withdrawn"
    RETURNED = "returned"
    STATUS = "status"
    CONDITIONS = "conditions"
    METER = "meter"
    BASELINE = "baseline"
    """Stood there when the source was first read: not a change, never published as one."""


class Cause(StrEnum):
    """Why a belief moved."""

    CHANGE = "change"
    UNIFORM_REPRICING = "uniform_repricing"
    EVIDENCE = "evidence"
    CORRECTION = "correction"
    RENAME = "rename"


@record
class Segment:
    """From ``valid_from`` on, ``statement`` stands (None: the source no longer states the meter).

    ``changed_after`` is when the earlier state was last seen (None at first sight), so the seller
    moved somewhere in (changed_after, valid_from]. ``capture`` is the SHA-256 of the body it was
    read from. ``hint`` is the kind of change where it is not visible from the numbers, ``event``
    what more than this offering moved by, if anything.
    """

    valid_from: datetime
    changed_after: datetime | None
    statement: Statement | None
    source: str
    capture: str
    hint: Kind
    cause: Cause = Cause.CHANGE
    event: str = ""


@record
class PriceRow:
    """One row of price history: from ``valid_from`` on, this is believed of this price."""

    offering_id: str
    meter: str
    conditions: str
    valid_from: datetime
    changed_after: datetime | None
    rate: Rate
    source: str
    capture: str
    kind: Kind | None
    cause: Cause
    event: str

    @property
    def key(self) -> tuple[str, str, str]:
        """Which price the row belongs to."""
        return (self.offering_id, self.meter, self.conditions)

    @property
    def content(self) -> tuple[object, ...]:
        """What is believed, for telling whether two derivations agree."""
        rate = self.rate
        return (
            *self.key,
            self.valid_from,
            self.changed_after,
            rate.status,
            rate.unit_price,
            rate.max_prompt_tokens,
            rate.is_headline,
            rate.raw_text,
            rate.locator,
            self.source,
            self.capture,
            self.kind,
            self.event,
        )


_Timelines = Sequence[tuple[int, Sequence[Segment]]]
"""The timelines of several sources, each with the source's precedence."""


def effective(timelines: _Timelines) -> Sequence[Segment]:
    """Lay the timelines of several sources over each other; the lowest number (precedence) wins.

    At every instant the winner is the best source that states the meter then. A source that stops
    gives way to the next, whose segment is repeated at the instant where it begins to count.
    """
    if len(timelines) == 1:
        return timelines[0][1]  # so it is nearly always
    instants = sorted({segment.valid_from for _, line in timelines for segment in line})
    merged: list[Segment] = []
    last: Segment | None = None
    for instant in instants:
        winner = _winner_at(timelines, instant)
        if winner is last or winner is None:
            continue
        if winner.statement is not None or (last is not None and last.statement is not None):
            merged.append(_beginning_at(instant, winner, timelines))
        last = winner
    return merged


def _winner_at(timelines: _Timelines, instant: datetime) -> Segment | None:
    standing = [_at(line, instant) for _, line in sorted(timelines, key=itemgetter(0))]
    found = [segment for segment in standing if segment is not None]
    stating = (segment for segment in found if segment.statement is not None)
    return next(stating, max(found, key=lambda segment: segment.valid_from, default=None))


def _at(line: Sequence[Segment], instant: datetime) -> Segment | None:
    return next((segment for segment in reversed(line) if segment.valid_from <= instant), None)


def _beginning_at(instant: datetime, segment: Segment, timelines: _Timelines) -> Segment:
    if segment.valid_from == instant:
        return segment
    gave_way = next(s for _, line in timelines for s in line if s.valid_from == instant)
    return replace(
        segment,
        valid_from=instant,
        changed_after=gave_way.changed_after,
        cause=Cause.CHANGE,
        event="",
        hint=Kind.METER,
    )


def standing_rows(
    added: Sequence[PriceRow], untrue: Sequence[PriceRow]
) -> tuple[list[tuple[int, PriceRow]], list[PriceRow]]:
    """What of a series of extensions is left at its end.

    Returns the rows that were added and still stand, each with its position, and the untrue ones
    that were not among those added: beliefs of before.
    """
    balance = Counter(row.content for row in added)
    balance.subtract(row.content for row in untrue)
    left = {row.content: (place, row) for place, row in enumerate(added)}
    kept = [pair for content, pair in left.items() if balance[content] > 0]
    return sorted(kept, key=lambda pair: pair[0]), [r for r in untrue if balance[r.content] < 0]
