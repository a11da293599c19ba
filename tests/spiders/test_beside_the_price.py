"""What stands beside a price and is passed over makes a wrong number: each way that was found."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from models.history.statement import statements_of
from models.reading import PageReading, RowReading
from spiders.read import read_fetch, verify

AT = datetime(2026, 9, 1, 9, tzinfo=UTC)
CHAT, VIDEO = "openai/chat-completions", "internal/video-generations/submit"


def read(source: str, *documents: Any) -> PageReading:
    bodies = [json.dumps(document).encode() for document in documents]
    reading = read_fetch(source, [(body, "") for body in bodies], AT)
    assert verify(source, bodies, reading) == []
    return reading


def prices(row: RowReading) -> dict[tuple[str, str], str | None]:
    return {
        (claim.meter, claim.conditions.to_json()): (
            None if claim.unit_price is None else f"{claim.unit_price:f}"
        )
        for claim in row.claims
    }


def headlines(row: RowReading) -> dict[str, str | None]:
    """The conditions of each meter's headline, None where it has none."""
    found = {meter: each.headline for meter, each in statements_of(row.claims).items()}
    return {
        meter: None if rate is None else rate.conditions.to_json() for meter, rate in found.items()
    }


def aiml(pricing: dict[str, Any], kind: str = CHAT) -> RowReading:
    info = {"name": "M", "developer": "A"}
    model = {"id": "acme/m", "type": kind, "info": info, "pricing": pricing}
    (row,) = read("aiml_models", {"object": "list", "data": [model]}).rows
    return row


def units(*stated: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "fixed", "currency": "USD", "units": list(stated)}


def variants(dimensions: list[str], *stated: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "variants", "dimensions": dimensions, "variants": list(stated)}


def video(skus: dict[str, Any], *resolutions: str) -> RowReading:
    model = {"id": "acme/v", "name": "A: V", "pricing_skus": skus}
    body = {"data": [{**model, "supported_resolutions": list(resolutions)}]}
    (row,) = read("openrouter_videos", body).rows
    return row


def listed(pricing: dict[str, Any], *outputs: str) -> RowReading:
    words = {"input_modalities": ["text"], "output_modalities": list(outputs or ("text",))}
    model = {"id": "acme/c", "name": "A: C", "architecture": words, "pricing": pricing}
    (row,) = read("openrouter_models", {"data": [model]}).rows
    return row


def endpoints(*lines: tuple[str, list[dict[str, Any]]]) -> RowReading:
    stated = [{"provider_tag": tag, "pricing": pricing} for tag, pricing in lines]
    body = {"id": "acme/i", "endpoints": stated}
    (row,) = read("openrouter_images", {"data": [{"id": "acme/i", "name": "A: I"}]}, body).rows
    return row


def image(cost: object, **more: Any) -> dict[str, Any]:
    return {"billable": "output_image", "unit": "image", "cost_usd": cost, **more}


TOKEN = {"name": "token", "content": "text", "origin": "provided", "price": 3, "per": 1000000}
SECOND = {"unit": "second", "per": 1}


@pytest.mark.parametrize(
    "more",
    [
        {"utc_start": 100, "utc_end": 500},
        {"dimensions": ["resolution"]},
        {"measure": "1k tokens"},
        {"measure": "image tokens"},
        {"measure": "cached tokens"},
        {"measure": "batch token"},
        {"measure": "cache_read"},
        {"name": "1M tokens"},
        {"name": "token (variable)"},
        {"origin": "cache_write", "measure": "cache_write_5m", "ttl": "1h"},
        {"tier": "standard", "service_tier": "batch"},
        {"discount": 0.2},
    ],
)
def test_a_unit_is_read_with_all_its_words_or_refused(more: dict[str, Any]) -> None:
    row = aiml(units({**TOKEN, **more}))
    assert [cell.outcome.value for cell in row.cells if cell.raw_text == "3"] == ["rejected"]
    assert not any(claim.unit_price for claim in row.claims)


@pytest.mark.parametrize(
    "more", [{"measure": "tokens"}, {"measure": "output"}, {"tier": "default"}]
)
def test_words_that_say_it_again_change_nothing(more: dict[str, Any]) -> None:
    assert prices(aiml(units({**TOKEN, **more}))) == {("input_token", "{}"): "0.000003"}


@pytest.mark.parametrize(
    ("name", "origin"),
    [("cached request", None), ("request", "cached"), ("image request", None)],
)
def test_a_request_is_of_nothing(name: str, origin: str | None) -> None:
    unit = {"name": name, "price": 1, "per": 1, **({"origin": origin} if origin else {})}
    assert set(prices(aiml(units(unit))).values()) <= {None}


def test_a_tier_among_parameters_is_the_service_tier() -> None:
    row = aiml(
        variants(
            ["tier"],
            {"when": {"tier": "batch"}, "price": 1, **SECOND},
            {"when": {"tier": "standard"}, "price": 2, **SECOND},
        ),
        VIDEO,
    )
    assert prices(row) == {
        ("output_video_second", '{"service_tier":"batch"}'): "1",
        ("output_video_second", "{}"): "2",
    }
    assert headlines(row) == {"output_video_second": "{}"}


@pytest.mark.parametrize(
    "when", [{"ttl": "1h"}, {"threshold": 200000}, {"tier": "gold"}, {"resolution": "auto"}]
)
def test_a_parameter_that_is_none_refuses_its_price(when: dict[str, Any]) -> None:
    row = aiml(variants([*when], {"when": when, "price": 1, **SECOND}), VIDEO)
    assert set(prices(row).values()) == {None}


def test_conditions_inside_conditions_must_not_contradict() -> None:
    inner = {"when": {"resolution": "1080p"}, "price": 1}
    outer = {"when": {"resolution": "720p"}, "units": [inner], **SECOND}
    assert set(prices(aiml(variants(["resolution"], outer), VIDEO)).values()) == {None}


def test_another_currency_is_no_rival_and_no_gap_to_fill() -> None:
    euro = {**TOKEN, "price": 2, "currency": "EUR"}
    assert prices(aiml(units(euro, TOKEN))) == {("input_token", "{}"): "0.000003"}
    tier = aiml(units(euro, {**TOKEN, "threshold": 200000}))
    assert headlines(tier) == {"input_token": None}


def test_what_holds_above_a_bound_only_is_no_headline() -> None:
    row = aiml(units({**TOKEN, "min_prompt_tokens": 200000}))
    assert headlines(row) == {"input_token": None}


@pytest.mark.parametrize(
    "beside",
    [{"currency": "EUR"}, {"per": 5}, {"tier": "batch"}, {"threshold": 5}, {"discount": 0.5}],
)
def test_what_stands_among_names_of_prices_refuses_them(beside: dict[str, Any]) -> None:
    row = video({"duration_seconds": "0.1", **beside})
    assert set(prices(row).values()) == {None}
    assert {cell.reason for cell in row.cells} == {"unknown_condition"}


def test_a_name_that_says_variable_has_no_price() -> None:
    assert set(prices(video({"duration_seconds_variable": "0.1"})).values()) <= {None}


def test_one_resolution_has_one_price_however_it_is_spelled() -> None:
    skus = {"duration_seconds": "0.05", "duration_seconds_4k": "0.1"}
    assert prices(video(skus, "1080p", "2160p")) == {
        ("output_video_second", '{"resolution":"1080p"}'): "0.05",
        ("output_video_second", '{"resolution":"4k"}'): "0.1",
    }
    skus = {"duration_seconds": "0.05", "duration_seconds_1080p": "0.1"}
    assert prices(video(skus, "1280x720", "1920x1080")) == {
        ("output_video_second", '{"resolution":"720p"}'): "0.05",
        ("output_video_second", '{"resolution":"1080p"}'): "0.1",
    }
    twice = video({"duration_seconds_4k": "0.1", "duration_seconds_2160p": "0.2"}, "4K")
    assert set(prices(twice).values()) == {None}


@pytest.mark.parametrize("pair", [("2160p", "4K"), ("720p", "720"), ("720P", "720p")])
def test_two_prices_under_two_spellings_are_nobodys(pair: tuple[str, str]) -> None:
    stated = [
        {"when": {"resolution": word}, "price": price, **SECOND}
        for word, price in zip(pair, (0.3, 0.4), strict=True)
    ]
    assert set(prices(aiml(variants(["resolution"], *stated), VIDEO)).values()) == {None}


def test_a_batch_beside_a_price_leaves_it_the_standard_one() -> None:
    row = video({"duration_seconds": "0.1", "duration_seconds_batch": "0.05"})
    assert prices(row) == {
        ("output_video_second", "{}"): "0.1",
        ("output_video_second", '{"service_tier":"batch"}'): "0.05",
    }
    assert headlines(row) == {"output_video_second": "{}"}


def test_video_handed_in_is_no_default() -> None:
    row = video({"video_tokens": "0.0000035", "video_tokens_with_video_input": "0.0000021"})
    assert headlines(row) == {"output_video_token": '{"video_input":false}'}


@pytest.mark.parametrize(
    "beside",
    [
        {"threshold": "200000"},
        {"per": "1000"},
        {"ttl": "1"},
        {"min_prompt_tokens": "5"},
        {"minimum": "0.5"},
        {"overrides": {"min_prompt_tokens": 10, "prompt": "0.5"}},
        {"overrides": [None]},
        {"overrides": ["x"]},
        {"overrides": [{"min_prompt_tokens": 10, "prompt": None}]},
    ],
)
def test_what_may_change_a_price_of_the_list_refuses_it(beside: dict[str, Any]) -> None:
    row = listed({"prompt": "0.1", "completion": "0.2", **beside})
    assert prices(row)["input_token", "{}"] is None


def test_tokens_beside_a_price_of_no_unit_have_none_either() -> None:
    pricing = {"prompt": "0.000035", "audio": "0.000035", "completion": "0"}
    assert not any(claim.unit_price for claim in listed(pricing, "transcription").claims)


@pytest.mark.parametrize("line", [image(0.04, variant="weird"), image("soon")])
def test_a_provider_whose_price_is_refused_leaves_no_headline(line: dict[str, Any]) -> None:
    row = endpoints(("a", [image(0.04)]), ("b", [line]))
    assert headlines(row) == {"output_image": None}


def test_a_refused_line_alone_is_unknown() -> None:
    assert prices(endpoints(("a", [image("soon")]))) == {("output_image", "{}"): None}


def test_a_bound_of_megapixels_alone_is_no_headline() -> None:
    row = endpoints(("a", [image(0.04, variant="above_4_megapixels")]))
    assert headlines(row) == {"output_image": None}


def test_first_and_additional_are_told_apart() -> None:
    row = endpoints(("a", [image(0.03), image(0.015, variant="additional")]))
    assert prices(row) == {
        ("output_image", '{"position":"first"}'): "0.03",
        ("output_image", '{"position":"additional"}'): "0.015",
    }
    assert headlines(row) == {"output_image": '{"position":"first"}'}


@pytest.mark.parametrize(
    "ending",
    [
        *("720", "with_image_input", "with_reference_images", "5", "12k", "60_fps", "over_10"),
        *("max", "from_image", "720p_1080p", "high", "hd"),
    ],
)
def test_known_words_in_no_order_that_is_read_contest_too(ending: str) -> None:
    skus = {"duration_seconds": "0.1", f"duration_seconds_{ending}": "0.2"}
    row = video(skus, "720p", "1080p")
    assert not [claim for claim in row.claims if claim.unit_price and not claim.conditions.items]
    assert headlines(row).get("output_video_second") is None


@pytest.mark.parametrize("unit", [None, "", 5, "frame", "second over 5"])
def test_a_variant_of_no_known_unit_leaves_no_headline(unit: object) -> None:
    row = aiml(
        variants(
            ["resolution"],
            {"when": {"resolution": "720p"}, "price": 0.1, "per": 1, "unit": unit},
            {"when": {"resolution": "1080p"}, "price": 0.2, **SECOND},
        ),
        VIDEO,
    )
    assert headlines(row).get("output_video_second") is None


@pytest.mark.parametrize(("flag", "shown"), [(True, "0.4"), (False, "0.2")])
def test_sound_is_the_default_where_the_model_makes_it_unasked(flag: bool, shown: str) -> None:
    skus = {"duration_seconds_with_audio": "0.4", "duration_seconds_without_audio": "0.2"}
    model = {"id": "acme/v", "name": "A: V", "pricing_skus": skus, "generate_audio": flag}
    (row,) = read("openrouter_videos", {"data": [model]}).rows
    rate = statements_of(row.claims)["output_video_second"].headline
    assert rate is not None
    assert str(rate.unit_price) == shown


@pytest.mark.parametrize(
    "line",
    [
        {"billable": "output_image", "unit": "image", "cost_cents": 2},
        {"billable": "output_image", "unit": "image", "cost_usd": {"amount": 2}},
        {"billable": "output_image", "unit": "image"},
    ],
)
def test_a_line_without_a_cost_leaves_no_headline(line: dict[str, Any]) -> None:
    row = endpoints(("a", [line, image(0.05, variant="high")]))
    assert headlines(row).get("output_image") is None


@pytest.mark.parametrize(
    "around",
    [{"currency": "EUR"}, {"service_tier": "batch"}, {"multiplier": 2}, {"valid_until": "2027"}],
)
def test_what_stands_around_an_endpoints_prices_refuses_them(around: dict[str, Any]) -> None:
    stated = {"provider_tag": "a", "pricing": [image(0.04)], **around}
    listing = {"data": [{"id": "acme/i", "name": "A: I"}]}
    (row,) = read("openrouter_images", listing, {"id": "acme/i", "endpoints": [stated]}).rows
    assert set(prices(row).values()) == {None}


@pytest.mark.parametrize(
    "key",
    ["per_tokens", "multiplier", "max_prompt_tokens", "valid_until", "batch_discount"],
)
def test_an_unknown_key_that_speaks_of_prices_refuses_them(key: str) -> None:
    row = listed({"prompt": "0.000003", "completion": "0.000006", key: "0.5"})
    assert set(prices(row).values()) == {None}


@pytest.mark.parametrize("nothing", [None, "", False])
def test_an_empty_key_says_nothing(nothing: object) -> None:
    row = listed({"prompt": "0.1", "completion": "0.2", "video": nothing})
    assert set(prices(row).values()) == {"0.1", "0.2"}
    assert prices(aiml(units({**TOKEN, "tier": None, "ttl": None, "threshold": None}))) == {
        ("input_token", "{}"): "0.000003"
    }


def test_a_window_that_holds_for_less_than_nobody_knows_is_no_headline() -> None:
    window = {"utc_start": 800, "utc_end": 1000, "prompt": "0.000003"}
    row = listed({"prompt": "0.000003", "completion": "0.000006", "overrides": [window]})
    assert headlines(row)["input_token"] is None


@pytest.mark.parametrize("dimension", ["discounted", "mood"])
def test_a_dimension_nobody_knows_makes_no_headline(dimension: str) -> None:
    row = aiml(
        variants(
            [dimension],
            {"when": {dimension: "yes"}, "price": 0.1, **SECOND},
            {"when": {dimension: "no"}, "price": 0.2, **SECOND},
        ),
        VIDEO,
    )
    assert headlines(row) == {"output_video_second": None}


def test_text_to_video_is_the_plain_mode() -> None:
    row = video(
        {"video_to_video_duration_seconds": "0.05", "text_to_video_duration_seconds": "0.1"}
    )
    assert headlines(row) == {"output_video_second": '{"mode":"text-to-video"}'}


@pytest.mark.parametrize(("stated", "flag"), [(1, "true"), (0, "false"), ("with_audio", "true")])
def test_sound_is_yes_or_no_however_it_is_said(stated: object, flag: str) -> None:
    when = {"generate_audio": stated}
    row = aiml(variants(["generate_audio"], {"when": when, "price": 1, **SECOND}), VIDEO)
    assert prices(row) == {("output_video_second", f'{{"has_audio":{flag}}}'): "1"}


def test_audio_of_a_video_model_goes_no_way_that_is_said() -> None:
    unit = {"name": "second", "content": "audio", "price": 1, "per": 1}
    assert set(prices(aiml(units(unit), VIDEO)).values()) <= {None}


def test_a_unit_that_varies_has_no_price() -> None:
    assert set(prices(aiml(units({**TOKEN, "kind": "variable"}))).values()) == {None}


def test_two_bounds_of_megapixels_leave_all_unsure() -> None:
    bounds = [image(0.05, variant="above_2_megapixels"), image(0.06, variant="above_4_megapixels")]
    assert set(prices(endpoints(("a", [image(0.03), *bounds]))).values()) == {None}


def test_variants_on_two_axes_are_unknown_and_not_gone() -> None:
    row = endpoints(("a", [image(0.05, variant="high"), image(0.1, variant="2k")]))
    assert set(prices(row).values()) == {None}


def test_another_charge_in_another_unit_contests_nothing() -> None:
    request = {"billable": "request", "unit": "request", "cost_usd": 0.1}
    assert prices(endpoints(("a", [image(0.04), request]))) == {("output_image", "{}"): "0.04"}


def test_a_list_of_resolutions_that_no_condition_holds_ends_no_fetch() -> None:
    row = video({"duration_seconds": "0.1", "duration_seconds_1080p": "0.2"}, "720p", "x" * 300)
    assert prices(row)["output_video_second", '{"resolution":"1080p"}'] == "0.2"
    assert headlines(row)["output_video_second"] != '{"resolution":"1080p"}'


def test_equal_providers_without_a_price_end_no_fetch() -> None:
    line = {"billable": "output_image", "unit": "image", "cost_usd": {"amount": 2}}
    row = endpoints(("a", [line]), ("b", [line]))
    assert set(prices(row).values()) <= {None}
