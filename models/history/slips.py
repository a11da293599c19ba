"""Slips of units: a fetch in which much of a list moved by one factor is held as a whole.

No price of such a fetch moves. Fetches that say the same later stay held under the same review, and
only a person or another source releases them. What goes back to the old price lapses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from models.history import holding, repricing
from models.history.disputes import open_disputes
from models.history.gates import Gate, is_near, ratios, slip_factor
from models.history.reviews import Decision, describe, slip_review
from models.history.state import Slip, id_key

if TYPE_CHECKING:
    from datetime import datetime

    from models.history.engine import Book
    from models.history.judging import Step
    from models.history.proposal import Begun, Move, Proposal
    from models.history.state import Track

Moved: TypeAlias = "tuple[Move, Sequence[Decimal]]"
"""A move and its ratios."""


def found(step: Step, changed: Sequence[Decimal], moves: Sequence[Moved]) -> Slip | None:
    """The slip that this fetch shows: one that is held, if the factor is the same, or a new one.

    ``moves`` are all moves with their ratios, ``changed`` those ratios that are none of one.
    """
    thresholds = step.book.thresholds
    factor = slip_factor(changed, lambda: _compared(step, moves), thresholds)
    if factor is None:
        return None
    for slip in step.state.slips.values():
        if is_near(slip.factor, factor, thresholds):
            return slip
    review = slip_review(step.book.seller, step.observation, factor, _parts(step, moves, factor))
    earlier = step.book.reviews.get(review.review_id)
    if earlier is None or earlier.decision is Decision.LAPSED:
        step.book.doubt(review)
    slip = step.state.slips[review.review_id] = Slip(review.review_id, factor)
    return slip


def _parts(step: Step, moves: Iterable[Moved], factor: Decimal) -> list[str]:
    """What stood and what is stated of every meter that moved by the factor, in one order."""
    return sorted(
        f"{each.offering.offering_id} {each.meter} "
        f"{describe(each.before)} -> {describe(each.statement)}"
        for each, moved in moves
        if each.before is not None
        and any(is_near(ratio, factor, step.book.thresholds) for ratio in moved)
    )


def _compared(step: Step, moves: Iterable[Moved]) -> int:
    """How many prices have a number before this fetch and in it."""
    proposed = {(each.offering.offering_id, each.meter) for each, _ in moves}
    return sum(len(moved) for _, moved in moves) + sum(1 for _ in _unmoved(step, proposed))


def _unmoved(step: Step, proposed: set[tuple[str, str]]) -> Iterator[Decimal]:
    ids = step.book.ids
    for sighting in step.observation.sightings:
        named = ids.get(id_key(sighting.model_id, sighting.operation), "")
        offering = step.book.offerings.get(named)
        if offering is None:
            continue
        for meter in sighting.statements:
            track = offering.tracks.get(meter, {}).get(step.source)
            if track is None or track.statement is None or track.began_at == step.at:
                continue
            if (named, meter) not in proposed:
                yield from (rate.unit_price for rate in track.statement.rates if rate.unit_price)


def is_accepted(step: Step, slip: Slip) -> bool:
    """Whether a person accepted the slip."""
    return step.book.decisions.get(slip.review_id) is Decision.ACCEPT


def still_part_of(step: Step, proposal: Proposal, moved: Sequence[Decimal]) -> Slip | None:
    """The slip that a move is what is left of, in a fetch that shows none by itself.

    What began within a slipped fetch stays part of it for as long as some move does.
    """
    slip = _said_again(step, proposal)
    if slip is None or repricing.is_part(step, moved, slip.factor):
        return slip
    return slip if proposal.track.is_withheld and _has_moves(step, slip) else None


def _said_again(step: Step, proposal: Proposal) -> Slip | None:
    """The slip that holds what a proposal says, if one does."""
    held = proposal.track.held
    if held is None or not held.statement.same_as(proposal.statement):
        return None
    return step.state.slips.get(held.review_id)


def _has_moves(step: Step, slip: Slip) -> bool:
    """Whether a slip still holds a price that moved: it is said again, or not said in this fetch.

    Asked before the fetch is judged, so that the order of its moves makes no difference.
    """
    proposed = {
        (each.offering.offering_id, each.meter): _said_again(step, each) is slip
        and repricing.is_part(step, ratios(each.before, each.statement), slip.factor)
        for each in step.proposals
    }
    return any(
        track.held.review_id == slip.review_id
        and not track.is_withheld
        and proposed.get((offering.offering_id, meter), True)
        for offering in step.book.offerings.values()
        for meter, tracks in offering.tracks.items()
        if (track := tracks.get(step.source)) is not None and track.held is not None
    )


def hold_all(step: Step, slip: Slip) -> None:
    """Hold every move and every beginning of a fetch."""
    for proposal in step.proposals:
        holding.hold(step, proposal, Gate.LIST_SLIP, slip.review_id)
    for begun in step.begun:
        if begun.switched is None:
            holding.withhold(step, begun, Gate.LIST_SLIP, slip.review_id)
        else:
            _take_back(begun, begun.switched)
            begun.offering.presences[step.source].pending = True


def _take_back(begun: Begun, old: Track) -> None:
    """A cell that switched its meter in this fetch stands for the old one, as if it were unread."""
    del old.segments[-1]
    del begun.track.segments[-1]


def settle(book: Book, at: datetime) -> None:
    """Settle the review of every slip that holds nothing any more."""
    for state in book.sources.values():
        for slip in [each for each in state.slips.values() if not _holds(book, each)]:
            how = Decision.CONFIRMED if slip.is_confirmed else Decision.LAPSED
            decided = book.decisions.get(slip.review_id)
            book.reviews[slip.review_id].decide(decided or how, at)
            del state.slips[slip.review_id]


def _holds(book: Book, slip: Slip) -> bool:
    return any(each.review_id == slip.review_id for each in open_disputes(book))


def note_confirmed(book: Book, source: str, review_id: str) -> None:
    """Remember that another source said the same as a part of a slip."""
    slip = book.sources[source].slips.get(review_id)
    if slip is not None:
        slip.is_confirmed = True
