"""Gates hold, never drop: each on both sides of its edge, and every way out of a hold."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from math import ceil

import pytest

from models.history import gates, gating, judging
from models.history.disputes import open_disputes
from models.history.gates import Gate
from models.history.observation import Sighting
from models.history.reviews import Decision
from models.history.thresholds import Thresholds
from tests.models.book_kit import DYNAMIC, FREE, PAGE, Price, Story, model, moves, said, since

CALM = [model(f"acme/calm-{n}", {"input_token": "7"}) for n in range(9)]
METER = "input_token"


def jump(old: str, new: str, thresholds: Thresholds | None = None, name: str = "acme/a") -> Story:
    story = Story(thresholds or Thresholds())
    story.tell(0, model(name, {METER: old}), *CALM)
    story.tell(6, model(name, {METER: new}), *CALM)
    return story


def times(factor: str) -> str:
    """A price that is the old one, 0.000001, by that factor."""
    return format(Decimal("0.000001") * Decimal(factor), "f")


POWERS = ["10", "100", "1000", "1000000", "0.1", "0.01", "0.001", "0.000001"]


@pytest.mark.parametrize("power", POWERS)
@pytest.mark.parametrize("near", ["0.99", "1", "1.01"])
def test_a_lone_jump_by_a_power_of_ten_is_held(power: str, near: str) -> None:
    story = jump("0.000001", times(str(Decimal(power) * Decimal(near))))
    assert moves(story) == []
    assert [review.gate for review in story.open] == [Gate.POWER_OF_TEN]


@pytest.mark.parametrize("factor", ["9.89", "10.11", "0.0989", "0.1011", "10.9", "49", "0.0205"])
def test_beside_a_power_of_ten_it_passes(factor: str) -> None:
    story = jump("0.000001", times(factor))
    assert story.open == []
    assert len(moves(story)) == 1


@pytest.mark.parametrize(
    ("factor", "is_held"),
    [("50", True), ("49.9", False), ("0.02", True), ("0.0201", False), ("7000", True)],
)
def test_a_factor_of_fifty_is_held(factor: str, is_held: bool) -> None:
    story = jump("0.000001", times(factor))
    assert [review.gate for review in story.open] == [Gate.LARGE_FACTOR] * is_held


@pytest.mark.parametrize(
    ("name", "is_held"), [("acme/a", True), ("acme/a:free", False), ("acme/a:batch", True)]
)
def test_a_paid_price_that_becomes_free_is_held(name: str, is_held: bool) -> None:
    story = jump("1", FREE, name=name)
    assert [review.gate for review in story.open] == [Gate.BECAME_FREE] * is_held


def test_free_to_paid_passes() -> None:
    assert moves(jump(FREE, "1")) == [(6, METER, "status")]


def test_dynamic_and_unknown_are_no_numbers_to_gate() -> None:
    assert moves(jump("1", "dynamic")) == [(6, METER, "status")]
    assert moves(jump("dynamic", "100000")) == [(6, METER, "status")]


# What stood between two numbers lets no move in: a gate compares with the last one.

GONE = None


def story_of(*fetches: Price | None, name: str = "acme/a", decide: bool = False) -> Story:
    """One meter, said every six hours beside another one; six fetches without it end it."""

    def told(decisions: dict[str, Decision]) -> Story:
        story = Story(decisions=decisions)
        for n, price in enumerate(fetches):
            meters: dict[str, Price] = {} if price is None else {METER: price}
            story.tell(6 * n, model(name, {"request": "5", **meters}), *CALM)
        return story

    return told(accepted(told({})) if decide else {})


@pytest.mark.parametrize("between", [[DYNAMIC], ["unknown"], [DYNAMIC, "unknown"], [GONE] * 6])
@pytest.mark.parametrize(
    ("new", "gate"),
    [("1000", Gate.POWER_OF_TEN), ("70", Gate.LARGE_FACTOR), (FREE, Gate.BECAME_FREE)],
)
def test_a_jump_from_the_last_number_is_held(
    between: list[str | None], new: str, gate: Gate
) -> None:
    story = story_of("1", *between, new)
    assert [review.gate for review in story.open] == [gate]
    assert new not in [price for _, price in story.of(METER)]
    assert story.open[0].evidence == f"1 -> {'0' if new == FREE else new}"


@pytest.mark.parametrize("between", [DYNAMIC, "unknown", GONE])
def test_a_plain_move_from_the_last_number_passes(between: str | None) -> None:
    story = story_of("1", *[between] * 6, "2")
    assert story.open == []
    assert story.of(METER)[-1] == (42, "2")


def test_what_returns_far_from_its_last_number_is_released_by_repetition() -> None:
    story = story_of("1", *[GONE] * 6, "1000", "1000", "1000")
    assert story.open == []
    assert of_a(story) == [(0, "1"), (6, "not_offered"), (42, "1000")]
    assert (42, METER, "returned") in story.kinds()


def test_what_returns_free_is_not_released_by_repetition() -> None:
    assert story_of("1", *[GONE] * 6, *[FREE] * 9).of(METER)[-1] == (42, "unknown")


@pytest.mark.parametrize("between", [[DYNAMIC], [GONE] * 6])
def test_a_held_move_that_is_interrupted_is_the_same_held_move(between: list[str | None]) -> None:
    story = story_of("1", "10", *between, "10")
    assert [review.gate for review in story.open] == [Gate.POWER_OF_TEN]
    assert len(story.book.reviews) == 1
    assert story.of(METER)[-1][1] != "10"
    story = story_of("1", "10", *between, "10", decide=True)
    assert story.open == []
    assert story.of(METER)[-1][1] == "10"


def test_a_price_that_became_free_and_is_paid_again_is_compared_with_what_it_was() -> None:
    decisions = accepted(jump("1", FREE))
    story = Story(decisions=decisions)
    for at, price in ((0, "1"), (6, FREE), (12, "1000")):
        story.tell(at, model("acme/a", {METER: price}), *CALM)
    assert [review.gate for review in story.open] == [Gate.POWER_OF_TEN]
    assert story.of(METER)[-1] == (6, FREE)


@pytest.mark.parametrize("between", [DYNAMIC, GONE])
def test_what_was_believed_to_be_free_may_be_free_again(between: str | None) -> None:
    story = Story(decisions=accepted(jump("1", FREE)))
    for n, price in enumerate(("1", FREE, *[between] * 6, FREE)):
        meters: dict[str, Price] = {} if price is None else {METER: price}
        story.tell(6 * n, model("acme/a", {"request": "5", **meters}), *CALM)
    assert story.open == []
    assert story.of(METER)[-1] == (48, FREE)


def test_the_last_numbers_are_stored() -> None:
    story = Story(reloading=True)
    for at, price in ((0, "1"), (6, DYNAMIC), (12, "1000")):
        story.tell(at, model("acme/a", {METER: price}), *CALM)
    assert [review.gate for review in story.open] == [Gate.POWER_OF_TEN]


def test_without_the_last_numbers_a_jump_would_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "remember", lambda *_: None)
    assert story_of("1", DYNAMIC, "1000").of(METER)[-1] == (12, "1000")


# A tier that stays paid, or zero that does not say free, is no way around `became_free`.

TIER = ">200000"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"": "1", TIER: "2"}, {"": FREE, TIER: "2"}),
        ({"": "1", TIER: "2"}, {"": "1", TIER: FREE}),
        ("1", {"": FREE, TIER: "2"}),
        ("1", {"": "1", TIER: FREE}),
        ({"720p": "1"}, FREE),
        ("1", "zero"),
        ({"": "1", TIER: "2"}, {"": "zero", TIER: "zero"}),
    ],
)
def test_a_rate_that_cost_something_and_is_zero_is_held(old: Price, new: Price) -> None:
    story = story_of(old, new, new, new, new, new, new)
    assert [review.gate for review in story.open] == [Gate.BECAME_FREE]
    assert moves(story) == []
    disputes = {each.since for each in open_disputes(story.book)}
    assert {since(each) for each in disputes} == {6}
    assert story_of(old, new, name="acme/a:free").open == []


@pytest.mark.parametrize("old", [FREE, "unknown", DYNAMIC])
def test_what_never_cost_anything_may_be_free(old: str) -> None:
    assert story_of(old, FREE).open == []


def cached(given: str, read: str) -> Mapping[str, Price]:
    return {METER: given, "cache_read_token": read}


def test_a_cached_price_that_comes_to_lie_above_the_input_price_is_held() -> None:
    story = Story()
    story.tell(0, model("acme/a", cached("1", "0.5")), *CALM)
    story.tell(6, model("acme/a", cached("1", "1")), *CALM)
    assert moves(story) == [(6, "cache_read_token", "increase")]
    story.tell(12, model("acme/a", cached("1", "1.01")), *CALM)
    assert [review.gate for review in story.open] == [Gate.CACHE_ABOVE_INPUT]
    assert story.of("cache_read_token")[-1] == (6, "1")


def test_an_input_price_that_falls_below_the_cached_one_is_held() -> None:
    story = Story()
    story.tell(0, model("acme/a", cached("1", "0.5")), *CALM)
    story.tell(6, model("acme/a", cached("0.4", "0.5")), *CALM)
    assert moves(story) == []
    assert [(r.gate, r.meter) for r in story.open] == [(Gate.CACHE_ABOVE_INPUT, METER)]


def test_of_both_that_cross_only_what_would_still_cross_is_held() -> None:
    story = Story()
    story.tell(0, model("acme/a", cached("1", "0.5")), *CALM)
    story.tell(6, model("acme/a", cached("0.8", "0.9")), *CALM)
    assert moves(story) == [(6, METER, "decrease")]
    assert [review.meter for review in story.open] == ["cache_read_token"]


def test_repetition_does_not_bring_an_input_price_below_the_cached_one() -> None:
    """It falls by a hundred, which repetition would release; that it crosses, it does not."""
    story = Story()
    story.tell(0, model("acme/a", cached("1", "0.5")), *CALM)
    for n in range(1, 6):
        story.tell(6 * n, model("acme/a", cached("0.01", "0.5")), *CALM)
    assert moves(story) == []
    assert [(r.gate, r.meter) for r in story.open] == [(Gate.CACHE_ABOVE_INPUT, METER)]


def test_what_another_gate_comes_to_hold_too_is_held_by_the_stricter() -> None:
    story = Story()
    story.tell(0, model("acme/a", cached("1", "0.5")), *CALM)
    story.tell(6, model("acme/a", cached("0.01", "0.005")), *CALM)
    assert [review.gate for review in story.open] == [Gate.POWER_OF_TEN] * 2
    for n in range(2, 9):
        story.tell(6 * n, model("acme/a", cached("0.01", "0.5")), *CALM)
    assert moves(story) == []
    assert [review.gate for review in story.open] == [Gate.CACHE_ABOVE_INPUT]


@pytest.mark.parametrize(
    ("again", "is_released"),
    [([29.99], False), ([30], True), ([600], True), ([7], False), ([7, 8], True)],
)
@pytest.mark.parametrize("price", ["1000", "70"])
def test_one_repetition_a_day_later_releases(
    price: str, again: list[float], is_released: bool
) -> None:
    story = jump("1", price)
    for at in again:
        story.tell(at, model("acme/a", {METER: price}), *CALM)
    assert moves(story) == [(6, METER, "increase")] * is_released


@pytest.mark.parametrize("names", [(METER, "cache_read_token"), ("cache_read_token", METER)])
def test_the_order_of_the_meters_of_a_row_makes_no_difference(names: tuple[str, str]) -> None:
    story = Story()
    story.tell(0, model("acme/a", cached("1", "1.2")), *CALM)
    both = {METER: "2", "cache_read_token": "2.1"}
    story.tell(6, model("acme/a", {name: both[name] for name in names}), *CALM)
    assert story.open == []
    assert {change[1] for change in moves(story)} == set(names)


def test_what_is_doubted_no_more_counts_from_when_it_was_first_seen() -> None:
    story = Story()
    story.tell(0, model("acme/a", cached("1", "0.5")), *CALM)
    story.tell(6, model("acme/a", cached("1", "1.5")), *CALM)
    story.tell(12, model("acme/a", cached("2", "1.5")), *CALM)
    assert story.open == []
    assert story.of("cache_read_token") == [(0, "0.5"), (6, "1.5")]
    assert story.bounds("cache_read_token") == [(None, 0), (0, 6)]
    assert [review.decision for review in story.book.reviews.values()] == [Decision.AGREED]


def test_what_was_rejected_and_is_doubted_no_more_counts_from_then_on() -> None:
    def told(decisions: Mapping[str, Decision]) -> Story:
        story = Story(decisions=dict(decisions))
        story.tell(0, model("acme/a", cached("1", "0.5")), *CALM)
        story.tell(6, model("acme/a", cached("1", "1.5")), *CALM)
        return story

    story = told(dict.fromkeys(accepted(told({})), Decision.REJECT))
    story.tell(12, model("acme/a", cached("2", "1.5")), *CALM)
    assert story.of("cache_read_token") == [(0, "0.5"), (12, "1.5")]


def test_a_cached_price_above_the_input_price_at_first_sight_is_not_held() -> None:
    story = Story()
    story.tell(0, model("acme/a", cached("1", "2")), *CALM)
    story.tell(6, model("acme/a", cached("1", "3")), *CALM)
    assert story.open == []


def test_a_cached_price_that_begins_above_the_input_price_is_held() -> None:
    story = Story()
    story.tell(0, model("acme/a", {METER: "1"}), *CALM)
    for n in range(1, 6):
        story.tell(6 * n, model("acme/a", cached("1", "1.01")), *CALM)
    assert [review.gate for review in story.open] == [Gate.CACHE_ABOVE_INPUT]
    assert story.of("cache_read_token") == [(6, "unknown")]


def test_a_cached_price_that_returns_above_the_input_price_is_held() -> None:
    story = Story()
    story.tell(0, model("acme/a", cached("1", "0.5")), *CALM)
    for n in range(1, 7):
        story.tell(6 * n, model("acme/a", {METER: "1"}), *CALM)
    story.tell(48, model("acme/a", cached("1", "1.5")), *CALM)
    assert [review.gate for review in story.open] == [Gate.CACHE_ABOVE_INPUT]


def test_a_change_of_meter_is_no_jump() -> None:
    """The unit of one cell switched from images to tokens: another meter, never a decrease."""
    story = Story()
    cells = {"input_image": "image", "input_image_token": "image"}
    story.tell(0, model("acme/a", {METER: "0.0000003", "input_image": "0.001238"}, cells=cells))
    story.tell(
        6, model("acme/a", {METER: "0.0000003", "input_image_token": "0.0000003"}, cells=cells)
    )
    assert moves(story) == [(6, "input_image", "meter"), (6, "input_image_token", "meter")]
    assert story.of("input_image") == [(0, "0.001238"), (6, "not_offered")]
    assert story.of("input_image_token") == [(6, "0.0000003")]
    assert story.open == []


def test_two_later_fetches_that_agree_release_and_date_it_to_the_first() -> None:
    story = jump("1", "1000")
    story.tell(12, model("acme/a", {METER: "1000"}), *CALM)
    assert moves(story) == []
    story.tell(18, model("acme/a", {METER: "1000"}), *CALM)
    assert story.of(METER)[-1] == (6, "1000")
    assert (0, 6) in story.bounds(METER)
    assert [review.decision for review in story.book.reviews.values()] == [Decision.AGREED]


@pytest.mark.parametrize("new", [{METER: FREE}, cached("1", "2")], ids=["free", "cached"])
def test_repetition_proves_nothing_where_the_source_was_seen_to_err_for_weeks(
    new: Mapping[str, Price],
) -> None:
    story = Story()
    story.tell(0, model("acme/a", cached("1", "0.5")), *CALM)
    for n in range(1, 9):
        story.tell(6 * n, model("acme/a", {**cached("1", "0.5"), **new}), *CALM)
    assert moves(story) == []
    assert len(story.open) == 1


def test_saying_the_old_price_again_lets_the_doubt_lapse() -> None:
    story = jump("1", "1000")
    story.tell(12, model("acme/a", {METER: "1"}), *CALM)
    assert moves(story) == []
    assert [review.decision for review in story.book.reviews.values()] == [Decision.LAPSED]
    story.tell(18, model("acme/a", {METER: "1000"}), *CALM)
    assert [since(review.since) for review in story.open] == [18]


def test_another_jump_takes_the_place_of_the_first() -> None:
    story = jump("1", "1000")
    story.tell(12, model("acme/a", {METER: "100"}), *CALM)
    story.tell(18, model("acme/a", {METER: "100"}), *CALM)
    assert moves(story) == []
    story.tell(24, model("acme/a", {METER: "100"}), *CALM)
    assert story.of(METER)[-1] == (12, "100")
    assert (0, 12) in story.bounds(METER)


def test_a_plain_move_takes_the_place_of_what_was_held() -> None:
    story = jump("1", "1000")
    story.tell(12, model("acme/a", {METER: "2"}), *CALM)
    assert moves(story) == [(12, METER, "increase")]
    assert (0, 12) in story.bounds(METER)
    assert story.open == []


def test_another_source_that_says_the_same_releases() -> None:
    story = jump("1", FREE)
    story.tell(7, model("acme/a", {METER: FREE}, printed=True), source=PAGE)
    assert story.of(METER)[-1] == (6, FREE)
    assert [review.decision for review in story.book.reviews.values()] == [Decision.CONFIRMED]


def test_another_source_that_said_the_same_before_lets_it_pass() -> None:
    story = Story()
    story.tell(0, model("acme/a", {METER: "1"}), *CALM)
    story.tell(1, model("acme/a", {METER: FREE}, printed=True), source=PAGE)
    story.tell(6, model("acme/a", {METER: FREE}), *CALM)
    assert story.of(METER)[-1] == (6, FREE)


def accepted(story: Story) -> dict[str, Decision]:
    return {review.review_id: Decision.ACCEPT for review in story.open}


def test_accepting_dates_it_to_when_it_was_first_seen() -> None:
    decisions = accepted(jump("1", FREE))
    story = Story(decisions=decisions)
    story.tell(0, model("acme/a", {METER: "1"}), *CALM)
    story.tell(6, model("acme/a", {METER: FREE}), *CALM)
    assert story.of(METER)[-1] == (6, FREE)
    assert [review.decision for review in story.book.reviews.values()] == [Decision.ACCEPT]


def rejected_jump() -> Story:
    decisions = dict.fromkeys(accepted(jump("1", "1000")), Decision.REJECT)
    return Story(decisions=decisions)


def test_rejecting_keeps_the_same_difference_quiet() -> None:
    story = rejected_jump()
    story.tell(0, model("acme/a", {METER: "1"}), *CALM)
    for n in range(1, 9):
        story.tell(6 * n, model("acme/a", {METER: "1000"}), *CALM)
    story.tell(60, model("acme/a", {METER: "1000"}, printed=True), source=PAGE)
    assert moves(story) == []
    assert story.open == []
    assert story.told.doubts == []
    story.tell(66, model("acme/a", {METER: "1"}), *CALM)
    story.tell(72, model("acme/a", {METER: "1000"}), *CALM)
    assert story.told.doubts == []


def test_rejecting_says_nothing_of_another_difference() -> None:
    story = rejected_jump()
    story.tell(0, model("acme/a", {METER: "1"}), *CALM)
    story.tell(6, model("acme/a", {METER: "1000"}), *CALM)
    story.tell(12, model("acme/a", {METER: "100"}), *CALM)
    assert len(story.open) == 1
    story.tell(18, model("acme/a", {METER: "2"}), *CALM)
    story.tell(24, model("acme/a", {METER: "2000"}), *CALM)
    assert len(story.open) == 1
    assert len(story.told.doubts) == 2


def test_a_held_move_of_one_meter_lets_the_others_pass() -> None:
    story = Story()
    story.tell(0, model("acme/a", {METER: "1", "output_token": "2"}), *CALM)
    story.tell(6, model("acme/a", {METER: "1000", "output_token": "3"}), *CALM)
    assert moves(story) == [(6, "output_token", "increase")]


# A source that outranks another takes over its prices: a jump like any other.


def test_a_takeover_that_jumps_is_held() -> None:
    story = Story()
    story.tell(0, model("acme/a", {METER: "1"}, printed=True), source=PAGE)
    story.tell(6, model("acme/a", {METER: "1000"}), *CALM)
    assert story.of(METER)[0] == (0, "1")
    assert [review.gate for review in story.open] == [Gate.POWER_OF_TEN]
    story.tell(12, model("acme/a", {METER: "1000"}), *CALM)
    story.tell(18, model("acme/a", {METER: "1000"}), *CALM)
    assert (6, "1000") in story.of(METER)


def test_a_takeover_near_the_other_price_passes() -> None:
    story = Story()
    story.tell(0, model("acme/a", {METER: "1"}, printed=True), source=PAGE)
    story.tell(3, model("acme/a", {METER: "1"}, printed=True), source=PAGE)
    story.tell(6, model("acme/a", {METER: "1.01"}), *CALM)
    assert (6, METER, "increase") in story.kinds()
    assert (3, 6) in story.bounds(METER)


def test_a_held_takeover_lapses_when_the_model_is_gone() -> None:
    story = Story()
    story.tell(0, model("acme/a", {METER: "1"}, printed=True), source=PAGE)
    story.tell(6, model("acme/a", {METER: "1000"}), *CALM)
    for at in (12, 18, 37):
        story.tell(at, *CALM)
    assert [review.decision for review in story.book.reviews.values()] == [Decision.LAPSED]


def test_a_held_takeover_lapses_when_it_is_not_said_again() -> None:
    story = Story()
    story.tell(0, model("acme/a", {METER: "1"}, printed=True), source=PAGE)
    story.tell(6, model("acme/a", {METER: "1000"}), *CALM)
    story.tell(12, model("acme/a"), *CALM)
    assert story.open == []
    story.tell(18, model("acme/a", {METER: "1.1"}), *CALM)
    assert (18, "1.1") in story.of(METER)


def of_a(story: Story, meter: str = METER) -> list[tuple[float | None, str]]:
    meant = story.book.ids["chat:acme/a"]
    rows = [row for row in story.rows if (row.offering_id, row.meter) == (meant, meter)]
    return [(since(row.valid_from), said(row)) for row in rows]


def test_a_held_takeover_counts_from_its_first_sight_whatever_the_other_said_meanwhile() -> None:
    for reloading in (False, True):
        story = Story(reloading=reloading)
        story.tell(0, model("acme/a", {METER: "1"}, printed=True), source=PAGE)
        story.tell(6, model("acme/a", {METER: "1000"}), *CALM)
        story.tell(9, model("acme/a", {METER: "1.1"}, printed=True), source=PAGE)
        story.tell(10, model("acme/a", {METER: "1.2"}, printed=True), source=PAGE)
        assert of_a(story) == [(0, "1"), (9, "1.1"), (10, "1.2")]
        story.tell(12, model("acme/a", {METER: "1000"}), *CALM)
        story.tell(18, model("acme/a", {METER: "1000"}), *CALM)
        assert of_a(story) == [(0, "1"), (6, "1000")]
        assert (6, METER, "increase") in story.kinds()


def test_what_another_source_confirms_counts_from_its_first_sight() -> None:
    story = Story()
    story.tell(0, model("acme/a", {METER: "1"}, printed=True), source=PAGE)
    story.tell(6, model("acme/a", {METER: "1000"}), *CALM)
    story.tell(9, model("acme/a", {METER: "1.1"}, printed=True), source=PAGE)
    story.tell(10, model("acme/a", {METER: "1000"}, printed=True), source=PAGE)
    assert story.open == []
    assert of_a(story) == [(0, "1"), (6, "1000")]


# A fetch with far too few rows


def rows(count: int, price: str = "1") -> list[Sighting]:
    return [model(f"acme/m-{n}", {METER: price}) for n in range(count)]


def test_a_fetch_with_under_seventy_percent_of_the_usual_rows_is_held() -> None:
    story = Story()
    for n in range(10):
        story.tell(n, *rows(10))
    story.tell(11, *rows(7, "2"))
    assert len(moves(story)) == 7
    story.tell(12, *rows(6, "3"))
    assert len(moves(story)) == 7
    assert [review.gate for review in story.open] == [Gate.FEW_ROWS]


def test_the_usual_is_the_median_of_ten() -> None:
    story = Story()
    for n in range(5):
        story.tell(n, *rows(100))
    for n in range(5, 12):
        story.tell(n, *rows(70))
    story.tell(12, *rows(49))
    assert story.open == []
    story.tell(13, *rows(48))
    assert len(story.open) == 1


@pytest.mark.parametrize("step", [1, -1])
def test_the_usual_is_that_of_exactly_ten(step: int) -> None:
    """One fetch more or fewer moves the median, whichever way the counts went."""
    counts = [100 + step * n for n in range(11)]
    usual = 100 + step * 5.5
    for rows_now, is_held in ((ceil(0.7 * usual), False), (ceil(0.7 * usual) - 1, True)):
        story = Story()
        for n, count in enumerate(counts):
            story.tell(n, *rows(count))
        story.tell(12, *rows(rows_now))
        assert bool(story.open) is is_held


def test_the_median_of_two_middles_lies_between_them() -> None:
    story = Story()
    story.tell(0, *rows(10))
    story.tell(1, *rows(8))
    story.tell(2, *rows(7))
    story.tell(3, *rows(7))
    # 7, 7, 8, 10: the middle is 7.5, and 70 % of it are 5.25.
    story.tell(4, *rows(5))
    assert len(story.open) == 1
    assert story.open[0].evidence == "5 rows, where 7.5 are usual"


@pytest.mark.parametrize(("later", "is_released"), [(7, True), (8, False)])
def test_fetches_agree_when_neither_has_under_seventy_percent_of_the_other(
    later: int, is_released: bool
) -> None:
    story = Story()
    story.tell(0, *rows(20))
    story.tell(6, *rows(5, "2"))
    for at in (12, 18):
        story.tell(at, *rows(later, "2"))
    assert bool(moves(story)) is is_released


def test_a_usual_fetch_lets_the_doubt_lapse_and_nothing_was_absent() -> None:
    story = Story()
    story.tell(0, *rows(10))
    for at in (6, 30):
        story.tell(at, *rows(3))
    story.tell(36, *rows(10))
    story.tell(42, *rows(9))
    story.tell(66, *rows(9))
    assert story.open == []
    assert moves(story) == []


def test_two_later_fetches_that_agree_release_all_of_them() -> None:
    story = Story()
    story.tell(0, *rows(10))
    story.tell(6, *rows(3, "2"))
    story.tell(18, *rows(3, "2"))
    assert moves(story) == []
    story.tell(30, *rows(3, "2"))
    kinds = sorted(change[2] for change in moves(story))
    assert kinds == ["increase"] * 3 + ["withdrawn"] * 7
    assert {change[0] for change in moves(story)} == {6}


def test_a_held_fetch_can_be_accepted_and_rejected() -> None:
    def told(decision: Decision | None) -> Story:
        first = Story()
        first.tell(0, *rows(10))
        first.tell(6, *rows(3, "2"))
        decisions = {} if decision is None else dict.fromkeys(accepted(first), decision)
        story = Story(decisions=decisions)
        story.tell(0, *rows(10))
        for at in (6, 12, 18, 24, 30):
            story.tell(at, *rows(3, "2"))
        return story

    assert len(moves(told(Decision.ACCEPT))) == 10
    assert len(moves(told(None))) == 10
    assert moves(told(Decision.REJECT)) == []
    assert told(Decision.REJECT).open == []


def test_row_counts_are_judged_per_scope() -> None:
    story = Story()
    for n in range(3):
        story.tell(n, *rows(10), scope="all", covers=["default"])
    story.tell(4, *rows(3))
    assert story.open == []


def test_a_hold_in_one_scope_is_not_ended_by_another() -> None:
    story = Story()
    story.tell(0, *rows(10), scope="all", covers=["default"])
    story.tell(1, *rows(4))
    story.tell(2, *rows(3), scope="all", covers=["default"])
    story.tell(3, *rows(4))
    assert len(story.open) == 1


def test_without_the_gate_of_free_a_paid_price_would_become_free(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert moves(jump("1", FREE)) == []
    monkeypatch.setattr(gates, "_became_free", lambda _old, _new: False)
    assert moves(jump("1", FREE)) == [(6, METER, "status")]


def test_without_the_gate_of_cached_prices_they_would_cross(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def crossing() -> Story:
        story = Story()
        story.tell(0, model("acme/a", cached("1", "0.5")), *CALM)
        story.tell(6, model("acme/a", cached("1", "1.01")), *CALM)
        return story

    assert moves(crossing()) == []
    monkeypatch.setattr(gating, "cache_above_input", lambda *_: False)
    assert moves(crossing()) == [(6, "cache_read_token", "increase")]


@pytest.mark.parametrize(
    ("rule", "old", "new"),
    [
        (Thresholds(power_tolerance=-1), "1", "10"),
        (Thresholds(jump_factor=10**9), "1", "70"),
    ],
)
def test_without_a_gate_the_jump_would_pass(rule: Thresholds, old: str, new: str) -> None:
    assert moves(jump(old, new)) == []
    assert moves(jump(old, new, rule)) != []


def test_without_the_gate_of_rows_a_broken_fetch_would_end_most_models() -> None:
    def told(thresholds: Thresholds) -> int:
        story = Story(thresholds)
        story.tell(0, *rows(10))
        for at in (6, 30):
            story.tell(at, *rows(3))
        story.tell(36, *rows(2))
        return len(moves(story))

    assert told(Thresholds()) == 0
    assert told(Thresholds(min_row_share=0)) == 7
