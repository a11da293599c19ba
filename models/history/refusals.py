"""Refusals: a price that stands, and whose cell cannot be read now, is in dispute meanwhile.

Nothing else is stated, so nothing is held and there is no review: the old price stands, marked from
the first fetch that could not read it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.history.disputes import Outcome, Refusal, dispute_of_refusal
from models.reading import DOUBTFUL_RULES

if TYPE_CHECKING:
    from models.history.judging import Step
    from models.history.observation import Sighting
    from models.history.state import Offering, Track
    from models.history.statement import Rate, Statement


def cell_name(locator: str) -> str:
    """The place of a cell within its row, whatever the row's own place in the body."""
    return locator.rpartition("']")[2] or locator


def unread_cells(sighting: Sighting) -> frozenset[str]:
    """The cells of a sighting that were refused, by the names they keep in every fetch."""
    if not sighting.unreadable:
        return sighting.unreadable
    return frozenset(cell_name(locator) for locator in sighting.unreadable)


def is_unread(standing: Statement | None, unread: frozenset[str]) -> bool:
    """Whether a cell that states what stands is there and cannot be read now."""
    if not unread or standing is None:
        return False
    return any(cell_name(cell) in unread for cell in standing.locators)


def note(
    step: Step, offering: Offering, meter: str, said: Statement | None, unread: frozenset[str]
) -> bool:
    """Mark the prices that stand and cannot be read, and end the marks of those that can.

    Returns whether any is marked. What is held disputes its meter as a whole already.
    """
    track = offering.tracks[meter][step.source]
    doubtful = said is not None and any(rate.rule in DOUBTFUL_RULES for rate in said.rates)
    if track.statement is None or not (unread or doubtful or track.refusals):
        return False
    said_by = _by_conditions(said)
    standing = _by_conditions(track.statement)
    refused = {
        conditions
        for conditions, rate in standing.items()
        if rate.unit_price is not None and _is_refused(rate, said_by.get(conditions), unread)
    }
    for conditions in [each for each in track.refusals if each not in refused]:
        before, now = standing.get(conditions), said_by.get(conditions)
        is_same = before is not None and now is not None and before.costs_as(now)
        outcome = Outcome.LAPSED if is_same else Outcome.SUPERSEDED
        price = (offering.offering_id, meter, conditions)
        _end(step, price, track.refusals.pop(conditions), outcome)
    if track.held is None:
        for conditions in sorted(refused):
            track.refusals.setdefault(conditions, Refusal(step.at, step.capture))
    return bool(track.refusals)


def _by_conditions(statement: Statement | None) -> dict[str, Rate]:
    return {rate.conditions.to_json(): rate for rate in statement.rates} if statement else {}


def _is_refused(standing: Rate, said: Rate | None, unread: frozenset[str]) -> bool:
    if said is not None and said.rule in DOUBTFUL_RULES:
        return True
    is_read = said is not None and said.unit_price is not None and said.costs_as(standing)
    return not is_read and cell_name(standing.locator) in unread


def end_all(step: Step, offering: Offering, meter: str, track: Track, outcome: Outcome) -> None:
    """End every mark of a track: it ends, or what is held disputes all of it."""
    for conditions, refusal in track.refusals.items():
        _end(step, (offering.offering_id, meter, conditions), refusal, outcome)
    track.refusals.clear()


def _end(step: Step, price: tuple[str, str, str], refusal: Refusal, outcome: Outcome) -> None:
    if refusal.since < step.at:
        step.book.close([dispute_of_refusal(refusal, price, step.source, step.at, outcome)])
