"""Absence is not removal: three healthy fetches of the same scope, and a day."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from models.history import absence
from models.history.observation import Observation
from models.history.thresholds import Thresholds
from tests.models.book_kit import API, PAGE, Story, hour, model, moves, since

A = model("acme/a", {"input_token": "1"})
B = model("acme/b", {"input_token": "2"})
OTHERS = [model(f"acme/other-{n}", {"input_token": "1"}) for n in range(9)]
"""Enough rows that one fewer is no reason to doubt the whole fetch."""


def withdrawn(story: Story) -> list[tuple[float | None, float | None]]:
    """When offerings were withdrawn: bounds in hours."""
    return [
        (since(row.changed_after), since(row.valid_from))
        for row in story.lives
        if row.lifecycle == "withdrawn"
    ]


@pytest.mark.parametrize(
    ("without", "is_gone"),
    [
        ([6, 12, 30], True),  # three fetches, exactly a day
        ([6, 12, 29.99], False),  # three fetches, not quite a day
        ([6, 30], False),  # a day, two fetches
        ([6, 7, 8, 9, 10], False),  # five fetches in four hours
        ([6, 100], False),
        ([6, 54, 102], True),
    ],
)
def test_an_offering_ends_after_three_fetches_and_a_day(
    without: Sequence[float], is_gone: bool
) -> None:
    story = Story()
    story.tell(0, A, B, *OTHERS)
    for at in without:
        story.tell(at, B, *OTHERS)
    assert withdrawn(story) == ([(0, 6)] if is_gone else [])
    ends = [row for row in story.rows if row.rate.status == "not_offered"]
    assert [since(row.valid_from) for row in ends] == ([6] if is_gone else [])
    assert [since(row.changed_after) for row in ends] == ([0] if is_gone else [])


@pytest.mark.parametrize(
    ("without", "is_gone"),
    [([6, 12, 30], True), ([6, 12, 29.99], False), ([6, 30], False), ([6, 7, 8, 9], False)],
)
def test_a_meter_of_a_listed_offering_ends_likewise(
    without: Sequence[float], is_gone: bool
) -> None:
    story = Story()
    story.tell(0, model("acme/a", {"input_token": "1", "request": "5"}))
    for at in without:
        story.tell(at, A)
    expected = [(0, "5"), (6, "not_offered")] if is_gone else [(0, "5")]
    assert story.of("request") == expected
    assert moves(story) == ([(6, "request", "meter")] if is_gone else [])


def test_a_return_before_that_leaves_no_trace() -> None:
    story = Story()
    both = model("acme/a", {"input_token": "1", "request": "5"})
    story.tell(0, both, B, *OTHERS)
    for at in (6, 12):
        story.tell(at, B, *OTHERS)
    story.tell(100, both, B, *OTHERS)
    for at in (106, 112):
        story.tell(at, A, B, *OTHERS)
    story.tell(200, both, B, *OTHERS)
    assert moves(story) == []
    assert len(story.lives) == 2 + len(OTHERS)


def test_a_return_afterwards_is_a_return() -> None:
    story = Story()
    story.tell(0, A, B, *OTHERS)
    for at in (6, 12, 30, 36):
        story.tell(at, B, *OTHERS)
    story.tell(42, A, B, *OTHERS)
    assert moves(story) == [(6, "input_token", "withdrawn"), (42, "input_token", "returned")]
    assert story.bounds("input_token")[-2:] == [(0, 6), (36, 42)]
    assert [(since(r.valid_from), r.lifecycle) for r in story.lives if r.kind is not None] == [
        (6, "withdrawn"),
        (42, "listed"),
    ]


def test_the_count_begins_anew_after_a_return() -> None:
    story = Story()
    story.tell(0, A, B, *OTHERS)
    story.tell(6, B, *OTHERS)
    story.tell(12, B, *OTHERS)
    story.tell(18, A, B, *OTHERS)
    story.tell(24, B, *OTHERS)
    story.tell(48, B, *OTHERS)
    assert withdrawn(story) == []
    story.tell(54, B, *OTHERS)
    assert withdrawn(story) == [(18, 24)]


def test_a_price_that_came_back_different_is_bounded_by_when_it_was_seen() -> None:
    story = Story()
    story.tell(0, A, B, *OTHERS)
    story.tell(6, B, *OTHERS)
    story.tell(12, model("acme/a", {"input_token": "1.5"}), B, *OTHERS)
    assert story.of("input_token")[0] == (0, "1")
    assert (0.0, 12.0) in story.bounds("input_token")


def test_only_fetches_that_would_show_it_count() -> None:
    story = Story()
    image = model("acme/image", {"output_image": "0.04"})
    story.tell(0, A, image, *OTHERS, scope="all", covers=["default"])
    for at in (6, 12, 30, 60):
        story.tell(at, A, *OTHERS)
    assert withdrawn(story) == []
    for at in (66, 72, 96):
        story.tell(at, A, *OTHERS, scope="all", covers=["default"])
    assert withdrawn(story) == [(0, 66)]


def test_a_wider_fetch_counts_for_what_a_narrower_one_showed() -> None:
    story = Story()
    story.tell(0, A, B, *OTHERS)
    for at in (6, 12, 30):
        story.tell(at, B, *OTHERS, scope="all", covers=["default"])
    assert withdrawn(story) == [(0, 6)]


def test_a_meter_is_missed_only_where_it_would_be_shown() -> None:
    story = Story()
    bare = model("acme/a")
    story.tell(0, A, scope="with prices", covers=["default"])
    for at in (6, 12, 30, 60):
        story.tell(at, bare)
    assert moves(story) == []
    for at in (66, 72, 96):
        story.tell(at, bare, scope="with prices", covers=["default"])
    assert story.of("input_token") == [(0, "1"), (66, "not_offered")]


def test_what_a_wider_scope_shows_for_the_first_time_is_no_news() -> None:
    story = Story()
    image = model("acme/image", {"output_image": "0.04"})
    story.tell(0, A)
    story.tell(6, A, image, scope="all", covers=["default"])
    assert story.kinds() == []
    assert story.bounds("output_image") == [(None, 6)]
    story.tell(12, A, image, B, scope="all", covers=["default"])
    assert story.kinds() == [(12, "input_token", "new")]


def test_a_cell_that_cannot_be_read_is_doubtful_and_not_absent() -> None:
    story = Story()
    story.tell(0, model("acme/a", {"input_token": "1", "request": "5"}))
    for at in (6, 12, 30, 36):
        story.tell(at, model("acme/a", {"input_token": "1"}, refused=["request"]))
    assert story.of("request") == [(0, "5")]
    assert moves(story) == []


def test_what_could_not_be_read_was_last_seen_before() -> None:
    story = Story()
    story.tell(0, model("acme/a", {"input_token": "1", "request": "5"}))
    story.tell(6, model("acme/a", {"input_token": "1", "request": "5"}))
    for at in (12, 18):
        story.tell(at, model("acme/a", {"input_token": "1"}, refused=["request"]))
    story.tell(24, model("acme/a", {"input_token": "1", "request": "6"}))
    assert story.bounds("request") == [(None, 0), (6, 24)]
    story.tell(30, model("acme/a", {"input_token": "1", "request": "7"}))
    assert story.bounds("request") == [(None, 0), (6, 24), (24, 30)]


def test_a_meter_of_which_a_part_cannot_be_read_stands_as_a_whole() -> None:
    story = Story()
    both = {"720p": "1", "1080p": "2"}
    story.tell(0, model("acme/a", {"request": both}))
    for at in (6, 12, 30, 36):
        story.tell(at, model("acme/a", {"request": {"720p": "3"}}, refused=["request"]))
    assert moves(story) == []
    story.tell(42, model("acme/a", {"request": {"720p": "3"}}))
    assert {(at, kind) for at, _, kind in moves(story)} == {(42, "increase"), (42, "conditions")}


def test_an_offering_stays_while_another_source_lists_it() -> None:
    story = Story()
    story.tell(0, A, B, *OTHERS)
    printed = model("acme/a", {"input_token": "1.1"}, printed=True)
    story.tell(1, printed, source=PAGE)
    for at in (6, 12, 30):
        story.tell(at, B, *OTHERS)
    assert withdrawn(story) == []
    assert story.of("input_token")[:1] == [(0, "1")]
    priced = [row for row in story.rows if row.offering_id == story.rows[0].offering_id]
    assert {row.source for row in priced} <= {API, PAGE}
    offering = story.book.offerings[story.book.ids["chat:acme/a"]]
    said = [
        (since(row.valid_from), str(row.rate.unit_price), row.source)
        for row in story.rows
        if row.offering_id == offering.offering_id
    ]
    assert said == [(0, "1", API), (6, "1.1", PAGE)]
    for at in (31, 40, 60):
        story.tell(at, model("acme/z", {"input_token": "1"}, printed=True), source=PAGE)
    assert withdrawn(story) == [(1, 31)]
    assert not offering.is_listed


def test_two_sources_that_end_one_after_another_leave_it_withdrawn() -> None:
    """The later decision may be dated before the earlier one; the newest row must be the end."""
    story = Story()
    story.tell(0, A, *OTHERS)
    other = model("acme/z", {"input_token": "1"}, printed=True)
    story.tell(1, model("acme/a", {"input_token": "1.1"}, printed=True), other, source=PAGE)
    for at in (6, 12, 30):
        story.tell(at, *OTHERS)
    for at in (31, 40, 60):
        story.tell(at, other, source=PAGE)
    offering = story.book.ids["chat:acme/a"]
    life = [row for row in story.lives if row.offering_id == offering]
    assert [row.lifecycle for row in life] == ["listed", "listed", "listed", "withdrawn"]
    assert len({row.valid_from for row in life}) == len(life)


@pytest.mark.parametrize(
    "rule",
    [Thresholds(absent_fetches=1, absent_for=hour(0) - hour(0)), Thresholds(absent_fetches=1)],
)
def test_without_the_rule_a_short_absence_would_be_an_end(rule: Thresholds) -> None:
    def told(thresholds: Thresholds) -> list[tuple[float | None, str, str]]:
        story = Story(thresholds)
        story.tell(0, A, B, *OTHERS)
        for at in (6, 30.5):
            story.tell(at, B, *OTHERS)
        story.tell(36, A, B, *OTHERS)
        return moves(story)

    assert told(Thresholds()) == []
    assert told(rule) != []


def noted_after(*without: float) -> int:
    """How many notes are left of one that later fetches are without."""
    story = Story()
    for at in (0, *without):
        said = (A,) if at == 0 else (B,)
        story.take(Observation("notes", 1000, "default", hour(at), said, "sha", lists=False))
    return sum(key.endswith("acme/a") for key in story.book.notes["notes"])


def test_a_note_ends_by_the_same_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [noted_after(6, 12, at) for at in (29.99, 30)] == [1, 0]
    monkeypatch.setattr(absence, "is_over", lambda *_: False)
    assert noted_after(6, 12, 300) == 1


def test_a_state_left_and_come_back_to_at_one_instant_stands() -> None:
    """Two sources read at one instant may take turns in how they describe a model."""
    story = Story()
    story.tell(0, model("acme/a", {"input_token": "1"}))
    for lifecycle in ("deprecated", "listed", "deprecated", "listed"):
        story.tell(6, model("acme/a", {"input_token": "1"}, lifecycle=lifecycle))
    assert [(since(row.valid_from), row.lifecycle) for row in story.lives] == [
        (0, "listed"),
        (6, "listed"),
    ]
