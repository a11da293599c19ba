"""Holding: what a gate stops waits, with the old price standing, until something settles it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from models.history import refusals
from models.history.disputes import Mark, Outcome, disputed_values
from models.history.gates import Gate
from models.history.proposal import Proposal
from models.history.reviews import Decision, Review, describe, move_review_id
from models.history.state import Held, Offering, Track
from models.history.statement import Statement, withheld
from models.history.timeline import Cause, Segment
from models.history.witnesses import is_confirmed, is_held_beside

if TYPE_CHECKING:
    from datetime import datetime

    from models.history.judging import Step
    from models.history.proposal import Begun
    from models.history.thresholds import Thresholds

OUTCOMES: Final = {
    Decision.ACCEPT: Outcome.ACCEPTED,
    Decision.AGREED: Outcome.AGREED,
    Decision.CONFIRMED: Outcome.CONFIRMED,
}


def hold(
    step: Step, proposal: Proposal, gate: Gate, review_id: str = "", *, event: str = ""
) -> None:
    """Hold a proposal, or release it when enough has been said for it by now.

    ``review_id`` is that of the whole fetch, where the whole is held; ``event`` is the event that
    it becomes a part of when it is released.
    """
    track = proposal.track
    refusals.end_all(step, proposal.offering, proposal.meter, track, Outcome.SUPERSEDED)
    if track.held is None or not track.held.statement.same_as(proposal.statement):
        step.lapse(track, Outcome.SUPERSEDED)
        track.held = _held(step, proposal, gate, review_id)
    else:
        _hold_on(step, proposal, track.held, gate, review_id)
    track.held.event = event
    proposal.offering.presences[step.source].pending = True
    how = _release_reason(step, proposal, track.held)
    if how is not None:
        release(step, proposal.offering, proposal.meter, step.source, how)


def withhold(step: Step, begun: Begun, gate: Gate, review_id: str = "") -> None:
    """Hold a statement that nothing stood before: its prices are unknown until it is released."""
    segment, track = begun.segment, begun.track
    said = begun.statement
    unknown = withheld(said)
    track.segments[-1] = replace(segment, statement=unknown)
    hold(
        step,
        Proposal(
            begun.offering,
            begun.meter,
            track,
            unknown,
            said,
            begun.sighting,
            segment.changed_after,
            hint=segment.hint,
        ),
        gate,
        review_id,
    )


def _held(step: Step, proposal: Proposal, gate: Gate, review_id: str) -> Held:
    return Held(
        review_id or _review_of(step, proposal, gate),
        gate,
        proposal.statement,
        step.at,
        proposal.changed_after,
        proposal.sighting.capture,
        _mark(step, proposal),
        proposal.hint,
    )


def _mark(step: Step, proposal: Proposal) -> Mark:
    values = disputed_values(proposal.standing, proposal.statement)
    return Mark(proposal.offering.offering_id, proposal.meter, step.source, step.at, values)


def _review_of(step: Step, proposal: Proposal, gate: Gate) -> str:
    """The review of one move; it is opened unless the same difference is in doubt already."""
    old, new = describe(proposal.before), describe(proposal.statement)
    key = (proposal.offering.offering_id, proposal.meter)
    review_id = move_review_id(step.book.seller, step.source, key, old, new)
    known = step.book.reviews.get(review_id)
    if known is None or known.decision is Decision.LAPSED:
        step.book.doubt(
            Review(
                review_id,
                step.source,
                f"{proposal.offering.model_id} {proposal.meter}",
                f"{old} -> {new}",
                gate,
                step.at,
                *key,
                proposal.sighting.capture,
            )
        )
    return review_id


def _hold_on(step: Step, proposal: Proposal, held: Held, gate: Gate, review_id: str) -> None:
    """The same is said again: it is held as before, by the stricter gate of the two.

    What a slip of its list held, and that alone no more, goes on under a review of its own.
    """
    held.agreeing += 1
    mark = _mark(step, proposal)
    is_alone = held.gate is Gate.LIST_SLIP and not review_id
    if is_alone:
        review_id, held.agreeing = _review_of(step, proposal, gate), 0
    is_another = review_id not in ("", held.review_id)
    is_stricter = held.gate.repetition_releases and not gate.repetition_releases
    if is_another or is_stricter or mark.values.keys() != held.mark.values.keys():
        step.close(held, Outcome.SUPERSEDED, settles=is_another)
        held.mark = mark
    if is_another or is_stricter:
        held.gate = gate
        held.review_id = review_id or held.review_id
        step.book.reviews[held.review_id].gate = gate


def _release_reason(step: Step, proposal: Proposal, held: Held) -> Decision | None:
    decided = step.book.decisions.get(held.review_id)
    if decided is not None:
        return decided if decided is Decision.ACCEPT else None
    tracks = proposal.offering.tracks[proposal.meter]
    is_repeated = _is_repeated(held, step.at, step.book.thresholds)
    if is_repeated and not is_held_beside(tracks, step.source, held):
        return Decision.AGREED
    return Decision.CONFIRMED if is_confirmed(tracks, step.source, held) else None


def _is_repeated(held: Held, at: datetime, thresholds: Thresholds) -> bool:
    """Whether it was said again often enough, or late enough."""
    if not (held.agreeing and held.gate.repetition_releases):
        return False
    return (
        held.agreeing >= thresholds.agreeing_fetches or at - held.since >= thresholds.agreeing_for
    )


def release(step: Step, offering: Offering, meter: str, source: str, how: Decision) -> None:
    """Let what is held of a source stand, dated to when it was first seen."""
    track = offering.tracks[meter][source]
    held, track.held = track.held, None
    if held is None:
        return
    step.close(held, OUTCOMES[how])
    segment = Segment(
        held.since,
        held.changed_after,
        held.statement,
        source,
        held.capture,
        held.hint,
        Cause.UNIFORM_REPRICING if held.event else Cause.CHANGE,
        held.event,
    )
    forget_withheld(track, held)
    step.append(offering, meter, track, segment)


def forget_withheld(track: Track, held: Held) -> None:
    """What was unknown until now was what is held, from the beginning."""
    if track.began_at == held.since:
        del track.segments[-1]


def let_go(step: Step, track: Track, statement: Statement) -> Held | None:
    """What is held and said again, now that nothing doubts it any more: it counts from when it was
    first seen, unless a person refused it."""
    held = track.held
    if held is None or not held.statement.same_as(statement):
        return None
    if step.book.decisions.get(held.review_id) is Decision.REJECT:
        return None
    track.held = None
    step.close(held, Outcome.AGREED)
    return held


def confirm(step: Step, offering: Offering, meter: str) -> None:
    """Release what is held of one source and vouched for by another, now that both were judged."""
    tracks = offering.tracks[meter]
    # The other sources first: what is released of them may vouch for this one.
    for source in sorted(tracks, key=lambda name: (name == step.source, name)):
        held = tracks[source].held
        if held is None or held.review_id in step.book.decisions:
            continue
        if is_confirmed(tracks, source, held):
            release(step, offering, meter, source, Decision.CONFIRMED)
