"""A first price is compared with what its meter ever cost: beyond that it is unknown until then."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pytest

from models.history import gating
from models.history.bounds import load_bounds
from models.history.gates import Gate
from models.history.reviews import Decision
from models.registry import METERS
from tests.models.book_kit import (
    DYNAMIC,
    FREE,
    LIST,
    PAGE,
    SUBLIST,
    Price,
    Story,
    model,
    moves,
    since,
)

METER, OUTPUT = "input_token", "output_token"
CALM = [model(f"acme/calm-{n}", {"request": "0.01"}) for n in range(9)]
ABSURD = "0.006"


def million(price: str) -> str:
    """A price per million units as one per unit."""
    return format(Decimal(price).scaleb(-6), "f")


def story_of(*fetches: Price | None, meter: str = METER) -> Story:
    """What a source says of one meter, every six hours from the start."""
    story = Story(bounded=True)
    for n, price in enumerate(fetches):
        story.tell(6 * n, model("acme/a", {} if price is None else {meter: price}), *CALM)
    return story


def gates(story: Story) -> list[Gate]:
    return [review.gate for review in story.open]


@pytest.mark.parametrize(
    ("meter", "price", "is_held"),
    [
        (METER, "150", False), (METER, "412.5", False), (METER, "1000", False),
        (METER, "1000.01", True), (METER, "6000", True), (METER, "130000", True),
        (METER, "0.00003", False), (METER, "0.000029", True), (METER, "0", False),
        (OUTPUT, "600", False), (OUTPUT, "1650", False), (OUTPUT, "5000", False),
        (OUTPUT, "5000.01", True), (OUTPUT, "130000", True),
    ],
)  # fmt: skip
def test_a_first_price_beyond_the_bounds_is_unknown(meter: str, price: str, is_held: bool) -> None:
    text = FREE if price == "0" else million(price)
    story = story_of(text, meter=meter)
    assert gates(story) == [Gate.FIRST_SIGHT] * is_held
    assert (story.of(meter) == [(0, "unknown")]) == is_held


def test_every_meter_has_bounds() -> None:
    bounds = load_bounds()
    assert set(bounds) == set(METERS)
    assert all(0 < each.lower < each.upper for each in bounds.values())


def test_repetition_never_releases_it() -> None:
    story = story_of(*[ABSURD] * 20)
    assert story.of(METER) == [(0, "unknown")]
    assert len(story.told.doubts) == 1


def test_another_source_in_the_same_doubt_does_not_release_it() -> None:
    story = story_of(ABSURD, ABSURD)
    for at in (13, 20, 60):
        story.tell(at, model("acme/a", {METER: ABSURD}, printed=True), source=PAGE)
    assert story.of(METER) == [(0, "unknown")]
    assert gates(story) == [Gate.FIRST_SIGHT] * 2


@pytest.mark.parametrize(("first", "is_released"), [(PAGE, True), (SUBLIST, False)])
def test_another_site_that_is_believed_releases_it(first: str, is_released: bool) -> None:
    """A person believed the other source's word, which so is in no doubt."""

    def told(decisions: Mapping[str, Decision]) -> Story:
        story = Story(decisions=dict(decisions), bounded=True)
        rows = [model("acme/a", {METER: ABSURD}), *CALM]
        story.tell(0, *rows, source=LIST)
        story.tell(1, *rows[:1], source=first)
        return story

    story = told({r.review_id: Decision.ACCEPT for r in told({}).open if r.source == first})
    decisions = {(r.source, r.decision) for r in story.book.reviews.values()}
    assert decisions == {
        (LIST, Decision.CONFIRMED if is_released else None),
        (first, Decision.ACCEPT),
    }


def test_a_person_releases_it_from_first_sight() -> None:
    decisions = {r.review_id: Decision.ACCEPT for r in story_of(ABSURD).open}
    story = Story(decisions=decisions, bounded=True)
    story.tell(0, model("acme/a", {METER: ABSURD}), *CALM)
    assert story.of(METER) == [(0, ABSURD)]
    story.tell(6, model("acme/a", {METER: "0.00001"}), *CALM)
    assert gates(story) == [Gate.LARGE_FACTOR]


def test_a_person_refuses_it() -> None:
    decisions = {r.review_id: Decision.REJECT for r in story_of(ABSURD).open}
    story = Story(decisions=decisions, bounded=True)
    for at in (0, 6, 60):
        story.tell(at, model("acme/a", {METER: ABSURD}), *CALM)
    story.tell(61, model("acme/a", {METER: ABSURD}, printed=True), source=PAGE)
    assert story.of(METER) == [(0, "unknown")]
    assert [(r.source, r.decision) for r in story.book.reviews.values()] == [
        ("api", Decision.REJECT),
        ("page", None),
    ]


def test_a_believable_price_takes_its_place_from_then_on() -> None:
    story = story_of(ABSURD, ABSURD, "0.000006")
    assert story.of(METER) == [(0, "unknown"), (12, "0.000006")]
    assert moves(story) == [(12, METER, "status")]
    assert [review.decision for review in story.book.reviews.values()] == [Decision.LAPSED]


def test_a_later_price_moved_after_the_absurd_one_was_last_seen() -> None:
    story = Story(bounded=True)
    for at, more in (
        (0, {}),
        (6, {OUTPUT: "0.13"}),
        (12, {OUTPUT: "0.13"}),
        (18, {OUTPUT: "0.00001"}),
    ):
        story.tell(at, model("acme/a", {METER: "0.000006", **more}), *CALM)
    assert story.of(OUTPUT) == [(6, "unknown"), (18, "0.00001")]
    assert story.bounds(OUTPUT) == [(0, 6), (12, 18)]


def test_the_change_that_begins_it_is_the_same_when_it_is_released() -> None:
    def told(decisions: Mapping[str, Decision]) -> Story:
        story = Story(decisions=dict(decisions), bounded=True)
        story.tell(0, *CALM)
        story.tell(6, model("acme/new", {METER: ABSURD}), *CALM)
        return story

    story = told({r.review_id: Decision.ACCEPT for r in told({}).open})
    assert story.of(METER) == [(6, ABSURD)]
    assert [(since(row.valid_from), row.kind) for row in story.rows if row.kind] == [(6, "new")]


def test_a_meter_that_begins_later_has_a_first_price_too() -> None:
    story = story_of("0.000006")
    story.tell(6, model("acme/a", {METER: "0.000006", OUTPUT: "0.13"}), *CALM)
    assert story.of(OUTPUT) == [(6, "unknown")]
    assert gates(story) == [Gate.FIRST_SIGHT]


def test_one_rate_beyond_belief_holds_the_statement() -> None:
    story = story_of({"": "0.000006", ">200000": "0.13", ">400000": DYNAMIC})
    assert {str(row.rate.status) for row in story.rows if row.offering_id in _id(story)} == {
        "unknown",
        "dynamic",
    }
    assert gates(story) == [Gate.FIRST_SIGHT]


def _id(story: Story) -> str:
    return story.book.ids["chat:acme/a"]


@pytest.mark.parametrize("before", [FREE, DYNAMIC, "unknown"])
def test_after_a_price_without_a_number_the_first_number_is_a_first_price(before: str) -> None:
    story = story_of(before, ABSURD, ABSURD, ABSURD)
    assert story.of(METER) == [(0, before)]
    assert gates(story) == [Gate.FIRST_SIGHT]
    story.tell(24, model("acme/a", {METER: before}), *CALM)
    assert story.open == []


def test_a_tier_that_is_new_has_a_first_price() -> None:
    story = story_of("0.000006", {"": "0.000006", ">200000": "0.13"})
    assert story.of(METER) == [(0, "0.000006")]
    assert gates(story) == [Gate.FIRST_SIGHT]


def test_a_price_that_moves_beyond_the_bounds_is_never_released_by_repetition() -> None:
    story = Story(bounded=True)
    story.tell(0, model("acme/a", {METER: "0.000001"}), *CALM)
    for at in (48, 96, 960):
        story.tell(at, model("acme/a", {METER: "1"}), *CALM)
    assert story.of(METER) == [(0, "0.000001")]
    assert gates(story) == [Gate.FIRST_SIGHT]


@pytest.mark.parametrize(
    ("old", "new", "is_held"),
    [("900", "1000", False), ("900", "1001", True), ("0.00004", "0.00002", True)],
)
def test_a_move_is_held_where_it_crosses_a_bound(old: str, new: str, is_held: bool) -> None:
    assert gates(story_of(million(old), million(new))) == [Gate.FIRST_SIGHT] * is_held


def test_a_price_that_was_believed_beyond_the_bounds_moves_on_that_side() -> None:
    def told(decisions: Mapping[str, Decision], *later: str) -> Story:
        story = Story(decisions=dict(decisions), bounded=True)
        for n, price in enumerate(("1001", *later)):
            story.tell(6 * n, model("acme/a", {METER: million(price)}), *CALM)
        return story

    decisions = {r.review_id: Decision.ACCEPT for r in told({}).open}
    assert told(decisions, "1100").open == []
    assert gates(told(decisions, "0.00001")) == [Gate.FIRST_SIGHT]


def test_a_meter_that_returns_beyond_the_bounds_is_unknown() -> None:
    story = story_of("0.000006", *[None] * 5, ABSURD, ABSURD, ABSURD)
    assert story.of(METER) == [(0, "0.000006"), (6, "not_offered"), (36, "unknown")]
    assert gates(story) == [Gate.FIRST_SIGHT]


@pytest.mark.parametrize(("tier", "is_held"), [("50", True), ("49", False), ("0.02", True)])
def test_a_tier_that_begins_far_from_the_price_beside_it_is_held(tier: str, is_held: bool) -> None:
    story = story_of(million("1"), *[{"": million("1"), ">200000": million(tier)}] * 3)
    assert gates(story) == [Gate.FIRST_SIGHT] * is_held
    assert (story.of(METER, '{"min_prompt_tokens":200000}') == []) == is_held


def test_what_is_held_against_another_source_stays_held_when_that_falls_silent() -> None:
    """What a better source says waits; the end of the other must not let it in by the back."""
    story = Story()
    other = model("acme/z", {"request": "1"}, printed=True)
    story.tell(0, model("acme/a", {METER: "1"}, printed=True), other, source=PAGE)
    story.tell(1, *CALM)
    story.tell(2, model("acme/a", {METER: FREE}), *CALM)
    assert gates(story) == [Gate.BECAME_FREE]
    for at in (3, 4, 28):
        story.tell(at, other, source=PAGE)
    story.tell(29, model("acme/a", {METER: FREE}), *CALM)
    assert story.of(METER) == [(0, "1"), (3, "not_offered"), (29, "unknown")]
    assert gates(story) == [Gate.BECAME_FREE]


def test_without_the_gate_an_absurd_price_would_be_believed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gating, "is_beyond", lambda *_: False)
    assert story_of(ABSURD).of(METER) == [(0, ABSURD)]
