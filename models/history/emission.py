"""From moved offerings to rows: what is written into history, once and for good."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from models.history.state import LifecycleRow
from models.history.statement import NO_METER, UNPRICED
from models.history.timeline import Cause, Extension, Kind, Line, Segment, effective

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from models.history.judging import Step, Touched
    from models.history.state import Offering, Track


def emit_lifecycle(touched: Touched, step: Step) -> list[LifecycleRow]:
    """The row that says an offering is listed, deprecated or withdrawn, where that is news."""
    offering = touched.offering
    listed_by = sorted(s for s, p in offering.presences.items() if p.ended_at is None)
    state = _lifecycle_of(offering)
    now = (state, offering.model_id, *listed_by)
    if now == offering.lifecycle:
        return []
    was = offering.lifecycle[0] if offering.lifecycle else None
    offering.lifecycle = now
    ended = [p.ended_at for p in offering.presences.values() if p.ended_at is not None]
    at = max(ended) if state == "withdrawn" else step.at
    after = None if was is None else step.last_seen(step.observation.scope)
    kind = touched.hint if touched.hint in (Kind.NEW, Kind.WITHDRAWN, Kind.RETURNED) else None
    return [
        LifecycleRow(
            offering.offering_id,
            at,
            after,
            state,
            offering.model_id,
            offering.operation,
            tuple(listed_by),
            step.capture,
            kind,
        )
    ]


def _lifecycle_of(offering: Offering) -> str:
    if not offering.is_listed:
        return "withdrawn"
    words = {p.listing.lifecycle for p in offering.presences.values() if p.ended_at is None}
    return "deprecated" if "deprecated" in words else "listed"


def emit_prices(touched: Touched) -> list[Extension]:
    """What the moved meters of an offering add."""
    offering = touched.offering
    added: list[Extension] = []
    for meter in sorted(touched.meters):
        line = _line(offering, meter)
        tracks = offering.tracks[meter]
        added += [
            line.extend(_kept_listed(segment, meter, offering)) for segment in _news(line, tracks)
        ]
    if not any(p.pending or p.absence for p in offering.presences.values()):
        _forget(offering)
    return added


def _line(offering: Offering, meter: str) -> Line:
    return offering.lines.setdefault(meter, Line(offering.offering_id, meter, {}))


def _news(line: Line, tracks: dict[str, Track]) -> Sequence[Segment]:
    """What the tracks amount to beyond what is written."""
    timeline = effective({track.precedence: track.segments for track in tracks.values()})
    if line.frontier is None:
        return timeline
    news = [segment for segment in timeline if segment.valid_from > line.frontier]
    if not news and timeline and timeline[-1].statement is not line.statement:
        # Two sources read at the very same instant: the later word must not be lost.
        news = [timeline[-1]]
    return news


def _kept_listed(segment: Segment, meter: str, offering: Offering) -> Segment:
    """Where the meterless price ends but the offering stays, it is listed without a price."""
    if meter == NO_METER and segment.statement is None and offering.is_listed:
        return replace(segment, statement=UNPRICED)
    return segment


def _forget(offering: Offering) -> None:
    """Nothing is pending, so nothing can be dated back: only what stands need be kept."""
    for tracks in offering.tracks.values():
        for track in tracks.values():
            del track.segments[:-1]


def emit_unpriced(touched: Touched, step: Step) -> list[Extension]:
    """Begin or end the row that says an offering is listed and nobody states a price of it."""
    offering = touched.offering
    line = offering.lines.get(NO_METER)
    stands = line is not None and line.statement is not None
    if stands and _has_meterless_price(offering):
        return []
    priced = [
        other
        for meter, other in offering.lines.items()
        if meter != NO_METER and other.statement is not None
    ]
    if offering.is_listed and not priced and not stands:
        return [_line(offering, NO_METER).extend(_unpriced_from(touched, step))]
    if line is not None and stands and (priced or not offering.is_listed):
        return [line.extend(_unpriced_until(touched, step, priced))]
    return []


def _has_meterless_price(offering: Offering) -> bool:
    tracks = offering.tracks.get(NO_METER, {})
    return any(track.statement is not None for track in tracks.values())


def _unpriced_from(touched: Touched, step: Step) -> Segment:
    offering = touched.offering
    standing = [(s, p) for s, p in offering.presences.items() if p.ended_at is None]
    source, presence = min(standing, key=lambda pair: (pair[1].since, pair[0]))
    ended = [line.frontier for line in offering.lines.values() if line.frontier is not None]
    begins = max([presence.since, *ended])
    hint = Kind.STATUS if touched.hint is Kind.METER else touched.hint
    after = None if not ended else _after(step, begins)
    return Segment(
        begins,
        after,
        UNPRICED,
        source,
        presence.capture,
        hint,
        Cause.CHANGE,
        step.event(offering),
    )


def _after(step: Step, begins: datetime) -> datetime:
    return min(begins, step.last_seen(step.observation.scope))


def _unpriced_until(touched: Touched, step: Step, priced: list[Line]) -> Segment:
    offering = touched.offering
    if not priced:
        ended = max(p.ended_at for p in offering.presences.values() if p.ended_at is not None)
        at, hint = ended, Kind.WITHDRAWN
    else:
        # What begins is the news; that "no price" ends goes without saying.
        at, hint = min(other.frontier for other in priced if other.frontier is not None), None
    return Segment(
        at,
        _after(step, at),
        None,
        step.source,
        step.capture,
        hint or Kind.BASELINE,
        Cause.CHANGE,
        step.event(offering),
    )
