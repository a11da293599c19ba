"""Disputes: for how long a price was in doubt, because a source stated another one that was held.

While a statement is held, the prices that it would move are in dispute. The dispute ends when the
statement is released, taken back, or replaced by a third one; the interval stays marked for good.
A price that stands and cannot be read is in dispute too, without a review.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from models.history.gates import Gate
from models.record import record

if TYPE_CHECKING:
    from models.history.engine import Book
    from models.history.state import Held
    from models.history.statement import Statement


class Outcome(StrEnum):
    """How a dispute ended. A person's ``rejected`` ends it at the time of the decision, which the
    rules of history do not know: publishing adds it."""

    AGREED = "agreed"
    CONFIRMED = "confirmed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"
    LAPSED = "lapsed"


@dataclass(slots=True)
class Mark:
    """Which prices are in dispute, by whose word and since when.

    ``values`` maps the conditions of each price to the number that is stated instead, None where
    none is.
    """

    offering_id: str
    meter: str
    source: str
    since: datetime
    values: Mapping[str, Decimal | None]


@record
class Refusal:
    """Since when a price that stands cannot be read, and the capture that first showed it."""

    since: datetime
    capture: str


@record
class Dispute:
    """One price in dispute from ``since`` until ``until`` (None: still), and how that ended."""

    review_id: str
    gate: str
    offering_id: str
    meter: str
    conditions: str
    source: str
    since: datetime
    until: datetime | None
    value: Decimal | None
    outcome: Outcome | None
    capture: str


def disputed_values(standing: Statement, stated: Statement) -> Mapping[str, Decimal | None]:
    """The prices that stand, by conditions, each with the number that is stated instead."""
    numbers = {rate.conditions.to_json(): rate.unit_price for rate in stated.rates}
    return {
        conditions: numbers.get(conditions)
        for conditions in (rate.conditions.to_json() for rate in standing.rates)
    }


def disputes_of(held: Held, until: datetime | None, outcome: Outcome | None) -> Iterator[Dispute]:
    """The disputes that a held statement makes, one for each price."""
    mark = held.mark
    for conditions, value in mark.values.items():
        yield Dispute(
            held.review_id,
            str(held.gate),
            mark.offering_id,
            mark.meter,
            conditions,
            mark.source,
            mark.since,
            until,
            value,
            outcome,
            held.capture,
        )


def dispute_of_refusal(
    refusal: Refusal,
    price: tuple[str, str, str],
    source: str,
    until: datetime | None,
    outcome: Outcome | None,
) -> Dispute:
    """The dispute of one price (offering, meter, conditions) that cannot be read."""
    since, gate = refusal.since, str(Gate.REFUSED)
    return Dispute("", gate, *price, source, since, until, None, outcome, refusal.capture)


def open_disputes(book: Book) -> Iterator[Dispute]:
    """Every price in dispute now, in the order of offerings."""
    for offering in book.offerings.values():
        if not any(presence.pending for presence in offering.presences.values()):
            continue
        for meter, tracks in offering.tracks.items():
            for source, track in tracks.items():
                if track.held is not None:
                    yield from disputes_of(track.held, None, None)
                for conditions, refusal in track.refusals.items():
                    price = (offering.offering_id, meter, conditions)
                    yield dispute_of_refusal(refusal, price, source, None, None)
