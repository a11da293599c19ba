"""What becomes of a row's claims and cells when conditions come to mean the same."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.conditions import Conditions, Stated
from models.reading import CellResult, Claim, Listing, Outcome, PriceStatus, RowReading
from spiders.reader import Memo
from spiders.respelling import respelled_row

SECOND, IMAGE = "output_video_second", "output_image"
Spoken = tuple[dict[str, Stated], str | None, str]
"""Conditions, a price (None: unknown), and the cell it stands in."""


def claim(meter: str, stated: dict[str, Stated], price: str | None, cell: str) -> Claim:
    status = PriceStatus.UNKNOWN if price is None else PriceStatus.KNOWN
    number = None if price is None else Decimal(price)
    return Claim(meter, Conditions.of(stated), status, number, price or "", cell)


def row(*said: Spoken, operation: str = "video", meter: str = SECOND) -> RowReading:
    claims = tuple(claim(meter, *each) for each in said)
    cells = dict.fromkeys(cell for _, _, cell in said)
    results = tuple(CellResult(cell, "", Outcome.CLAIM) for cell in cells)
    return RowReading(Listing("acme/x", "x", "Acme", operation, "", "$"), claims, results)


def outcomes(reading: RowReading) -> dict[str, str]:
    return {cell.locator: cell.reason or cell.outcome.value for cell in reading.cells}


def stated(reading: RowReading) -> list[str]:
    return [each.conditions.to_json() for each in reading.claims]


def test_a_row_that_is_spelled_already_is_the_same_row() -> None:
    for same in (row(({}, "1", "a")), row(({"resolution": "720p"}, "1", "a"))):
        assert respelled_row(same) is same


def test_one_row_is_respelled_to_one_row_however_often_it_is_met() -> None:
    memo, met = Memo(), row(({"resolution": "720P"}, "1", "a"))
    assert memo.respelled(met) is memo.respelled(met)
    assert stated(memo.respelled(met)) == ['{"resolution":"720p"}']


def test_a_cell_that_still_makes_a_claim_is_not_merged() -> None:
    found = respelled_row(
        row(
            ({"resolution": "720p"}, "1", "base"),
            ({"resolution": "1280x720"}, "1", "base"),
            ({"resolution": "1080P"}, "2", "own"),
            ({"resolution": "1920x1080"}, "2", "base"),
        )
    )
    assert stated(found) == ['{"resolution":"720p"}', '{"resolution":"1080p"}']
    assert outcomes(found) == {"base": "claim", "own": "claim"}


def test_what_a_cell_amounted_to_before_stays() -> None:
    before = row(({"resolution": "720P"}, "1", "a"))
    refused = CellResult("b", "?", Outcome.REJECTED, "unreadable", "why")
    found = respelled_row(RowReading(before.listing, before.claims, (*before.cells, refused)))
    assert found.cells == (*before.cells, refused)


def test_a_price_beside_an_unknown_one_of_the_same_meaning_is_nobodys() -> None:
    found = respelled_row(
        row(({"resolution": "720p"}, "1", "a"), ({"resolution": "1280x720"}, None, "b"))
    )
    assert [each.status for each in found.claims] == [PriceStatus.UNKNOWN]
    assert outcomes(found) == dict.fromkeys("ab", "conflicting_twin")


def test_another_meter_of_the_row_is_left_alone() -> None:
    video = row(({"resolution": "720P"}, "1", "a"))
    others = tuple(claim("request", {}, price, cell) for price, cell in (("1", "b"), ("2", "b")))
    mixed = RowReading(video.listing, (*video.claims, *others), video.cells)
    assert respelled_row(mixed).claims[1:] == others


SIDES = st.sampled_from([480, 640, 720, 854, 1080, 1280, 1920])
FRAMES = st.tuples(SIDES, SIDES, st.sampled_from(["x", "×", " X "]))
# A reader gives no two claims of one spelling.
SAID = st.lists(
    st.tuples(FRAMES, st.sampled_from(["1", "2"])),
    min_size=1,
    max_size=6,
    unique_by=lambda frame_and_price: frame_and_price[0],
)


@pytest.mark.parametrize(("operation", "meter"), [("video", SECOND), ("image", IMAGE)])
@given(said=SAID)
def test_no_price_is_lost_or_made_up(
    said: list[tuple[tuple[int, int, str], str]], operation: str, meter: str
) -> None:
    spoken: list[Spoken] = [
        ({"resolution": f"{width}{cross}{height}"}, price, f"cell {place}")
        for place, ((width, height, cross), price) in enumerate(said)
    ]
    found = respelled_row(row(*spoken, operation=operation, meter=meter))
    told = [each.conditions for each in found.claims]
    assert len(set(told)) == len(told)
    claimed = {each.locator for each in found.claims if each.unit_price is not None}
    sizes: dict[tuple[int, int], set[str]] = {}
    for (width, height, _), price in said:
        sizes.setdefault((width, height), set()).add(price)
    for place, ((width, height, _), price) in enumerate(said):
        outcome = outcomes(found)[f"cell {place}"]
        if f"cell {place}" in claimed:
            assert outcome == "claim"
            assert price in sizes[width, height]
        else:
            assert outcome in ("merged", "conflicting_twin")
        # A size with one price is never refused.
        if len(sizes[width, height]) == 1:
            assert outcome != "conflicting_twin"
