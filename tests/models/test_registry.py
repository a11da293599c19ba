"""The vocabularies are sound: codes say what they are, words map once, names elsewhere exist."""

from __future__ import annotations

import re
from collections import Counter
from itertools import product
from typing import Any

import pytest
from pydantic import ValidationError

from models.modality import modality_of
from models.registry import (
    METERS,
    MODALITIES,
    OPERATIONS,
    SELLERS,
    SOURCES,
    Meter,
    Source,
    meter_for,
    operation_for,
)

# The meters that others build on; more may come, none may go.
PROMISED = [
    "input_token",
    "output_token",
    "reasoning_token",
    "cache_read_token",
    "cache_write_token",
    "cache_write_1h_token",
    "input_image_token",
    "output_image_token",
    "input_audio_token",
    "output_audio_token",
    "cache_read_audio_token",
    "input_video_token",
    "output_video_token",
    "input_image",
    "output_image",
    "input_reference_image",
    "input_font",
    "input_megapixel",
    "output_megapixel",
    "input_video",
    "output_video",
    "input_video_second",
    "output_video_second",
    "input_audio_second",
    "output_audio_second",
    "output_track",
    "input_character",
    "input_page",
    "output_page",
    "request",
    "web_search",
    "search_query",
    "citation_token",
    "cache_storage_token_hour",
    "compute_second",
]
# Counts of tokens in the registry of OpenTelemetry's generative AI attributes (looked at 2026-11).
OTEL = {
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.cache_creation.input_tokens",
    "gen_ai.usage.reasoning.output_tokens",
}
# Tasks of the Hugging Face hub (looked at 2026-11).
TASKS = [
    "text-generation",
    "image-text-to-text",
    "video-text-to-text",
    "audio-text-to-text",
    "image-to-text",
    "text-to-image",
    "image-to-image",
    "text-to-video",
    "image-to-video",
    "video-to-video",
    "text-to-speech",
    "automatic-speech-recognition",
    "text-to-audio",
    "audio-to-audio",
    "feature-extraction",
    "image-feature-extraction",
    "text-ranking",
]
# One word for two meters: which one is told by its size beside the price of a prompt token.
BY_RULE = {("openrouter_models", "image"): {"input_image", "input_image_token"}}
INPUTS = ("text", "image", "audio", "video", "document")


def test_every_promised_meter_is_there() -> None:
    assert set(PROMISED) <= METERS.keys()
    operations = "chat responses messages completion embedding image video speech transcription"
    assert OPERATIONS.keys() == {
        *operations.split(), "audio", "document", "rerank", "unspecified"
    }  # fmt: skip


@pytest.mark.parametrize("meter", METERS.values(), ids=list(METERS))
def test_a_meter_says_what_it_is(meter: Meter) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", meter.code)
    if meter.direction in ("input", "output", "cache_read", "cache_write"):
        own = {"reasoning_token": "output", "citation_token": "output"}
        assert meter.code.startswith(meter.direction) or own.get(meter.code) == meter.direction
    # A query is what a search is called where it is all that is asked for.
    assert meter.code.endswith(meter.unit.split()[-1]) or meter.code == "search_query"
    assert meter.measure.replace("_", " ") == meter.unit
    assert meter.quoted_per in (1, 60, 1000, 1_000_000)
    assert meter.description.endswith(".")
    assert meter.otel_attribute in {"", *OTEL}


def test_a_name_elsewhere_stands_for_one_meter() -> None:
    named = Counter(m.otel_attribute for m in METERS.values() if m.otel_attribute)
    assert named == Counter(dict.fromkeys(OTEL, 1))


@pytest.mark.parametrize("registry", [METERS, OPERATIONS], ids=["meters", "operations"])
def test_every_word_of_a_source_maps_once(registry: Any) -> None:
    found: dict[tuple[str, str], set[str]] = {}
    for code, entry in registry.items():
        for source, words in entry.sources_words.items():
            assert source in SOURCES, (code, source)
            assert len(set(words)) == len(words), (code, source)
            for word in words:
                assert word == word.strip()
                found.setdefault((source, word), set()).add(code)
    assert {key: codes for key, codes in found.items() if len(codes) > 1} == (
        BY_RULE if registry is METERS else {}
    )
    for (source, word), codes in found.items():
        look = meter_for if registry is METERS else operation_for
        assert look(source, word) in codes


def test_a_word_nobody_knows_maps_to_nothing() -> None:
    assert meter_for("openrouter_models", "surprise") is None
    assert meter_for("nobody", "prompt") is None
    assert operation_for("aiml_models", "surprise") is None


def test_a_modality_names_what_goes_in_and_what_comes_out() -> None:
    outputs = {word for operation in OPERATIONS.values() for word in operation.output}
    for code, modality in MODALITIES.items():
        assert modality.hugging_face_task in {"", *TASKS}
        assert modality.recommended_seller in {"", *SELLERS}
        if code != "unspecified":
            came, _, left = code.partition("-to-")
            assert came in {*INPUTS, "speech"}
            assert left in outputs, code


def test_whatever_an_operation_puts_out_has_a_modality() -> None:
    usual = [(code, output) for code, op in OPERATIONS.items() for output in op.output or [""]]
    for operation, output in usual:
        assert modality_of(operation, "x", ["text"], [output] if output else []) in MODALITIES
    for came in INPUTS:
        assert modality_of("embedding", "x", [came], ["embedding"]) in MODALITIES
    for came, made in product(("text", "image", "video"), ("video",)):
        assert modality_of("video", "x", [came], [made]) in MODALITIES


def test_an_entry_with_a_field_too_many_or_of_another_type_is_refused() -> None:
    fields = METERS["input_token"].model_dump()
    for wrong in (
        {"colour": "red"},
        {"quoted_per": "1000"},
        {"quoted_per": 0},
        {"direction": "in"},
    ):
        with pytest.raises(ValidationError):
            Meter.model_validate({**fields, **wrong})


def test_what_only_notes_is_never_ranked_among_prices() -> None:
    listing = SOURCES["openrouter_models"].model_dump()
    noting = SOURCES["openrouter_endpoints"].model_dump()
    for wrong in ({**listing, "precedence": 1000}, {**noting, "precedence": 30}):
        with pytest.raises(ValidationError):
            Source.model_validate(wrong)
