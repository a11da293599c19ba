"""Disagreements: a source that does not count states another price than the one that does.

They change nothing: the price stands, and which source it comes from is declared (`sources.toml`).
But they tell that a page is stale or a reader wrong, so a person sees each until it is accepted.
The same difference has the same id, so it stays accepted until either side moves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from models.history.gates import Gate
from models.history.notes import notes_on
from models.history.reviews import Review, describe
from models.ids import stable_id
from models.money import SAME_PRICE_TOLERANCE
from models.registry import SOURCES

if TYPE_CHECKING:
    from datetime import datetime

    from models.history.engine import Book
    from models.history.state import Offering, Track
    from models.history.statement import Rate, Statement

PREFIX: Final = "dis"
"""Ids of disagreements begin so: deciding on one moves no price, unlike on what is held."""

_NUMBER: Final = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What one source states of a meter, against the price. ``locators`` are the cells at odds."""

    review: Review
    locators: frozenset[str]


def disagreements(book: Book) -> Iterator[Disagreement]:
    """Every disagreement there is now, in the order of offerings."""
    for offering in book.offerings.values():
        noted = [*_noted(book, offering)]
        for meter, tracks in offering.tracks.items():
            stated = [
                _Said.of(track, track.statement)
                for track in tracks.values()
                if track.statement is not None
            ]
            stated.sort(key=lambda said: (said.precedence, said.source))
            losers = [*stated[1:], *(said for named, said in noted if named == meter)]
            for loser in losers if stated else ():
                found = _between(book.seller, offering, meter, stated[0], loser)
                if found is not None:
                    yield found


@dataclass(frozen=True, slots=True)
class _Said:
    """What one source states of a meter, since when, and where it is read."""

    precedence: int
    source: str
    statement: Statement
    since: datetime
    capture: str

    @classmethod
    def of(cls, track: Track, statement: Statement) -> _Said:
        newest = track.segments[-1]
        return cls(track.precedence, newest.source, statement, newest.valid_from, newest.capture)


def _noted(book: Book, offering: Offering) -> Iterator[tuple[str, _Said]]:
    """What is noted of an offering by a source that speaks of the same price, meter by meter: one
    that stands inside another. What providers behind the seller charge may differ as it likes."""
    for source, note in notes_on(book, offering):
        if SOURCES[source].inside:
            for meter, statement in note.statements.items():
                rank = SOURCES[source].precedence
                yield meter, _Said(rank, source, statement, note.since, note.capture)


def _between(
    seller: str, offering: Offering, meter: str, winner: _Said, loser: _Said
) -> Disagreement | None:
    price, claim = winner.statement, loser.statement
    at_odds = [rate for rate in claim.rates if _is_at_odds(rate, price, loser.source)]
    if not at_odds:
        return None
    believed, stated = describe(price), describe(claim)
    key = (offering.offering_id, meter)
    review = Review(
        stable_id(PREFIX, seller, loser.source, *key, believed, stated),
        loser.source,
        f"{offering.model_id} {meter}",
        f"{believed} ({winner.source}), not {stated}",
        Gate.DISAGREEMENT,
        max(winner.since, loser.since),
        *key,
        loser.capture,
    )
    return Disagreement(review, frozenset(rate.locator for rate in at_odds))


def _is_at_odds(rate: Rate, price: Statement, source: str) -> bool:
    """Whether no price that could be meant is the stated one, as precisely as it is stated.

    Meant is the price under the same conditions; where there is none, any of the meter's.
    """
    if rate.unit_price is None:
        return False
    numbers = [each for each in price.rates if each.unit_price is not None]
    meant = [each for each in numbers if each.conditions == rate.conditions] or numbers
    precision = _precision(rate, source)
    return bool(meant) and not any(
        abs(each.unit_price - rate.unit_price) <= precision * rate.unit_price
        for each in meant
        if each.unit_price is not None
    )


def _precision(rate: Rate, source: str) -> Decimal:
    """How far, as a share of itself, a stated price may be from the true one by rounding alone.

    An interface states what it charges. A page prints a few digits: half of the last one.
    """
    if SOURCES[source].kind != "page" or not rate.unit_price:
        return SAME_PRICE_TOLERANCE
    printed = _printed(rate.raw_text, rate.unit_price)
    if printed is None:
        return SAME_PRICE_TOLERANCE
    half = Decimal(5).scaleb(-len(printed.partition(".")[2]) - 1)
    return half / Decimal(printed) + SAME_PRICE_TOLERANCE


def _printed(text: str, unit_price: Decimal) -> str | None:
    """The amount as printed: the number with the digits of the price, else after a dollar sign."""
    numbers = [(found.start(), found[0].replace(",", "")) for found in _NUMBER.finditer(text)]
    numbers = [(place, number) for place, number in numbers if Decimal(number)]
    digits = _digits(f"{unit_price:f}")
    same = (number for _, number in numbers if _digits(number) == digits)
    paid = (number for place, number in numbers if text[:place].rstrip().endswith("$"))
    return next(same, None) or next(paid, None)


def _digits(number: str) -> str:
    return number.replace(".", "").strip("0")
