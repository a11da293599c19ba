"""Which gate holds a move, by all that is known of its offering."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from models.history.bounds import is_beyond
from models.history.gates import (
    CACHED_AND_PLAIN,
    Gate,
    cache_above_input,
    gate_of,
    is_far_from_siblings,
)
from models.history.proposal import Proposal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from models.history.judging import Step
    from models.history.proposal import Move
    from models.history.state import Offering
    from models.history.statement import Statement


def gate_for(step: Step, move: Move, moved: Sequence[Decimal]) -> Gate | None:
    """The gate that holds a move or a beginning, or None when it may pass.

    ``moved`` are its ratios. Where a gate is not released by repetition, no other one is asked.
    """
    gate = _gate_of_numbers(step, move, moved)
    is_final = gate is not None and not gate.repetition_releases
    if is_final or move.meter not in CACHED_AND_PLAIN:
        return gate
    before = partial(_before, step, move.offering)
    if cache_above_input(move.meter, before, move.sighting.statements):
        return Gate.CACHE_ABOVE_INPUT
    return gate


def _gate_of_numbers(step: Step, move: Move, moved: Sequence[Decimal]) -> Gate | None:
    """The gate of one meter alone."""
    thresholds, before, said = step.book.thresholds, move.before, move.statement
    gate = None
    if before is not None:
        gate = gate_of(move.offering.model_id, before, said, moved, thresholds)
    if gate is Gate.BECAME_FREE:
        return gate
    if is_beyond(thresholds.bounds.get(move.meter), before, said):
        return Gate.FIRST_SIGHT
    if isinstance(move, Proposal) and is_far_from_siblings(move.before, said, thresholds):
        return Gate.FIRST_SIGHT
    return gate


def _before(step: Step, offering: Offering, meter: str) -> Statement | None:
    """What stood of a meter before this fetch by the word of its source."""
    for begun in step.begun:
        if begun.offering is offering and begun.meter == meter:
            return begun.before
    track = offering.tracks.get(meter, {}).get(step.source)
    return None if track is None else track.statement
