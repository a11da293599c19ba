"""A price is read with all that stands beside it, or not at all; and no other takes its place."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.reading import Outcome, PageReading, PriceStatus
from spiders import fixture
from spiders.read import read_fetch, verify

FIXTURES = Path(__file__).parents[2] / "fixtures"
AT = datetime(2026, 9, 1, 9, tzinfo=UTC)
Price = tuple[str, str, str]

VALUES = st.sampled_from(["batch", "per minute", True, 3, 0.5, {"a": 1}, ["x"]])
NAMES = st.sampled_from(["validUntil", "minimum", "region", "tierName", "per_seat", "x y"])


def fetch(source: str, folder: str) -> list[Any]:
    loaded = fixture.load(source, FIXTURES / source / folder)
    return [json.loads(body) for body in loaded.bodies]


def read(source: str, documents: list[Any]) -> PageReading:
    bodies = [json.dumps(document).encode() for document in documents]
    reading = read_fetch(source, [(body, "") for body in bodies], AT)
    assert verify(source, bodies, reading) == []
    return reading


def numbers(reading: PageReading) -> dict[Price, Decimal]:
    """Every price with a number, by model, meter and conditions."""
    return {
        (row.listing.model_id or row.listing.name, claim.meter, claim.conditions.to_json()): (
            claim.unit_price
        )
        for row in reading.rows
        for claim in row.claims
        if claim.unit_price is not None
    }


def charges(reading: PageReading) -> dict[tuple[str, str], set[Decimal]]:
    found: dict[tuple[str, str], set[Decimal]] = {}
    for (model, meter, _), price in numbers(reading).items():
        found.setdefault((model, meter), set()).add(price)
    return found


def aiml_prices(documents: list[Any]) -> Iterator[dict[str, Any]]:
    for model in documents[0]["data"]:
        pricing = model.get("pricing") or {}
        if pricing.get("kind") != "variable":
            yield from (u for u in pricing.get("units", []) if u.get("price"))
            yield from (v for v in pricing.get("variants", []) if v.get("price"))


def image_prices(documents: list[Any]) -> Iterator[dict[str, Any]]:
    for document in documents:
        inner = document.get("data", document)
        if isinstance(inner, dict):
            for endpoint in inner["endpoints"]:
                yield from (p for p in endpoint["pricing"] if isinstance(p, dict))


PLACES: dict[str, tuple[str, Callable[[list[Any]], Iterator[dict[str, Any]]]]] = {
    "aiml_models": ("2026-08-30T0900Z", aiml_prices),
    "openrouter_images": ("2026-08-22T0600Z", image_prices),
}


@pytest.mark.parametrize("source", PLACES)
@given(name=NAMES, value=VALUES, data=st.data())
def test_an_unknown_key_beside_a_price_refuses_it(
    source: str, name: str, value: object, data: st.DataObject
) -> None:
    folder, prices_in = PLACES[source]
    documents = fetch(source, folder)
    before = read(source, documents)
    places = list(prices_in(documents))
    place = data.draw(st.integers(0, len(places) - 1))
    places[place][name] = value
    after = read(source, documents)
    assert len(numbers(after)) <= len(numbers(before))
    for key, prices in charges(after).items():
        assert prices <= charges(before)[key], "a price that was not there, or another one"


@pytest.mark.parametrize("source", PLACES)
def test_every_price_depends_on_what_stands_beside_it(source: str) -> None:
    """With an unknown key beside each price in turn, its own cell is refused in the end."""
    folder, prices_in = PLACES[source]
    documents = fetch(source, folder)
    for place, _ in enumerate(list(prices_in(documents))):
        spoilt = copy.deepcopy(documents)
        target = list(prices_in(spoilt))[place]
        target["validUntil"] = "2027-01-01"
        key = "cost_usd" if "cost_usd" in target else "price"
        reading = read(source, spoilt)
        cells = [c for row in reading.rows for c in row.cells] + [*reading.extra_cells]
        beside = {c.locator.rpartition(".")[0] for c in cells if c.raw_text == "2027-01-01"}
        own = [c for c in cells if c.locator.rpartition(".")[0] in beside]
        assert [c.outcome for c in own if c.locator.endswith(f".{key}")] == [Outcome.REJECTED]


@given(data=st.data())
def test_no_price_fills_the_place_of_a_refused_one(data: st.DataObject) -> None:
    documents = fetch("aiml_models", "2026-08-30T0900Z")
    before = charges(read("aiml_models", documents))
    places = list(aiml_prices(documents))
    target = places[data.draw(st.integers(0, len(places) - 1))]
    word = data.draw(st.sampled_from(["peak", "n/a", -1, None]))
    if word == "peak":
        target["season"] = word
    else:
        target["price"] = word
    after = charges(read("aiml_models", documents))
    for key, prices in after.items():
        assert prices <= before[key]


SKUS = [
    *("duration_seconds", "duration_seconds_with_audio", "duration_seconds_720p"),
    *("duration_seconds_1080p", "duration_seconds_without_audio_1080p", "video_tokens"),
    *("text_to_video_duration_seconds_720p", "cents_per_image_input", "video_tokens_1080p"),
]


def videos(skus: dict[str, str]) -> PageReading:
    model = {
        "id": "acme/video",
        "name": "Acme: Video",
        "supported_resolutions": ["720p", "1080p"],
        "pricing_skus": skus,
    }
    return read("openrouter_videos", [{"data": [model]}])


@given(
    st.dictionaries(st.sampled_from(SKUS), st.sampled_from(["0.1", "0.2", "0.3"]), min_size=1),
    st.data(),
)
def test_an_unknown_word_in_a_name_refuses_it_and_nothing_fills_its_place(
    skus: dict[str, str], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(skus)))
    spoilt = {(f"{key}_offpeak" if key == name else key): text for key, text in skus.items()}
    before, after = numbers(videos(skus)), numbers(videos(spoilt))
    # What a request is charged is what it was, or not known; never another price.
    for price, number in after.items():
        model, meter, conditions = price
        wider = [
            other
            for (m, c, w), other in before.items()
            if (m, c) == (model, meter) and json.loads(w).items() <= json.loads(conditions).items()
        ]
        assert number in wider
    cell = next(
        c for row in videos(spoilt).rows for c in row.cells if c.locator.endswith("_offpeak")
    )
    assert cell.outcome is Outcome.REJECTED


def test_sound_is_never_priced_by_a_name_that_does_not_speak_of_it() -> None:
    reading = videos(
        {
            "duration_seconds": "0.112",
            "duration_seconds_with_audio": "0.168",
            "text_to_video_duration_seconds_720p": "0.112",
        }
    )
    assert {c.conditions.to_json(): str(c.unit_price) for c in reading.rows[0].claims} == {
        '{"has_audio":false}': "0.112",
        '{"has_audio":true}': "0.168",
    }


def test_a_refused_base_price_leaves_no_headline() -> None:
    reading = videos({"duration_seconds": "soon", "duration_seconds_1080p": "0.3"})
    claims = {c.conditions.to_json(): c for c in reading.rows[0].claims}
    assert claims['{"resolution":"720p"}'].status is PriceStatus.UNKNOWN
    assert claims['{"resolution":"1080p"}'].rule == "beside_refused_base"


def test_another_kind_of_work_contests_nothing() -> None:
    reading = videos(
        {"cents_per_second_output": "17", "cents_per_second_video_continuation_720p": "41"}
    )
    (claim,) = reading.rows[0].claims
    assert (claim.status, claim.unit_price) == (PriceStatus.KNOWN, Decimal("0.17"))
    assert {c.reason for c in reading.rows[0].cells} == {"", "other_work"}


@pytest.mark.parametrize(
    ("facts", "skus", "inputs"),
    [
        ({}, {"duration_seconds": "1"}, ()),
        ({"supported_frame_images": ["first_frame"]}, {"duration_seconds": "1"}, ("text", "image")),
        ({}, {"reference_images": "1"}, ("text", "image")),
        ({}, {"video_tokens_with_video_input": "1"}, ("text", "video")),
        ({"upscale_factor": {"max": 3}}, {"duration_seconds": "1"}, ("video",)),
        ({"name": "Acme: Video Edit"}, {"duration_seconds": "1"}, ("video",)),
    ],
)
def test_a_video_model_reads_what_its_row_says(
    facts: dict[str, Any], skus: dict[str, str], inputs: tuple[str, ...]
) -> None:
    model = {"id": "acme/video", "name": "Acme: Video", "pricing_skus": skus, **facts}
    (row,) = read("openrouter_videos", [{"data": [model]}]).rows
    assert row.listing.input_modalities == inputs
