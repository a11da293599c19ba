"""Timelines of statements, and the rows of history they amount to.

A :class:`Segment` says that from ``valid_from`` on a statement stands, or that nothing does
(``statement`` None). Each source has a timeline per offering and meter; :func:`effective` lays
them over each other by precedence; :func:`rows_of` turns the result into one row per price and
instant, the form that is stored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from operator import itemgetter

from models.history.statement import UNSEEN_GAP, Rate, Statement
from models.ids import stable_id
from models.reading import PriceStatus
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


@dataclass(slots=True)
class Written:
    """Rows that were added to lines, and earlier rows that they make untrue."""

    rows: list[PriceRow] = field(default_factory=list[PriceRow])
    untrue: list[PriceRow] = field(default_factory=list[PriceRow])


@dataclass(slots=True)
class Line:
    """What has been written of one offering and meter: the rows that stand, by conditions.

    Only the end of history is kept, so that adding to it costs the same however long it is.
    ``frontier`` is where the newest rows begin; ``earlier`` and ``replaced`` tell what stood until
    then (None: nothing did), so that a later word on that very instant can take their place.
    """

    offering_id: str
    meter: str
    standing: dict[str, PriceRow]
    statement: Statement | None = None
    frontier: datetime | None = None
    earlier: Statement | None = None
    replaced: dict[str, PriceRow | None] = field(default_factory=dict[str, "PriceRow | None"])

    def extend(self, segment: Segment, written: Written) -> None:
        """Write what a further segment adds: one row for each price that is not as it was.

        A segment may begin where the last one did (or, seen late, even earlier): then it takes the
        last one's place from there on, and the rows that it makes untrue are told too.
        """
        begun: dict[str, PriceRow] = {}
        if self.frontier is None or segment.valid_from > self.frontier:
            self.earlier = self.statement
        else:
            segment = replace(segment, valid_from=self.frontier)
            begun = self._undo()
        self.replaced = {}
        rows = self._begin(segment)
        self.statement = segment.statement
        self.frontier = segment.valid_from
        if not begun:
            written.rows += rows
            return
        again = {row.conditions: row.content for row in rows if row.conditions in begun}
        kept = {c for c, content in again.items() if begun[c].content == content}
        written.rows += [row for row in rows if row.conditions not in kept]
        written.untrue += [row for conditions, row in begun.items() if conditions not in kept]

    def _begin(self, segment: Segment) -> list[PriceRow]:
        """Let the rows of a segment stand: those of prices that it ends, then of those that it
        begins or moves."""
        rates = segment.statement.rates if segment.statement else ()
        stated = {rate.conditions.to_json(): rate for rate in rates}
        rows: list[PriceRow] = []
        for conditions in [each for each in self.standing if each not in stated]:
            rate = self.standing[conditions].rate
            if rate.status is not PriceStatus.NOT_OFFERED:
                kind = Kind.CONDITIONS if stated else _hint(segment)
                rows.append(self._put(conditions, segment, _ended(rate), kind))
        for conditions, rate in stated.items():
            before = self.standing.get(conditions)
            if before is None or before.rate.status is PriceStatus.NOT_OFFERED:
                kind = _kind_of_start(segment, self.earlier)
            else:
                costs_as_before = before.rate.costs_as(rate)
                is_told = costs_as_before and before.rate.same_as(rate)
                if is_told and before.source == segment.source:
                    continue
                kind = _kind_of_move(before.rate, rate, costs_as_before)
            rows.append(self._put(conditions, segment, rate, kind))
        return rows

    def _put(self, conditions: str, segment: Segment, rate: Rate, kind: Kind | None) -> PriceRow:
        at = segment.valid_from
        row = PriceRow(
            self.offering_id,
            self.meter,
            conditions,
            at,
            segment.changed_after,
            rate,
            segment.source,
            segment.capture,
            kind,
            segment.cause,
            # Whatever one source moves of one offering at one moment is one event.
            segment.event or stable_id("evt", self.offering_id, segment.source, _text_of(at)),
        )
        self.replaced[conditions] = self.standing.get(conditions)
        self.standing[conditions] = row
        return row

    def _undo(self) -> dict[str, PriceRow]:
        """Go back to what stood just before the frontier; returns the rows that began at it."""
        begun = {conditions: self.standing[conditions] for conditions in self.replaced}
        for conditions, before in self.replaced.items():
            if before is None:
                del self.standing[conditions]
            else:
                self.standing[conditions] = before
        return begun


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


@lru_cache(maxsize=64)
def _text_of(moment: datetime) -> str:
    """A moment as text, one for each: most rows of a fetch begin at the same."""
    return moment.astimezone(UTC).isoformat()


def _ended(rate: Rate) -> Rate:
    return replace(rate, status=PriceStatus.NOT_OFFERED, unit_price=None, is_headline=False)


def _kind_of_start(segment: Segment, earlier: Statement | None) -> Kind | None:
    return Kind.CONDITIONS if earlier is not None else _hint(segment)


def _hint(segment: Segment) -> Kind | None:
    return None if segment.hint is Kind.BASELINE else segment.hint


def _kind_of_move(before: Rate, after: Rate, costs_as_before: bool) -> Kind | None:
    if UNSEEN_GAP in (before.rule, after.rule):
        # Seen from inside a window or not: that is about the hour of the fetch.
        return None
    if before.status is not after.status:
        return Kind.STATUS
    if costs_as_before or before.unit_price is None or after.unit_price is None:
        return None
    return Kind.INCREASE if after.unit_price > before.unit_price else Kind.DECREASE
