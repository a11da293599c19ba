"""Two sources of a seller disagree: the losing claim is shown, and quiet once it is accepted."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from flows.load import load
from flows.pipeline import publish
from tests.flows.conftest import Pricebook
from tests.flows.histories import AIML, PAGE, World, aiml, page
from tests.flows.pipelines import ask


def api_says(at: float, price: str) -> Any:
    return aiml(at, [("acme/bolt", (), {"input": price, "output": "8"})])


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.load(api_says(0, "2.125"), page(1, [("Bolt", "2.5", "8.00")]))
    publish(world.workspace())
    return world


CLAIMS = (
    "SELECT source, is_price, is_disagreement, ratio_to_price, lost_because, review_id"
    " FROM claims WHERE meter = ? ORDER BY is_price DESC"
)


def open_ones(world: World, pricebook: Pricebook) -> list[Any]:
    publish(world.workspace())
    shown = pricebook(
        "review", "list", "--disagreements", "--format", "json", "--data-dir", world.data_dir
    )
    return [row["review_id"] for row in shown.rows]


def test_the_losing_claim_says_why_and_whether_it_disagrees(world: World) -> None:
    wins, loses = ask(world.data_dir, CLAIMS, ["input_token"])
    assert wins == (AIML, True, False, 1, None, None)
    assert loses[:3] == (PAGE, False, True)
    assert loses[3] == Decimal("1.176470588235")
    assert loses[4].startswith("aiml_models states this meter too and comes first: ")
    assert loses[5].startswith("dis_")
    equal = ask(world.data_dir, CLAIMS, ["output_token"])
    assert [row[:3] for row in equal] == [(AIML, True, False), (PAGE, False, False)]


def test_a_disagreement_is_listed_apart_and_holds_nothing(
    world: World, pricebook: Pricebook
) -> None:
    (listed,) = ask(world.data_dir, "SELECT review_id, source, what, gate, decision FROM reviews")
    assert listed[1:] == (PAGE, "acme/bolt input_token", "disagreement", None)
    assert open_ones(world, pricebook) == [listed[0]]
    held = pricebook("review", "list", "--format", "json", "--data-dir", world.data_dir)
    assert held.rows == []
    assert ask(world.data_dir, "SELECT sum(held) FROM coverage") == [(0,)]
    status = pricebook("status", "--data-dir", world.data_dir)
    assert "held 0, " in status.out
    assert "disagreements of sources 1" in status.out


def test_accepted_it_is_quiet_until_either_side_changes(world: World, pricebook: Pricebook) -> None:
    (first,) = open_ones(world, pricebook)
    versions = ask(world.data_dir, "SELECT count(*) FROM price_versions")
    ended = pricebook("review", "accept", first, "--data-dir", world.data_dir)
    assert (ended.status, "no price moved" in ended.out) == (0, True), ended.err
    assert open_ones(world, pricebook) == []
    assert ask(world.data_dir, "SELECT count(*) FROM price_versions") == versions
    world.load(page(25, [("Bolt", "2.5", "8.00")]))
    assert open_ones(world, pricebook) == []
    world.load(page(49, [("Bolt", "2.6", "8.00")]))
    (second,) = open_ones(world, pricebook)
    assert second != first
    world.load(page(73, [("Bolt", "2.5", "8.00")]))
    assert open_ones(world, pricebook) == []
    world.load(api_says(74, "2.3"))
    assert len(open_ones(world, pricebook)) == 1
    world.load(page(97, [("Bolt", "2.3", "8.00")]))
    assert open_ones(world, pricebook) == []


def test_to_reject_it_later_takes_the_acceptance_back(world: World, pricebook: Pricebook) -> None:
    (first,) = open_ones(world, pricebook)
    for word, still_open in (("accept", []), ("reject", [first]), ("accept", [])):
        pricebook("review", word, first, "--data-dir", world.data_dir)
        assert open_ones(world, pricebook) == still_open


def test_accepting_derives_nothing_again(world: World, pricebook: Pricebook) -> None:
    (first,) = open_ones(world, pricebook)
    pricebook("review", "accept", first, "--data-dir", world.data_dir)
    done = load(world.workspace(), [world.store(page(25, [("Bolt", "2.5", "8.00")]))])
    assert done.rederived == ()


OFFERS = "aiml_page_offers"
SAID = (
    "SELECT source, raw_text, is_price, is_disagreement FROM claims"
    " WHERE meter = 'input_token' ORDER BY source"
)


def test_a_stale_offer_of_the_page_is_kept_and_never_the_price(world: World) -> None:
    world.load(page(25, [("Bolt", "2.5", "8.00")], {"Bolt": "1.5"}))
    publish(world.workspace())
    assert ask(world.data_dir, SAID) == [
        (AIML, "2.125", True, False),
        (OFFERS, "1.5", False, True),
        (PAGE, "2.5", False, True),
    ]
    ((why,),) = ask(world.data_dir, "SELECT lost_because FROM claims WHERE source = ?", [OFFERS])
    assert why.startswith("only noted beside the price: Nobody sees the block")
    read_at = "SELECT last_success_at FROM sources WHERE source IN (?, ?)"
    first, second = ask(world.data_dir, read_at, [PAGE, OFFERS])
    assert first == second


def test_a_stale_offer_that_is_accepted_stays_quiet_until_it_changes(
    world: World, pricebook: Pricebook
) -> None:
    before = {*open_ones(world, pricebook)}
    world.load(page(25, [("Bolt", "2.5", "8.00")], {"Bolt": "1.5"}))
    (stale,) = {*open_ones(world, pricebook)} - before
    assert pricebook("review", "accept", stale, "--data-dir", world.data_dir).status == 0
    world.load(page(49, [("Bolt", "2.5", "8.00")], {"Bolt": "1.5"}))
    assert {*open_ones(world, pricebook)} == before
    world.load(page(73, [("Bolt", "2.5", "8.00")], {"Bolt": "1.6"}))
    assert len({*open_ones(world, pricebook)} - before) == 1


def test_a_stale_offer_is_noted_no_more_when_the_page_has_left_it_out_for_long(
    world: World,
) -> None:
    world.load(page(25, [("Bolt", "2.5", "8.00")], {"Bolt": "1.5"}))
    for day in (2, 3):
        world.load(page(day * 24 + 1, [("Bolt", "2.5", "8.00")]))
    publish(world.workspace())
    assert len(ask(world.data_dir, SAID)) == 3
    world.load(page(97, [("Bolt", "2.5", "8.00")]))
    publish(world.workspace())
    assert [source for source, *_ in ask(world.data_dir, SAID)] == [AIML, PAGE]
