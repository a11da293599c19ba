"""Lines: what has been written of one price, and how a further statement adds to it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache

from models.history.statement import UNSEEN_GAP, Rate, Statement
from models.history.timeline import Kind, PriceRow, Segment
from models.ids import stable_id
from models.reading import PriceStatus


@dataclass(slots=True)
class Written:
    """Rows that were added to lines, and earlier rows that they make untrue."""

    rows: list[PriceRow] = field(default_factory=list[PriceRow])
    untrue: list[PriceRow] = field(default_factory=list[PriceRow])


@dataclass(slots=True)
class Move:
    """What stood until the rows that begin ``at`` an instant: the statement, and the row of each
    price that they took the place of (None: there was none)."""

    at: datetime
    earlier: Statement | None
    replaced: dict[str, PriceRow | None] = field(default_factory=dict[str, "PriceRow | None"])


@dataclass(slots=True)
class Line:
    """What has been written of one offering and meter: the rows that stand, by conditions.

    Only the end of history is kept, so that adding to it costs the same however long it is:
    ``moves`` holds the newest, and those before it while something waits that may turn out to be
    true since then.
    """

    offering_id: str
    meter: str
    standing: dict[str, PriceRow]
    statement: Statement | None = None
    moves: list[Move] = field(default_factory=list[Move])

    @property
    def frontier(self) -> datetime | None:
        """Where the newest rows begin."""
        return self.moves[-1].at if self.moves else None

    def newest_rows(self) -> list[PriceRow]:
        """The rows that began last, in order of their conditions."""
        return [self.standing[conditions] for conditions in sorted(self.moves[-1].replaced)]

    def forget(self) -> None:
        """Keep the newest move only: nothing waits that could be true since before it."""
        del self.moves[:-1]

    def extend(self, segment: Segment, written: Written) -> None:
        """Write what a further segment adds: one row for each price that is not as it was.

        A segment may begin where the last one did or, seen late, even earlier. Then it takes the
        place of all that began since, as far back as is known, and the rows that it makes untrue
        are told too.
        """
        begun: list[PriceRow] = []
        while self.moves and segment.valid_from <= self.moves[-1].at:
            undone = self.moves.pop()
            begun += self._undo(undone)
            if not self.moves and segment.valid_from < undone.at:
                segment = replace(segment, valid_from=undone.at)
        self.moves.append(Move(segment.valid_from, self.statement))
        rows = self._begin(segment, self.moves[-1])
        self.statement = segment.statement
        if not begun:
            written.rows += rows
            return
        before, again = {row.content for row in begun}, {row.content for row in rows}
        written.rows += [row for row in rows if row.content not in before]
        written.untrue += [row for row in begun if row.content not in again]

    def _begin(self, segment: Segment, move: Move) -> list[PriceRow]:
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
                kind = _kind_of_start(segment, move.earlier)
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
        self.moves[-1].replaced[conditions] = self.standing.get(conditions)
        self.standing[conditions] = row
        return row

    def _undo(self, move: Move) -> list[PriceRow]:
        """Go back to what stood just before a move; returns the rows that began at it."""
        begun = [self.standing[conditions] for conditions in move.replaced]
        for conditions, before in move.replaced.items():
            if before is None:
                del self.standing[conditions]
            else:
                self.standing[conditions] = before
        self.statement = move.earlier
        return begun


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
