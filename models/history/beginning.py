"""Beginnings: a source states a meter of an offering that it did not state until now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.history import absence
from models.history.proposal import Begun, Proposal
from models.history.refusals import cell_name
from models.history.state import Track
from models.history.statement import NO_METER
from models.history.timeline import Kind, Segment

if TYPE_CHECKING:
    from datetime import datetime

    from models.history.judging import Step
    from models.history.observation import Sighting
    from models.history.state import Offering
    from models.history.statement import Statement


def begin(step: Step, offering: Offering, meter: str, sighting: Sighting, hint: Kind) -> Track:
    """Let a meter's track begin, or propose it where it would take another source's place."""
    statement, track = sighting.statements[meter], offering.tracks[meter].get(step.source)
    switched, old_track = _switched_from(step, offering, meter, sighting), None
    if switched is not None:
        hint = Kind.METER
        old, old_track = switched
        step.lapse(old_track)
        old_track.absence = None
        after = step.last_read(old_track.scope)
        step.append(offering, old, old_track, _segment(step, sighting, None, hint, after))
    elif track is not None and track.segments:
        hint = Kind.RETURNED
    elif hint is Kind.METER:
        hint = _hint_of_first(step, offering)
    before = _last_without(step, offering, meter, track)
    segment = _segment(step, sighting, statement, hint, before)
    if track is None:
        track = Track([], step.observation.precedence, step.scope)
        offering.tracks[meter][step.source] = track
    standing = _outranked(step, offering, meter)
    if standing is None:
        step.append(offering, meter, track, segment)
        step.begun.append(Begun(offering, meter, track, sighting, segment, old_track))
    else:
        step.proposals.append(
            Proposal(offering, meter, track, standing, statement, sighting, before, segment)
        )
    return track


def _hint_of_first(step: Step, offering: Offering) -> Kind:
    if step.is_baseline:
        return Kind.BASELINE
    bare = offering.lines.get(NO_METER)
    return Kind.STATUS if bare is not None and bare.statement is not None else Kind.METER


def _outranked(step: Step, offering: Offering, meter: str) -> Statement | None:
    """What stands by another source's word, if this source's word would take its place."""
    stating = [
        track
        for source, track in offering.tracks[meter].items()
        if track.statement is not None and source != step.source
    ]
    if any(track.precedence < step.observation.precedence for track in stating):
        return None
    return min(stating, key=lambda track: track.precedence).statement if stating else None


def _segment(
    step: Step, sighting: Sighting, statement: Statement | None, hint: Kind, after: datetime | None
) -> Segment:
    return Segment(step.at, after, statement, step.source, sighting.capture, hint)


def _last_without(
    step: Step, offering: Offering, meter: str, track: Track | None
) -> datetime | None:
    """When what stood before a meter's first statement was last seen; None at first sight."""
    if track is not None and track.segments:
        read = step.last_read(track.scope)
        return read if step.previous is None else max(read, step.previous)
    stated = [
        (other.precedence, absence.last_stated(step.book, offering, source, other))
        for source, other in offering.tracks[meter].items()
        if other.statement is not None and source != step.source
    ]
    if stated:
        return min(stated)[1]
    return None if offering.first_seen_at == step.at else step.previous


def _switched_from(
    step: Step, offering: Offering, meter: str, sighting: Sighting
) -> tuple[str, Track] | None:
    """The meter that this source's same cell stood for until now, if its unit was switched."""
    cells = {cell_name(locator) for locator in sighting.statements[meter].locators}
    for other, tracks in offering.tracks.items():
        track = tracks.get(step.source)
        if other in sighting.statements or track is None or track.statement is None:
            continue
        if cells & {cell_name(locator) for locator in track.statement.locators}:
            return other, track
    return None
