"""Uniform repricing: a seller that moves its margin moves most of its prices by one factor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from models.history.gates import is_near, ratios, uniform_factor
from models.history.state import Repricing
from models.ids import stable_id

if TYPE_CHECKING:
    from models.history.judging import Step


def is_part(step: Step, moved: Sequence[Decimal], factor: Decimal) -> bool:
    """Whether a move is one of those by the common factor."""
    near = (is_near(ratio, factor, step.book.thresholds) for ratio in moved)
    return bool(moved) and all(near)


def event_of(step: Step, factor: Decimal) -> str:
    """One event for a seller's repricing, also where its sources are read one after another."""
    last, thresholds = step.book.repricing, step.book.thresholds
    is_same = last is not None and is_near(last.factor, factor, thresholds)
    if last is not None and is_same and step.at - last.at <= thresholds.absent_for:
        return last.event
    event = stable_id("evt", step.book.seller, step.at.isoformat(), "repricing")
    step.book.repricing = Repricing(step.at, factor, event)
    return event


def factor_of(step: Step, changed: Sequence[Decimal]) -> Decimal | None:
    """The factor by which most prices of the source moved in this fetch, or None.

    ``changed`` are the ratios of all prices that did.
    """
    if len(changed) < step.book.thresholds.repricing_least:
        return None
    return uniform_factor(changed, _comparable(step), step.book.thresholds)


def _comparable(step: Step) -> Iterator[Decimal]:
    """Prices that could have moved: what this source stated, and what it takes over."""
    for proposal in step.proposals:
        if proposal.takes_over is not None:
            yield from ratios(proposal.standing, proposal.statement)
    source, at = step.source, step.at
    for offering_id in step.state.present:
        for tracks in step.book.offerings[offering_id].tracks.values():
            track = tracks.get(source)
            newest = track.segments[-1] if track is not None and track.segments else None
            if newest is None or newest.statement is None or newest.valid_from == at:
                continue
            for rate in newest.statement.rates:
                if rate.unit_price:
                    yield rate.unit_price
