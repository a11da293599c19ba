"""What is held is marked in tables, in feeds and in words, for as long as it is in doubt."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from typer.testing import CliRunner

from flows.cli import app
from flows.deciding import decide
from flows.pipeline import publish
from flows.settings import load as load_settings
from models.history.reviews import Decision
from tests.flows.histories import Said, World, aiml, hours, openrouter, page
from tests.flows.pipelines import ask
from tests.flows.test_history_order import captures
from warehouse.snapshots import latest

CALM = {f"acme/calm-{n}": {"prompt": "0.000007", "completion": "0.000008"} for n in range(9)}
ONE = Decimal("0.000001")
ABSURD = Decimal("0.006")


def listed(at: float, prompt: str, **more: Any) -> Said:
    return openrouter(at, {"acme/a": {"prompt": prompt, "completion": "0.000002", **more}, **CALM})


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def published(world: World, query: str) -> list[tuple[Any, ...]]:
    publish(world.workspace())
    return ask(world.data_dir, query)


DISPUTES = "SELECT gate, disputed_from, disputed_to, value, outcome FROM disputes ORDER BY ALL"
PRICE = (
    "SELECT unit_price_usd, price_status, is_disputed, disputed_since, disputed_value FROM prices"
    " WHERE model_id = 'acme/a' AND meter = 'input_token'"
)
HISTORY = (
    "SELECT valid_from, unit_price_usd, was_disputed FROM price_history"
    " WHERE model_id = 'acme/a' AND meter = 'input_token' ORDER BY valid_from"
)


def test_while_a_move_is_held_the_price_that_stands_is_in_dispute(world: World) -> None:
    world.load(listed(0, "0.000001"))
    for at in (6, 12, 600):
        world.load(listed(at, "0"))
    assert published(world, PRICE) == [(ONE, "known", True, hours(6), 0)]
    assert published(world, DISPUTES) == [("became_free", hours(6), None, 0, None)]
    assert published(world, HISTORY) == [(hours(0), ONE, True)]
    others = published(world, "SELECT count(*) FROM prices WHERE is_disputed")
    assert others == [(1,)]


def test_what_is_taken_back_leaves_the_interval_marked(world: World) -> None:
    for at, prompt in ((0, "0.000001"), (6, "0"), (12, "0.000001"), (18, "0.000002")):
        world.load(listed(at, prompt))
    assert published(world, DISPUTES) == [("became_free", hours(6), hours(12), 0, "lapsed")]
    assert published(world, HISTORY) == [(hours(0), ONE, True), (hours(18), 2 * ONE, False)]
    assert published(world, PRICE)[0][2:] == (False, None, None)
    marked = published(
        world, "SELECT was_disputed FROM price_versions WHERE meter = 'input_token'"
        " AND model_id = 'acme/a' ORDER BY recorded_at, valid_from"
    )  # fmt: skip
    assert marked == [(True,), (True,), (False,)]


def test_a_price_that_cannot_be_read_is_in_dispute_without_a_review(world: World) -> None:
    world.load(listed(0, "0.000001"))
    for at in (6, 12, 600):
        world.load(listed(at, "on request"))
    assert published(world, PRICE) == [(ONE, "known", True, hours(6), None)]
    assert published(world, DISPUTES) == [("refused", hours(6), None, None, None)]
    assert published(world, "SELECT count(*) FROM reviews") == [(0,)]
    world.load(listed(606, "0.000001"))
    assert published(world, DISPUTES) == [("refused", hours(6), hours(606), None, "lapsed")]
    assert published(world, HISTORY) == [(hours(0), ONE, True)]


def test_a_third_value_supersedes_what_was_held(world: World) -> None:
    for at, prompt in ((0, "0.000001"), (6, "0.001"), (12, "0.0001"), (18, "0.0000012")):
        world.load(listed(at, prompt))
    assert published(world, DISPUTES) == [
        ("power_of_ten", hours(6), hours(12), 1000 * ONE, "superseded"),
        ("power_of_ten", hours(12), hours(18), 100 * ONE, "superseded"),
    ]
    assert [row[2] for row in published(world, HISTORY)] == [True, False]


def test_what_is_said_again_a_day_later_stood_and_was_in_dispute(world: World) -> None:
    for at, prompt in ((0, "0.000002"), (1000, "0.00000003"), (2000, "0.00000003")):
        world.load(listed(at, prompt))
    assert published(world, DISPUTES)[0][1:] == (
        hours(1000), hours(2000), Decimal("0.00000003"), "agreed",
    )  # fmt: skip
    assert published(world, HISTORY) == [
        (hours(0), 2 * ONE, False), (hours(1000), Decimal("0.00000003"), True),
    ]  # fmt: skip


def test_a_first_price_beyond_belief_is_unknown_and_in_dispute(world: World) -> None:
    world.load(listed(0, "0.006"))
    world.load(listed(600, "0.006"))
    assert published(world, PRICE) == [(None, "unknown", True, hours(0), ABSURD)]
    decide(load_settings(world.data_dir), review_of(world), Decision.ACCEPT)
    assert published(world, PRICE) == [(ABSURD, "known", False, None, None)]
    ((gate, since, until, value, outcome),) = published(world, DISPUTES)
    assert (gate, since, value, outcome) == ("first_sight", hours(0), ABSURD, "accepted")
    assert until > hours(600)
    assert published(world, HISTORY) == [(hours(0), ABSURD, True)]


def review_of(world: World) -> str:
    ((review,),) = world.ask("SELECT review_id FROM review_now WHERE decision IS NULL")
    return str(review)


def test_what_a_person_rejects_is_in_dispute_until_then(world: World) -> None:
    world.load(listed(0, "0.000001"))
    world.load(listed(6, "0"))
    decide(load_settings(world.data_dir), review_of(world), Decision.REJECT)
    ((_, since, until, value, outcome),) = published(world, DISPUTES)
    assert (since, value, outcome) == (hours(6), 0, "rejected")
    assert until > hours(6)
    assert published(world, PRICE)[0][2] is False
    assert published(world, HISTORY) == [(hours(0), ONE, True)]


def test_a_list_in_other_units_moves_nothing_and_is_in_dispute_as_a_whole(world: World) -> None:
    slipped = {
        name: {key: str(Decimal(price) * 10**6) for key, price in pricing.items()}
        for name, pricing in CALM.items()
    }
    world.load(openrouter(0, CALM))
    for at in (6, 12, 600):
        world.load(openrouter(at, slipped))
    assert published(world, "SELECT count(*) FROM price_changes") == [(0,)]
    assert published(world, "SELECT count(*) FROM prices WHERE NOT is_disputed") == [(0,)]
    assert published(world, "SELECT gate, decision FROM reviews") == [("list_slip", None)]
    assert published(world, "SELECT max(held) FROM coverage") == [(9,)]
    done = decide(load_settings(world.data_dir), review_of(world), Decision.ACCEPT)
    assert done.changes == 18
    outcomes = published(world, "SELECT DISTINCT outcome, disputed_from FROM disputes")
    assert outcomes == [("accepted", hours(6))]
    causes = published(
        world, "SELECT cause, count(DISTINCT event_id) FROM price_changes GROUP BY 1"
    )
    assert causes == [("uniform_repricing", 1)]
    review = published(world, "SELECT review_id FROM reviews")[0][0]
    decide(load_settings(world.data_dir), review, Decision.REJECT)
    assert published(world, "SELECT count(*) FROM price_changes") == [(0,)]
    assert published(world, "SELECT DISTINCT outcome FROM disputes") == [("rejected",)]


def test_a_statement_that_replaces_conditions_disputes_every_rate(world: World) -> None:
    tier = [{"min_prompt_tokens": 1000, "prompt": "0.000003"}]
    world.load(listed(0, "0.000001", overrides=tier))
    world.load(listed(6, "0"))
    assert published(
        world, "SELECT conditions, disputed_value FROM prices WHERE is_disputed ORDER BY ALL"
    ) == [('{"min_prompt_tokens":1000}', None), ("{}", 0)]


def test_a_source_that_does_not_set_the_price_does_not_mark_it(world: World) -> None:
    models = [("acme/fox-1", (), {"provided": 1, "generated": 1})]
    world.load(aiml(0, models), page(1, [("Fox 1", "1", "1")]))
    world.load(page(6, [("Fox 1", "1000", "1")]))
    assert published(world, "SELECT source, gate, outcome FROM disputes") == [
        ("aiml_pricing_page", "power_of_ten", None)
    ]
    assert published(world, "SELECT count(*) FROM prices WHERE is_disputed") == [(0,)]


def test_a_takeover_that_is_held_disputes_the_other_sources_price(world: World) -> None:
    world.load(page(0, [("Fox 1", "1", "1")]))
    world.load(aiml(6, [("acme/fox-1", (), {"provided": 1000})]))
    assert published(world, "SELECT source, disputed_value FROM prices WHERE is_disputed") == [
        ("aiml_pricing_page", 1000 * ONE)
    ]


def test_sellers_side_by_side_say_whose_price_is_in_doubt(world: World) -> None:
    world.load(aiml(0, [("acme/a", (), {"provided": 1})]), listed(0, "0.000002"))
    world.load(listed(6, "0"))
    assert published(
        world,
        "SELECT seller, is_disputed FROM comparison WHERE meter = 'input_token'"
        " AND canonical_id = 'acme/a' ORDER BY 1",
    ) == [("aimlapi", False), ("openrouter", True)]
    shown = CliRunner().invoke(app, ["compare", "--data-dir", str(world.data_dir)]).stdout
    assert "acme/a ?" in shown
    assert "? has a price in dispute" in shown


@pytest.fixture
def doubted(world: World) -> World:
    world.load(listed(0, "0.000001"))
    world.load(listed(6, "0"))
    publish(world.workspace())
    return world


def folder(world: World) -> Path:
    pointer = latest(world.data_dir / "published")
    assert pointer is not None
    return world.data_dir / "published" / str(pointer["path"])


def read(world: World, name: str) -> Any:
    return json.loads((folder(world) / name).read_bytes())


def test_every_file_says_so(doubted: World) -> None:
    (price,) = [row for row in read(doubted, "prices.json")["prices"] if row["is_disputed"]]
    assert (price["model_id"], price["disputed_value"]) == ("acme/a", "0")
    (record,) = [row for row in read(doubted, "simulator.json")["models"] if row["isDisputed"]]
    assert [rate["meter"] for rate in record["rates"] if rate["isDisputed"]] == ["input_token"]
    assert "in dispute: input_token" in record["pricingMetadata"]["note"]
    report: Mapping[str, Any] = read(doubted, "formats/loss-report.json")["formats"]
    assert {each["disputed"]["count"] for each in report.values()} == {1}
    example = report["litellm"]["disputed"]["examples"][0]
    assert (example["key"], example["meter"]) == ("openrouter/acme/a#chat", "input_token")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["prices"], "in dispute since 2026-08-01 06:00, 0 stated"),
        (["prices", "--wide"], "acme/a ?"),
        (["prices", "--at", "2026-08-01T05:00Z"], "was in dispute"),
        (["history", "acme/a"], "was in dispute"),
        (["explain", "acme/a", "input_token"], "in dispute since 2026-08-01 06:00, 0 stated"),
        (["status"], "prices in dispute 1"),
    ],
)
def test_every_verb_says_so(doubted: World, words: list[str], said: str) -> None:
    given_words = [*words, "--data-dir", str(doubted.data_dir)]
    assert said in CliRunner().invoke(app, given_words).stdout


@given(captures())
@settings(max_examples=12)
def test_exactly_the_prices_in_dispute_are_marked(said: list[Said]) -> None:
    """By a plain walk over the published rows, as a reader would do it."""
    with tempfile.TemporaryDirectory() as where:
        world = World(Path(where))
        world.load(*said)
        ranks = dict(published(world, "SELECT source, precedence FROM sources"))
        doubts = ask(
            world.data_dir, "SELECT price_id, source, disputed_from, disputed_to FROM disputes"
        )
        rows = ask(
            world.data_dir,
            "SELECT price_id, source, valid_from, valid_to, was_disputed FROM price_history"
            " WHERE price_status <> 'not_offered'",
        )
        now = dict(ask(world.data_dir, "SELECT price_id, is_disputed FROM prices"))
        for price, source, begins, ends, is_marked in rows:
            touching = [
                doubt
                for doubt in doubts
                if doubt[0] == price
                and ranks[doubt[1]] <= ranks[source]
                and _meet((begins, ends), doubt[2:])
            ]
            assert is_marked == bool(touching)
            if ends is None:
                assert now[price] == any(doubt[3] is None for doubt in touching)


def _meet(one: tuple[datetime, Any], other: tuple[datetime, Any]) -> bool:
    if other[0] == other[1]:
        return False
    return (one[1] is None or other[0] < one[1]) and (other[1] is None or one[0] < other[1])
