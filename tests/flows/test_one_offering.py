"""One model in several of OpenRouter's lists: one offering for each thing it is called for."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from flows.pipeline import publish
from flows.rebuilding import rebuild
from models.registry import SOURCES
from spiders.sources import openrouter_models
from tests.flows.histories import Said, World
from tests.flows.pipelines import ask, replay

ALL, EMBEDDINGS, VIDEOS = "openrouter_models", "openrouter_embeddings", "openrouter_videos"
EMBED, VEO, CHAT = "acme/embed", "acme/film", "acme/chat"


def model(model_id: str, inputs: list[str], outputs: list[str], **fields: Any) -> dict[str, Any]:
    return {
        "id": model_id,
        "name": f"Acme: {model_id}",
        "context_length": 4096,
        "architecture": {"input_modalities": inputs, "output_modalities": outputs},
        "top_provider": {},
        **fields,
    }


def listed(source: str, at: float, *models: dict[str, Any]) -> Said:
    return source, at, json.dumps({"data": models}).encode()


def embedding(price: str, **more: str) -> dict[str, Any]:
    pricing = {"prompt": price, "completion": "0", **more}
    return model(EMBED, ["text"], ["embeddings"], pricing=pricing)


def everything(at: float, price: str) -> Said:
    return listed(
        ALL,
        at,
        model(CHAT, ["text"], ["text"], pricing={"prompt": "0.000001", "completion": "0.000002"}),
        embedding(price, request="0.2"),
        model(VEO, ["text", "image"], ["video"], pricing={"prompt": "0", "completion": "0"}),
    )


def videos(at: float) -> Said:
    film = {"id": VEO, "name": "Acme: Film", "pricing": None}
    return listed(VIDEOS, at, {**film, "pricing_skus": {"duration_seconds": "0.5"}})


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def published(world: World, query: str) -> list[tuple[Any, ...]]:
    publish(world.workspace())
    return ask(world.data_dir, query)


def test_the_narrower_list_counts_for_what_it_states(world: World) -> None:
    world.load(everything(0, "0.00000003"), listed(EMBEDDINGS, 0, embedding("0.00000002")))
    world.load(videos(1))
    models = published(
        world, "SELECT model_id, operation, listed_by, modality, modalities FROM models ORDER BY 1"
    )
    assert models == [
        (CHAT, "chat", [ALL], "text-to-text", ["text-to-text"]),
        (EMBED, "embedding", [EMBEDDINGS, ALL], "text-to-embedding", ["text-to-embedding"]),
        (VEO, "video", [ALL, VIDEOS], "text-to-video", ["text-to-video", "image-to-video"]),
    ]
    prices = ask(
        world.data_dir,
        "SELECT model_id, meter, unit_price_usd, source FROM prices WHERE model_id <> 'acme/chat' "
        "ORDER BY ALL",
    )
    assert prices == [
        (EMBED, "input_token", Decimal("0.00000002"), EMBEDDINGS),
        (EMBED, "request", Decimal("0.2"), ALL),
        (VEO, "output_video_second", Decimal("0.5"), VIDEOS),
    ]
    lost = ask(world.data_dir, "SELECT source, model_id FROM claims WHERE NOT is_price")
    assert lost == [(ALL, EMBED)]


def test_each_list_of_one_kind_comes_before_the_list_of_all() -> None:
    narrower = (EMBEDDINGS, "openrouter_images", VIDEOS)
    ranks = [SOURCES[source].precedence for source in (*narrower, ALL)]
    assert ranks == sorted(set(ranks))


def test_what_was_read_as_a_chat_moves_as_a_correction(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_it_was = {"embedding": "embedding"}
    monkeypatch.setattr(openrouter_models, "operation_of", lambda word: as_it_was.get(word, "chat"))
    for at in range(3):
        world.load(everything(at * 24, "0.00000002"))
        world.load(listed(EMBEDDINGS, at * 24 + 1, embedding("0.00000002")))
    before = published(
        world, "SELECT operation FROM models WHERE model_id = 'acme/embed' ORDER BY 1"
    )
    assert before == [("chat",), ("embedding",)]
    monkeypatch.undo()

    rebuild(world.workspace(), only_check=False)
    models = published(
        world, "SELECT operation, listed_by, lifecycle FROM models WHERE model_id = 'acme/embed'"
    )
    assert models == [("embedding", [EMBEDDINGS, ALL], "listed")]
    moved = ask(world.data_dir, "SELECT DISTINCT kind, cause FROM price_changes")
    assert {cause for _, cause in moved} <= {"correction"}
    assert not {kind for kind, _ in moved} & {"new", "withdrawn", "returned"}
    history = ask(
        world.data_dir,
        "SELECT operation, min(valid_from) FROM price_history WHERE model_id = 'acme/embed' "
        "AND price_status <> 'not_offered' GROUP BY ALL",
    )
    assert history == [("embedding", datetime(2026, 8, 1, tzinfo=UTC))]


def test_a_model_that_chats_and_draws_is_two_offerings_of_one_model(tmp_path: Path) -> None:
    recording, data_dir = tmp_path / "recording", tmp_path / "data"
    both = model("acme/pencil", ["text"], ["image", "text"])
    pricing = {"prompt": "0.000001", "completion": "0.000002"}
    drawn = [{"billable": "output_image", "unit": "image", "cost_usd": 0.04}]
    endpoints = {"id": "acme/pencil", "endpoints": [{"tag": "a", "pricing": drawn}]}
    files = {
        f"{ALL}/2026-08-22T0600Z.json": {"data": [{**both, "pricing": pricing}]},
        "openrouter_images/2026-08-22T0600Z.json": {"data": [both]},
        "openrouter_images/2026-08-22T0600Z.p2.json": endpoints,
    }
    for name, document in files.items():
        path = recording / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document), encoding="utf-8")
    replay(data_dir, recording)
    found = ask(
        data_dir,
        "SELECT operation, canonical_id, list(meter ORDER BY meter) FROM prices GROUP BY ALL "
        "ORDER BY ALL",
    )
    assert found == [
        ("chat", "acme/pencil", ["input_token", "output_token"]),
        ("image", "acme/pencil", ["output_image"]),
    ]


def test_nothing_of_a_model_without_a_stated_unit_is_priced_by_the_token(world: World) -> None:
    pricing = {"prompt": "0.006", "completion": "0"}
    world.load(
        listed(
            ALL,
            0,
            model("openai/whisper-1", ["audio"], ["transcription"], pricing=pricing),
            model("acme/listen", ["audio"], ["transcription"], pricing=pricing),
        )
    )
    prices = published(
        world,
        "SELECT model_id, modality, meter, price_status, unit_price_usd FROM prices ORDER BY ALL",
    )
    assert prices == [
        ("acme/listen", "speech-to-text", None, "unknown", None),
        ("openai/whisper-1", "speech-to-text", "input_audio_second", "known", Decimal("0.0001")),
    ]
    refused = ask(world.data_dir, "SELECT reason, raw_text FROM rejections")
    assert refused == [("unit_not_established", "0.006")]
