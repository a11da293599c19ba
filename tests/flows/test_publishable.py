"""What can be loaded can be published, whatever a source says; and who looks learns when not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from flows import settings
from flows.deciding import decide
from flows.pipeline import publish
from flows.running import run_publish
from models.history.reviews import Decision
from tests.flows.histories import AIML, DEPRECATIONS, OPENROUTER, Said, World
from tests.flows.pipelines import ask
from warehouse.database import writer_lock

if TYPE_CHECKING:
    from tests.flows.conftest import Pricebook

TINIEST = "0.000000000000000000000001"
LARGEST = "99999999.9999"
MEGABYTE = "x" * 1_000_000
CONTROLS = "a\x00b\x1b[31m\r\n\u202e\ud800|"


def of_openrouter(at: float, **stated: Any) -> Said:
    model = {
        "id": "acme/one",
        "canonical_slug": "acme/one",
        "name": "Acme: One",
        "context_length": 4096,
        "architecture": {"input_modalities": ["text"], "output_modalities": ["text"]},
        "pricing": {"prompt": "0.000001", "completion": "0.000002"},
        "top_provider": {"context_length": 4096, "max_completion_tokens": 4096},
        **stated,
    }
    kept = {
        "id": "acme/kept",
        "name": "Acme: Kept",
        "pricing": {"prompt": "0.000001", "completion": "0.000002"},
    }
    return OPENROUTER, at, json.dumps({"data": [model, kept]}).encode()


def of_aiml(at: float, price: Any = 1.5, per: int = 10**6, **stated: Any) -> Said:
    unit = {"name": "token", "content": "text", "origin": "provided", "price": price, "per": per}
    model = {
        "id": "acme/one",
        "type": "openai/chat-completions",
        "aliases": [],
        "info": {"name": "One", "developer": "Acme"},
        "modalities": {"input": ["text"], "output": ["text"]},
        "pricing": {"kind": "fixed", "currency": "USD", "units": [unit]},
        **stated,
    }
    return AIML, at, json.dumps({"data": [model]}).encode()


def priced(at: float, prompt: str) -> Said:
    return of_openrouter(at, pricing={"prompt": prompt, "completion": prompt})


def of_deprecations(shutdown_at: str) -> Said:
    entry = {"id": "acme/one", "status": "deprecated", "shutdown_at": shutdown_at}
    return DEPRECATIONS, 1, json.dumps({"data": [entry]}).encode()


EXTREMES: Mapping[str, list[Said]] = {
    "a price that no meter can quote": [priced(0, "999999999")],
    "the largest price": [priced(0, LARGEST)],
    "the smallest price": [priced(0, TINIEST)],
    "a rise beyond a ratio": [priced(0, TINIEST), *(priced(6 * n, LARGEST) for n in range(1, 9))],
    "a fall beyond a ratio": [priced(0, LARGEST), *(priced(6 * n, TINIEST) for n in range(1, 9))],
    "sellers beyond a ratio": [priced(0, TINIEST), of_aiml(0, 99999999, 1)],
    "counts beyond a column": [
        of_openrouter(0, context_length=10**30, top_provider={"max_completion_tokens": -1})
    ],
    "counts that are none": [
        of_openrouter(0, context_length=1e300, top_provider={"max_completion_tokens": "many"})
    ],
    "names that steer": [of_openrouter(0, name=f"{CONTROLS}: {CONTROLS}")],
    "names of a megabyte": [of_openrouter(0, name=f"{MEGABYTE}: {MEGABYTE}")],
    "slugs and modalities that steer": [
        of_openrouter(
            0,
            canonical_slug=CONTROLS,
            architecture={"input_modalities": [CONTROLS, "|"], "output_modalities": [MEGABYTE]},
        )
    ],
    "prices that steer": [priced(0, f"1{CONTROLS}{MEGABYTE}")],
    "keys that steer": [of_openrouter(0, pricing={CONTROLS: "1", MEGABYTE: "2"})],
    "types that steer": [of_aiml(0, type=CONTROLS)],
    "the last date": [of_aiml(0), of_deprecations("9999-12-31T23:59:59Z")],
    "the first date": [of_openrouter(0, expiration_date="0001-01-01")],
    "a date that is none": [of_openrouter(0, expiration_date="2026-02-30")],
    "many aliases": [of_aiml(0, aliases=[f"alias-{n}" for n in range(5_000)])],
    "aliases that steer": [of_aiml(0, aliases=[CONTROLS, MEGABYTE])],
}


@pytest.mark.parametrize("kind", EXTREMES)
def test_whatever_is_loaded_is_published_beside_the_others(tmp_path: Path, kind: str) -> None:
    world = World(tmp_path)
    for said in EXTREMES[kind]:
        world.load(said)
    world.load(of_openrouter(100))

    done = publish(world.workspace())

    assert done is not None
    believed = "SELECT unit_price_usd FROM prices WHERE model_id = 'acme/kept' ORDER BY ALL"
    assert ask(tmp_path, believed) == [(Decimal("0.000001"),), (Decimal("0.000002"),)]


def test_a_price_that_no_meter_can_quote_is_refused_and_says_why(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.load(priced(0, "999999999"))
    publish(world.workspace())

    refused = ask(tmp_path, "SELECT reason, detail FROM rejections")

    assert {reason for reason, _ in refused} == {"does_not_fit"}
    assert "100,000,000 USD and more is no price of one unit" in refused[0][1]


def test_a_ratio_that_no_column_holds_is_null_beside_its_prices(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.load(priced(0, TINIEST), of_aiml(0, 99999999, 1))
    for (review,) in world.ask("SELECT review_id FROM review_now WHERE gate = 'first_sight'"):
        decide(settings.load(tmp_path), review, Decision.ACCEPT)
    publish(world.workspace())

    compared = ask(
        tmp_path,
        "SELECT seller, unit_price_usd, ratio_to_cheapest FROM comparison"
        " WHERE meter = 'input_token' AND canonical_id = 'acme/one' ORDER BY seller",
    )

    assert compared == [
        ("aimlapi", Decimal(99999999), None),
        ("openrouter", Decimal(TINIEST), Decimal(1)),
    ]
    assert ask(tmp_path, "SELECT count(*) FROM margins") != [(0,)]


def test_what_was_loaded_and_not_published_is_seen(tmp_path: Path, pricebook: Pricebook) -> None:
    world = World(tmp_path)
    world.load(priced(0, "0.000001"))
    publish(world.workspace())
    assert "is not published" not in pricebook("status", "--data-dir", tmp_path).err

    world.load(priced(6, "0.000003"))
    behind = pricebook("status", "--data-dir", tmp_path)
    examined = pricebook("doctor", "--data-dir", tmp_path)

    assert behind.status == 3
    assert "2026-08-01T06:00:00Z is not published: run `pricebook publish`" in behind.err
    assert examined.status == 3
    assert "what was loaded at 2026-08-01T06:00:00Z is not in it" in examined.out
    with writer_lock(tmp_path):
        assert "is not published" not in pricebook("status", "--data-dir", tmp_path).err

    run_publish(settings.load(tmp_path))
    assert "is not published" not in pricebook("status", "--data-dir", tmp_path).err
    assert pricebook("doctor", "--data-dir", tmp_path).status == 0
