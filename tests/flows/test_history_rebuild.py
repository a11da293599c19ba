"""What a rebuild tells: differences row by row, what it could not read, what it did not go by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flows import settings, summary
from flows.errors import NOT_DONE, OK, SHOULD_LOOK
from flows.pipeline import publish
from flows.rebuilding import rebuild
from flows.running import RebuildReport, run_rebuild
from models.reading import ExtractError
from spiders.sources import openrouter_listing, openrouter_models
from tests.flows.histories import World, hours, openrouter
from tests.flows.pipelines import ask

CALM = {f"acme/calm-{n}": {"prompt": "0.000007", "completion": "0.000007"} for n in range(9)}


def list_at(at: float, prompt: str) -> Any:
    return openrouter(at, {"acme/a": {"prompt": prompt, "completion": "0.000002"}, **CALM})


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def rebuilt(world: World, *, only_check: bool) -> tuple[RebuildReport, str]:
    chosen = settings.load(world.data_dir)
    report = run_rebuild(chosen, only_check=only_check)
    return report, summary.of_rebuild(report, world.data_dir)


def test_a_check_of_nothing_says_so(world: World) -> None:
    report, text = rebuilt(world, only_check=True)
    assert report.exit_status == NOT_DONE
    assert text == f"Nothing was derived: {world.data_dir} holds no captures."


def test_a_check_names_what_is_stored_and_not_loaded(world: World) -> None:
    world.store(list_at(0, "0.000001"))
    report, text = rebuilt(world, only_check=True)
    assert report.exit_status == NOT_DONE
    assert "not loaded yet; `pricebook rebuild` loads it" in text

    world.load(list_at(6, "0.000001"))
    report, text = rebuilt(world, only_check=True)
    assert report.exit_status == SHOULD_LOOK
    assert text.startswith("0 corrections")
    assert "1 stored fetch is not counted in" in text

    report, text = rebuilt(world, only_check=False)
    assert report.exit_status == OK
    assert text.startswith("loaded first: 1 stored fetch, ")
    assert rebuilt(world, only_check=True)[0].exit_status == OK


def test_a_difference_in_lives_is_told_and_mended(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = openrouter_listing.listing_of

    def wrong(*asked: Any) -> Any:
        listing = right(*asked)
        is_it = listing.model_id == "acme/a"
        return replace(listing, lifecycle="deprecated") if is_it else listing

    monkeypatch.setattr(openrouter_models, "listing_of", wrong)
    world.load(list_at(0, "0.000001"))
    monkeypatch.undo()
    expected = ["openrouter acme/a, from 2026-08-01: lifecycle deprecated → listed"]
    for only_check in (True, False):
        found = rebuild(world.workspace(), only_check=only_check).corrections
        assert [each.line for each in found] == expected
    assert rebuild(world.workspace(), only_check=True).corrections == ()


# A body that today's code cannot read, and tomorrow's can

OUTCOMES = "SELECT outcome, detail, cells, claim FROM runs ORDER BY started_at"


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """A reader that finds no body to be what the source publishes."""

    def fail(*_: object) -> None:
        raise ExtractError("shape", "the list is no list")

    return lambda: monkeypatch.setattr("flows.readings.read_fetch", fail)


def test_what_can_be_read_after_all_is_accounted_for(
    world: World, failing: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    world.load(list_at(0, "0.000001"))
    failing()
    world.load(list_at(6, "0.000002"))
    publish(world.workspace())
    assert [row[0] for row in ask(world.data_dir, OUTCOMES)] == ["ok", "unreadable"]
    monkeypatch.undo()

    world.clock.at = hours(12)
    found = rebuild(world.workspace(), only_check=False)
    assert [each.believed is None for each in found.corrections] == [True]
    assert "believed from now on: status known, USD per unit 0.000002" in found.corrections[0].line
    publish(world.workspace())
    assert ask(world.data_dir, OUTCOMES) == [("ok", "", 20, 20)] * 2
    [(last,)] = ask(
        world.data_dir, "SELECT last_success_at FROM sources WHERE source = 'openrouter_models'"
    )
    assert last == hours(6)
    assert world.ask("SELECT outcome FROM fetch_log ORDER BY fetched_at") == [
        ("ok",),
        ("unreadable",),
    ]
    assert ask(
        world.data_dir,
        "SELECT DISTINCT superseded_because, correction_reason FROM price_versions"
        " WHERE superseded_at IS NOT NULL",
    ) == [("correction", "the same captures are read differently")]
    assert rebuild(world.workspace(), only_check=False).corrections == ()
    assert world.ask("SELECT count(*) FROM rereading_log") == [(1,)]


def test_what_can_be_read_no_more_is_named(
    world: World, failing: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    world.load(list_at(0, "0.000001"))
    world.load(list_at(6, "0.000002"))
    before = world.history()
    failing()
    report, text = rebuilt(world, only_check=True)
    assert report.exit_status == SHOULD_LOOK
    assert text.count("cannot be read: openrouter_models 2026-08-01T") == 2
    assert "shape" in text
    assert world.history() == before
    monkeypatch.undo()
    assert rebuilt(world, only_check=True)[0].exit_status == OK


def test_other_thresholds_are_another_history(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.load(list_at(0, "0.000001"))
    world.load(list_at(6, "0.00003"))
    assert rebuild(world.workspace(), only_check=True).corrections == ()
    monkeypatch.setenv("PRICEBOOK_JUMP_FACTOR", "30")
    found = rebuild(world.workspace(), only_check=False).corrections
    assert [(each.what, each.instead) for each in found] == [("acme/a input_token", None)]
    assert world.ask("SELECT gate FROM review_now") == [("large_factor",)]
    monkeypatch.delenv("PRICEBOOK_JUMP_FACTOR")
    found = rebuild(world.workspace(), only_check=False).corrections
    assert [each.believed for each in found] == [None]
