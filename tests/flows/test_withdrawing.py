"""A stored fetch is taken out of the derivation and back; the log of it outlives the warehouse."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from flows import settings, summary
from flows.errors import NOT_DONE, OK, SHOULD_LOOK, USAGE
from flows.load import load
from flows.pipeline import publish
from flows.rebuilding import rebuild
from flows.report import LoadSummary, PublishSummary, SourceResult, exit_status
from flows.running import run_rebuild
from models.capture import Fetch, FetchOutcome, Origin
from tests.flows.histories import AIML, World, aiml, hours, openrouter
from tests.flows.pipelines import ask
from warehouse.database import DATABASE

if TYPE_CHECKING:
    from tests.flows.conftest import Pricebook

CALM = {f"acme/calm-{n}": {"prompt": "0.000007", "completion": "0.000007"} for n in range(9)}


def listed(at: float, prompt: str) -> Any:
    return openrouter(at, {"acme/a": {"prompt": prompt, "completion": "0.000002"}, **CALM})


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def three(world: World) -> Fetch:
    """Three lists, of which the second is wrong; returns that one."""
    world.load(listed(0, "0.000001"))
    wrong = world.store(listed(6, "0.000004"))
    world.clock.at = hours(6)
    load(world.workspace())
    world.load(listed(12, "0.000001"))
    publish(world.workspace())
    return wrong


NUMBERS = (
    "SELECT valid_from, unit_price_usd::DOUBLE * 1e6 FROM price_history"
    " WHERE model_id = 'acme/a' AND meter = 'input_token' ORDER BY valid_from"
)


def test_history_is_as_if_it_had_never_been_fetched(
    world: World, tmp_path: Path, pricebook: Pricebook
) -> None:
    wrong = three(world)
    never = World(tmp_path / "never")
    never.load(listed(0, "0.000001"))
    never.load(listed(12, "0.000001"))
    before = world.history(), world.lives()
    where = ("--data-dir", world.data_dir)

    words = ("withdraw", wrong.fetch_id[:8], "--reason", "a test server")
    ended = pricebook("captures", *words, *where)
    assert ended.status == OK, ended.err
    assert f"withdrawn: {wrong.fetch_id}, openrouter_models of 2026-08-01 06:00" in ended.out
    assert (world.history(), world.lives()) == (never.history(), never.lives())
    assert ask(world.data_dir, NUMBERS) == [(hours(0), 1.0)]
    assert ask(
        world.data_dir,
        "SELECT DISTINCT superseded_because FROM price_versions WHERE superseded_at IS NOT NULL"
        " AND valid_from = ?", [hours(12)],
    ) == [("evidence",)]  # fmt: skip
    outcomes = [row["outcome"] for row in pricebook("captures", "--format", "json", *where).rows]
    assert outcomes == ["ok", "withdrawn", "ok"]
    one = pricebook("captures", "--outcome", "withdrawn", "--format", "json", *where).rows
    assert [row["fetch_id"] for row in one] == [wrong.fetch_id]
    assert rebuild(world.workspace(), only_check=True).corrections == ()

    ended = pricebook("captures", "restore", wrong.fetch_id, "--reason", "it was right", *where)
    assert ended.status == OK, ended.err
    assert (world.history(), world.lives()) == before
    outcomes = [row["outcome"] for row in pricebook("captures", "--format", "json", *where).rows]
    assert outcomes == ["ok", "ok", "ok"]
    path = world.data_dir / "captures" / "withdrawals.jsonl"
    said = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [(each["action"], each["reason"]) for each in said] == [
        ("withdraw", "a test server"), ("restore", "it was right"),
    ]  # fmt: skip
    assert all(each["by"] and each["at"] for each in said)


def test_it_holds_where_the_warehouse_is_made_anew_from_captures(
    world: World, pricebook: Pricebook
) -> None:
    wrong = three(world)
    words = ("--reason", "wrong", "--data-dir", world.data_dir)
    assert pricebook("captures", "withdraw", wrong.fetch_id, *words).status == OK
    (world.data_dir / DATABASE).unlink()
    report = run_rebuild(settings.load(world.data_dir), only_check=False)
    assert report.exit_status == OK, summary.of_rebuild(report, world.data_dir)
    assert ask(world.data_dir, NUMBERS) == [(hours(0), 1.0)]
    assert run_rebuild(settings.load(world.data_dir), only_check=True).exit_status == OK
    assert pricebook("captures", "restore", wrong.fetch_id, *words).status == OK
    assert [row[1] for row in ask(world.data_dir, NUMBERS)] == [1.0, 4.0, 1.0]


def test_what_was_written_down_and_not_applied_is_applied_by_the_next_load(
    world: World, pricebook: Pricebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = three(world)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("flows.loader.check", full)
    words = ("--reason", "wrong", "--data-dir", world.data_dir)
    assert pricebook("captures", "withdraw", wrong.fetch_id, *words).status == NOT_DONE
    monkeypatch.undo()
    assert len(ask(world.data_dir, NUMBERS)) == 3
    load(world.workspace())
    publish(world.workspace())
    assert ask(world.data_dir, NUMBERS) == [(hours(0), 1.0)]


def test_other_sellers_are_left_alone(world: World, pricebook: Pricebook) -> None:
    wrong = three(world)
    world.load(aiml(12, [("acme/fox-1", [], {"provided": 1})]))
    written = "SELECT max(recorded_at) FROM price_log WHERE source = ?"
    before = world.ask(written, [AIML])
    words = ("--reason", "wrong", "--data-dir", world.data_dir)
    assert pricebook("captures", "withdraw", wrong.fetch_id, *words).status == OK
    assert world.ask(written, [AIML]) == before


def test_all_of_it_can_be_withdrawn(world: World, pricebook: Pricebook) -> None:
    words = ("--reason", "all wrong", "--data-dir", world.data_dir)
    three(world)
    ids = [row[0] for row in world.ask("SELECT fetch_id FROM fetch_log ORDER BY fetched_at")]
    for fetch_id in ids:
        assert pricebook("captures", "withdraw", fetch_id, *words).status == OK
    assert world.history() == []
    world.load(listed(18, "0.000005"))
    assert [row[4] for row in world.history() if row[2] == "input_token"] == [hours(18)] * 10
    assert pricebook("captures", "restore", ids[0], *words).status == OK
    assert {row[4] for row in world.history()} == {hours(0), hours(18)}


@pytest.mark.parametrize(
    ("fetch", "status", "says"),
    [
        ("feed", NOT_DONE, "no stored fetch is called 'feed': `pricebook captures` shows"),
        ("", NOT_DONE, "no stored fetch is called ''"),
        ("../..", NOT_DONE, "no stored fetch is called '../..'"),
    ],
)
def test_an_unknown_fetch_is_named(
    world: World, pricebook: Pricebook, fetch: str, status: int, says: str
) -> None:
    world.load(listed(0, "0.000001"))
    ended = pricebook("captures", "withdraw", fetch, "--reason", "x", "--data-dir", world.data_dir)
    assert (ended.status, says in ended.err) == (status, True), ended.err


def test_what_cannot_be_meant_is_refused(world: World, pricebook: Pricebook) -> None:
    fetches = [world.store(listed(n, "0.000001")) for n in range(40)]
    world.clock.at = hours(40)
    load(world.workspace())
    firsts = [each.fetch_id[0] for each in fetches]
    twice = next(first for first in firsts if firsts.count(first) > 1)
    where = ("--data-dir", world.data_dir)
    one = fetches[0].fetch_id
    for words, says in (
        (("withdraw", twice, "--reason", "x"), "begins "),
        (("restore", one, "--reason", "x"), "is not withdrawn: nothing to do"),
        (("withdraw", one, "--reason", " "), "--reason is empty"),
        (("withdraw", one), "--reason"),
    ):
        ended = pricebook("captures", *words, *where)
        assert (ended.status, says in ended.err) == (USAGE, True), ended.err
    assert not (world.data_dir / "captures" / "withdrawals.jsonl").exists()


def test_a_damaged_log_stops_the_load_and_is_named(world: World, pricebook: Pricebook) -> None:
    wrong = three(world)
    words = ("--reason", "wrong", "--data-dir", world.data_dir)
    assert pricebook("captures", "withdraw", wrong.fetch_id, *words).status == OK
    path = world.data_dir / "captures" / "withdrawals.jsonl"
    path.write_bytes(path.read_bytes()[:40] + b"\n")
    ended = pricebook("rebuild", "--data-dir", world.data_dir)
    assert ended.status == NOT_DONE
    assert f"{path}, line 1 is no withdrawal" in ended.err


# A stored fetch that cannot have been made yet


@pytest.mark.parametrize("origin", ["live", "backfill"])
def test_a_fetch_from_the_future_is_not_loaded_until_it_can_be(
    tmp_path: Path, origin: Origin
) -> None:
    world = World(tmp_path, origin)
    world.load(listed(0, "0.000001"))
    ahead = world.store(listed(24, "0.000009"))
    world.clock.at = hours(24) - timedelta(minutes=10, seconds=1)
    done = load(world.workspace())
    assert done.fetches == ()
    assert len(done.ahead) == 1
    assert f"captures withdraw {ahead.fetch_id[:12]}" in done.ahead[0]
    world.store(listed(12, "0.000002"))
    done = load(world.workspace())
    assert [each.fetched_at for each in done.fetches] == [hours(12)]
    world.clock.at = hours(24) - timedelta(minutes=10)
    assert load(world.workspace()).ahead == ()
    assert len(world.ask("FROM fetch_log")) == 3


def test_a_run_that_left_one_out_ends_with_a_word_to_look(tmp_path: Path) -> None:
    read = (SourceResult("openrouter_models", FetchOutcome.OK),)
    published = PublishSummary("20260801T000000Z-00000000", tmp_path, is_new=True)
    assert exit_status(read, LoadSummary(ahead=("dated later",)), published) == SHOULD_LOOK
    assert exit_status(read, LoadSummary(), published) == OK


def test_one_that_is_withdrawn_before_it_could_be_loaded_is_not_mentioned_again(
    world: World, pricebook: Pricebook
) -> None:
    world.load(listed(0, "0.000001"))
    ahead = world.store(listed(10**6, "0.000009"))
    words = ("--reason", "the clock was wrong", "--data-dir", world.data_dir)
    assert pricebook("captures", "withdraw", ahead.fetch_id[:12], *words).status == OK
    world.clock.at = hours(12)
    assert load(world.workspace()).ahead == ()


# What status and doctor say of it


def stored_ahead(world: World, by: timedelta) -> Fetch:
    """A book of now, and beside it a fetch that is dated so much later than now."""
    now = (datetime.now(UTC) - hours(0)) / timedelta(hours=1)
    world.load(listed(now - 1, "0.000001"))
    publish(world.workspace())
    return world.store(listed(now + by / timedelta(hours=1), "0.000009"))


def clock_of(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return next(row for row in rows if row["check"] == "clock")


def test_status_and_doctor_name_what_cannot_have_been_made_yet(
    world: World, pricebook: Pricebook
) -> None:
    ahead = stored_ahead(world, timedelta(days=400))
    where = ("--data-dir", world.data_dir)
    ended = pricebook("status", *where)
    assert ended.status == SHOULD_LOOK
    assert f"({ahead.fetch_id[:12]}) is dated later than this machine's clock" in ended.err
    assert "which is before the newest capture" in ended.err
    row = clock_of(pricebook("doctor", "--format", "json", *where).rows)
    assert not row["ok"]
    assert ahead.fetch_id[:12] in row["found"]

    words = ("withdraw", ahead.fetch_id[:12], "--reason", "the clock was wrong")
    assert pricebook("captures", *words, *where).status == OK
    assert "clock" not in pricebook("status", *where).err
    row = clock_of(pricebook("doctor", "--format", "json", *where).rows)
    assert row["ok"]


def test_a_clock_a_little_behind_the_newest_capture_is_named(
    world: World, pricebook: Pricebook
) -> None:
    stored_ahead(world, timedelta(minutes=9))
    said = pricebook("status", "--data-dir", world.data_dir).err
    assert "which is before the newest capture" in said
    assert "is dated later" not in said
