"""Sellers side by side: what is compared, since when, by how much, and whom to default to."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from flows.pipeline import publish
from models.registry import CHEAPEST, MODALITIES, SELLERS
from tests.flows.conftest import Pricebook
from tests.flows.histories import World, aiml, hours, openrouter, page
from tests.flows.pipelines import ask

DAY = 24.0


def cheap_at(at: float, bolt: str, **others: dict[str, str]) -> Any:
    """OpenRouter's list: acme/bolt and its variants, and whatever else."""
    listed = {
        "acme/bolt": {"prompt": bolt, "completion": "0.000008", "input_cache_read": "0.0000001"},
        "acme/bolt:free": {"prompt": "0", "completion": "0"},
        "acme/bolt:batch": {"prompt": "0.0000001", "completion": "0.0000001"},
        "acme/only-here": {"prompt": "0.000001", "completion": "0.000001"},
        **others,
    }
    return openrouter(at, listed)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """One model at two sellers; the first raises it after 40 days, the second never moves."""
    world = World(tmp_path / "data")
    world.load(
        cheap_at(0, "0.000002"),
        aiml(1, [("acme/bolt", (), {"input": "2.5", "output": "8.4"}), ("acme/own", (), {})]),
        page(2, [("Bolt", "2.5", "8.4"), ("Stranger", "1", "1")]),
        cheap_at(40 * DAY, "0.0000025"),
    )
    publish(world.workspace())
    return world


def compared(world: World, table: str = "comparison", rest: str = "") -> list[tuple[Any, ...]]:
    return ask(
        world.data_dir,
        f"SELECT meter, seller, unit_price_usd * 1000000, ratio_to_cheapest, is_cheapest"
        f" FROM {table} WHERE canonical_id = 'acme/bolt' {rest} ORDER BY meter, seller",
    )


def test_only_standard_offerings_of_a_known_model_are_compared(world: World) -> None:
    assert compared(world) == [
        ("cache_read_token", "openrouter", Decimal("0.1"), 1, True),
        ("input_token", "aimlapi", Decimal("2.5"), 1, True),
        ("input_token", "openrouter", Decimal("2.5"), 1, True),
        ("output_token", "aimlapi", Decimal("8.4"), Decimal("1.05"), False),
        ("output_token", "openrouter", Decimal(8), 1, True),
    ]
    names = ask(world.data_dir, "SELECT DISTINCT canonical_id FROM comparison ORDER BY 1")
    assert names == [("acme/bolt",), ("acme/only-here",)]


def test_its_history_says_since_when(world: World) -> None:
    found = ask(
        world.data_dir,
        "SELECT seller, valid_from, valid_to, ratio_to_cheapest, is_cheapest"
        " FROM comparison_history WHERE canonical_id = 'acme/bolt' AND meter = 'input_token'"
        " ORDER BY seller, valid_from",
    )
    start, then, rise = hours(0), hours(1), hours(40 * DAY)
    assert found == [
        ("aimlapi", then, rise, Decimal("1.25"), False),
        ("aimlapi", rise, None, 1, True),
        ("openrouter", start, rise, 1, True),
        ("openrouter", rise, None, 1, True),
    ]
    assert compared(world, "comparison_history", "AND valid_to IS NULL") == compared(world)


def test_the_cheapest_headline_of_a_seller_stands_for_it(tmp_path: Path) -> None:
    world = World(tmp_path)
    bolt = {"prompt": "0.000002", "completion": "0.000008"}
    tier = {"min_prompt_tokens": 200000, "prompt": "0.000001", "completion": "0.000016"}
    world.load(openrouter(0, {"acme/bolt": {**bolt, "overrides": [tier]}}))
    publish(world.workspace())
    prices = "SELECT count(*) FROM prices WHERE meter = 'input_token'"
    assert ask(world.data_dir, prices) == [(2,)]
    assert [row[:3] for row in compared(world)] == [
        ("input_token", "openrouter", Decimal(2)),
        ("output_token", "openrouter", Decimal(8)),
    ]


# --- margins --------------------------------------------------------------------------------------


def test_a_margin_is_taken_at_the_end_of_each_month(world: World) -> None:
    found = ask(
        world.data_dir,
        "SELECT month, seller, over_seller, margin FROM margins"
        " WHERE meter = 'input_token' ORDER BY month, seller",
    )
    august, september = date(2026, 8, 1), date(2026, 9, 1)
    assert found == [
        (august, "aimlapi", "openrouter", Decimal("0.25")),
        (august, "openrouter", "aimlapi", Decimal("-0.2")),
        (september, "aimlapi", "openrouter", 0),
        (september, "openrouter", "aimlapi", 0),
    ]


def test_margins_are_shown_as_a_distribution(world: World, pricebook: Pricebook) -> None:
    at = ("--data-dir", world.data_dir)
    rows = pricebook("compare", "--margins", "--format", "json", *at).rows
    assert [row["month"] for row in rows] == ["2026-08-01", "2026-09-01"]
    first = rows[0]
    assert (first["seller"], first["models"], first["prices"]) == ("aimlapi", 1, 2)
    ends = [Decimal(first[name]) for name in ("lowest", "median", "highest")]
    assert ends == [Decimal("0.05"), Decimal("0.05"), Decimal("0.25")]
    text = pricebook("compare", "--margins", *at).out
    assert "aimlapi over openrouter" in text
    assert "+25.0 %" in text
    other = pricebook("compare", "--margins", "--seller", "openrouter", "--format", "json", *at)
    assert Decimal(other.rows[0]["lowest"]) == Decimal("-0.2")
    alone = pricebook("compare", "--margins", "--model", "acme/only-here", *at)
    assert "No model has two sellers" in alone.out
    assert pricebook("compare", "--margins", "--at", "2026-08-02", *at).status == 2


# --- whom to default to ---------------------------------------------------------------------------


def recommended(world: World) -> set[tuple[str, str]]:
    publish(world.workspace())
    found = ask(world.data_dir, "SELECT seller, model_id FROM models WHERE is_recommended")
    return set(found)


DECLARED = {
    ("openrouter", "acme/bolt"),
    ("openrouter", "acme/bolt:free"),
    ("openrouter", "acme/bolt:batch"),
    ("openrouter", "acme/only-here"),
    # What the recommended seller does not sell, the other does.
    ("aimlapi", "acme/own"),
    ("aimlapi", "page:acme/stranger"),
}


def test_the_declared_seller_is_recommended_for_what_it_sells(world: World) -> None:
    assert recommended(world) == DECLARED
    text = "SELECT recommended_seller FROM modalities WHERE modality = 'text-to-text'"
    assert ask(world.data_dir, text) == [("openrouter",)]


def test_another_seller_can_be_chosen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRICEBOOK_RECOMMENDED_SELLER", "text-to-text=aimlapi")
    assert recommended(world) == {
        ("aimlapi", "acme/bolt"),
        ("aimlapi", "acme/own"),
        ("aimlapi", "page:acme/stranger"),
        ("openrouter", "acme/only-here"),
    }
    chosen = "SELECT recommended_seller FROM modalities WHERE modality IN (?, ?) ORDER BY modality"
    found = ask(world.data_dir, chosen, ["text-to-text", "text-to-image"])
    assert found == [("aimlapi",), ("aimlapi",)]


def test_or_whoever_is_cheapest(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRICEBOOK_RECOMMENDED_SELLER", CHEAPEST)
    assert recommended(world) == DECLARED  # 2.5 and 8, beside 2.5 and 8.4
    world.load(cheap_at(41 * DAY, "0.0000029"))
    # 2.9 times 8 is more than 2.5 times 8.4; the price that only one of them has does not count.
    assert ("aimlapi", "acme/bolt") in recommended(world)
    assert ("openrouter", "acme/bolt") not in recommended(world)


def test_what_is_withdrawn_is_not_recommended(world: World) -> None:
    for day in (41, 42, 43, 44):
        body = openrouter(day * DAY, {"acme/only-here": {"prompt": "0.000001", "completion": "0"}})
        world.load(body)
    gone = ("openrouter", "acme/bolt")
    assert gone not in recommended(world)
    assert ("aimlapi", "acme/bolt") in recommended(world)


@pytest.mark.parametrize(
    "choice", ["text-to-nowhere=aimlapi", "text-to-text=nobody", "nobody", "text-to-text="]
)
def test_a_choice_that_cannot_be_meant_is_refused(
    world: World, pricebook: Pricebook, monkeypatch: pytest.MonkeyPatch, choice: str
) -> None:
    monkeypatch.setenv("PRICEBOOK_RECOMMENDED_SELLER", choice)
    ended = pricebook("publish", "--data-dir", world.data_dir)
    assert (ended.status, "PRICEBOOK_RECOMMENDED_SELLER" in ended.err) == (2, True)


def test_every_declared_choice_is_a_seller() -> None:
    chosen = {modality.recommended_seller for modality in MODALITIES.values()}
    assert chosen <= {*SELLERS, CHEAPEST, ""}


# --- coverage -------------------------------------------------------------------------------------


def test_coverage_counts_every_day_by_seller_and_status(world: World) -> None:
    found = ask(
        world.data_dir,
        "SELECT as_of, seller, listed, known, free, dynamic, unknown, held, page_only"
        " FROM coverage ORDER BY as_of, seller",
    )
    days = [hours(0).date() + timedelta(days=n) for n in range(41)]
    assert [row[0] for row in found] == [day for day in days for _ in range(2)]
    assert {row[1:] for row in found} == {
        ("aimlapi", 3, 2, 0, 0, 1, 0, 1),
        ("openrouter", 4, 3, 1, 0, 0, 0, 0),
    }


def test_what_is_held_counts_from_the_day_it_is_held(world: World) -> None:
    world.load(cheap_at(42.5 * DAY, "0.00025"))  # ten times and more: doubted
    publish(world.workspace())
    held = "SELECT as_of, held FROM coverage WHERE seller = 'openrouter' AND held > 0"
    assert ask(world.data_dir, held) == [(hours(42.5 * DAY).date(), 1)]


def test_the_table_says_who_is_ahead(world: World, pricebook: Pricebook) -> None:
    ended = pricebook("coverage", "--data-dir", world.data_dir)
    lines = [line.split() for line in ended.out.splitlines()]
    assert lines[0][:4] == ["work", "aimlapi", "openrouter", "ahead"]
    assert lines[1][:8] == ["text-to-text", "2", "of", "3", "4", "of", "4", "openrouter"]
