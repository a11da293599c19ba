"""Doubts: what is held, why, since when, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Context, Decimal
from enum import StrEnum
from statistics import median
from typing import Final

from models.conditions import spelled_for_identity
from models.history.gates import Gate
from models.history.observation import Observation
from models.history.statement import Statement
from models.ids import stable_id
from models.money import plain

_SHORT: Final = Context(prec=4)
"""Precise enough for a factor that a person reads."""


class Decision(StrEnum):
    """What became of a doubt. ``accept`` and ``reject`` are a person's, the others the data's."""

    ACCEPT = "accept"
    REJECT = "reject"
    AGREED = "agreed"
    CONFIRMED = "confirmed"
    LAPSED = "lapsed"


@dataclass(slots=True)
class Review:
    """One doubt. ``what`` says what is held, ``evidence`` what was and what would be believed."""

    review_id: str
    source: str
    what: str
    evidence: str
    gate: Gate
    since: datetime
    offering_id: str = ""
    meter: str = ""
    capture: str = ""
    decision: Decision | None = None
    decided_at: datetime | None = None

    def decide(self, decision: Decision, at: datetime) -> None:
        """Settle the doubt, once; a later word does not change the first."""
        if self.decision is None:
            self.decision = decision
            self.decided_at = at


def describe(statement: Statement) -> str:
    """A statement in one line, for a person: each rate with its conditions.

    The ids of doubts are made of it, so conditions are spelled as ids spell them: what a person
    decided stays decided.
    """
    parts = (
        f"{plain(rate.unit_price) if rate.unit_price is not None else rate.status}"
        + (f" {spelled_for_identity(rate.conditions.to_json())}" if rate.conditions.items else "")
        for rate in statement.rates
    )
    return ", ".join(parts)


def move_review_id(seller: str, source: str, key: tuple[str, str], old: str, new: str) -> str:
    """The same difference has the same id, so a decision on it is remembered until a side moves."""
    return stable_id("rev", seller, source, *key, old, new)


def fetch_review(seller: str, first: Observation, counts: Sequence[int]) -> Review:
    """The doubt about a whole fetch that has far fewer rows than those before it."""
    rows = len(first.sightings)
    usual = median(counts)
    moment = first.fetched_at.isoformat()
    return Review(
        stable_id("rev", seller, first.source, first.scope, moment),
        first.source,
        f"the whole fetch of {moment}",
        f"{rows} rows, where {usual:g} are usual",
        Gate.FEW_ROWS,
        first.fetched_at,
    )


def slip_review(seller: str, first: Observation, factor: Decimal, parts: Sequence[str]) -> Review:
    """The doubt about a whole fetch, much of which moved by one factor.

    The same moves (``parts``) have the same id, whichever fetch shows them first.
    """
    return Review(
        stable_id("rev", seller, first.source, first.scope, *parts),
        first.source,
        f"the prices of {first.fetched_at.isoformat()}",
        f"{len(parts)} meters moved by a factor of {plain(factor.normalize(_SHORT))}, "
        "which looks like another unit",
        Gate.LIST_SLIP,
        first.fetched_at,
        capture=first.capture,
    )
