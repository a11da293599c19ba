"""What one meter's statement amounts to: windows, tiers, residue, listings without any price."""

from __future__ import annotations

from decimal import Decimal

import pytest

from models.history import judging, statement
from models.history.statement import Statement
from tests.models.book_kit import UNREAD, UNSEEN, Price, Story, model, moves, since

METER = "input_token"
WINDOWS: Price = {"600-1500": "1", "60-600": "2", "1500-2040": "1"}


def told(*prices: Price | None) -> Story:
    story = Story()
    for n, price in enumerate(prices):
        story.tell(6 * n, model("acme/a", {} if price is None else {METER: price}))
    return story


def rates(story: Story) -> dict[str, list[tuple[float | None, str]]]:
    """Of every condition: since when it was what."""
    names = {row.conditions for row in story.rows if row.meter == METER}
    return {name: story.of(METER, name) for name in sorted(names)}


def test_windows_that_appear_and_vanish_change_the_conditions() -> None:
    story = told("1", {"0-600": "1", "600-1440": "2"}, "1.5")
    assert {kind for _, _, kind in moves(story)} == {"conditions"}
    assert rates(story) == {
        "{}": [(0, "1"), (6, "not_offered"), (12, "1.5")],
        '{"utc_from_minute":0,"utc_to_minute":600}': [(6, "1"), (12, "not_offered")],
        '{"utc_from_minute":600,"utc_to_minute":1440}': [(6, "2"), (12, "not_offered")],
    }


def test_a_tier_that_appears_bounds_the_one_below() -> None:
    story = told("1", {"": "1", ">200000": "2"})
    base = [row for row in story.rows if row.conditions == "{}"]
    assert [row.rate.max_prompt_tokens for row in base] == [None, 200000]
    assert [row.kind for row in base] == [None, None]
    assert moves(story) == [(6, METER, "conditions")]


def test_one_window_that_moves_is_one_change() -> None:
    story = told({"0-600": "1", "600-1440": "2"}, {"0-600": "1", "600-1440": "2.5"})
    assert moves(story) == [(6, METER, "increase")]


def test_exactly_one_rate_is_the_headline_at_any_time() -> None:
    story = told("1", {"0-600": "1", "600-1440": "2"}, {"0-900": "1", "900-1440": "2"}, "3")
    for at in (0, 6, 12, 18):
        standing = {row.conditions: row for row in story.rows if (since(row.valid_from) or 0) <= at}
        assert sum(row.rate.is_headline for row in standing.values()) == 1


# The price between windows shows only while none is open.

INSIDE: Price = {"600-900": "1", "900-2040": UNSEEN}
BETWEEN: Price = {"600-900": "1", "900-2040": "3"}
GAP = '{"utc_from_minute":900,"utc_to_minute":2040}'


def test_the_hour_of_the_fetch_changes_nothing_between_windows() -> None:
    story = told(BETWEEN, INSIDE, BETWEEN, INSIDE, INSIDE, BETWEEN)
    assert moves(story) == []
    assert rates(story)[GAP] == [(0, "3")]


def test_a_price_seen_between_windows_for_the_first_time_is_learned_and_no_change() -> None:
    story = told(INSIDE, INSIDE, BETWEEN, INSIDE)
    assert moves(story) == []
    assert rates(story)[GAP] == [(0, "unknown"), (12, "3")]


def test_a_price_between_windows_that_moved_is_a_change_when_seen() -> None:
    story = told(BETWEEN, INSIDE, {"600-900": "1", "900-2040": "4"})
    assert moves(story) == [(12, METER, "increase")]


def test_what_stood_between_windows_is_not_believed_once_the_windows_moved() -> None:
    story = told(BETWEEN, {"600-900": "1.5", "900-2040": UNSEEN})
    assert moves(story) == [(6, METER, "increase")]
    assert rates(story)[GAP] == [(0, "3"), (6, "unknown")]


def test_each_of_two_gaps_is_learned_when_it_is_seen_and_then_stands() -> None:
    first: Price = {"0-600": "3", "600-900": "1", "900-1440": UNSEEN}
    second: Price = {"0-600": UNSEEN, "600-900": "1", "900-1440": "3"}
    within: Price = {"0-600": UNSEEN, "600-900": "1", "900-1440": UNSEEN}
    story = told(first, second, within, first, second)
    assert moves(story) == []
    found = rates(story)
    assert found['{"utc_from_minute":0,"utc_to_minute":600}'] == [(0, "3")]
    assert found['{"utc_from_minute":900,"utc_to_minute":1440}'] == [(0, "unknown"), (6, "3")]


def test_without_the_rule_the_hour_of_the_fetch_would_be_a_change(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def as_said(_: Statement, new: Statement) -> Statement:
        return new

    monkeypatch.setattr(judging, "as_seen_from_windows", as_said)
    assert len(rates(told(BETWEEN, INSIDE, BETWEEN))[GAP]) == 3


# Residue


@pytest.mark.parametrize(
    ("other", "is_change"),
    [
        ("0.00000010000000000000001", False),
        ("0.0000001000001", False),
        ("0.00000010000009", False),
        ("0.0000001000002", True),
    ],
)
def test_residue_below_a_millionth_is_no_change(other: str, is_change: bool) -> None:
    assert bool(moves(told("0.0000001", other))) == is_change


def test_residue_does_not_creep() -> None:
    steps = [format(1 + n * 0.0000008, ".7f") for n in range(4)]
    story = told(*steps)
    assert story.of(METER) == [(0, "1.0000000"), (12, "1.0000016")]


def test_without_the_rule_residue_would_be_a_change(monkeypatch: pytest.MonkeyPatch) -> None:
    def equal(left: Decimal, right: Decimal) -> bool:
        return left == right

    monkeypatch.setattr(statement, "same_price", equal)
    assert moves(told("0.0000001", "0.00000010000000000000001")) != []


# Listed without a price


def test_a_listed_offering_without_any_price_is_one_row_of_unknown() -> None:
    story = told(None, None)
    assert [(row.meter, row.rate.status) for row in story.rows] == [("", "unknown")]


def test_a_first_price_is_a_change_of_status_and_ends_the_bare_row() -> None:
    story = told(None, "1")
    assert moves(story) == [(6, METER, "status")]
    assert story.of("") == [(0, "unknown"), (6, "not_offered")]
    assert story.bounds(METER) == [(0, 6)]


def test_an_offering_that_loses_its_last_meter_is_unknown_from_there_on() -> None:
    story = Story()
    story.tell(0, model("acme/a", {METER: "1"}))
    for at in (6, 12, 30):
        story.tell(at, model("acme/a"))
    assert story.of(METER) == [(0, "1"), (6, "not_offered")]
    assert story.of("") == [(6, "unknown")]
    assert story.bounds("") == [(0, 6)]
    story.tell(36, model("acme/a", {METER: "2"}))
    assert story.of("")[-1] == (36, "not_offered")
    assert story.of(METER)[-1] == (36, "2")
    assert moves(story)[-1] == (36, METER, "returned")


def test_a_bare_row_ends_with_its_offering() -> None:
    story = Story()
    calm = [model(f"acme/calm-{n}", {METER: "7"}) for n in range(9)]
    story.tell(0, model("acme/a"), *calm)
    for at in (6, 12, 30):
        story.tell(at, *calm)
    assert story.of("") == [(0, "unknown"), (6, "not_offered")]
    assert moves(story) == [(6, "", "withdrawn")]
    assert story.bounds("") == [(None, 0), (0, 6)]


def test_a_price_of_no_meter_stands_for_itself() -> None:
    story = Story()
    story.tell(0, model("acme/router", {"": "dynamic"}))
    assert [(row.meter, row.rate.status) for row in story.rows] == [("", "dynamic")]


# When the old price was last seen


def test_changes_are_bounded_by_the_last_fetch_that_said_the_old_price() -> None:
    story = told("1", "1", "2", "2", "3")
    assert story.bounds(METER) == [(None, 0), (6, 12), (18, 24)]


def test_a_meter_that_comes_later_is_bounded_by_the_last_fetch_without_it() -> None:
    story = Story()
    story.tell(0, model("acme/a", {METER: "1"}))
    story.tell(6, model("acme/a", {METER: "1"}))
    story.tell(12, model("acme/a", {METER: "1", "request": "5"}))
    assert story.bounds("request") == [(6, 12)]
    assert moves(story) == [(12, "request", "meter")]


def test_a_change_between_two_scopes_is_bounded_by_the_one_that_said_the_old_price() -> None:
    story = told("1", "1")
    story.tell(12, model("acme/a", {METER: "2"}), scope="all", covers=["default"])
    assert story.bounds(METER) == [(None, 0), (6, 12)]


def test_a_new_offering_has_no_time_before_it() -> None:
    story = told("1")
    story.tell(6, model("acme/a", {METER: "1"}), model("acme/b", {"request": "2"}))
    assert story.bounds("request") == [(None, 6)]
    assert moves(story) == []
    assert story.kinds() == [(6, "request", "new")]


def test_a_model_that_becomes_deprecated_has_a_row_of_its_life() -> None:
    story = told("1")
    story.tell(6, model("acme/a", {METER: "1"}, lifecycle="deprecated"))
    assert [(since(r.valid_from), since(r.changed_after), r.lifecycle) for r in story.lives] == [
        (0, None, "listed"),
        (6, 0, "deprecated"),
    ]


def test_late_fetches_are_refused() -> None:
    story = told("1", "2")
    with pytest.raises(ValueError, match="too late"):
        story.tell(3, model("acme/a", {METER: "1"}))


def test_a_price_that_cannot_be_read_moves_nothing_and_its_siblings_move() -> None:
    story = told(
        {"720p": "1", "1080p": "2"},
        {"720p": "1", "1080p": UNREAD},
        {"720p": "1.5", "1080p": UNREAD},
        {"720p": "1.5", "1080p": "2"},
    )
    assert rates(story) == {
        '{"resolution":"720p"}': [(0, "1"), (12, "1.5")],
        '{"resolution":"1080p"}': [(0, "2")],
    }
    assert moves(story) == [(12, METER, "increase")]


def test_a_price_that_cannot_be_read_at_first_is_unknown_until_it_can() -> None:
    story = told({"720p": "1", "1080p": UNREAD}, {"720p": "1", "1080p": "2"})
    assert rates(story) == {
        '{"resolution":"720p"}': [(0, "1"), (6, "1")],  # The headline only since both are known.
        '{"resolution":"1080p"}': [(0, "unknown"), (6, "2")],
    }


def test_without_the_rule_a_price_that_cannot_be_read_would_be_a_change(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(judging, "as_far_as_read", lambda _standing, new: new)
    assert moves(told({"720p": "1", "1080p": "2"}, {"720p": "1", "1080p": UNREAD}))
