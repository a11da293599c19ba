"""Absence is not removal: when an offering, or a meter of a listed offering, comes to its end.

It ends only after several healthy fetches of the same scope in a row without it and at least a day;
the end is then dated to the first of them. A return before that leaves no trace.

What the seller says that it serves until a time, though no list has it any more, ends at that time,
at the first fetch after it: or when it was first absent, where that is later.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from models.history import refusals
from models.history.refusals import is_unread
from models.history.state import Absence
from models.history.timeline import Kind, Segment

if TYPE_CHECKING:
    from datetime import datetime

    from models.history.engine import Book
    from models.history.judging import Step
    from models.history.observation import Observation, Sighting
    from models.history.state import Offering, Presence, Track
    from models.history.thresholds import Thresholds


def counts_for(observation: Observation, scope: str) -> bool:
    """Whether this fetch would have shown what was seen under ``scope``."""
    return observation.scope == scope or scope in observation.covers


def note_absence(absence: Absence | None, at: datetime, last_seen: datetime) -> Absence:
    """Count one more fetch without it; ``last_seen`` is the newest fetch with it."""
    if absence is None:
        return Absence(at, 1, last_seen)
    absence.fetches += 1
    return absence


def is_over(absence: Absence, at: datetime, thresholds: Thresholds) -> bool:
    """Whether it has been absent often enough and for long enough to be gone."""
    long_enough = at - absence.since >= thresholds.absent_for
    return absence.fetches >= thresholds.absent_fetches and long_enough


def last_stated(book: Book, offering: Offering, source: str, track: Track) -> datetime:
    """The newest fetch of a source that stated what stands in its track.

    While it is held that something else is said, or what is said cannot be read, that is the last
    fetch before the doubt. What is unknown because its first price is held began with the doubt.
    """
    presence = offering.presences[source]
    seen: list[datetime] = []
    if track.absence is not None:
        seen.append(track.absence.last_seen)
    if presence.absence is not None:
        seen.append(presence.absence.last_seen)
    if track.last_stated is not None:
        seen.append(track.last_stated)
    held = track.held
    if held is not None and held.changed_after is not None and track.began_at != held.since:
        seen.append(held.changed_after)
    return min(seen) if seen else book.sources[source].last_at[track.scope]


def note_absent_offerings(step: Step, absent: set[str]) -> None:
    """Count the absence of every offering this source listed before and does not list now."""
    # Sets have no order; history must not depend on that.
    for offering_id in sorted(absent):
        offering = step.book.offerings[offering_id]
        presence = offering.presences[step.source]
        if not counts_for(step.observation, presence.scope):
            continue
        presence.absence = absence = _absent(step, offering, presence)
        if absence.served_until is not None:
            if absence.served_until <= step.at:
                end = max(absence.since, absence.served_until)
                _withdraw(step, offering, presence, replace(absence, since=end))
        elif is_over(absence, step.at, step.book.thresholds):
            _withdraw(step, offering, presence, absence)


def _absent(step: Step, offering: Offering, presence: Presence) -> Absence:
    """One more fetch without an offering, and whether the seller says that it serves all the same.

    What was still listed after that time is as absent as any other. Where the seller takes its word
    back before the time is over, absence begins anew: until now it was no sign of an end.
    """
    before = presence.absence
    absence = note_absence(before, step.at, step.last_read(presence.scope))
    until = step.served_until(offering)
    if until is None and absence.served_until is not None and absence.served_until <= step.at:
        until = absence.served_until  # Its time is over, so the seller need not name it any more.
    if until is not None and absence.last_seen < until:
        return replace(absence, fetches=0, served_until=until)
    if absence.served_until is not None:
        return Absence(step.at, 1, absence.last_seen)
    return absence


def _withdraw(step: Step, offering: Offering, presence: Presence, absence: Absence) -> None:
    presence.ended_at = absence.since
    step.state.present.discard(offering.offering_id)
    hint = Kind.METER if offering.is_listed else Kind.WITHDRAWN
    touched = step.touch(offering, hint)
    touched.moved_at, touched.moved_after = absence.since, absence.last_seen
    for meter in offering.tracks:
        track = offering.tracks[meter].get(step.source)
        if track is None:
            continue
        if track.statement is None:
            step.lapse(track)
        else:
            end_track(step, offering, meter, track.absence or absence, hint)


def note_stated(step: Step, track: Track, unread: frozenset[str]) -> bool:
    """The meter is stated in this fetch; returns whether anything of it is pending."""
    if is_unread(track.statement, unread):
        return note_unread(step, track)
    track.absence = track.last_stated = None
    track.scope = step.scope
    return track.held is not None


def note_unread(step: Step, track: Track) -> bool:
    """A cell of what stands cannot be read: that is doubtful, but the meter is not absent.

    Returns whether anything of it is pending.
    """
    track.last_stated = track.last_stated or step.last_read(track.scope)
    return track.absence is not None or track.held is not None


def note_absent_meters(
    step: Step, offering: Offering, sighting: Sighting, unread: frozenset[str]
) -> bool:
    """Count the absence of meters that a listed offering had; returns whether any is pending."""
    pending = False
    for meter, tracks in offering.tracks.items():
        track = tracks.get(step.source)
        if track is None or meter in sighting.statements:
            continue
        if is_unread(track.statement, unread):
            note_unread(step, track)
            refusals.note(step, offering, meter, None, unread)
        elif track.statement is None:
            step.lapse(track)
        elif counts_for(step.observation, track.scope):
            track.absence = note_absence(track.absence, step.at, step.last_read(track.scope))
            if is_over(track.absence, step.at, step.book.thresholds):
                end_track(step, offering, meter, track.absence, Kind.METER)
        pending = pending or bool(track.absence or track.held or track.refusals)
    return pending


def end_track(step: Step, offering: Offering, meter: str, since: Absence, hint: Kind) -> None:
    """Let this source's track of a meter end at the first fetch that was without it."""
    track = offering.tracks[meter][step.source]
    step.lapse(track)
    track.absence = track.last_stated = None
    step.append(
        offering,
        meter,
        track,
        Segment(since.since, since.last_seen, None, step.source, step.capture, hint),
    )
