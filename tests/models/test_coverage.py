"""A fall in what is priced is noticed, on both sides of its edge."""

from __future__ import annotations

from decimal import Decimal

import pytest

from models.conditions import Conditions
from models.coverage import Coverage, coverage_of, falls
from models.reading import Claim, Listing, PriceStatus, RowReading


def row(name: str, *meters: str) -> RowReading:
    listing = Listing(name, name, "Acme", "chat", "chat", "$")
    known = PriceStatus.KNOWN
    claims = [Claim(m, Conditions(), known, Decimal(1), "1", "$") for m in meters]
    return RowReading(listing, tuple(claims))


def test_models_are_counted_once_however_many_prices_they_have() -> None:
    rows = [row("a", "input_token", "output_token"), row("b", "input_token"), row("c")]
    assert coverage_of(rows) == Coverage(3, 2, {"input_token": 2, "output_token": 1})
    assert coverage_of([]).share == 0.0


@pytest.mark.parametrize(
    ("before", "now", "lost"),
    [
        ((100, 100), (100, 89), 11),
        ((100, 100), (100, 90), None),
        ((20, 20), (20, 17), 3),
        ((9, 9), (9, 7), None),
        ((100, 0), (100, 0), None),
        ((100, 50), (100, 100), None),
        # Half of the models gone, the others as priced as ever.
        ((100, 80), (50, 40), None),
    ],
)
def test_a_large_fall_of_the_share_is_drift(
    before: tuple[int, int], now: tuple[int, int], lost: int | None
) -> None:
    found = falls(Coverage(*before, {}), Coverage(*now, {}))
    assert [drift.count for drift in found] == ([] if lost is None else [lost])
    assert {drift.kind for drift in found} <= {"coverage_fall"}


@pytest.mark.parametrize(
    ("before", "now", "fell"),
    [(10, 4, True), (10, 5, False), (9, 0, False), (25, 0, True)],
)
def test_a_meter_that_most_models_lose_is_drift(before: int, now: int, fell: bool) -> None:
    was = Coverage(100, 100, {"input_image": before, "input_token": 100})
    now_is = Coverage(100, 100, {"input_image": now, "input_token": 100})
    found = falls(was, now_is)
    assert bool(found) == fell
    assert all(drift.what.startswith("input_image of ") for drift in found)


def test_a_list_that_shrinks_as_a_whole_loses_no_meter() -> None:
    assert (
        falls(Coverage(100, 100, {"input_image": 40}), Coverage(50, 50, {"input_image": 20})) == []
    )
