"""Holding: what a gate stops waits, with the old price standing, until something settles it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.history.gates import Gate
from models.history.reviews import Decision, Review, describe, move_review_id
from models.history.state import Held, Offering, Track
from models.history.statement import Statement
from models.history.timeline import Kind, Segment

if TYPE_CHECKING:
    from models.history.judging import Step
    from models.history.proposal import Proposal


def hold(step: Step, proposal: Proposal, gate: Gate) -> None:
    """Hold a proposal, or release it when enough has been said for it by now."""
    track = proposal.track
    if track.held is not None and track.held.statement.same_as(proposal.statement):
        track.held.agreeing += 1
    else:
        step.lapse(track)
        track.held = _held(step, proposal, gate)
    proposal.offering.presences[step.source].pending = True
    how = _release_reason(step, proposal, track.held)
    if how is not None:
        _release(step, proposal.offering, proposal.meter, step.source, how)


def _held(step: Step, proposal: Proposal, gate: Gate) -> Held:
    old, new = describe(proposal.standing), describe(proposal.statement)
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
    after = proposal.changed_after
    capture = proposal.sighting.capture
    return Held(review_id, gate, proposal.statement, step.at, after, capture)


def _release_reason(step: Step, proposal: Proposal, held: Held) -> Decision | None:
    decided = step.book.decisions.get(held.review_id)
    if decided is not None:
        return decided if decided is Decision.ACCEPT else None
    if held.gate.repetition_releases and held.agreeing >= step.book.thresholds.agreeing_fetches:
        return Decision.AGREED
    others = proposal.offering.tracks[proposal.meter]
    said = (track.statement for name, track in others.items() if name != step.source)
    if any(statement is not None and statement.same_as(held.statement) for statement in said):
        return Decision.CONFIRMED
    return None


def _release(step: Step, offering: Offering, meter: str, source: str, how: Decision) -> None:
    """Let what is held of a source stand, dated to when it was first seen."""
    track = offering.tracks[meter][source]
    held, track.held = track.held, None
    if held is None:
        return
    step.book.reviews[held.review_id].decide(how, step.at)
    segment = Segment(
        held.since,
        held.changed_after,
        held.statement,
        source,
        held.capture,
        Kind.METER,
    )
    step.append(offering, meter, track, segment)


def let_go(step: Step, track: Track, statement: Statement) -> Held | None:
    """What is held and said again, now that nothing doubts it any more: it counts from when it was
    first seen, unless a person refused it."""
    held = track.held
    if held is None or not held.statement.same_as(statement):
        return None
    if step.book.decisions.get(held.review_id) is Decision.REJECT:
        return None
    track.held = None
    step.book.reviews[held.review_id].decide(Decision.AGREED, step.at)
    return held


def confirm_others(step: Step, offering: Offering, meter: str, statement: Statement) -> None:
    """Release what is held of other sources and is now stated by this one too."""
    for source, track in offering.tracks[meter].items():
        held = track.held
        if source == step.source or held is None:
            continue
        if step.book.decisions.get(held.review_id) is None and held.statement.same_as(statement):
            _release(step, offering, meter, source, Decision.CONFIRMED)
