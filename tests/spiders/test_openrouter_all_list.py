"""The list of all models: what each is called for, and what its token keys count, if anything."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.reading import Claim, Outcome, PriceStatus, RowReading
from models.registry import MEDIA_PROMPTS, METERS, OPERATIONS, MediaPrompt
from spiders.read import read_fetch, verify

NOON = datetime(2026, 10, 5, 12, 0, tzinfo=UTC)
SOURCE = "openrouter_models"
TOKEN_KEYS = ("prompt", "completion")
OUTPUTS = ("image", "audio", "speech", "transcription", "rerank", "video", "decisions", "music")


def model(
    outputs: list[str], pricing: dict[str, Any], model_id: str = "acme/model"
) -> dict[str, Any]:
    return {
        "id": model_id,
        "name": "Acme: Model",
        "context_length": 0,
        "architecture": {"input_modalities": ["text"], "output_modalities": outputs},
        "top_provider": {},
        "pricing": pricing,
    }


def read(outputs: list[str], pricing: dict[str, Any], model_id: str = "acme/model") -> RowReading:
    body = json.dumps({"data": [model(outputs, pricing, model_id)]}).encode()
    reading = read_fetch(SOURCE, [(body, "")], NOON)
    assert verify(SOURCE, [body], reading) == []
    (row,) = reading.rows
    return row


def said(row: RowReading) -> dict[str, str]:
    """What became of each price, by its key."""
    return {
        cell.locator.rpartition(".")[2]: cell.reason or cell.outcome.value for cell in row.cells
    }


def unknown_types(row: RowReading) -> list[str]:
    return [drift.what for drift in row.drift if drift.kind == "unknown_type"]


@pytest.mark.parametrize(
    ("outputs", "operation", "word"),
    [
        (["text"], "chat", "text"),
        (["text", "audio"], "chat", "text"),
        (["image", "text"], "chat", "text"),
        (["text", "embeddings"], "chat", "text"),
        (["image"], "image", "image"),
        (["video"], "video", "video"),
        (["speech"], "speech", "speech"),
        (["audio"], "audio", "audio"),
        (["music"], "audio", "music"),
        (["audio", "music"], "audio", "audio+music"),
        (["transcription"], "transcription", "transcription"),
        (["embeddings"], "embedding", "embeddings"),
        (["rerank"], "rerank", "rerank"),
    ],
)
def test_what_comes_out_says_what_a_model_is_called_for(
    outputs: list[str], operation: str, word: str
) -> None:
    row = read(outputs, {"prompt": "0", "completion": "0"})
    assert (row.listing.operation, row.listing.source_type) == (operation, word)
    assert unknown_types(row) == []


@pytest.mark.parametrize(
    ("outputs", "operation", "drift"),
    [
        (["decisions"], "unspecified", ["decisions"]),
        (["image", "video"], "unspecified", ["image+video"]),
        (["image", "holograms"], "unspecified", ["holograms"]),
        (["text", "holograms"], "chat", ["holograms"]),
    ],
)
def test_outputs_that_stand_for_no_one_operation_are_noticed(
    outputs: list[str], operation: str, drift: list[str]
) -> None:
    row = read(outputs, {"prompt": "0", "completion": "0"})
    assert row.listing.operation == operation
    assert unknown_types(row) == drift


def test_the_older_word_for_both_sides_says_it_too() -> None:
    entry = model([], {"prompt": "0.006", "completion": "0"}, "openai/whisper-1")
    entry["architecture"] = {"modality": "audio->transcription"}
    (row,) = read_fetch(SOURCE, [(json.dumps([entry]).encode(), "")], NOON).rows
    assert row.listing.operation == "transcription"
    assert [claim.meter for claim in row.claims] == ["input_audio_second"]


def test_a_model_of_2024_that_states_no_output_is_a_chat() -> None:
    entry = model([], {"prompt": "0.1", "completion": "0.2"})
    entry["architecture"] = {"modality": "multimodal"}
    (row,) = read_fetch(SOURCE, [(json.dumps([entry]).encode(), "")], NOON).rows
    assert (row.listing.operation, row.listing.source_type) == ("chat", "chat")
    assert [claim.meter for claim in row.claims] == ["input_token", "output_token"]


@pytest.mark.parametrize("outputs", [["text", "audio"], ["image", "text"], ["text", "image"]])
def test_a_model_with_text_among_its_outputs_keeps_its_token_prices(outputs: list[str]) -> None:
    pricing = {"prompt": "0.0000025", "completion": "0.00001", "image": "0.0000025"}
    row = read(outputs, pricing)
    assert {claim.meter: claim.unit_price for claim in row.claims} == {
        "input_token": Decimal("0.0000025"),
        "output_token": Decimal("0.00001"),
        "input_image_token": Decimal("0.0000025"),
    }


def test_an_embedding_of_the_list_of_all_models_costs_what_its_input_costs() -> None:
    row = read(["embeddings"], {"prompt": "0.00000002", "completion": "0"})
    assert [(claim.meter, claim.unit_price) for claim in row.claims] == [
        ("input_token", Decimal("0.00000002"))
    ]
    assert said(row) == {"prompt": "claim", "completion": "no_price"}


@given(
    outputs=st.lists(st.sampled_from(OUTPUTS), min_size=1, max_size=3),
    pricing=st.dictionaries(
        st.sampled_from(["prompt", "completion", "image", "request", "web_search"]),
        st.sampled_from(["0", "0.00000062", "0.006", "0.36", "12", "-1"]),
        min_size=1,
    ),
)
def test_without_text_or_embeddings_no_token_key_counts_tokens(
    outputs: list[str], pricing: dict[str, str]
) -> None:
    row = read(outputs, pricing)
    assert row.listing.operation != "chat"
    assert PriceStatus.FREE not in {claim.status for claim in row.claims}
    assert {claim.meter for claim in row.claims} <= {"request", "web_search", ""}
    for key, text in pricing.items():
        if key in (*TOKEN_KEYS, "image") and text not in ("0", "-1"):
            assert said(row)[key] == "unit_not_established"


def test_a_price_whose_key_states_its_unit_stands_where_the_prompt_is_refused() -> None:
    pricing = {"prompt": "0.006", "completion": "0", "request": "0.01", "audio_output": "0.00002"}
    row = read(["speech"], pricing)
    # Other tokens of such a model may be counted in whatever its prompt is.
    assert {claim.meter: claim.unit_price for claim in row.claims} == {
        "request": Decimal("0.01"),
        "output_audio_token": None,
    }


def test_an_image_price_proves_nothing_beside_a_prompt_of_no_known_unit() -> None:
    row = read(["image"], {"prompt": "0.04", "completion": "0", "image": "0.04"})
    assert row.claims == ()
    assert said(row)["image"] == "unit_not_established"


def test_a_price_set_per_request_is_dynamic_once_and_of_no_meter() -> None:
    row = read(["decisions"], {"prompt": "-1", "completion": "-1"})
    (claim,) = row.claims
    assert (claim.meter, claim.status, claim.unit_price) == ("", PriceStatus.DYNAMIC, None)
    assert [cell.outcome for cell in row.cells] == [Outcome.CLAIM, Outcome.MERGED]


def test_tiers_and_windows_of_a_key_without_a_unit_are_refused_with_it() -> None:
    entries = [
        {"min_prompt_tokens": 1000, "prompt": "0.000002"},
        {"utc_start": 100, "utc_end": 400, "completion": "0.000004"},
    ]
    row = read(["image"], {"prompt": "0.000001", "completion": "0.000002", "overrides": entries})
    assert row.claims == ()
    assert {cell.outcome for cell in row.cells} == {Outcome.REJECTED}


def priced(entry: MediaPrompt, key: str, price: Decimal) -> tuple[list[Claim], dict[str, str]]:
    row = read([entry.output], {key: format(price, "f")}, entry.code.replace("*", "x"))
    return list(row.claims), said(row)


UNITS = [
    (entry, key)
    for entry in MEDIA_PROMPTS.values()
    for key in TOKEN_KEYS
    if entry.unit_of(key) is not None
]


@pytest.mark.parametrize(("entry", "key"), UNITS, ids=[f"{e.code}-{k}" for e, k in UNITS])
def test_a_registered_unit_is_read_in_its_band_and_nowhere_else(
    entry: MediaPrompt, key: str
) -> None:
    unit = entry.unit_of(key)
    assert unit is not None
    for factor in (Decimal(1), Decimal(entry.band), 1 / Decimal(2)):
        (claim,), outcomes = priced(entry, key, unit.price * factor)
        assert (claim.meter, claim.rule) == (unit.meter, "unit_of_media_prompts")
        exact = unit.price * factor / unit.per
        assert claim.unit_price is not None
        assert abs(claim.unit_price - exact) <= exact / 10**11
        assert outcomes == {key: "claim"}
    for factor in (Decimal("3.001"), Decimal("0.333"), Decimal(60), 1 / Decimal(60)):
        claims, outcomes = priced(entry, key, unit.price * factor)
        assert (claims, outcomes) == ([], {key: "unit_not_established"})


@pytest.mark.parametrize("entry", MEDIA_PROMPTS.values(), ids=list(MEDIA_PROMPTS))
def test_an_entry_names_what_the_registries_know(entry: MediaPrompt) -> None:
    assert entry.output in OPERATIONS[entry.output].sources_words[SOURCE]
    assert entry.source
    for key in TOKEN_KEYS:
        unit = entry.unit_of(key)
        if unit is not None:
            assert unit.meter in METERS
            is_time = METERS[unit.meter].unit == "second"
            assert unit.per in ((1, 60, 3600) if is_time else (1,))


def test_whisper_costs_six_thousandths_of_a_dollar_a_minute() -> None:
    row = read(["transcription"], {"prompt": "0.006", "completion": "0"}, "openai/whisper-1")
    (claim,) = row.claims
    assert (claim.meter, claim.unit_price) == ("input_audio_second", Decimal("0.0001"))
    assert claim.raw_text == "0.006"
    assert said(row)["completion"] == "no_price"


@pytest.mark.parametrize(
    ("model_id", "outputs"),
    [
        ("openai/whisper-1", ["speech"]),
        ("openai/whisper-1", ["transcription", "speech"]),
        ("openai/whisper-1:batch", ["transcription"]),
        ("openai/whisper-large-v3-turbo", ["transcription"]),
        ("Openai/Whisper-1", ["transcription"]),
    ],
)
def test_an_entry_holds_for_its_id_and_its_output_alone(model_id: str, outputs: list[str]) -> None:
    row = read(outputs, {"prompt": "0.006"}, model_id)
    assert said(row) == {"prompt": "unit_not_established"}


def test_a_refused_price_says_what_to_do() -> None:
    (cell,) = read(["speech"], {"prompt": "0.006"}).refused
    assert "models/media_prompts.toml" in cell.detail
    (cell,) = read(["transcription"], {"prompt": "0.6"}, "openai/whisper-1").refused
    assert "more than 3 times off 0.006" in cell.detail


def test_what_a_provider_charges_is_of_the_same_operation_and_unit() -> None:
    body = {
        "data": {
            "id": "openai/whisper-1",
            "name": "OpenAI: Whisper 1",
            "architecture": {"output_modalities": ["transcription"]},
            "endpoints": [{"tag": "openai", "pricing": {"prompt": "0.006", "completion": "0"}}],
        }
    }
    text = json.dumps(body).encode()
    (row,) = read_fetch("openrouter_endpoints", [(text, "")], NOON).rows
    assert row.listing.operation == "transcription"
    assert [(claim.meter, claim.unit_price) for claim in row.claims] == [
        ("input_audio_second", Decimal("0.0001"))
    ]
