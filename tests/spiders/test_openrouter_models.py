from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from models.reading import ExtractError, Outcome, PriceStatus, RowReading
from spiders.sources import openrouter_models

NOON = datetime(2026, 8, 14, 12, 0, tzinfo=UTC)
ARCHITECTURE = {
    "modality": "text->text",
    "input_modalities": ["text"],
    "output_modalities": ["text"],
}


def model(pricing: object, **fields: object) -> dict[str, Any]:
    return {
        "id": "acme/model",
        "name": "Acme: Model",
        "context_length": 8192,
        "architecture": ARCHITECTURE,
        "top_provider": {"context_length": 8192, "max_completion_tokens": None},
        "pricing": pricing,
        **fields,
    }


def read(pricing: object, at: datetime = NOON, **fields: object) -> RowReading:
    body = json.dumps({"data": [model(pricing, **fields)]}).encode()
    (row,) = openrouter_models.CATALOGUE.extract(body)
    return openrouter_models.interpret(row, at)


def prices(reading: RowReading) -> dict[tuple[str, str], tuple[str, Decimal | None]]:
    return {
        (claim.meter, claim.conditions.to_json()): (claim.status.value, claim.unit_price)
        for claim in reading.claims
    }


def outcomes(reading: RowReading) -> dict[str, str]:
    return {
        cell.locator.partition(".pricing")[2]: cell.reason or cell.outcome.value
        for cell in reading.cells
    }


def test_every_price_key_has_its_meter() -> None:
    keys = {
        "prompt": "input_token",
        "completion": "output_token",
        "request": "request",
        "image_output": "output_image_token",
        "web_search": "web_search",
        "internal_reasoning": "reasoning_token",
        "input_cache_read": "cache_read_token",
        "input_cache_write": "cache_write_token",
        "input_cache_write_1h": "cache_write_1h_token",
        "audio": "input_audio_token",
        "audio_output": "output_audio_token",
        "input_audio_cache": "cache_read_audio_token",
    }
    reading = read({key: f"0.00{number}1" for number, key in enumerate(keys)})
    assert [claim.meter for claim in reading.claims] == list(keys.values())
    assert [claim.unit_price for claim in reading.claims] == [
        Decimal(f"0.00{number}1") for number in range(len(keys))
    ]


@pytest.mark.parametrize(
    ("image", "prompt", "expected"),
    [
        ("0.0000003", "0.0000003", "input_image_token"),
        ("0.00000030", "0.0000003", "input_image_token"),
        ("0.001238", "0.0000003", "input_image"),
        ("0.0001", "0.000001", "input_image"),
        ("0.000099", "0.000001", "unit_not_established"),
        ("0.0000001", "0.000001", "unit_not_established"),
        ("0.001", "0", "unit_not_established"),
        ("0.001", "-1", "unit_not_established"),
        ("-1", "0.001", "unit_not_established"),
        ("-1", "-1", "input_image_token"),
        ("0", "0", "no_price"),
        ("0.001", "soon", "unit_not_established"),
    ],
)
def test_an_image_price_counts_tokens_or_images_or_is_refused(
    image: str, prompt: str, expected: str
) -> None:
    reading = read({"prompt": prompt, "completion": "0.1", "image": image})
    claimed = [claim.meter for claim in reading.claims if claim.locator.endswith(".image")]
    assert (claimed or [outcomes(reading)[".image"]]) == [expected]


def test_an_image_price_that_a_tier_leaves_as_it_is_keeps_its_meter() -> None:
    tiers = [{"min_prompt_tokens": 1000, "prompt": "0.000002", "image": "0.000002"}]
    reading = read({"prompt": "0.000001", "image": "0.000001", "overrides": tiers})
    assert prices(reading)["input_image_token", '{"min_prompt_tokens":1000}'] == (
        "known",
        Decimal("0.000002"),
    )


@pytest.mark.parametrize(
    ("outputs", "prompt", "completion", "status"),
    [
        (["text"], "0", "0", PriceStatus.FREE),
        (["text", "audio"], "0", "0", PriceStatus.UNKNOWN),
        (["text", "image"], "0", "0.1", PriceStatus.FREE),
    ],
)
def test_zero_is_free_unless_it_hides_a_price_per_song_or_image(
    outputs: list[str], prompt: str, completion: str, status: PriceStatus
) -> None:
    architecture = {**ARCHITECTURE, "output_modalities": outputs}
    reading = read({"prompt": prompt, "completion": completion}, architecture=architecture)
    claim = reading.claims[0]
    assert claim.status is status
    assert claim.unit_price == (0 if status is PriceStatus.FREE else None)


def test_zero_under_any_other_key_says_the_same_as_no_key() -> None:
    keys = ("request", "web_search", "internal_reasoning", "input_cache_read", "image", "audio")
    zeros = read({"prompt": "0.1", "completion": "0.2", **dict.fromkeys(keys, "0")})
    absent = read({"prompt": "0.1", "completion": "0.2"})
    assert zeros.claims == absent.claims
    assert [cell.outcome for cell in zeros.cells[2:]] == [Outcome.NO_PRICE] * len(keys)


@pytest.mark.parametrize("text", ["-1", "-1.0"])
def test_minus_one_is_never_a_number(text: str) -> None:
    reading = read({"prompt": text, "completion": text})
    assert {claim.status for claim in reading.claims} == {PriceStatus.DYNAMIC}
    assert {claim.unit_price for claim in reading.claims} == {None}


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("-0.5", "negative"),
        ("free", "not_a_number"),
        ("", "not_a_number"),
        ("Infinity", "not_a_number"),
        (None, "not_a_number"),
        (True, "not_a_number"),
        ({"usd": "1"}, "not_a_number"),
        ("1e-30", "does_not_fit"),
        ("123456789012345", "does_not_fit"),
        ("1" * 80, "out_of_bounds"),
    ],
)
def test_what_is_no_price_is_refused_alone(value: object, reason: str) -> None:
    reading = read({"prompt": "0.1", "completion": value})
    assert [(claim.meter, claim.status) for claim in reading.claims if claim.unit_price] == [
        ("input_token", PriceStatus.KNOWN)
    ]
    assert reading.cells[1].reason == reason
    assert reading.cells[0].outcome is Outcome.CLAIM


def test_residue_goes_but_the_printed_text_stays() -> None:
    (prompt, *_) = read({"prompt": "0.00000010000000000000001", "completion": "1"}).claims
    assert (prompt.unit_price, prompt.raw_text) == (
        Decimal("0.0000001"),
        "0.00000010000000000000001",
    )


def test_a_json_number_keeps_its_digits() -> None:
    body = b'{"data":[{"id":"a","pricing":{"prompt":0.00000100,"completion":3}}]}'
    (row,) = openrouter_models.CATALOGUE.extract(body)
    assert [cell.raw_text for cell in row.cells] == ["0.00000100", "3"]


def test_an_unknown_key_is_refused_and_noticed() -> None:
    reading = read({"prompt": "0.1", "completion": "0.2", "video_output": "0.3"})
    assert outcomes(reading)[".video_output"] == "unknown_key"
    assert [(drift.kind, drift.what) for drift in reading.drift] == [
        ("new_key", "pricing.video_output")
    ]


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"mood": 1}, "mood"),
        ({"architecture": {**ARCHITECTURE, "sense": "smell"}}, "architecture.sense"),
        ({"reasoning": {"mandatory": True, "depth": 3}}, "reasoning.depth"),
    ],
)
def test_a_new_key_is_noticed_at_any_level(fields: dict[str, Any], what: str) -> None:
    reading = read({"prompt": "0.1", "completion": "0.2"}, **fields)
    assert [(drift.kind, drift.what) for drift in reading.drift] == [("new_key", what)]


@pytest.mark.parametrize("field", ["name", "context_length", "architecture", "top_provider"])
def test_a_field_that_was_always_there_is_missed(field: str) -> None:
    entry = model({"prompt": "0.1", "completion": "0.2"})
    del entry[field]
    (row,) = openrouter_models.CATALOGUE.extract(json.dumps([entry]).encode())
    drift = openrouter_models.interpret(row, NOON).drift
    assert [(found.kind, found.what) for found in drift] == [("vanished_field", field)]


@pytest.mark.parametrize("missing", ["prompt", "completion"])
def test_a_missing_main_price_is_missed(missing: str) -> None:
    pricing = {"prompt": "0.1", "completion": "0.2"}
    del pricing[missing]
    assert [drift.what for drift in read(pricing).drift] == [f"pricing.{missing}"]


def test_a_model_without_pricing_is_listed_without_a_price() -> None:
    entry = model(None)
    other = {**model({"prompt": "0.1", "completion": "0.2"}), "id": "acme/other"}
    rows = openrouter_models.CATALOGUE.extract(json.dumps([entry, other]).encode())
    reading = openrouter_models.interpret(rows[0], NOON)
    assert (reading.listing.model_id, reading.claims, reading.cells) == ("acme/model", (), ())
    assert [drift.what for drift in reading.drift] == ["pricing"]


@pytest.mark.parametrize(
    ("name", "model_id", "developer", "shown"),
    [
        ("OpenAI: GPT-5", "openai/gpt-5", "OpenAI", "GPT-5"),
        ("Auto Router", "openrouter/auto", "openrouter", "Auto Router"),
        ("Newest", "~anthropic/claude-sonnet-latest", "anthropic", "Newest"),
        ("Meta: Llama: 3", "meta/llama-3", "Meta", "Llama: 3"),
        ("Odd:", "acme/odd", "acme", "Odd:"),
        ("", "acme/nameless", "acme", "acme/nameless"),
        ("Plain", "plain", "", "Plain"),
    ],
)
def test_developer_and_name(name: str, model_id: str, developer: str, shown: str) -> None:
    listing = read({"prompt": "1"}, name=name, id=model_id).listing
    assert (listing.developer, listing.name, listing.model_id) == (developer, shown, model_id)


@pytest.mark.parametrize(
    ("stated", "expires_on"),
    [
        ("2026-12-31", "2026-12-31"),
        ("2098-12-31", None),
        ("9999-01-01", None),
        ("soon", None),
        ("2026-13-01", None),
        (None, None),
        (20261231, None),
    ],
)
def test_dates_that_mean_never_are_no_dates(stated: object, expires_on: str | None) -> None:
    assert read({"prompt": "1"}, expiration_date=stated).listing.expires_on == expires_on


def test_listing_facts() -> None:
    listing = read(
        {"prompt": "1"},
        canonical_slug="acme/model-20260101",
        top_provider={"max_completion_tokens": 4096},
        architecture={"modality": "text+image+file->text", "output_modalities": ["text"]},
    ).listing
    assert (listing.operation, listing.lineage) == ("chat", "acme/model-20260101")
    assert (listing.context_length, listing.max_output_tokens) == (8192, 4096)
    assert listing.input_modalities == ("text", "image", "document")
    assert listing.source_url == "https://openrouter.ai/acme/model"


WINDOWS = [
    {"utc_start": 1000, "utc_end": 100, "prompt": "0.00000066"},
    {"utc_start": 100, "utc_end": 1000, "prompt": "0.00000132"},
]


@pytest.mark.parametrize(("hour", "shown"), [(0, "0.00000066"), (2, "0.00000132")])
def test_windows_that_tile_the_day_hide_the_flipping_top_price(hour: int, shown: str) -> None:
    at = datetime(2026, 8, 14, hour, 30, tzinfo=UTC)
    reading = read({"prompt": shown, "completion": "0.000002", "overrides": WINDOWS}, at)
    assert prices(reading) == {
        ("input_token", '{"utc_from_minute":60,"utc_to_minute":600}'): (
            "known",
            Decimal("0.00000132"),
        ),
        ("input_token", '{"utc_from_minute":600,"utc_to_minute":1500}'): (
            "known",
            Decimal("0.00000066"),
        ),
        ("output_token", "{}"): ("known", Decimal("0.000002")),
    }
    assert outcomes(reading)[".prompt"] == "superseded_by_window"


@pytest.mark.parametrize(("hour", "status"), [(2, "unknown"), (12, "known")])
def test_a_gap_between_windows_is_known_only_when_fetched_within_it(hour: int, status: str) -> None:
    at = datetime(2026, 8, 14, hour, tzinfo=UTC)
    overrides = [{"utc_start": 100, "utc_end": 500, "prompt": "0.000001"}]
    reading = read({"prompt": "0.000003", "completion": "0.1", "overrides": overrides}, at)
    gap = prices(reading)["input_token", '{"utc_from_minute":300,"utc_to_minute":1500}']
    assert gap == (status, Decimal("0.000003") if status == "known" else None)


@pytest.mark.parametrize(
    ("key", "value"), [("unit", "minute"), ("currency", "EUR"), ("per", 1000), ("tier", {"a": 1})]
)
def test_what_stands_beside_prices_and_is_none_refuses_them(key: str, value: object) -> None:
    reading = read({"prompt": "0.1", "completion": "0.2", key: value})
    assert set(prices(reading).values()) == {("unknown", None)}
    refused = {cell.locator.rpartition(".")[2]: cell.reason for cell in reading.cells}
    assert refused["prompt"] == refused["completion"] == "unknown_condition"


def test_one_more_price_of_an_unknown_kind_is_refused_alone() -> None:
    reading = read({"prompt": "0.1", "completion": "0.2", "video_output": "0.3"})
    assert set(prices(reading).values()) == {("known", Decimal("0.1")), ("known", Decimal("0.2"))}


def test_a_malformed_override_is_refused_with_what_it_may_replace() -> None:
    overrides = [
        {"min_prompt_tokens": 1000, "prompt": "0.2"},
        {"utc_start": 2575, "utc_end": 100, "prompt": "0.3", "completion": "0.4"},
        {"max_requests": 7, "prompt": "0.5"},
        "nonsense",
        {"min_prompt_tokens": 5000, "prompt": "0.6"},
    ]
    pricing = {"prompt": "0.1", "completion": "0.1", "web_search": "0.01"}
    reading = read({**pricing, "overrides": overrides})
    assert prices(reading) == {
        ("web_search", "{}"): ("unknown", None),
        ("input_token", "{}"): ("unknown", None),
        ("output_token", "{}"): ("unknown", None),
    }
    assert outcomes(reading) == {
        ".prompt": "override_unreadable",
        ".completion": "override_unreadable",
        ".web_search": "override_unreadable",
        ".overrides[0].prompt": "override_unreadable",
        ".overrides[4].prompt": "override_unreadable",
        ".overrides[1].prompt": "bad_window",
        ".overrides[1].completion": "bad_window",
        ".overrides[2].max_requests": "unknown_condition",
        ".overrides[2].prompt": "unknown_condition",
        ".overrides[3]": "not_an_object",
    }


def test_of_a_key_all_rates_are_read_or_none() -> None:
    overrides = [{"min_prompt_tokens": 1000, "prompt": "soon", "completion": "0.4"}]
    reading = read({"prompt": "0.1", "completion": "0.2", "overrides": overrides})
    assert prices(reading) == {
        ("input_token", "{}"): ("unknown", None),
        ("output_token", "{}"): ("known", Decimal("0.2")),
        ("output_token", '{"min_prompt_tokens":1000}'): ("known", Decimal("0.4")),
    }
    assert outcomes(reading) == {
        ".prompt": "override_unreadable",
        ".completion": "claim",
        ".overrides[0].prompt": "not_a_number",
        ".overrides[0].completion": "claim",
    }


@pytest.mark.parametrize(
    ("body", "anchor"),
    [
        (b"", "json"),
        (b"<html>", "json"),
        (b'{"data":[{"id":"a","pri', "json"),
        (b"\xff\xfe", "json"),
        (b"[" * 100_000, "json"),
        (b"null", "$.data"),
        (b'{"models":[]}', "$.data"),
        (b'{"data":{}}', "$.data"),
        (b'{"data":[]}', "$.data[*]"),
        (b"[]", "$.data[*]"),
        (b'{"data":[1,null,{"slug":"a"}]}', "$.data[*].id"),
        (b'[{"slug":"a"}]', "$[*].id"),
        (b'{"data":[{"id":"a","costs":{}}]}', "$.data[*].pricing"),
    ],
)
def test_a_body_without_its_anchors_is_an_error_that_names_them(body: bytes, anchor: str) -> None:
    with pytest.raises(ExtractError) as caught:
        openrouter_models.CATALOGUE.extract(body)
    assert caught.value.anchor == anchor
