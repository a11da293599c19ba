"""A list that slips into other units is held whole, until a person or another source speaks."""

from __future__ import annotations

from decimal import Decimal

import pytest

from models.history import holding, slips
from models.history.gates import Gate, slip_factor
from models.history.observation import Sighting
from models.history.reviews import Decision
from models.history.thresholds import Thresholds
from models.history.timeline import Cause
from tests.models.book_kit import (
    DYNAMIC,
    LIST,
    PAGE,
    SUBLIST,
    Story,
    hour,
    model,
    moves,
    said,
    since,
)

METER = "input_token"
NAMES = [f"acme/m-{n}" for n in range(10)]


def listed(factor: str, moved: int = 10, *, printed: bool = False) -> list[Sighting]:
    """Ten models, of which the first ``moved`` cost more by a factor."""
    prices = [Decimal(n + 1) * Decimal(factor if n < moved else 1) for n in range(10)]
    return [
        model(name, {METER: format(price, "f")}, printed=printed)
        for name, price in zip(NAMES, prices, strict=True)
    ]


def slipped(factor: str, moved: int = 10, rules: Thresholds | None = None) -> Story:
    story = Story(rules or Thresholds())
    story.tell(0, *listed("1"))
    story.tell(6, *listed(factor, moved))
    return story


def gates(story: Story) -> list[Gate]:
    return [review.gate for review in story.open]


@pytest.mark.parametrize(
    ("factor", "is_slip"),
    [
        ("1000000", True), ("1000", True), ("10", True), ("0.001", True), ("60", True),
        ("2.01", True), ("0.49", True), ("2", False), ("0.5", False), ("1.24", False),
        ("1.06", False),
    ],
)  # fmt: skip
def test_a_factor_that_looks_like_a_slip_holds_the_list(factor: str, is_slip: bool) -> None:
    story = slipped(factor)
    assert gates(story) == [Gate.LIST_SLIP] * is_slip
    assert (moves(story) == []) == is_slip
    if not is_slip:
        assert {row.cause for row in story.rows if row.kind} == {Cause.UNIFORM_REPRICING}


@pytest.mark.parametrize(("moved", "is_slip"), [(5, True), (4, False)])
def test_it_takes_five_prices(moved: int, is_slip: bool) -> None:
    assert (Gate.LIST_SLIP in gates(slipped("1000", moved))) == is_slip


@pytest.mark.parametrize(("others", "is_slip"), [(11, True), (12, False)])
def test_it_takes_thirty_percent(others: int, is_slip: bool) -> None:
    rest = [model(f"acme/x-{n}", {METER: "3"}) for n in range(others - 5)]
    story = Story()
    story.tell(0, *listed("1"), *rest)
    story.tell(6, *listed("1000", 5), *rest)
    assert len(rest) + 10 == 5 + others
    assert (gates(story) == [Gate.LIST_SLIP]) == is_slip


@pytest.mark.parametrize(("near", "is_slip"), [("1015", True), ("1016", False)])
def test_printed_prices_are_rounded(near: str, is_slip: bool) -> None:
    ratios = [*[Decimal(1000)] * 4, Decimal(near)]
    assert (slip_factor(ratios, lambda: 5, Thresholds()) is not None) == is_slip


def test_prices_that_are_not_in_the_fetch_are_not_compared() -> None:
    rest = [model(f"acme/x-{n}", {METER: "3"}) for n in range(10)]
    story = Story(Thresholds(min_row_share=0))
    story.tell(0, *listed("1"), *rest)
    story.tell(6, *listed("1000", 5)[:8])
    assert gates(story) == [Gate.LIST_SLIP]


def test_prices_that_begin_in_the_fetch_are_not_compared() -> None:
    story = Story()
    story.tell(0, *listed("1"))
    story.tell(6, *listed("1000", 5), *(model(f"acme/x-{n}", {METER: "3"}) for n in range(20)))
    assert gates(story) == [Gate.LIST_SLIP]


def test_a_factor_like_a_slip_is_no_repricing_where_it_passes() -> None:
    story = slipped("3", rules=Thresholds(slip_share=2))
    assert {row.cause for row in story.rows if row.kind} == {Cause.CHANGE}


def test_a_slip_of_units_beside_other_moves_holds_all_of_them() -> None:
    story = Story()
    story.tell(0, *listed("1"), model("acme/x", {METER: "3", "output_token": "4"}))
    story.tell(6, *listed("1000"), model("acme/x", {METER: "3.3"}), model("acme/new", {METER: "9"}))
    assert gates(story) == [Gate.LIST_SLIP]
    assert moves(story) == []
    assert [row.rate.status for row in story.rows if since(row.valid_from) == 6] == ["unknown"]


def test_repetition_never_releases_it_and_opens_no_second_review() -> None:
    story = slipped("1000")
    for at in (12, 18, 60, 600):
        story.tell(at, *listed("1000"))
    assert moves(story) == []
    assert len(story.book.reviews) == len(story.told.doubts) == 1


def test_a_list_that_slips_bit_by_bit_is_one_review() -> None:
    story = slipped("1000", 6)
    story.tell(12, *listed("1000"))
    story.tell(60, *listed("1000", 8))
    assert moves(story) == []
    assert len(story.open) == len(story.book.reviews) == 1


def test_a_list_that_goes_back_lapses() -> None:
    story = slipped("1000")
    story.tell(12, *listed("1"))
    assert moves(story) == []
    assert story.open == []
    assert [review.decision for review in story.book.reviews.values()] == [Decision.LAPSED]
    assert story.book.sources["api"].slips == {}
    story.tell(18, *listed("1.3"))
    assert len(moves(story)) == 10


def test_of_a_list_that_goes_back_in_part_the_rest_stays_held() -> None:
    story = slipped("3")
    for at in (12, 18, 60):
        story.tell(at, *listed("3", 2))
    assert moves(story) == []
    assert gates(story) == [Gate.LIST_SLIP]
    story.tell(66, *listed("1"))
    assert story.open == []


def test_what_else_moved_counts_from_its_first_sight_when_the_list_goes_back() -> None:
    story = Story()
    story.tell(0, *listed("1"), model("acme/x", {METER: "3"}))
    story.tell(6, *listed("1000"), model("acme/x", {METER: "3.3"}))
    story.tell(12, *listed("1"), model("acme/x", {METER: "3.3"}))
    assert moves(story) == [(6, METER, "increase")]


def test_a_model_that_is_new_in_a_slipped_list_is_new_since_then() -> None:
    story = Story()
    new = model("acme/new", {METER: "5"})
    story.tell(0, *listed("1"))
    story.tell(6, *listed("1000"), new)
    story.tell(12, *listed("1"), new)
    offering = story.book.ids["chat:acme/new"]
    rows = [row for row in story.rows if row.offering_id == offering]
    assert [(since(row.valid_from), row.kind, str(row.rate.unit_price)) for row in rows] == [
        (6, "new", "5")
    ]
    assert [each.until for each in story.told.disputes if each.offering_id == offering] == [
        hour(12)
    ]


def test_two_scopes_of_a_list_that_slips_are_one_review() -> None:
    story = Story()
    for scope in ("default", "all"):
        story.tell(0, *listed("1"), scope=scope)
    for at in (6, 12, 18):
        for scope in ("default", "all"):
            story.tell(at, *listed("1000"), scope=scope)
    assert len(story.book.reviews) == len(story.told.doubts) == 1
    assert story.told.disputes == []


def test_a_jump_that_stays_when_the_list_goes_back_is_held_alone() -> None:
    story = Story()
    jumped = model("acme/x", {METER: "210"})
    story.tell(0, *listed("1"), model("acme/x", {METER: "3"}))
    story.tell(6, *listed("1000"), jumped)
    story.tell(12, *listed("1"), jumped)
    assert gates(story) == [Gate.LARGE_FACTOR]
    story.tell(18, *listed("1"), jumped)
    assert moves(story) == []
    story.tell(42, *listed("1"), jumped)
    assert moves(story) == [(6, METER, "increase")]


def test_prices_held_alone_become_part_of_the_slip() -> None:
    """Three jump, which repetition would release; then the whole list does, which it does not."""
    story = slipped("100", 3)
    assert gates(story) == [Gate.POWER_OF_TEN] * 3
    for at in (12, 18, 60):
        story.tell(at, *listed("100"))
    assert moves(story) == []
    assert gates(story) == [Gate.LIST_SLIP]


def test_another_factor_is_another_slip() -> None:
    story = slipped("1000")
    story.tell(12, *listed("1000000"))
    assert gates(story) == [Gate.LIST_SLIP]
    assert len(story.book.reviews) == 2
    story.tell(18, *listed("1000"))
    assert moves(story) == []
    assert len(story.book.reviews) == 2
    assert len(story.open) == 1


def test_absence_goes_on_while_a_list_is_held() -> None:
    story = Story()
    rest = [model(f"acme/x-{n}", {METER: "3"}) for n in range(4)]
    story.tell(0, *listed("1"), *rest, model("acme/gone", {METER: "3"}))
    for at in (6, 12, 31):
        story.tell(at, *listed("1000"), *rest)
    assert moves(story) == [(6, METER, "withdrawn")]


def test_accepting_is_one_repricing_since_first_sight() -> None:
    decisions = {review.review_id: Decision.ACCEPT for review in slipped("3").open}
    story = Story(decisions=decisions)
    story.tell(0, *listed("1"), model("acme/x", {METER: "3"}))
    story.tell(6, *listed("3"), model("acme/x", {METER: "300"}))
    story.tell(12, *listed("3"), model("acme/x", {METER: "300"}))
    moved = [row for row in story.rows if row.kind == "increase"]
    assert len(moved) == 10
    assert {(row.cause, since(row.valid_from)) for row in moved} == {(Cause.UNIFORM_REPRICING, 6)}
    assert len({row.event for row in moved}) == 1
    assert gates(story) == [Gate.POWER_OF_TEN]


def test_rejecting_keeps_the_list_held_and_quiet() -> None:
    decisions = {review.review_id: Decision.REJECT for review in slipped("1000").open}
    story = Story(decisions=decisions)
    story.tell(0, *listed("1"))
    for at in (6, 12, 60):
        story.tell(at, *listed("1000"))
    assert moves(story) == []
    assert story.open == []
    assert story.told.doubts == []


def test_a_decision_counts_whichever_fetch_shows_the_slip_first() -> None:
    decisions = {review.review_id: Decision.ACCEPT for review in slipped("3").open}
    story = Story(decisions=decisions)
    story.tell(0, *listed("1"))
    story.tell(3, *listed("3"))
    story.tell(6, *listed("3"))
    assert story.open == []
    assert {change[0] for change in moves(story)} == {3}


def test_another_source_that_says_the_same_confirms() -> None:
    story = slipped("3")
    assert moves(story) == []
    story.tell(7, *listed("3", printed=True), source=PAGE)
    assert story.open == []
    assert {change[:2] for change in moves(story)} == {(6, METER)}
    assert Decision.CONFIRMED in {review.decision for review in story.book.reviews.values()}


def test_a_source_that_slips_as_well_is_no_witness() -> None:
    story = Story()
    story.tell(0, *listed("1"))
    story.tell(1, *listed("1", printed=True), source=PAGE)
    for at in (6, 12, 60):
        story.tell(at, *listed("3"))
        story.tell(at + 1, *listed("3", printed=True), source=PAGE)
    assert moves(story) == []
    assert gates(story) == [Gate.LIST_SLIP] * 2


def two_lists(order: tuple[str, str], *, begins_late: bool = False) -> Story:
    """Three models stand in a list of their own too, which is too few to look like a slip there."""
    story = Story()
    for at, factor in ((0, "1"), (6, "1000"), (12, "1000"), (60, "1000")):
        for source in order:
            if source == LIST:
                story.tell(at, *listed(factor), source=source)
            elif at or not begins_late:
                story.tell(at, *listed(factor)[:3], source=source)
    return story


@pytest.mark.parametrize("order", [(LIST, SUBLIST), (SUBLIST, LIST)])
@pytest.mark.parametrize("begins_late", [False, True])
def test_another_list_of_the_same_site_is_no_witness(
    order: tuple[str, str], *, begins_late: bool
) -> None:
    story = two_lists(order, begins_late=begins_late)
    assert [change for change in moves(story) if change[0]] == []
    assert sorted(gates(story)) == [Gate.LIST_SLIP, *[Gate.POWER_OF_TEN] * 3]


@pytest.mark.parametrize(("rule", "instead"), [("is_held_beside", False), ("is_confirmed", True)])
def test_without_the_rules_of_witnesses_it_would_be_one(
    monkeypatch: pytest.MonkeyPatch, rule: str, *, instead: bool
) -> None:
    monkeypatch.setattr(holding, rule, lambda *_: instead)
    assert [change for change in moves(two_lists((LIST, SUBLIST))) if change[0]] != []


def test_a_price_that_another_source_confirms_leaves_the_others_held() -> None:
    story = slipped("3")
    story.tell(7, model("acme/m-0", {METER: "3"}, printed=True), source=PAGE)
    story.tell(12, *listed("3"))
    assert moves(story) == [(6, METER, "increase")]
    assert gates(story) == [Gate.LIST_SLIP]
    story.tell(18, *listed("3", 1))
    assert [review.decision for review in story.book.reviews.values()] == [Decision.CONFIRMED]


def test_a_cell_that_switches_its_meter_in_a_slip_stands_for_the_old_one() -> None:
    story = Story()
    cells = {"input_image": "image", "input_image_token": "image"}
    before = model("acme/x", {"input_image": "2"}, cells=cells)
    after = model("acme/x", {"input_image_token": "1"}, cells=cells)
    story.tell(0, *listed("1"), before)
    for at in (6, 12, 60):
        story.tell(at, *listed("1000"), after)
    assert moves(story) == []
    story.tell(66, *listed("1"), after)
    assert moves(story) == [(66, "input_image", "meter"), (66, "input_image_token", "meter")]


@pytest.mark.parametrize("between", [DYNAMIC, "unknown"])
def test_a_list_slips_from_its_last_numbers_whatever_stood_between(between: str) -> None:
    story = Story()
    story.tell(0, *listed("1"))
    story.tell(6, *(model(name, {METER: between}) for name in NAMES))
    before = moves(story)
    for at in (12, 18, 60):
        story.tell(at, *listed("100"))
    assert moves(story) == before
    assert gates(story) == [Gate.LIST_SLIP]


@pytest.mark.parametrize("gone", ["model", "meter"])
def test_a_list_slips_from_its_last_numbers_when_it_returns(gone: str) -> None:
    story = Story(Thresholds(min_row_share=0))
    other = model("acme/other", {METER: "7"})
    story.tell(0, *listed("1"), other)
    for at in (6, 12, 18, 40):
        rest = [] if gone == "model" else [model(name, {"request": "1"}) for name in NAMES]
        story.tell(at, *rest, other)
    for at in (46, 52, 100):
        story.tell(at, *listed("1000"), other)
    assert gates(story) == [Gate.LIST_SLIP]
    back = [row for row in story.rows if (since(row.valid_from) or 0) >= 46 and row.meter == METER]
    assert {said(row) for row in back} == {"unknown"}
    story.tell(106, *listed("1"), other)
    assert story.open == []
    assert {said(row) for row in story.rows if since(row.valid_from) == 106} == {
        str(n + 1) for n in range(10)
    }


def test_an_accepted_slip_lets_what_returns_in_it_return() -> None:
    def told(decisions: dict[str, Decision]) -> Story:
        story = Story(decisions=decisions)
        rest = [model(name, {"request": "1"}) for name in NAMES]
        story.tell(0, *listed("1"))
        for at in (6, 12, 40):
            story.tell(at, *rest)
        story.tell(46, *listed("3"))
        return story

    story = told({review.review_id: Decision.ACCEPT for review in told({}).open})
    assert story.open == []
    assert {said(row) for row in story.rows if since(row.valid_from) == 46} >= {"3", "30"}


def test_what_began_in_a_slip_waits_for_as_long_as_a_move_does() -> None:
    new = model("acme/new", {METER: "500"})
    story = Story()
    story.tell(0, *listed("1"))
    story.tell(6, *listed("100"), new)
    for at in (12, 18, 60):
        story.tell(at, *listed("100", 2), new)
    offering = story.book.ids["chat:acme/new"]
    assert {said(row) for row in story.rows if row.offering_id == offering} == {"unknown"}
    assert gates(story) == [Gate.LIST_SLIP]
    story.tell(66, *listed("1"), new)
    assert story.open == []
    rows = [row for row in story.rows if row.offering_id == offering]
    assert [(since(row.valid_from), said(row)) for row in rows] == [(6, "500")]


def test_where_nothing_moved_nothing_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    story = Story()
    story.tell(0, *listed("1"))
    monkeypatch.delattr(slips, "found")
    monkeypatch.delattr(slips, "settle")
    story.tell(6, *listed("1"))
    assert moves(story) == []


def test_without_the_gate_a_slip_would_be_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slips, "found", lambda *_: None)
    assert len(moves(slipped("3"))) == 10
