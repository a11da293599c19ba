"""A model that its seller retires: gone from the list, and served until the date that was set."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from flows import settings
from flows.pipeline import publish
from flows.running import run_rebuild
from tests.flows.histories import Said, World, aiml, deprecations, hours
from tests.flows.pipelines import ask

DAY = 24
GOING = "acme/going"
STAYING = [(f"acme/m{n}", (), {"provided": 2.0}) for n in range(4)]


def listed(day: float) -> Said:
    return aiml(day * DAY, [(GOING, ("going",), {"provided": 1.0}), *STAYING])


def gone(day: float) -> Said:
    return aiml(day * DAY, STAYING)


def noted(day: float, until: float | None = 10, status: str = "deprecated") -> Said:
    found = None if until is None else until * DAY
    return deprecations(day * DAY, {GOING: ["going"]}, until=found, status=status)


def silent(day: float) -> Said:
    return deprecations(day * DAY, {"acme/other": []})


def told(tmp_path: Path, *said: Said) -> World:
    world = World(tmp_path)
    for each in said:
        world.load(each)
    return world


def days(moment: datetime | None) -> float | None:
    """A moment as days after the start."""
    return None if moment is None else (moment.astimezone(UTC) - hours(0)).total_seconds() / 86_400


def prices(world: World) -> list[tuple[Any, ...]]:
    """Of the model that is going: from and until which day its price was what."""
    publish(world.workspace())
    query = (
        "SELECT valid_from, valid_to, price_status FROM price_history"
        f" WHERE model_id = '{GOING}' ORDER BY ALL"
    )
    return [(days(a), days(b), status) for a, b, status in ask(world.data_dir, query)]


def life(world: World) -> tuple[Any, ...]:
    publish(world.workspace())
    query = f"SELECT lifecycle, expires_on FROM models WHERE model_id = '{GOING}'"
    [found] = ask(world.data_dir, query)
    return found


STANDS = [(0.0, None, "known")]


def ended(day: float) -> list[tuple[Any, ...]]:
    return [(0.0, day, "known"), (day, None, "not_offered")]


SERVED = [listed(0), noted(1), gone(1), *(each(n) for n in range(2, 9) for each in (noted, gone))]


def test_absence_ends_no_price_before_the_date_that_was_set(tmp_path: Path) -> None:
    world = told(tmp_path, *SERVED)

    assert prices(world) == STANDS
    assert life(world) == ("deprecated", date(2026, 8, 11))


def test_the_first_fetch_after_that_date_ends_it_at_that_date(tmp_path: Path) -> None:
    world = told(tmp_path, *SERVED, gone(10.5))

    assert prices(world) == ended(10)
    assert life(world)[0] == "withdrawn"
    assert [(days(row[1]), row[4]) for row in world.lives() if row[5] == GOING] == [
        (0.0, "listed"),
        (1.0, "deprecated"),
        (10.0, "withdrawn"),
    ]


def test_what_is_left_out_only_after_that_date_ends_when_it_is_left_out(tmp_path: Path) -> None:
    world = told(tmp_path, listed(0), noted(1), listed(9), gone(12))

    assert prices(world) == ended(12)


def test_what_is_still_listed_after_that_date_is_absent_like_any_other(tmp_path: Path) -> None:
    said = [listed(0), noted(1), listed(11), gone(12), gone(12.5)]
    assert prices(told(tmp_path / "soon", *said)) == STANDS
    assert prices(told(tmp_path / "late", *said, gone(13))) == ended(12)


@pytest.mark.parametrize("last", [noted(10, 10, "withdrawn"), silent(10), noted(10, None)])
def test_a_date_that_is_over_need_not_be_named_any_more(tmp_path: Path, last: Said) -> None:
    world = told(tmp_path, *SERVED, last, gone(10))

    assert prices(world) == ended(10)


def test_a_word_that_is_taken_back_early_lets_absence_begin_anew(tmp_path: Path) -> None:
    revoked = noted(5, None, "withdrawn")
    said = [*SERVED[:9], revoked]
    assert prices(told(tmp_path / "soon", *said, gone(5), gone(5.5))) == STANDS
    assert prices(told(tmp_path / "late", *said, gone(5), gone(5.5), gone(6))) == ended(5)


@pytest.mark.parametrize("until", [None, 2])
def test_what_is_superseded_never_ends(tmp_path: Path, until: float | None) -> None:
    said = [listed(0), noted(1, until, "superseded"), *(gone(day) for day in (3, 4, 5, 30, 300))]
    world = told(tmp_path, *said)

    assert prices(world) == STANDS
    assert life(world)[0] == "deprecated"


@pytest.mark.parametrize("status", ["withdrawn", "paused"])
@pytest.mark.parametrize("until", [1.5, 10, None])
def test_no_other_status_keeps_or_ends_a_price(
    tmp_path: Path, status: str, until: float | None
) -> None:
    said = [listed(0), noted(1, until, status), listed(2)]
    assert prices(told(tmp_path / "listed", *said)) == STANDS
    left_out = [gone(3), gone(3.5), gone(4)]
    assert prices(told(tmp_path / "two", *said, *left_out[:2])) == STANDS
    assert prices(told(tmp_path / "three", *said, *left_out)) == ended(3)


def test_a_return_before_that_date_leaves_no_trace(tmp_path: Path) -> None:
    world = told(tmp_path, *SERVED, listed(9))

    assert prices(world) == STANDS
    assert life(world)[0] == "deprecated"


@pytest.mark.parametrize("order", [*permutations(range(3))])
def test_the_order_of_what_came_at_one_time_makes_no_difference(
    tmp_path: Path, order: tuple[int, ...]
) -> None:
    # The note comes with the third fetch without the model, which else would end it.
    at_once = [noted(3), gone(3), noted(2.5, None, "withdrawn")]
    world = told(tmp_path, listed(0), gone(1), gone(2), *(at_once[n] for n in order))

    assert prices(world) == STANDS
    report = run_rebuild(settings.load(world.data_dir), only_check=True)
    assert report.rebuilt.corrections == ()


@pytest.mark.parametrize("upto", [4, len(SERVED), len(SERVED) + 1])
def test_a_rebuild_derives_the_same(tmp_path: Path, upto: int) -> None:
    said = [*SERVED, gone(10.5)][:upto]
    one_by_one, at_once = told(tmp_path / "each", *said), World(tmp_path / "all")
    at_once.load(*reversed(said))

    assert one_by_one.history() == at_once.history()
    assert one_by_one.lives() == at_once.lives()
    report = run_rebuild(settings.load(one_by_one.data_dir), only_check=True)
    assert report.rebuilt.corrections == ()
