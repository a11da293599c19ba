"""A price that stands and cannot be read is in dispute from the first fetch that could not."""

from __future__ import annotations

import pytest

from models.history import refusals
from models.history.disputes import Dispute, open_disputes
from models.history.gates import Gate
from models.history.observation import Sighting
from tests.models.book_kit import FREE, UNREAD, Price, Story, hour, model, moves, since

METER = "input_token"
CALM = [model(f"acme/calm-{n}", {"request": "7"}) for n in range(9)]
CELL = model("acme/a", {"request": "5"}, refused=[METER])
"""The cell of the meter is there, cannot be read, and makes no statement."""


def stated(price: Price) -> Sighting:
    return model("acme/a", {METER: price, "request": "5"})


def story_of(*fetches: Sighting, reloading: bool = False) -> Story:
    story = Story(reloading=reloading)
    for n, each in enumerate(fetches):
        story.tell(6 * n, each, *CALM)
    return story


def disputes(story: Story) -> list[Dispute]:
    return [*story.told.disputes, *open_disputes(story.book)]


def told(story: Story) -> list[tuple[str, float | None, float | None, str | None]]:
    return [
        (each.gate, since(each.since), since(each.until), each.outcome) for each in disputes(story)
    ]


@pytest.mark.parametrize("unread", [CELL, stated(UNREAD)], ids=["cell", "claim"])
def test_it_is_disputed_from_the_first_refusal_on(unread: Sighting) -> None:
    story = story_of(stated("1"), *[unread] * 13)
    assert story.of(METER) == [(0, "1")]
    assert told(story) == [("refused", 6, None, None)]
    (dispute,) = disputes(story)
    assert (dispute.value, dispute.review_id, dispute.source) == (None, "", "api")
    assert story.book.reviews == {}


@pytest.mark.parametrize("unread", [CELL, stated(UNREAD)], ids=["cell", "claim"])
@pytest.mark.parametrize(("then", "outcome"), [("1", "lapsed"), ("2", "superseded")])
@pytest.mark.parametrize("reloading", [False, True])
def test_it_ends_when_a_price_is_read(
    unread: Sighting, then: str, outcome: str, *, reloading: bool
) -> None:
    story = story_of(stated("1"), unread, unread, stated(then), reloading=reloading)
    assert told(story) == [("refused", 6, 18, outcome)]
    assert len(moves(story)) == (then == "2")


@pytest.mark.parametrize("before", [UNREAD, "unknown", "dynamic"])
def test_what_has_no_number_is_not_disputed(before: str) -> None:
    assert told(story_of(stated(before), stated(UNREAD), CELL)) == []


def test_each_price_of_a_meter_is_marked_by_itself() -> None:
    story = story_of(
        stated({"720p": "1", "1080p": "2", "4k": FREE}),
        stated({"720p": "1", "1080p": UNREAD, "4k": FREE}),
        stated({"720p": "1.5", "1080p": UNREAD, "4k": UNREAD}),
        stated({"720p": "1.5", "1080p": "2", "4k": UNREAD}),
    )
    assert sorted((each.conditions, each.since, each.until) for each in disputes(story)) == [
        ('{"resolution":"1080p"}', hour(6), hour(18)),
        ('{"resolution":"4k"}', hour(12), None),
    ]
    assert moves(story) == [(12, METER, "increase")]


def test_what_is_held_takes_the_place_of_the_mark() -> None:
    story = story_of(
        stated({"720p": "1", "1080p": "2"}),
        stated({"720p": "1", "1080p": UNREAD}),
        stated({"720p": "1000", "1080p": UNREAD}),
        stated({"720p": "1", "1080p": UNREAD}),
        stated({"720p": "1", "1080p": UNREAD}),
    )
    of_1080p = [each for each in disputes(story) if "1080p" in each.conditions]
    assert [(each.gate, since(each.since), since(each.until)) for each in of_1080p] == [
        ("refused", 6, 12),
        (Gate.POWER_OF_TEN, 12, 18),
        ("refused", 18, None),
    ]


def test_a_jump_that_is_read_after_it_is_held() -> None:
    story = story_of(stated("1"), CELL, stated("1000"))
    assert told(story) == [
        ("refused", 6, 12, "superseded"),
        (Gate.POWER_OF_TEN, 12, None, None),
    ]


def test_it_ends_with_the_meter() -> None:
    bare = model("acme/a", {"request": "5"})
    story = story_of(stated("1"), CELL, *[bare] * 6)
    assert [each[0] for each in told(story)] == ["refused"]
    assert [each[3] for each in told(story)] == ["lapsed"]
    assert story.of(METER)[-1][1] == "not_offered"


def test_it_ends_with_the_model() -> None:
    story = story_of(stated("1"), CELL)
    for at in (12, 18, 40):
        story.tell(at, *CALM)
    assert [each[3] for each in told(story)] == ["lapsed"]


def test_without_the_mark_the_old_price_would_look_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusals, "note", lambda *_: False)
    assert told(story_of(stated("1"), CELL)) == []
