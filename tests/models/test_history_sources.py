"""Two sources of one seller: who is believed, takeover, fallback, and one repricing seen twice."""

from __future__ import annotations

from decimal import Decimal

import pytest

from models.history.gates import uniform_factor
from models.history.observation import Sighting
from models.history.thresholds import Thresholds
from models.history.timeline import Cause
from tests.models.book_kit import FREE, PAGE, Story, model, moves, since

METER = "input_token"
CALM = [model(f"acme/calm-{n}", {METER: "7"}) for n in range(9)]


def printed(price: str, name: str = "acme/a") -> Sighting:
    return model(name, {METER: price}, printed=True)


def line(story: Story, name: str = "acme/a") -> list[tuple[float | None, str, str]]:
    """Of one model's input price: since when it was what, by whose word."""
    offering = story.book.ids[f"chat:{name}"]
    return [
        (since(row.valid_from), str(row.rate.unit_price or row.rate.status), row.source)
        for row in story.rows
        if row.offering_id == offering and row.meter == METER
    ]


def test_the_better_source_is_believed_and_the_other_kept() -> None:
    story = Story()
    story.tell(0, model("acme/a", {METER: "1"}), *CALM)
    story.tell(1, printed("1.2"), source=PAGE)
    story.tell(7, printed("1.3"), source=PAGE)
    assert line(story) == [(0, "1", "api")]
    track = story.book.offerings[story.book.ids["chat:acme/a"]].tracks[METER][PAGE]
    assert track.statement is not None
    headline = track.statement.headline
    assert headline is not None
    assert str(headline.unit_price) == "1.3"


def test_a_better_source_takes_over_and_falls_back() -> None:
    story = Story()
    other = printed("1", "acme/z")
    story.tell(0, printed("1.2"), other, source=PAGE)
    story.tell(6, model("acme/a", {METER: "1"}), *CALM)
    assert line(story) == [(0, "1.2", "page"), (6, "1", "api")]
    for at in (12, 18, 36):
        story.tell(at, model("acme/a"), *CALM)
        story.tell(at + 1, printed("1.3"), other, source=PAGE)
    assert line(story)[2:] == [(12, "1.2", "page"), (13, "1.3", "page")]


def test_at_one_instant_the_better_source_is_read_first_and_believed() -> None:
    story = Story()
    story.tell(0, model("acme/a", {METER: "1"}), *CALM)
    story.tell(0, printed("1.2"), source=PAGE)
    assert line(story) == [(0, "1", "api")]


def test_a_later_word_at_the_same_instant_takes_the_place_of_the_first() -> None:
    """The end of one source and the word of another may fall on the same instant."""
    story = Story()
    story.tell(0, model("acme/a", {METER: "1"}), *CALM)
    for at in (6, 12, 30):
        story.tell(at, model("acme/a"), *CALM)
        story.tell(at, printed("1.2"), source=PAGE)
    assert line(story) == [(0, "1", "api"), (6, "1.2", "page")]
    starts = [(row.key, row.valid_from) for row in story.rows]
    assert len(starts) == len(set(starts))


def test_the_end_of_the_better_source_uncovers_what_the_other_said_meanwhile() -> None:
    story = Story()
    other = printed("1", "acme/z")
    story.tell(0, model("acme/a", {METER: "1"}), *CALM)
    story.tell(1, printed("1.2"), other, source=PAGE)
    story.tell(6, model("acme/a"), *CALM)
    story.tell(7, printed("1.4"), other, source=PAGE)
    story.tell(12, model("acme/a"), *CALM)
    story.tell(13, printed("1.6"), other, source=PAGE)
    story.tell(30, model("acme/a"), *CALM)
    assert line(story) == [
        (0, "1", "api"),
        (6, "1.2", "page"),
        (7, "1.4", "page"),
        (13, "1.6", "page"),
    ]


MANY = [f"acme/m-{n}" for n in range(8)]


def priced(factor: float, names: list[str] = MANY) -> list[Sighting]:
    return [model(name, {METER: format(factor * (n + 1), ".12g")}) for n, name in enumerate(names)]


def causes(story: Story) -> list[tuple[str, str]]:
    return [
        (str(row.kind), str(row.cause))
        for row in story.rows
        if row.kind in {"increase", "decrease"}
    ]


def test_most_prices_moving_by_one_factor_is_one_event() -> None:
    story = Story()
    story.tell(0, *priced(1))
    story.tell(6, *priced(1.3))
    moved = [row for row in story.rows if row.kind is not None]
    assert {row.cause for row in moved} == {Cause.UNIFORM_REPRICING}
    assert len({row.event for row in moved}) == 1
    assert len(moved) == 8


def test_a_uniform_repricing_passes_the_gates() -> None:
    story = Story(Thresholds(jump_factor=2))
    story.tell(0, *priced(1))
    story.tell(6, *priced(2))
    assert story.open == []
    assert causes(story) == [("increase", "uniform_repricing")] * 8


@pytest.mark.parametrize(("moved", "is_one"), [(5, True), (4, False)])
def test_it_takes_five_and_half_of_all(moved: int, is_one: bool) -> None:
    few = MANY[: moved * 2]
    story = Story()
    story.tell(0, *priced(1), *(model(f"acme/x-{n}", {METER: "3"}) for n in range(2)))
    after = [*priced(1.3)[:moved], *priced(1)[moved:]]
    story.tell(6, *after, *(model(f"acme/x-{n}", {METER: "3"}) for n in range(2)))
    assert len(few) == 8
    expected = "uniform_repricing" if is_one else "change"
    assert causes(story) == [("increase", expected)] * moved


@pytest.mark.parametrize(("moved", "is_one"), [(5, True), (4, False)])
def test_fewer_than_five_are_never_a_repricing(moved: int, is_one: bool) -> None:
    story = Story()
    story.tell(0, *priced(1, MANY[:moved]))
    story.tell(6, *priced(1.3, MANY[:moved]))
    expected = "uniform_repricing" if is_one else "change"
    assert causes(story) == [("increase", expected)] * moved


def test_five_of_eleven_are_not_most() -> None:
    story = Story()
    rest = [model(f"acme/x-{n}", {METER: "3"}) for n in range(6)]
    story.tell(0, *priced(1, MANY[:5]), *rest)
    story.tell(6, *priced(1.3, MANY[:5]), *rest)
    assert causes(story) == [("increase", "change")] * 5


def test_one_that_moves_otherwise_is_judged_alone() -> None:
    story = Story()
    story.tell(0, *priced(1))
    story.tell(6, *priced(1.3)[1:], model("acme/m-0", {METER: "1000"}))
    assert len(story.open) == 1
    assert len(causes(story)) == 7


def test_one_repricing_seen_through_two_sources_is_one_event() -> None:
    story = Story()
    pages = [
        [model(f"acme/p-{n}", {METER: format(f * (n + 1), ".12g")}, printed=True) for n in range(8)]
        for f in (1, 1.3)
    ]
    story.tell(0, *priced(1))
    story.tell(1, *pages[0], source=PAGE)
    story.tell(6, *priced(1.3))
    story.tell(7, *pages[1], source=PAGE)
    events = {row.event for row in story.rows if row.cause is Cause.UNIFORM_REPRICING}
    assert len(causes(story)) == 16
    assert len(events) == 1


def test_a_source_that_takes_over_at_one_factor_is_that_repricing() -> None:
    story = Story()
    names = [model(name, {METER: str(n + 1)}, printed=True) for n, name in enumerate(MANY)]
    story.tell(0, *names, source=PAGE)
    story.tell(6, *priced(1.3))
    assert causes(story) == [("increase", "uniform_repricing")] * 8


@pytest.mark.parametrize(("at", "events"), [(30, 1), (30.01, 2)])
def test_more_than_a_day_later_it_is_another_event(at: float, events: int) -> None:
    story = Story()
    story.tell(0, *priced(1))
    story.tell(6, *priced(1.3))
    story.tell(at, *priced(1.69))
    assert len({row.event for row in story.rows if row.kind is not None}) == events


def test_without_the_rule_a_repricing_by_two_would_be_held() -> None:
    story = Story(Thresholds(jump_factor=2, repricing_share=2))
    story.tell(0, *priced(1))
    story.tell(6, *priced(2))
    assert len(story.open) == 8


def test_a_factor_is_the_same_within_the_rounding_of_printed_prices() -> None:
    rules = Thresholds()
    near = [Decimal("1.3"), Decimal("1.315"), Decimal("1.285"), Decimal("1.3"), Decimal("1.3")]
    assert uniform_factor(near, range(5), rules) == Decimal("1.3")
    far = [Decimal("1.3"), Decimal("1.33"), Decimal("1.27"), Decimal("1.3"), Decimal("1.3")]
    assert uniform_factor(far, range(5), rules) is None


@pytest.mark.parametrize(
    ("other", "is_one"), [("1.3195", True), ("1.3196", False), ("1.2805", True), ("1.2804", False)]
)
def test_the_edge_of_that_rounding(other: str, is_one: bool) -> None:
    factors = [*[Decimal("1.3")] * 4, Decimal(other)]
    found = uniform_factor(factors, range(5), Thresholds())
    assert (found == Decimal("1.3")) is is_one


def test_a_source_that_only_agrees_changes_nothing() -> None:
    story = Story()
    story.tell(0, model("acme/a", {METER: FREE}), *CALM)
    story.tell(1, printed(FREE), source=PAGE)
    story.tell(6, model("acme/a", {METER: FREE}), *CALM)
    assert moves(story) == []
