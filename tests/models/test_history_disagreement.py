"""Where sources of one seller state different prices: which differences count, and their ids."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from models.conditions import Conditions, Stated
from models.history.disagreement import disagreements
from models.history.engine import Book
from models.history.gates import Gate
from models.history.observation import Observation, Sighting
from models.history.statement import statements_of
from models.history.thresholds import Thresholds
from models.reading import Claim, Listing, PriceStatus
from tests.models.book_kit import hour

API, PAGE = "aiml_models", "aiml_pricing_page"
PRECEDENCE = {API: 10, PAGE: 20}
Rates = dict[str, str]
"""Raw text by resolution; an empty resolution is no condition. The amount ends the text."""


def claim(resolution: str, text: str) -> Claim:
    stated: dict[str, Stated] = {"resolution": resolution} if resolution else {}
    amount = Decimal(text.rsplit(maxsplit=1)[-1].lstrip("$").replace(",", "")) / 1000
    status = PriceStatus.KNOWN if amount else PriceStatus.FREE
    locator = f"at {resolution}"
    return Claim("output_image", Conditions.of(stated), status, amount, text, locator)


def say(book: Book, source: str, at: float, rates: Rates) -> None:
    claims = [claim(resolution, text) for resolution, text in rates.items()]
    listing = Listing("acme/a", "A", "Acme", "image", "image", "$", (), "")
    seen = Sighting("acme/a", "image", listing, statements_of(claims), "sha", frozenset(), ())
    book.apply(
        Observation(source, PRECEDENCE[source], "default", hour(at), (seen,), "sha", frozenset())
    )


def book_of(api: Rates, page: Rates) -> Book:
    book = Book("aimlapi", Thresholds(bounds={}))
    say(book, API, 0, api)
    say(book, PAGE, 1, page)
    return book


@pytest.mark.parametrize(
    ("api", "page", "is_at_odds"),
    [
        ({"": "1.3125"}, {"": "1.3125"}, False),
        ({"": "1.3125"}, {"": "$1.31"}, False),
        ({"": "1.3125"}, {"": "$1.32"}, True),
        ({"": "1.305"}, {"": "$1.30"}, False),
        ({"": "1.3051"}, {"": "$1.30"}, True),
        ({"": "1340"}, {"": "per 1,000 images $1,340"}, False),
        ({"": "1341"}, {"": "per 1,000 images $1,340"}, True),
        ({"": "0"}, {"": "$0"}, False),
        ({"": "0"}, {"": "$0.01"}, True),
        ({"": "0.01"}, {"": "$0"}, True),
        # Under other conditions the price that may be meant is any of the meter's.
        ({"1k": "1", "2k": "2"}, {"": "$2.00"}, False),
        ({"1k": "1", "2k": "2"}, {"": "$3.00"}, True),
        ({"1k": "1", "2k": "2"}, {"1k": "$2.00"}, True),
        ({"1k": "1", "2k": "2"}, {"1k": "$1.00", "4k": "$9.00"}, True),
    ],
)
def test_a_difference_counts_beyond_the_printed_digits(
    api: Rates, page: Rates, is_at_odds: bool
) -> None:
    found = list(disagreements(book_of(api, page)))
    assert bool(found) is is_at_odds


def test_an_interface_rounds_nothing() -> None:
    book = Book("aimlapi", Thresholds(bounds={}))
    say(book, API, 0, {"": "1.3125"})
    say(book, PAGE, 1, {"": "$1.31"})
    book.offerings[next(iter(book.offerings))].tracks["output_image"][PAGE].precedence = 5
    # Now the page's word counts, and the interface's differs from it.
    assert [each.review.source for each in disagreements(book)] == [API]


def test_it_says_what_and_since_when_and_which_cells() -> None:
    book = book_of({"1k": "1", "2k": "2"}, {"1k": "$1.00", "2k": "$2.50"})
    (found,) = disagreements(book)
    review = found.review
    assert (review.source, review.what, review.gate) == (
        PAGE,
        "acme/a output_image",
        Gate.DISAGREEMENT,
    )
    assert review.since == hour(1)
    assert "(aiml_models), not" in review.evidence
    assert found.locators == {"at 2k"}
    assert not book.reviews  # nothing is held


def ids(*moves: tuple[str, float, Rates]) -> list[str]:
    book = Book("aimlapi", Thresholds(bounds={}))
    seen: list[str] = []
    for source, at, rates in moves:
        say(book, source, at, rates)
        found: Any = next(iter(disagreements(book)), None)
        seen.append("" if found is None else found.review.review_id)
    return seen


def test_the_same_difference_keeps_its_id_until_either_side_moves() -> None:
    seen = ids(
        (API, 0, {"": "1.0"}),
        (PAGE, 1, {"": "$1.10"}),
        (API, 2, {"": "1.0"}),
        (PAGE, 3, {"": "$1.10"}),
        (API, 4, {"": "1.2"}),
        (PAGE, 5, {"": "$1.30"}),
        (PAGE, 6, {"": "$1.20"}),
        (API, 7, {"": "1.0"}),
        (PAGE, 8, {"": "$1.10"}),
    )
    assert seen[0] == ""
    assert seen[1] == seen[2] == seen[3] == seen[8]
    assert seen[1].startswith("dis_")
    assert len({seen[1], seen[4], seen[5]}) == 3
    assert seen[6] == ""
