from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from models.conditions import ConditionError
from models.price_meters import meter_of as meter_that_counts
from models.price_meters import units_per_meter
from models.reading import CellError, Outcome, PriceStatus, RowReading
from models.registry import METERS
from spiders.read import read_body, verify
from spiders.sources import aiml_models
from spiders.sources.aiml_conditions import conditions_of
from spiders.sources.aiml_units import read_unit, refuse_if_open

NOW = datetime(2026, 8, 30, 9, tzinfo=UTC)
CHAT = "openai/chat-completions"
IMAGE = "openai/image-generations"
VIDEO = "internal/video-generations/submit"


def read(pricing: object, kind: str = CHAT, **fields: object) -> RowReading:
    info = {"name": "Model", "developer": "Acme"}
    entry = {"id": "acme/model", "type": kind, "info": info, "pricing": pricing, **fields}
    (row,) = aiml_models.CATALOGUE.extract(json.dumps({"object": "list", "data": [entry]}).encode())
    return aiml_models.interpret(row, NOW)


def meter_of(stated: dict[str, Any], operation: str) -> tuple[str, int]:
    price = refuse_if_open(read_unit(stated))
    return meter_that_counts(price, operation), units_per_meter(price)


def fixed(*units: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "fixed", "currency": "USD", "units": list(units)}


def token(origin: str, price: object, **fields: object) -> dict[str, Any]:
    stated = {"name": "token", "content": "text", "origin": origin, "price": price, "per": 1000000}
    return {**stated, **fields}


def tokens(origin: str, content: str) -> dict[str, str]:
    return {"name": "token", "content": content, "origin": origin}


@pytest.mark.parametrize(
    ("stated", "operation", "meter"),
    [
        (tokens("provided", "text"), "chat", "input_token"),
        (tokens("generated", "text"), "chat", "output_token"),
        (tokens("cached", "text"), "chat", "cache_read_token"),
        (tokens("cache_write", "text"), "chat", "cache_write_token"),
        (tokens("provided", "image"), "chat", "input_image_token"),
        (tokens("generated", "image"), "image", "output_image_token"),
        (tokens("cached", "audio"), "chat", "cache_read_audio_token"),
        (tokens("provided", "video"), "chat", "input_video_token"),
        ({"name": "token", "measure": "output", "origin": "provided"}, "chat", "input_token"),
        ({"name": "token", "measure": "output", "origin": "cached"}, "chat", "cache_read_token"),
        ({"name": "token", "origin": "cache_write", "ttl": "1h"}, "chat", "cache_write_1h_token"),
        ({"name": "token", "origin": "cache_write", "ttl": 300}, "chat", "cache_write_token"),
        (
            {"name": "token", "origin": "cache_write", "measure": "cache_write_1h"},
            "messages",
            "cache_write_1h_token",
        ),
        ({"name": "web_search"}, "chat", "web_search"),
        ({"name": "Cached input tokens"}, "chat", "cache_read_token"),
        ({"name": "cache write tokens"}, "chat", "cache_write_token"),
        ({"name": "output_image_token"}, "image", "output_image_token"),
        ({"unit": "second"}, "video", "output_video_second"),
        ({"unit": "second"}, "speech", "output_audio_second"),
        ({"unit": "second"}, "audio", "output_audio_second"),
        ({"unit": "second"}, "transcription", "input_audio_second"),
        ({"name": "video", "unit": "second", "origin": "provided"}, "video", "input_video_second"),
        ({"unit": "image"}, "image", "output_image"),
        ({"unit": "image", "origin": "provided"}, "image", "input_image"),
        ({"name": "megapixel", "content": "image"}, "image", "output_megapixel"),
        ({"name": "characters", "content": "text"}, "speech", "input_character"),
        ({"name": "page", "content": "document"}, "document", "input_page"),
        ({"name": "song"}, "audio", "output_track"),
        ({"name": "request"}, "chat", "request"),
        ({"name": "search"}, "rerank", "search_query"),
    ],
)
def test_the_words_of_a_unit_name_a_meter(
    stated: dict[str, str], operation: str, meter: str
) -> None:
    assert meter_of(stated, operation) == (meter, 1)


@pytest.mark.parametrize(
    ("stated", "operation"),
    [
        ({}, "chat"),
        ({"name": "blob"}, "image"),
        ({"name": "token"}, "chat"),
        ({"name": "token"}, "embedding"),
        ({"name": "token", "measure": "output"}, "chat"),
        ({"name": "token", "measure": "cache_write_1h"}, "messages"),
        ({"name": "search"}, "chat"),
        ({"name": "gpu_second"}, "video"),
        ({"name": "image step"}, "image"),
        ({"name": "annotated page"}, "document"),
        ({"name": "channel-minute"}, "transcription"),
        ({"name": "token", "origin": "provided", "ttl": "1h"}, "chat"),
        ({"name": "token", "origin": "cache_write", "ttl": "1 week"}, "chat"),
        ({"name": "token", "origin": "provided", "tier": "gold"}, "chat"),
        ({"name": "token", "origin": "provided", "threshold": "many"}, "chat"),
        ({"name": "token", "origin": "provided", "type": "rebate"}, "chat"),
        ({"name": "token", "origin": "provided", "phase": "training"}, "chat"),
        ({"name": "image", "content": "audio"}, "image"),
        ({"name": "token", "origin": "provided"}, "image"),
        ({"name": "token", "origin": "provided"}, "unspecified"),
        ({"name": "token", "content": "smell", "origin": "provided"}, "chat"),
        ({"name": "token", "content": "text", "origin": "dreamt"}, "chat"),
        ({"name": "token", "content": "image", "origin": "cached"}, "chat"),
        ({"unit": "second"}, "chat"),
        ({"unit": "second", "origin": "provided"}, "video"),
        ({"unit": "image"}, "chat"),
        ({"unit": "character", "origin": "generated"}, "speech"),
        ({"name": 7, "unit": None}, "image"),
    ],
)
def test_a_unit_that_is_not_established_is_refused(
    stated: dict[str, object], operation: str
) -> None:
    with pytest.raises(CellError) as caught:
        meter_of(stated, operation)
    assert caught.value.reason == "unit_not_established"


@pytest.mark.parametrize(("unit", "count"), [("minute", 60), ("hour", 3600), ("sec", 1)])
def test_longer_times_count_in_seconds(unit: str, count: int) -> None:
    assert meter_of({"unit": unit}, "transcription") == ("input_audio_second", count)


@pytest.mark.parametrize(
    ("price", "per", "unit_price"),
    [
        (6.877, 1000000, "0.000006877"),
        (0.231, 1000, "0.000231"),
        (0.39, 1, "0.39"),
        (1, 1000000.0, "0.000001"),
        ("2.5", "1000", "0.0025"),
    ],
)
def test_a_price_is_divided_by_what_it_buys(price: object, per: object, unit_price: str) -> None:
    (claim,) = read(fixed(token("provided", price, per=per))).claims
    assert claim.unit_price == Decimal(unit_price)


def test_a_price_keeps_its_digits() -> None:
    unit = '{"name":"token","content":"text","origin":"%s","price":%s,"per":1000000}'
    units = f"[{unit % ('provided', '0.3900')},{unit % ('generated', '1.56e0')}]"
    body = f'[{{"id":"a","type":"{CHAT}","pricing":{{"kind":"fixed","units":{units}}}}}]'.encode()
    (row,) = aiml_models.CATALOGUE.extract(body)
    assert [cell.raw_text for cell in row.cells] == ["0.3900", "1.56e0"]
    claims = aiml_models.interpret(row, NOW).claims
    assert [claim.unit_price for claim in claims] == [Decimal("3.9E-7"), Decimal("0.00000156")]


@pytest.mark.parametrize(
    ("unit", "reason"),
    [
        (token("provided", -1), "negative"),
        (token("provided", None), "not_a_number"),
        (token("provided", "true"), "not_a_number"),
        (token("provided", "cheap"), "not_a_number"),
        (token("provided", 1, per=None), "unit_not_established"),
        (token("provided", 1, per=0), "unit_not_established"),
        (token("provided", 1, per=0.5), "unit_not_established"),
        (token("provided", 1, currency="EUR"), "currency"),
        (token("provided", 1, when="always"), "condition_unreadable"),
        (token("provided", 1, when={"resolution": ["480p", "720p"]}), "condition_unreadable"),
        (token("provided", 1, min_prompt_tokens="many"), "unit_not_established"),
        (token("provided", 1e-29), "does_not_fit"),
    ],
)
def test_what_cannot_be_read_is_refused_alone(unit: dict[str, Any], reason: str) -> None:
    reading = read(fixed(token("generated", 2), unit))
    known = [claim.meter for claim in reading.claims if claim.unit_price is not None]
    assert known == ["output_token"]
    assert [cell.reason for cell in reading.cells] == ["", reason]


@pytest.mark.parametrize("value", [0.5, "0.5", -1, "1e-3"])
def test_a_number_under_a_key_for_words_is_noticed(value: object) -> None:
    reading = read(fixed({**token("generated", 2), "phase": value}))
    assert [(drift.kind, drift.what) for drift in reading.drift] == [
        ("number_among_words", "pricing.units[].phase")
    ]
    assert [cell.reason for cell in reading.cells] == ["unit_not_established"]


def test_a_batch_of_messages_is_messages_of_the_batch_tier() -> None:
    def model(kind: str, price: float) -> dict[str, Any]:
        info = {"name": "Model", "developer": "Acme"}
        pricing = fixed(token("provided", price))
        return {"id": "acme/model", "type": kind, "info": info, "pricing": pricing}

    data = [
        model("anthropic/messages", 5),
        model("anthropic/batches", 2.5),
        model("anthropic/batches-cancel", 0),
    ]
    body = json.dumps({"object": "list", "data": data}).encode()
    reading = read_body("aiml_models", body, "", NOW)
    assert verify("aiml_models", [body], reading) == []
    (row,) = reading.rows
    assert row.listing.operation == "messages"
    assert {c.conditions.to_json(): str(c.unit_price) for c in row.claims} == {
        "{}": "0.000005",
        '{"service_tier":"batch"}': "0.0000025",
    }
    assert [cell.reason for cell in reading.extra_cells] == ["no_offering"]
    assert reading.drift == ()


def test_a_kind_nobody_knows_is_refused() -> None:
    reading = read({"kind": "auction", "units": [token("provided", 1)]})
    assert [cell.reason for cell in reading.cells] == ["unknown_kind"]


def test_a_new_number_under_pricing_is_refused_and_noticed() -> None:
    reading = read({**fixed(token("provided", 1, surcharge=0.5)), "bonus": 3})
    assert {cell.locator.partition(".pricing")[2]: cell.reason for cell in reading.cells} == {
        ".units[0].price": "unknown_condition",
        ".units[0].surcharge": "unknown_key",
        ".bonus": "unknown_key",
    }
    assert [drift.what for drift in reading.drift] == ["pricing.bonus", "pricing.units[].surcharge"]


@pytest.mark.parametrize(
    ("output", "status"),
    [(["text"], PriceStatus.FREE), (["text", "image"], PriceStatus.UNKNOWN)],
)
def test_zero_tokens_are_free_unless_they_hide_the_price_of_an_image(
    output: list[str], status: PriceStatus
) -> None:
    zeros = fixed(token("provided", 0), token("generated", 0.0))
    reading = read(zeros, modalities={"input": ["text"], "output": output})
    assert {claim.status for claim in reading.claims} == {status}


@pytest.mark.parametrize(
    "units",
    [
        (token("provided", 1), token("cached", 0)),
        ({"name": "image", "origin": "provided", "price": 0, "per": 1},),
    ],
)
def test_other_zeros_say_nothing(units: tuple[dict[str, Any], ...]) -> None:
    reading = read(fixed(*units))
    assert reading.cells[-1].outcome is Outcome.NO_PRICE
    assert len(reading.claims) == len(units) - 1


def test_variants_state_their_conditions() -> None:
    variants = [
        {"when": {"resolution": "720p", "audio": True}, "price": 0.39, "unit": "second", "per": 1},
        {"when": {"resolution": "1080p", "audio": True}, "price": 0.65, "unit": "second", "per": 1},
    ]
    reading = read({"kind": "variants", "dimensions": ["resolution"], "variants": variants}, VIDEO)
    assert [(claim.conditions.to_json(), claim.unit_price) for claim in reading.claims] == [
        ('{"has_audio":true,"resolution":"720p"}', Decimal("0.39")),
        ('{"has_audio":true,"resolution":"1080p"}', Decimal("0.65")),
    ]


def test_what_a_price_does_not_say_itself_it_takes_from_around_it() -> None:
    variant = {"when": {"resolution": "720p"}, "units": [{"price": 1}], "unit": "second"}
    reading = read({"kind": "variants", "per": 1, "variants": [variant]}, VIDEO)
    (claim,) = reading.claims
    assert (claim.meter, claim.conditions.to_json()) == (
        "output_video_second",
        '{"resolution":"720p"}',
    )


@pytest.mark.parametrize(
    ("when", "json_text", "unknown"),
    [
        ({"size": "1024x1536"}, '{"height":1536,"width":1024}', []),
        ({"size": "1024×1024"}, '{"height":1024,"width":1024}', []),
        ({"duration": "5"}, '{"duration_s":5}', []),
        ({"durationSeconds": 5}, '{"duration_s":5}', []),
        ({"duration": "5.0"}, '{"duration_s":5}', []),
        ({"duration": "10s"}, '{"duration_s":10}', []),
        ({"duration": "long"}, '{"duration":"long"}', []),
        ({"audio": "off"}, '{"has_audio":false}', []),
        ({"generateAudio": True}, '{"has_audio":true}', []),
        ({"audio": "stereo"}, '{"audio":"stereo"}', []),
        ({"mode": "pro"}, '{"mode":"pro"}', []),
        ({"quality": "hd", "mood": "noir"}, '{"mood":"noir","quality":"hd"}', ["mood"]),
        ({"fps": 24}, '{"fps":24}', ["fps"]),
        ({"fps": "23.976"}, '{"fps":"23.976"}', ["fps"]),
        ({}, "{}", []),
    ],
)
def test_dimensions(when: dict[str, object], json_text: str, unknown: list[str]) -> None:
    conditions, names = conditions_of(when)
    assert (conditions.to_json(), names) == (json_text, unknown)


@pytest.mark.parametrize(
    "when",
    [
        {"size": None},
        {"size": "auto"},
        {"ttl": "1h"},
        {"mode": {"a": 1}},
        {"duration": 5, "seconds": 6},
        {"width": "wide"},
    ],
)
def test_dimensions_that_cannot_be_meant(when: dict[str, object]) -> None:
    with pytest.raises(ConditionError):
        conditions_of(when)


def test_an_unknown_dimension_is_kept_and_noticed() -> None:
    variant = {"when": {"mood": "noir"}, "price": 1, "unit": "second", "per": 1}
    reading = read({"kind": "variants", "dimensions": ["mood"], "variants": [variant]}, VIDEO)
    assert reading.claims[0].conditions.to_json() == '{"mood":"noir"}'
    assert [(drift.kind, drift.what) for drift in reading.drift] == [("unknown_dimension", "mood")]


def test_a_dimension_that_nothing_declares_refuses_its_price() -> None:
    variants = [
        {"when": {"mood": "noir"}, "price": 1, "unit": "second", "per": 1},
        {"when": {}, "price": 2, "unit": "second", "per": 1},
    ]
    reading = read({"kind": "variants", "variants": variants}, VIDEO)
    assert [cell.reason for cell in reading.cells] == ["unknown_condition", "contested"]
    assert [(claim.meter, claim.unit_price) for claim in reading.claims] == [
        ("output_video_second", None)
    ]


def test_equal_twins_merge_and_unequal_ones_both_go() -> None:
    image = {"name": "image", "per": 1}
    pixel = {"name": "megapixel", "per": 1}
    reading = read(
        fixed(
            {**image, "price": 0.04},
            {**image, "price": 0.05},
            {**pixel, "price": 0.01},
            {**pixel, "price": "0.010"},
        ),
        IMAGE,
    )
    assert [cell.reason or cell.outcome.value for cell in reading.cells] == [
        "conflicting_twin",
        "conflicting_twin",
        "claim",
        "merged",
    ]
    assert [(claim.meter, claim.status) for claim in reading.claims] == [
        ("output_image", PriceStatus.UNKNOWN),
        ("output_megapixel", PriceStatus.KNOWN),
    ]
    assert "0.04, 0.05" in reading.cells[0].detail


def test_conditions_that_one_request_could_meet_at_once_are_refused() -> None:
    def variant(price: float, **when: str) -> dict[str, Any]:
        return {"when": when, "price": price, "unit": "image", "per": 1}

    variants = [
        variant(1, quality="hd"),
        variant(2, quality="hd", mode="pro"),
        variant(3, quality="sd"),
    ]
    reading = read({"kind": "variants", "variants": variants}, IMAGE)
    assert [cell.reason for cell in reading.cells] == [
        "overlapping_conditions",
        "overlapping_conditions",
        "",
    ]
    assert {claim.conditions.to_json(): claim.unit_price for claim in reading.claims} == {
        '{"quality":"sd"}': Decimal(3),
        '{"quality":"hd"}': None,
    }


@pytest.mark.parametrize(
    ("pricing", "claims"),
    [
        ({"kind": "variable"}, [("", "variable", ".kind")]),
        (
            {"kind": "variable", "units": [{"name": "second"}]},
            [("output_video_second", "variable", ".units[0]")],
        ),
        (
            {"kind": "variable", "units": [{"name": "second", "price": 1}, {"name": "second"}]},
            [("output_video_second", "1", ".units[0].price")],
        ),
    ],
)
def test_variable_prices_are_dynamic(
    pricing: dict[str, Any], claims: list[tuple[str, str, str]]
) -> None:
    reading = read(pricing, VIDEO)
    assert {claim.status for claim in reading.claims} == {PriceStatus.DYNAMIC}
    assert {claim.unit_price for claim in reading.claims} == {None}
    assert [
        (claim.meter, claim.raw_text, claim.locator.partition(".pricing")[2])
        for claim in reading.claims
    ] == claims


def test_an_unknown_type_is_unspecified_and_noticed() -> None:
    reading = read(fixed(token("provided", 1)), "acme/holograms")
    assert reading.listing.operation == "unspecified"
    assert [(drift.kind, drift.what) for drift in reading.drift] == [
        ("unknown_type", "acme/holograms")
    ]
    assert [claim.meter for claim in reading.claims] == ["input_token"]


@pytest.mark.parametrize(
    ("info", "context", "output"),
    [
        ({"contextLength": 128000, "maxTokens": 16384}, 128000, 16384),
        ({"contextLength": 1000, "outputMax": 100, "maxTokens": 7}, 1000, 100),
        ({"contextLength": 0, "maxTokens": ""}, None, None),
        ({"contextLength": None}, None, None),
        ({"contextLength": "128K"}, None, None),
        ({"contextLength": 10**30, "outputMax": 2**63}, None, None),
    ],
)
def test_lengths(info: dict[str, Any], context: int | None, output: int | None) -> None:
    listing = read(None, info={"name": "M", "developer": "A", **info}).listing
    assert (listing.context_length, listing.max_output_tokens) == (context, output)


def test_listing_facts() -> None:
    info = {"name": " GPT-4o ", "developer": "Open AI", "url": ""}
    modalities = {"input": ["text", "file"], "output": ["embeddings"]}
    reading = read(None, info=info, aliases=["b", "a", "b", 7], modalities=modalities)
    listing = reading.listing
    assert (listing.name, listing.developer, listing.source_url) == ("GPT-4o", "Open AI", None)
    assert listing.aliases == ("b", "a")
    assert (listing.input_modalities, listing.output_modalities) == (
        ("text", "document"),
        ("embedding",),
    )
    assert (listing.lineage, reading.claims, reading.drift) == ("", (), ())


def test_a_section_that_was_not_sent_is_missed_but_not_in_the_old_shape() -> None:
    info = {"name": "M", "developer": "A"}
    new: dict[str, object] = {"id": "m", "type": CHAT, "info": info}
    old = {**new, "type": "chat-completion", "features": [], "endpoints": []}
    rows = aiml_models.CATALOGUE.extract(json.dumps([new, old]).encode())
    drifts = [aiml_models.interpret(row, NOW).drift for row in rows]
    assert [[drift.what for drift in found] for found in drifts] == [["pricing"], []]


def test_one_id_under_two_types_is_two_models() -> None:
    info = {"name": "M", "developer": "A"}
    data = [{"id": "m", "type": kind, "info": info} for kind in (CHAT, "anthropic/messages")]
    rows = aiml_models.CATALOGUE.extract(json.dumps(data).encode())
    assert [row.locator for row in rows] == [
        "$[?@.id=='m'&&@.type=='openai/chat-completions']",
        "$[?@.id=='m'&&@.type=='anthropic/messages']",
    ]


@pytest.mark.parametrize(
    ("code", "word"),
    [
        (meter.code, word)
        for meter in METERS.values()
        for word in meter.sources_words.get("aiml_models", ())
    ],
)
def test_the_registry_and_the_grammar_agree_on_words(code: str, word: str) -> None:
    *before, name = [word] if word == "compute second" else word.split(" ")
    stated: dict[str, Any] = {"name": name}
    if before:
        stated["origin"] = before.pop(0)
    if before:
        stated["content"] = before.pop()
    operation = "rerank" if name == "search" else "chat"
    assert meter_of(stated, operation) == (code, 1)
