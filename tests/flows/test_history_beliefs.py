"""Beliefs move by a change, by evidence or by a correction; the old ones stay answerable."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from flows.deciding import decide
from flows.errors import NoSuchThingError, UsageError
from flows.load import load
from flows.pipeline import publish
from flows.readings import Readings
from flows.rebuilding import rebuild
from flows.settings import load as load_settings
from models.capture import FetchOutcome
from models.history.reviews import Decision
from models.reading import Claim
from spiders.capture_store import CaptureStore
from spiders.sources import openrouter_models, openrouter_pricing
from tests.flows.histories import OPENROUTER, World, aiml, hours, openrouter, page
from tests.flows.pipelines import ask
from warehouse.database import open_writer

CALM = {f"acme/calm-{n}": {"prompt": "0.000007", "completion": "0.000007"} for n in range(9)}


def list_at(at: float, prompt: str, **more: str) -> Any:
    return openrouter(at, {"acme/a": {"prompt": prompt, "completion": "0.000002", **more}, **CALM})


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def published(world: World, query: str, *values: Any) -> list[tuple[Any, ...]]:
    publish(world.workspace())
    return ask(world.data_dir, query, values)


HISTORY = (
    "SELECT valid_from, valid_to, changed_after, price_status, unit_price_usd FROM price_history"
    " WHERE model_id = 'acme/a' AND meter = 'input_token' ORDER BY valid_from"
)
VERSIONS = (
    "SELECT valid_from, valid_to, unit_price_usd, recorded_at, superseded_at, superseded_because"
    " FROM price_versions WHERE model_id = 'acme/a' AND meter = 'input_token'"
    " ORDER BY recorded_at, valid_from"
)
CHANGES = (
    "SELECT changed_after, changed_at, kind, cause, old_unit_price_usd, new_unit_price_usd, ratio"
    " FROM price_changes WHERE model_id = 'acme/a' ORDER BY changed_at, meter"
)
ONE, TWO, THREE = (Decimal(n) / 10**6 for n in (1, 2, 3))


def test_a_change_ends_one_row_and_begins_the_next(world: World) -> None:
    for at, prompt in ((0, "0.000001"), (6, "0.000001"), (12, "0.000002")):
        world.load(list_at(at, prompt))
    assert published(world, HISTORY) == [
        (hours(0), hours(12), None, "known", ONE),
        (hours(12), None, hours(6), "known", TWO),
    ]
    assert published(world, CHANGES) == [
        (hours(6), hours(12), "increase", "change", ONE, TWO, Decimal(2))
    ]
    assert published(world, VERSIONS) == [
        (hours(0), None, ONE, hours(0), hours(12), "change"),
        (hours(0), hours(12), ONE, hours(12), None, None),
        (hours(12), None, TWO, hours(12), None, None),
    ]


def known(world: World, valid: float, at: datetime) -> list[Any]:
    query = (
        "SELECT unit_price_usd FROM prices_as_known(?, ?)"
        " WHERE model_id = 'acme/a' AND meter = 'input_token'"
    )
    return [row[0] for row in published(world, query, hours(valid), at)]


def test_an_older_capture_that_arrives_late_is_evidence(world: World) -> None:
    world.load(list_at(0, "0.000001"))
    world.load(list_at(24, "0.000003"))
    world.clock.at = hours(30)
    world.load(list_at(12, "0.000002"))
    assert published(world, HISTORY) == [
        (hours(0), hours(12), None, "known", ONE),
        (hours(12), hours(24), hours(0), "known", TWO),
        (hours(24), None, hours(12), "known", THREE),
    ]
    causes = {row[1]: row[3] for row in published(world, CHANGES)}
    assert causes == {hours(12): "evidence", hours(24): "evidence"}
    assert known(world, 13, hours(25)) == [ONE]
    assert known(world, 13, hours(31)) == [TWO]
    assert {row[5] for row in published(world, VERSIONS)} == {None, "change", "evidence"}


def test_what_an_older_capture_does_not_touch_is_left_as_it_was(world: World) -> None:
    world.load(list_at(0, "0.000001"))
    world.load(list_at(24, "0.000001"))
    before = published(world, VERSIONS)
    world.load(list_at(12, "0.000001"))
    assert published(world, VERSIONS) == before


def test_no_load_is_recorded_before_the_one_it_follows(world: World) -> None:
    """A replay's clock shows the recording's time, which may lie years back."""
    world.clock.at = hours(1000)
    world.load(list_at(24, "0.000003"))
    world.clock.at = hours(12)
    world.load(list_at(12, "0.000002"))
    spans = published(world, "SELECT recorded_at, superseded_at FROM price_versions")
    assert all(end is None or start < end for start, end in spans)
    assert min(start for start, _ in spans) == hours(1000)


def test_loading_twice_changes_nothing(world: World) -> None:
    said = [list_at(0, "0.000001"), list_at(6, "0.000002")]
    world.load(*said)
    before = world.history(), world.ask("SELECT count(*) FROM price_log")
    world.load(*said)
    assert (world.history(), world.ask("SELECT count(*) FROM price_log")) == before


def test_a_recording_loaded_from_disk_and_replayed_is_one_look(tmp_path: Path) -> None:
    """Seen twice is not seen by two fetches: neither absence nor agreement counts it again."""
    world = World(tmp_path)
    said = [list_at(0, "0.000001", request="5"), *(list_at(t, "0.000001") for t in (12, 36))]
    world.load(*said)
    before = world.history()
    world.origin = "replay"
    world.load(*said)
    assert world.history() == before
    assert world.ask("SELECT count(*) FROM fetch_log") == [(6,)]


# Corrections


@pytest.fixture
def misread(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A reader that takes the price of one key to be ten times as much."""
    right = openrouter_pricing.read_pricing

    def wrong(*asked: Any) -> Any:
        claims, cells = right(*asked)
        return [_tenfold(claim) for claim in claims], cells

    def plant() -> None:
        monkeypatch.setattr(openrouter_models, "read_pricing", wrong)

    return plant


def _tenfold(claim: Claim) -> Claim:
    if claim.meter != "output_token" or claim.unit_price != TWO:
        return claim
    return replace(claim, unit_price=TWO * 10)


def test_a_reading_error_once_mended_corrects_exactly_its_rows(
    world: World, misread: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    misread()
    for at, prompt in ((0, "0.000001"), (6, "0.000002"), (12, "0.000003")):
        world.load(list_at(at, prompt))
    learned = world.clock.at
    monkeypatch.undo()
    world.clock.at = hours(100)
    found = rebuild(world.workspace(), only_check=True).corrections
    assert [each.line for each in found] == [
        "openrouter acme/a output_token, from 2026-08-01: USD per unit 0.00002 → 0.000002"
    ]
    assert rebuild(world.workspace(), only_check=False).corrections == found
    assert rebuild(world.workspace(), only_check=False).corrections == ()
    query = (
        "SELECT unit_price_usd FROM prices_as_known(?, ?)"
        " WHERE model_id = 'acme/a' AND meter = 'output_token'"
    )
    assert published(world, query, hours(7), learned) == [(TWO * 10,)]
    assert published(world, query, hours(7), hours(101)) == [(TWO,)]
    superseded = published(
        world,
        "SELECT meter, unit_price_usd, superseded_because, correction_reason FROM price_versions"
        " WHERE superseded_because = 'correction'",
    )
    assert [row[:3] for row in superseded] == [("output_token", TWO * 10, "correction")]
    assert superseded[0][3]
    assert published(
        world,
        "SELECT kind, cause, old_unit_price_usd, new_unit_price_usd, changed_at FROM price_changes"
        " WHERE meter = 'output_token'",
    ) == [("decrease", "correction", TWO * 10, TWO, hours(0))]


def test_rebuilding_twice_with_the_same_code_corrects_nothing(world: World) -> None:
    for n in range(8):
        world.load(
            list_at(6 * n, "0.001" if n in {2, 3} else "0.000001"),
            aiml(6 * n, [("acme/fox-1", ["fox"], {"provided": 1 + n % 3})]),
            page(6 * n, [("Fox 1", "1.3", "2"), ("Hen", "1", "1")]),
        )
    before = world.history(), world.lives()
    assert rebuild(world.workspace(), only_check=True).corrections == ()
    assert rebuild(world.workspace(), only_check=False).corrections == ()
    assert rebuild(world.workspace(), only_check=False).corrections == ()
    assert (world.history(), world.lives()) == before


def test_rebuild_goes_by_what_is_loaded_and_not_by_what_only_lies_there(world: World) -> None:
    world.load(list_at(0, "0.000001"))
    world.store(list_at(6, "0.000002"))
    assert rebuild(world.workspace(), only_check=True).corrections == ()
    world.load(list_at(-6, "0.0000015"))
    assert len(published(world, HISTORY)) == 2


# Decisions


def held(world: World) -> str:
    (row,) = world.ask("SELECT review_id FROM review_now WHERE decision IS NULL")
    return str(row[0])


def jumped(world: World) -> str:
    world.load(list_at(0, "0.000001"))
    world.load(list_at(6, "0.001"))
    assert len(published(world, HISTORY)) == 1
    return held(world)


def test_accepting_believes_it_from_when_it_was_first_seen(world: World) -> None:
    review = jumped(world)
    done = decide(load_settings(world.data_dir), review, Decision.ACCEPT)
    assert done.changes == 1
    assert done.snapshot is not None
    assert done.snapshot.is_new
    assert published(world, HISTORY)[-1] == (
        hours(6), None, hours(0), "known", Decimal("0.001"),
    )  # fmt: skip
    assert [row[2:4] for row in published(world, CHANGES)] == [("increase", "change")]
    assert published(world, "SELECT decision FROM reviews") == [("accept",)]
    assert rebuild(world.workspace(), only_check=True).corrections == ()


def test_a_decision_stays_the_sellers_change_where_the_reader_moved_meanwhile(
    world: World, misread: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    misread()
    review = jumped(world)
    monkeypatch.undo()
    with open_writer(world.data_dir) as connection:
        connection.execute("UPDATE checkpoint_now SET version = 'of another reader'")
    decide(load_settings(world.data_dir), review, Decision.ACCEPT)
    assert published(world, "SELECT meter, kind, cause FROM price_changes ORDER BY meter") == [
        ("input_token", "increase", "change"),
        ("output_token", "decrease", "correction"),
    ]


def test_a_later_word_takes_back_the_first(world: World) -> None:
    review = jumped(world)
    chosen = load_settings(world.data_dir)
    decide(chosen, review, Decision.ACCEPT)
    decide(chosen, review, Decision.REJECT)
    assert len(published(world, HISTORY)) == 1
    assert published(world, "SELECT decision FROM reviews") == [("reject",)]
    world.clock.at = hours(10**5)
    for n in range(2, 9):
        world.load(list_at(6 * n, "0.001"))
    assert len(published(world, HISTORY)) == 1
    assert published(world, "SELECT count(*) FROM reviews WHERE decision IS NULL") == [(0,)]
    reasons = published(
        world, "SELECT DISTINCT superseded_because, correction_reason FROM price_versions"
        " WHERE superseded_because = 'correction'"
    )  # fmt: skip
    assert reasons == [("correction", "a review was decided")]


def test_there_is_nothing_to_decide_where_the_data_did(world: World) -> None:
    review = jumped(world)
    chosen = load_settings(world.data_dir)
    with pytest.raises(NoSuchThingError, match=f"did you mean {review}"):
        decide(chosen, review[:-1], Decision.ACCEPT)
    world.load(list_at(12, "0.000001"))
    with pytest.raises(UsageError, match="settled"):
        decide(chosen, review, Decision.ACCEPT)


def test_accepting_corrects_nothing(world: World) -> None:
    """The seller moved its price; that we believe it later than we saw it was no mistake."""
    decide(load_settings(world.data_dir), jumped(world), Decision.ACCEPT)
    assert {row[5] for row in published(world, VERSIONS)} == {None, "change"}


def test_a_confirmed_body_counts_like_a_new_one(world: World) -> None:
    """A 304 says that the old body still stands: it confirms, and it counts for absence."""
    world.load(list_at(0, "0.000001", request="5"))
    without = list_at(6, "0.000001")
    world.load(without)
    for at in (12, 30):
        fetch = world.store((OPENROUTER, at, without[2]), FetchOutcome.UNCHANGED)
        world.clock.at = hours(at)
        load(world.workspace(), [fetch])
    ends = published(
        world, "SELECT valid_from FROM price_history WHERE price_status = 'not_offered'"
    )
    assert ends == [(hours(6),)]
    confirmed = published(world, "SELECT DISTINCT last_confirmed_at FROM prices")
    assert confirmed == [(hours(30),)]


def test_failed_fetches_between_count_for_nothing(world: World) -> None:
    world.load(list_at(0, "0.000001", request="5"))
    for at in (6, 12, 30, 40):
        fetch = world.store((OPENROUTER, at, b"{}"), FetchOutcome.HTTP_ERROR)
        load(world.workspace(), [fetch])
    assert published(
        world, "SELECT count(*) FROM price_history WHERE price_status = 'not_offered'"
    ) == [(0,)]


def test_every_instant_has_one_row_per_price(world: World) -> None:
    for n in range(12):
        world.load(list_at(7 * n, f"0.00000{1 + n % 3}", **({"request": "5"} if n % 5 else {})))
    overlaps = published(
        world,
        "SELECT a.price_id FROM price_history AS a JOIN price_history AS b ON"
        " a.price_id = b.price_id AND a.valid_from < b.valid_from AND"
        " (a.valid_to IS NULL OR a.valid_to > b.valid_from)",
    )
    gaps = published(
        world,
        "SELECT price_id FROM (SELECT price_id, valid_to, lead(valid_from) OVER (PARTITION BY"
        " price_id ORDER BY valid_from) AS next FROM price_history) WHERE valid_to <> next"
        " OR (valid_to IS NULL) <> (next IS NULL)",
    )
    assert (overlaps, gaps) == ([], [])


def test_readings_are_remembered_between_loads_without_changing_them(world: World) -> None:
    """A long-lived process keeps rows it has read; a fresh one must derive the same."""
    store = CaptureStore(world.data_dir)
    fetch = world.store(list_at(0, "0.000001"))
    other = world.store(list_at(6, "0.000001", request="5"))
    remembering = Readings(store)
    remembering.read(other)
    assert remembering.read(fetch) == Readings(store).read(fetch)
