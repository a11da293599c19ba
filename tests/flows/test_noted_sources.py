"""Further sources in the published tables: offerings of their own, and notes beside prices."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.flows.pipelines import ask, replay

FIXTURES = Path(__file__).parents[2] / "fixtures"
START = datetime(2026, 8, 22, 6, tzinfo=UTC)


def put(root: Path, source: str, at: datetime, *documents: object) -> None:
    folder = root / source
    folder.mkdir(parents=True, exist_ok=True)
    for number, document in enumerate(documents, 1):
        page = "" if number == 1 else f".p{number}"
        path = folder / f"{at:%Y-%m-%dT%H%MZ}{page}.json"
        path.write_text(json.dumps(document), encoding="utf-8")


def chat(model_id: str, **pricing: str) -> dict[str, Any]:
    return {
        "id": model_id,
        "name": f"Acme: {model_id}",
        "context_length": 1000,
        "architecture": {"input_modalities": ["text"], "output_modalities": ["text"]},
        "top_provider": {},
        "pricing": {"prompt": "0.000001", "completion": "0.000004", **pricing},
    }


def served(model_id: str, **by_provider: dict[str, Any]) -> dict[str, Any]:
    endpoints = [{"tag": tag, "pricing": pricing} for tag, pricing in by_provider.items()]
    return {"data": {"id": model_id, "name": f"Acme: {model_id}", "endpoints": endpoints}}


def aiml(*ids: str) -> dict[str, Any]:
    unit = {"name": "token", "content": "text", "origin": "provided", "price": 1, "per": 1000000}
    return {
        "data": [
            {
                "id": each,
                "type": "openai/chat-completions",
                "info": {"name": each, "developer": "Acme"},
                "pricing": {"kind": "fixed", "currency": "USD", "units": [unit]},
            }
            for each in ids
        ]
    }


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    recording, data_dir = tmp_path_factory.mktemp("recording"), tmp_path_factory.mktemp("data")
    for source in ("openrouter_embeddings", "openrouter_images", "openrouter_videos"):
        (folder,) = (FIXTURES / source).iterdir()
        pages = sorted(folder.glob("page*.json"), key=lambda page: (len(page.name), page.name))
        put(recording, source, START, *(json.loads(page.read_bytes()) for page in pages))
    listed = {"data": [chat("acme/chat"), chat("acme/other")]}
    put(recording, "openrouter_models", START, listed)
    cheap = {"prompt": "0.0000005", "completion": "0.000004", "input_cache_read": "0.0000001"}
    put(
        recording,
        "openrouter_endpoints",
        START,
        listed,
        served("acme/chat", a={**cheap, "discount": 0.5}, b={"prompt": "0.000003"}),
        served("acme/other", a={"prompt": "0.000001"}),
    )
    put(recording, "aiml_models", START, aiml("acme/old", "acme/new"))
    gone = {"id": "acme/gone", "status": "withdrawn", "shutdown_at": "2026-01-01"}
    old = {"id": "acme/former", "aliases": ["acme/old"], "status": "deprecated"}
    put(
        recording,
        "aiml_deprecations",
        START,
        {"data": [{**old, "shutdown_at": "2026-12-31"}, gone]},
    )
    for day in (1, 2, 3):
        put(recording, "aiml_models", START + timedelta(days=day), aiml("acme/old", "acme/new"))
        put(recording, "aiml_deprecations", START + timedelta(days=day), {"data": [gone]})
    replay(data_dir, recording)
    return data_dir


def test_they_are_offerings_called_for_as_what_they_do(published: Path) -> None:
    found = ask(
        published,
        "SELECT operation, listed_by[1], count(*) FROM models WHERE seller = 'openrouter' "
        "GROUP BY ALL ORDER BY ALL",
    )
    assert found == [
        ("chat", "openrouter_models", 2),
        ("embedding", "openrouter_embeddings", 4),
        ("image", "openrouter_images", 7),
        ("video", "openrouter_videos", 12),
    ]


def test_a_price_by_name_is_published_under_its_conditions(published: Path) -> None:
    found = ask(
        published,
        "SELECT conditions, unit_price_usd, is_headline FROM prices "
        "WHERE model_id = 'acme/by-size' ORDER BY conditions",
    )
    assert [(c, p) for c, p, _ in found] == [
        ('{"resolution":"1080p"}', Decimal("0.75")),
        ('{"resolution":"480p"}', Decimal("0.5")),
        ('{"resolution":"720p"}', Decimal("0.5")),
    ]
    assert [h for _, _, h in found].count(True) == 1


def test_what_a_provider_charges_is_claimed_and_never_the_price(published: Path) -> None:
    claims = ask(
        published,
        "SELECT meter, conditions, unit_price_usd, is_price, lost_because LIKE 'only noted%' "
        "FROM claims WHERE source = 'openrouter_endpoints' AND model_id = 'acme/chat' ORDER BY ALL",
    )
    assert [claim[:3] for claim in claims] == [
        ("cache_read_token", '{"discount":"0.5","provider":"a"}', Decimal("1E-7")),
        ("input_token", '{"discount":"0.5","provider":"a"}', Decimal("5E-7")),
        ("input_token", '{"provider":"b"}', Decimal("0.000003")),
        ("output_token", '{"discount":"0.5","provider":"a"}', Decimal("0.000004")),
    ]
    assert {claim[3:] for claim in claims} == {(False, True)}
    prices = ask(
        published,
        "SELECT meter, conditions, unit_price_usd, source FROM prices "
        "WHERE model_id = 'acme/chat' ORDER BY ALL",
    )
    assert prices == [
        ("input_token", "{}", Decimal("0.000001"), "openrouter_models"),
        ("output_token", "{}", Decimal("0.000004"), "openrouter_models"),
    ]
    moved = ask(published, "SELECT count(*) FROM price_history WHERE source LIKE '%endpoints'")
    assert moved == [(0,)]


def test_a_deprecation_is_a_lifecycle_of_what_the_catalogue_lists(published: Path) -> None:
    query = "SELECT model_id, lifecycle, listed_by FROM models WHERE seller = 'aimlapi' ORDER BY 1"
    assert ask(published, query) == [
        ("acme/new", "listed", ["aiml_models"]),
        # Left out by three fetches in a row and for two days: no longer said.
        ("acme/old", "listed", ["aiml_models"]),
    ]


def test_until_when_a_deprecated_model_is_served(tmp_path: Path) -> None:
    recording, data_dir = tmp_path / "recording", tmp_path / "data"
    old = {"id": "acme/old", "status": "deprecated", "shutdown_at": "2026-12-31"}
    put(recording, "aiml_models", START, aiml("acme/old", "acme/new"))
    put(recording, "aiml_deprecations", START, {"data": [old]})
    later = START + timedelta(hours=6)
    put(recording, "aiml_models", later, aiml("acme/old", "acme/new"))
    put(recording, "aiml_deprecations", later, {"data": [{"id": "acme/x", "status": "deprecated"}]})
    replay(data_dir, recording)
    query = "SELECT model_id, lifecycle, expires_on FROM models ORDER BY model_id"
    assert ask(data_dir, query) == [
        ("acme/new", "listed", None),
        ("acme/old", "deprecated", date(2026, 12, 31)),
    ]
