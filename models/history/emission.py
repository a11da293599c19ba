"""From moved offerings to rows: what is written into history, once and for good."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from models.history.line import Line
from models.history.notes import DEPRECATED, is_deprecated
from models.history.state import LifecycleRow
from models.history.statement import NO_METER, UNPRICED
from models.history.timeline import Kind, Segment, effective

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.history.judging import Step
    from models.history.line import Written
    from models.history.proposal import Touched
    from models.history.state import Offering
    from models.history.statement import Statement


def emit_lifecycle(touched: Touched, step: Step) -> tuple[list[LifecycleRow], list[LifecycleRow]]:
    """The row that says an offering is listed, deprecated or withdrawn, where that is news.

    Returns it and the earlier row that it makes untrue, if it begins no later.
    """
    offering = touched.offering
    was = offering.life
    if not (touched.is_by_listing or step.book.notes):
        return [], []  # Only its prices moved, and nobody notes anything of it.
    lifecycle = _lifecycle_of(offering, step)
    listed_by = tuple(sorted([s for s, p in offering.presences.items() if p.ended_at is None]))
    if was is not None and was.says == (lifecycle, offering.model_id, listed_by):
        return [], []
    at, after = touched.moved_at or step.at, touched.moved_after or step.previous
    is_late = was is not None and at <= was.valid_from
    row = LifecycleRow(
        offering.offering_id,
        was.valid_from if was is not None and is_late else at,
        None if was is None else was.changed_after if is_late else after,
        lifecycle,
        offering.model_id,
        offering.operation,
        listed_by,
        step.capture,
        touched.hint if touched.hint in (Kind.NEW, Kind.WITHDRAWN, Kind.RETURNED) else None,
    )
    offering.life = row
    return [row], [was] if was is not None and is_late else []


def _lifecycle_of(offering: Offering, step: Step) -> str:
    words = [p.listing.lifecycle for p in offering.presences.values() if p.ended_at is None]
    if not words:
        return "withdrawn"
    is_to_go = DEPRECATED in words or is_deprecated(step.book, offering)
    return DEPRECATED if is_to_go else "listed"


def emit_prices(touched: Touched, written: Written) -> None:
    """Write what the moved meters of an offering add."""
    offering = touched.offering
    for meter in sorted(touched.meters):
        line = _line(offering, meter)
        for segment in _news(line, offering):
            line.extend(segment, written)
    for presence in offering.presences.values():
        if presence.ended_at is None and (presence.pending or presence.absence):
            return
    _forget(offering)


def _line(offering: Offering, meter: str) -> Line:
    line = offering.lines.get(meter)
    if line is None:
        line = offering.lines[meter] = Line(offering.offering_id, meter, {})
    return line


def _news(line: Line, offering: Offering) -> Sequence[Segment]:
    """What the tracks amount to beyond what is written."""
    tracks = offering.tracks[line.meter].values()
    timeline = effective([(track.precedence, track.segments) for track in tracks])
    if line.meter == NO_METER and offering.is_listed:
        timeline = [_kept_listed(segment) for segment in timeline]
    if line.frontier is None:
        return timeline
    past = [segment for segment in timeline if segment.valid_from <= line.frontier]
    news = timeline[len(past) :]
    if past and not _agree(past[-1].statement, line.statement):
        # Two sources read at one instant, or an end seen late: the later word must not be lost.
        return [past[-1], *news]
    return news


def _agree(one: Statement | None, other: Statement | None) -> bool:
    return one is other or (one is not None and other is not None and one.same_as(other))


def _kept_listed(segment: Segment) -> Segment:
    """Where the meterless price ends but the offering stays, it is listed without a price."""
    return replace(segment, statement=UNPRICED) if segment.statement is None else segment


def _forget(offering: Offering) -> None:
    """Nothing is pending, so nothing can be dated back: only what stands need be kept."""
    for line in offering.lines.values():
        if len(line.moves) > 1:
            line.forget()
    for tracks in offering.tracks.values():
        for track in tracks.values():
            if len(track.segments) > 1:
                del track.segments[:-1]


def emit_unpriced(touched: Touched, step: Step, written: Written) -> None:
    """Begin or end the row that says an offering is listed and nobody states a price of it."""
    offering = touched.offering
    priced = [
        line
        for meter, line in offering.lines.items()
        if meter != NO_METER and line.statement is not None
    ]
    line = offering.lines.get(NO_METER)
    if line is None and priced:
        return
    stands = line is not None and line.statement is not None
    if stands and _has_meterless_price(offering):
        return
    if offering.is_listed and not priced and not stands:
        _line(offering, NO_METER).extend(_unpriced_from(touched, step), written)
    elif line is not None and stands and (priced or not offering.is_listed):
        line.extend(_unpriced_until(touched, step, priced), written)


def _has_meterless_price(offering: Offering) -> bool:
    tracks = offering.tracks.get(NO_METER, {})
    return any(track.statement is not None for track in tracks.values())


def _unpriced_from(touched: Touched, step: Step) -> Segment:
    offering = touched.offering
    standing = [(s, p) for s, p in offering.presences.items() if p.ended_at is None]
    source, presence = min(standing, key=lambda pair: (pair[1].since, pair[0]))
    ended = [line for line in offering.lines.values() if line.frontier is not None]
    last = max(ended, key=_frontier, default=None)
    begins, after = presence.since, None
    if last is not None:
        begins, after = max(begins, _frontier(last)), _moved_after(last)
    hint = Kind.STATUS if touched.hint is Kind.METER else touched.hint
    return Segment(
        begins,
        after,
        UNPRICED,
        source,
        presence.capture,
        hint,
    )


def _frontier(line: Line) -> datetime:
    return line.frontier or datetime.max.replace(tzinfo=UTC)


def _moved_after(line: Line) -> datetime | None:
    """When what stood before the newest rows of a line was last seen."""
    return next((row.changed_after for row in line.newest_rows()), None)


def _unpriced_until(touched: Touched, step: Step, priced: list[Line]) -> Segment:
    if priced:
        # What begins is the news; that "no price" ends goes without saying.
        first = min(priced, key=_frontier)
        at, after, hint = _frontier(first), _moved_after(first), Kind.BASELINE
    else:
        at, after, hint = touched.moved_at or step.at, touched.moved_after, Kind.WITHDRAWN
    return Segment(
        at,
        after,
        None,
        step.source,
        step.capture,
        hint,
    )
