"""Prices that look odd are shown and not held."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.oddities import oddity_lines
from flows.pipeline import publish
from tests.flows.histories import AIML, World, aiml, openrouter
from warehouse.findings import Finding, findings
from warehouse.snapshots import latest
from warehouse.statements import names


def found(world: World) -> list[Finding]:
    publish(world.workspace())
    pointer = latest(world.data_dir / "published")
    assert pointer is not None
    path = world.data_dir / "published" / str(pointer["path"]) / "pricebook.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        return findings(connection)


def video(prices: dict[str, float]) -> Any:
    variants = [
        {"when": {"resolution": size}, "price": price, "unit": "second", "per": 1}
        for size, price in prices.items()
    ]
    model = {
        "id": "acme/film-1",
        "type": "internal/video-generations/submit",
        "aliases": [],
        "info": {"name": "Film 1", "developer": "Acme"},
        "modalities": {"input": ["text"], "output": ["video"]},
        "pricing": {
            "kind": "variants", "currency": "USD", "dimensions": ["resolution"],
            "variants": variants,
        },
    }  # fmt: skip
    return AIML, 0, json.dumps({"object": "list", "data": [model]}).encode()


PLAIN = {"prompt": "0.000001", "completion": "0.000002"}
ODD = {
    "cached_above_input": [openrouter(0, {"acme/a": {**PLAIN, "input_cache_read": "0.0000011"}})],
    "batch_above_standard": [
        openrouter(0, {"acme/a": PLAIN, "acme/a:batch": {**PLAIN, "prompt": "0.0000011"}})
    ],
    "higher_resolution_cheaper": [video({"720p": 0.4, "1080p": 0.39})],
    "far_below_other_sellers": [
        openrouter(0, {"acme/fox-1": PLAIN}),
        aiml(0, [("acme/fox-1", [], {"provided": 5.1, "generated": 10})]),
    ],
}
FINE = {
    "cached_above_input": [openrouter(0, {"acme/a": {**PLAIN, "input_cache_read": "0.000001"}})],
    "batch_above_standard": [openrouter(0, {"acme/a": PLAIN, "acme/a:batch": PLAIN})],
    "higher_resolution_cheaper": [video({"720p": 0.39, "1080p": 0.39, "4k": 0.5})],
    "far_below_other_sellers": [
        openrouter(0, {"acme/fox-1": PLAIN}),
        aiml(0, [("acme/fox-1", [], {"provided": 5, "generated": 10})]),
    ],
}


def test_every_finding_is_tried() -> None:
    assert set(ODD) == set(FINE) == set(names("findings"))


@pytest.mark.parametrize("name", sorted(ODD))
def test_it_is_shown_and_not_held(name: str, tmp_path: Path) -> None:
    world = World(tmp_path)
    world.load(*ODD[name])
    odd = found(world)
    assert [finding.name for finding in odd] == [name]
    assert world.ask("SELECT gate FROM review_now WHERE gate <> 'disagreement'") == []
    (line,) = oddity_lines(odd)
    assert line.startswith("odd, but said so: ")
    assert odd[0].model in line


@pytest.mark.parametrize("name", sorted(FINE))
def test_at_the_edge_it_is_fine(name: str, tmp_path: Path) -> None:
    world = World(tmp_path)
    world.load(*FINE[name])
    assert found(world) == []


def test_more_than_a_few_are_counted(tmp_path: Path) -> None:
    world = World(tmp_path)
    odd = {f"acme/m-{n}": {**PLAIN, "input_cache_read": "0.000002"} for n in range(5)}
    world.load(openrouter(0, odd))
    (line,) = oddity_lines(found(world))
    assert "(5)" in line
    assert line.endswith("and 2 more")
