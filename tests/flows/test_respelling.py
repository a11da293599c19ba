"""How a source spells a condition moves no price; what it measures stands beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from flows.pipeline import publish
from flows.rebuilding import rebuild
from models.reading import RowReading
from spiders import reader
from spiders.read import read_fetch, verify
from tests.flows.histories import AIML, Said, World, hours
from tests.flows.pipelines import ask
from warehouse.statements import sql

VIDEO = "internal/video-generations/submit"
IMAGE = "openai/image-generations"


def body(prices: Mapping[str, float], kind: str = VIDEO, dimension: str = "resolution") -> bytes:
    """AIML's catalogue with one model, priced by a dimension."""
    variants = [
        {"when": {dimension: value}, "price": price, "unit": "second", "per": 1}
        for value, price in prices.items()
    ]
    if kind == IMAGE:
        variants = [{**each, "unit": "image"} for each in variants]
    pricing = {
        "kind": "variants",
        "currency": "USD",
        "dimensions": [dimension],
        "variants": variants,
    }
    entry = {
        "id": "acme/film",
        "type": kind,
        "info": {"name": "film", "developer": "Acme"},
        "pricing": pricing,
    }
    return json.dumps({"object": "list", "data": [entry]}).encode()


def said(at: float, prices: Mapping[str, float], dimension: str = "resolution") -> Said:
    return AIML, at, body(prices, dimension=dimension)


def read(
    prices: Mapping[str, float], kind: str = VIDEO, dimension: str = "resolution"
) -> RowReading:
    text = body(prices, kind, dimension)
    reading = read_fetch(AIML, [(text, "")], hours(0))
    assert verify(AIML, [text], reading) == []
    (row,) = reading.rows
    return row


def stated(row: RowReading) -> dict[str, Decimal | None]:
    return {claim.conditions.to_json(): claim.unit_price for claim in row.claims}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def published(world: World, query: str) -> list[tuple[Any, ...]]:
    publish(world.workspace())
    return ask(world.data_dir, query)


SPELLINGS: tuple[tuple[str, Mapping[str, float]], ...] = (
    ("resolution", {"720p": 0.1, "1080p": 0.15, "4k": 0.3}),
    ("resolution", {"720P": 0.1, "1080 P": 0.15, "4K": 0.3}),
    ("resolution", {"720": 0.1, "1080": 0.15, "2160p": 0.3}),
    ("resolution", {"1280x720": 0.1, "1920×1080": 0.15, "3840 X 2160": 0.3}),
    ("size", {"1280x720": 0.1, "1920x1080": 0.15, "3840x2160": 0.3}),
    ("resolution", {"720p": 0.1, "1080p": 0.15, "4k": 0.3}),
)


def test_another_spelling_is_no_change_and_sizes_stand_beside(world: World) -> None:
    for at, (dimension, each) in enumerate(SPELLINGS):
        world.load(said(at * 24, each, dimension))
    assert published(world, "SELECT * FROM price_changes") == []
    prices = ask(
        world.data_dir,
        "SELECT conditions, resolution, width, height, unit_price_usd, valid_from FROM prices "
        "ORDER BY unit_price_usd",
    )
    assert prices == [
        ('{"resolution":"720p"}', "720p", 1280, 720, Decimal("0.1"), hours(0)),
        ('{"resolution":"1080p"}', "1080p", 1920, 1080, Decimal("0.15"), hours(0)),
        ('{"resolution":"4k"}', "4k", 3840, 2160, Decimal("0.3"), hours(0)),
    ]
    [(rows,)] = ask(world.data_dir, "SELECT count(*) FROM price_history")
    assert rows == 3


def test_sizes_are_the_same_however_history_is_derived(tmp_path: Path) -> None:
    query = "SELECT conditions, width, height FROM prices ORDER BY ALL"
    captures = [said(at * 24, prices, words) for at, (words, prices) in enumerate(SPELLINGS)]
    step_by_step, at_once = World(tmp_path / "a"), World(tmp_path / "b")
    for each in captures:
        step_by_step.load(each)
    at_once.load(*captures)
    assert published(step_by_step, query) == published(at_once, query)
    assert step_by_step.history() == at_once.history()


def test_a_move_of_a_price_is_still_seen_through_another_spelling(world: World) -> None:
    world.load(said(0, {"720p": 0.1}), said(24, {"1280x720": 0.2}))
    moved = published(world, "SELECT kind, conditions, new_unit_price_usd FROM price_changes")
    assert moved == [("increase", '{"resolution":"720p"}', Decimal("0.2"))]


def test_histories_of_another_spelling_become_one_by_a_correction(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "respelled_row", lambda row: row)
    world.load(said(0, {"720P": 0.1}), said(24, {"720P": 0.2}))
    assert published(world, "SELECT conditions FROM prices") == [('{"resolution":"720P"}',)]
    monkeypatch.undo()

    rebuild(world.workspace(), only_check=False)
    assert published(world, "SELECT conditions, width FROM prices") == [
        ('{"resolution":"720p"}', None)
    ]
    kinds = ask(world.data_dir, "SELECT DISTINCT kind, cause FROM price_changes")
    assert not {kind for kind, _ in kinds} & {"new", "withdrawn", "returned", "conditions"}
    assert rebuild(world.workspace(), only_check=True).corrections == ()


def test_two_spellings_of_one_price_in_one_body_are_one_claim() -> None:
    row = read({"720p": 0.1, "1280x720": 0.1, "720x1280": 0.1})
    assert stated(row) == {'{"resolution":"720p"}': Decimal("0.1")}
    assert [str(cell.outcome) for cell in row.cells] == ["claim", "merged", "merged"]
    assert row.claims[0].conditions.size is None  # It holds for two sizes, and for neither alone.


def test_sizes_that_cost_differently_tell_prices_apart() -> None:
    row = read({"1280x720": 0.1, "1680x720": 0.12, "1920x1080": 0.2})
    assert stated(row) == {
        '{"resolution":"1280x720"}': Decimal("0.1"),
        '{"resolution":"1680x720"}': Decimal("0.12"),
        '{"resolution":"1920x1080"}': Decimal("0.2"),
    }
    assert {str(cell.outcome) for cell in row.cells} == {"claim"}


def test_one_spelling_with_two_prices_is_refused() -> None:
    row = read({"720p": 0.1, "720P": 0.2})
    assert stated(row) == {'{"resolution":"720p"}': None}
    assert {cell.reason for cell in row.cells} == {"conflicting_twin"}


def test_an_image_keeps_its_size() -> None:
    row = read({"1024 × 1024": 0.1, "1280x720": 0.2}, IMAGE)
    assert stated(row) == {
        '{"resolution":"1024x1024"}': Decimal("0.1"),
        '{"resolution":"1280x720"}': Decimal("0.2"),
    }


def test_a_database_with_truth_values_as_text_is_brought_over_without_a_correction(
    world: World,
) -> None:
    when = {"true": 0.1, "false": 0.2}
    world.load(said(0, when, "audio"), said(24, {**when, "true": 0.15}, "audio"))
    as_it_was = (
        "UPDATE {} SET conditions = regexp_replace(conditions, ':(true|false)', ':\"\\1\"', 'g')"
    )
    for table in ("price_key", "claim_now"):
        world.ask(as_it_was.format(table))
    old = world.ask("SELECT price_id, conditions FROM price_key ORDER BY ALL")
    assert {text for _, text in old} == {'{"has_audio":"false"}', '{"has_audio":"true"}'}

    world.ask(sql("migrations/0005_truth_values"))
    new = world.ask("SELECT price_id, conditions FROM price_key ORDER BY ALL")
    assert new == [(price, text.replace(':"', ":").replace('"}', "}")) for price, text in old]
    assert rebuild(world.workspace(), only_check=True).corrections == ()
    world.load(said(48, {**when, "true": 0.16}, "audio"))
    claims = published(world, "SELECT conditions, has_audio FROM claims ORDER BY ALL")
    assert claims == [('{"has_audio":false}', False), ('{"has_audio":true}', True)]
    moved = ask(world.data_dir, "SELECT kind, cause FROM price_changes ORDER BY ALL")
    assert moved == [("increase", "change"), ("increase", "change")]


def test_files_of_the_first_version_state_truth_values_as_text(world: World) -> None:
    world.load(said(0, {"true": 0.1, "false": 0.2}, "audio"))
    publish(world.workspace())
    folder = world.data_dir / "published" / "latest"
    feed = json.loads((folder / "prices.json").read_bytes())
    assert {row["conditions"]["has_audio"] for row in feed["prices"]} == {"true", "false"}
    rates = [
        rate
        for model in json.loads((folder / "simulator.json").read_bytes())["models"]
        for rate in model["rates"]
    ]
    assert {rate["conditions"]["has_audio"] for rate in rates} == {"true", "false"}
