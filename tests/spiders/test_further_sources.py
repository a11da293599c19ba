"""What the sources beside the catalogues and the page say, held to fixtures and mutations."""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.conditions import HAS_AUDIO, Conditions
from models.price_qualifiers import CLOSED
from models.pricetext import PriceText, words_read_of
from models.rates import disjoint
from models.reading import (
    ANY_OPERATION,
    Cell,
    CellError,
    CellResult,
    ExtractError,
    Outcome,
    PageReading,
    PriceStatus,
)
from spiders import fixture
from spiders.read import read_fetch, verify
from spiders.sources.openrouter_skus import sku_of
from spiders.sources.variants import Variant, claims_of, spread

FIXTURES = Path(__file__).parents[2] / "fixtures"
SOURCES = (
    "openrouter_embeddings",
    "openrouter_videos",
    "openrouter_images",
    "openrouter_endpoints",
    "aiml_deprecations",
)
PRICED = SOURCES[:-1]
FOLDERS = [
    pytest.param(source, folder, id=f"{source}/{folder.name}")
    for source in SOURCES
    for folder in sorted((FIXTURES / source).iterdir())
]
Documents = list[Any]


def the_fixture(source: str) -> fixture.Fixture:
    (folder,) = (FIXTURES / source).iterdir()
    return fixture.load(source, folder)


def documents_of(source: str) -> Documents:
    return [json.loads(body) for body in the_fixture(source).bodies]


def read(source: str, documents: Documents) -> PageReading:
    at = the_fixture(source).fetched_at
    bodies = [json.dumps(document).encode() for document in documents]
    reading = read_fetch(source, [(body, "") for body in bodies], at)
    assert verify(source, bodies, reading) == []
    return reading


def cells_of(reading: PageReading) -> Counter[CellResult]:
    return Counter([cell for row in reading.rows for cell in row.cells] + [*reading.extra_cells])


@pytest.mark.parametrize(("source", "folder"), FOLDERS)
def test_a_further_fixture_reads_as_expected(source: str, folder: Path) -> None:
    expected = json.loads((folder / fixture.EXPECTED).read_text(encoding="utf-8"))
    assert fixture.outcome(fixture.load(source, folder)) == expected


@pytest.mark.parametrize("source", SOURCES)
def test_every_price_cell_of_a_further_fixture_has_one_outcome(source: str) -> None:
    reading = read(source, documents_of(source))
    assert bool(cells_of(reading)) == (source in PRICED)


@pytest.mark.parametrize("source", PRICED)
def test_claims_of_one_meter_stand_side_by_side(source: str) -> None:
    for row in read(source, documents_of(source)).rows:
        for meter in {claim.meter for claim in row.claims}:
            assert disjoint([c.conditions for c in row.claims if c.meter == meter])
        for claim in row.claims:
            has_number = claim.status in (PriceStatus.KNOWN, PriceStatus.FREE)
            assert (claim.unit_price is not None) == has_number


def price_places(source: str, documents: Documents) -> Iterator[tuple[str, Any, Any]]:
    """Every place of a price: the model it is of, the object or list that holds it, and the key."""
    for document in documents:
        inner = document["data"] if isinstance(document.get("data"), dict) else document
        if "endpoints" in inner:
            for endpoint in inner["endpoints"]:
                yield from ((inner["id"], *place) for place in _places(endpoint.get("pricing")))
        else:
            for model in inner["data"]:
                for block in ("pricing", "pricing_skus"):
                    yield from ((model["id"], *place) for place in _places(model.get(block)))


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    words = {"billable", "unit", "variant", "discount", "min_prompt_tokens"}
    pairs = value.items() if isinstance(value, dict) else enumerate(value or ())
    for key, child in pairs:
        if isinstance(child, dict | list):
            yield from _places(child)
        elif key not in words:
            yield value, key


@pytest.mark.parametrize("source", PRICED)
def test_a_changed_price_moves_its_own_model_only(source: str) -> None:
    documents = documents_of(source)
    before = read(source, documents).rows
    places = list(price_places(source, documents))
    assert len(places) >= 8
    for model_id, holder, key in places:
        old = holder[key]
        holder[key] = 0.123 if isinstance(old, int | float) else "0.123"
        after = read(source, documents).rows
        holder[key] = old
        changed = [row for row, was in zip(after, before, strict=True) if row != was]
        assert [row.listing.model_id for row in changed] == [model_id], key


@pytest.mark.parametrize("source", PRICED)
def test_a_new_price_is_one_more_refusal(source: str) -> None:
    documents = documents_of(source)
    before = cells_of(read(source, documents))
    for _, holder, _ in list(price_places(source, documents)):
        more: Any = copy.copy(holder)
        if isinstance(holder, dict):
            holder["surprise"] = 0.5
        else:
            holder.append(0.5)
        after = cells_of(read(source, documents))
        assert after.total() == before.total() + 1
        (added,) = (cell for cell in after - before if cell.raw_text == "0.5")
        assert added.outcome is Outcome.REJECTED
        assert added.reason in ("unknown_key", "unit_not_established", "unknown_condition")
        holder.clear()
        holder.update(more) if isinstance(holder, dict) else holder.extend(more)


@pytest.mark.parametrize(
    ("source", "key"),
    [
        *((source, "data") for source in SOURCES),
        *((source, "id") for source in ("openrouter_videos", "aiml_deprecations")),
        ("openrouter_embeddings", "pricing"),
        ("openrouter_videos", "pricing_skus"),
        ("openrouter_endpoints", "endpoints"),
        ("openrouter_images", "endpoints"),
    ],
)
def test_an_anchor_that_goes_is_noticed(source: str, key: str) -> None:
    documents = documents_of(source)
    for document in documents:
        for holder in (document, document.get("data"), *_models(document)):
            if isinstance(holder, dict):
                holder.pop(key, None)
    with pytest.raises(ExtractError) as caught:
        read(source, documents)
    assert key in caught.value.anchor or caught.value.anchor.startswith("$")


def _models(document: Any) -> list[Any]:
    data = document.get("data")
    return data if isinstance(data, list) else []


def test_a_body_that_names_no_model_belongs_to_none() -> None:
    documents = documents_of("openrouter_endpoints")
    del documents[0]["data"]["id"]
    reading = read("openrouter_endpoints", documents)
    assert reading.rows == ()
    assert {(c.outcome, c.reason) for c in reading.extra_cells} == {(Outcome.REJECTED, "no_id")}
    images = documents_of("openrouter_images")
    images[0]["data"].pop(0)
    reading = read("openrouter_images", images)
    assert {cell.reason for cell in reading.extra_cells} == {"no_model"}


def test_a_deprecation_is_about_an_id_whatever_it_is_called_for() -> None:
    rows = read("aiml_deprecations", documents_of("aiml_deprecations")).rows
    assert {row.listing.operation for row in rows} == {ANY_OPERATION}
    stated = [(r.listing.lifecycle, r.listing.expires_on, r.listing.served_until) for r in rows]
    assert stated == [
        ("deprecated", "2026-12-31", "2026-12-31T00:00:00+00:00"),
        ("deprecated", None, "9999-12-31T00:00:00+00:00"),  # superseded never ends
        ("deprecated", None, ""),
        ("listed", None, ""),
    ]


@pytest.mark.parametrize(
    ("shutdown_at", "until"),
    [
        ("2026-12-31", "2026-12-31T00:00:00+00:00"),
        ("2026-12-31T18:00:00", "2026-12-31T18:00:00+00:00"),
        ("2026-12-31T18:00:00.5Z", "2026-12-31T18:00:00.500000+00:00"),
        ("2026-12-31T20:00:00-05:00", "2027-01-01T01:00:00+00:00"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59+00:00"),
        ("9999-12-31T23:59:59-05:00", ""),
        ("soon", ""),
        ("2026-13-31", ""),
        (None, ""),
        (20261231, ""),
    ],
)
def test_until_when_a_deprecated_model_is_served_is_a_moment(
    shutdown_at: object, until: str
) -> None:
    entry = {"id": "a/b", "status": "deprecated", "shutdown_at": shutdown_at}
    [row] = read("aiml_deprecations", [{"data": [entry]}]).rows
    assert row.listing.served_until == until
    assert row.listing.expires_on == (until[:10] or None)


@pytest.mark.parametrize(
    ("name", "meter", "when", "per_dollar"),
    [
        ("per-video-second", "output_video_second", {}, 1),
        ("per-video-second-1080p", "output_video_second", {"resolution": "1080p"}, 1),
        ("duration_seconds", "output_video_second", {}, 1),
        (
            "duration_seconds_without_audio_4k",
            "output_video_second",
            {"resolution": "4k", HAS_AUDIO: False},
            1,
        ),
        (
            "image_to_video_duration_seconds_720p",
            "output_video_second",
            {"resolution": "720p", "mode": "image-to-video"},
            1,
        ),
        ("cents_per_second_output", "output_video_second", {}, 100),
        (
            "cents_per_video_output_second_480p",
            "output_video_second",
            {"resolution": "480p"},
            100,
        ),
        ("cents_per_image_input", "input_image", {}, 100),
        ("reference_images", "input_reference_image", {}, 1),
        ("video_tokens", "output_video_token", {}, 1),
        ("minimum_cents_per_generation", "minimum_charge", {}, 100),
        (
            "video_tokens_1080p_with_video_input",
            "output_video_token",
            {"resolution": "1080p", "video_input": True},
            1,
        ),
    ],
)
def test_a_name_says_meter_and_conditions(
    name: str, meter: str, when: dict[str, object], per_dollar: int
) -> None:
    sku = sku_of(name)
    assert (sku.meter, sku.when, sku.per) == (meter, when, per_dollar)


@given(st.text(max_size=60) | st.sampled_from(["generate", "minimum_cents_per_video_page", ""]))
def test_a_name_that_says_too_little_is_refused(name: str) -> None:
    if words_read_of(name) not in (None, PriceText()):
        return
    with pytest.raises(CellError) as caught:
        sku_of(name)
    assert caught.value.reason == "unit_not_established"


WHENS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "resolution": st.sampled_from(["480p", "720p", "1080p"]),
            HAS_AUDIO: st.booleans(),
            "mode": st.sampled_from(["text", "image"]),
        },
    ),
    max_size=6,
)
VALUES = st.lists(st.sampled_from([Decimal(1), Decimal(2), None]), min_size=6, max_size=6)


def variants_of(whens: list[dict[str, Any]], values: list[Decimal | None]) -> list[Variant]:
    return [
        Variant(Cell(str(place), "", ""), when, value)
        for place, (when, value) in enumerate(zip(whens, values, strict=False))
    ]


def prices_of(variants: list[Variant], domains: dict[str, Any]) -> dict[Conditions, Decimal | None]:
    claims = claims_of("output_video_second", variants, spread(variants, domains), ())
    return {claim.conditions: claim.unit_price for claim in claims}


@given(WHENS, VALUES, st.booleans())
def test_whatever_is_spread_matches_a_request_once(
    whens: list[dict[str, Any]], values: list[Decimal | None], lists_resolutions: bool
) -> None:
    domains = {"resolution": ["480p", "720p"] if lists_resolutions else [], **CLOSED}
    variants = variants_of(whens, values)
    found = spread(variants, domains)
    places = [Conditions.of(when) for sets in found.held for when in sets]
    places += [Conditions.of(when) for when, _ in found.contested]
    assert disjoint(places)
    for when, sets in zip(whens, found.held, strict=True):
        assert all(when.items() <= each.items() for each in sets)


@given(WHENS, VALUES, st.data())
def test_no_price_fills_the_place_of_one_that_is_refused(
    whens: list[dict[str, Any]], values: list[Decimal | None], data: st.DataObject
) -> None:
    """Wherever both readings say a number, a refusal of one price has not changed it."""
    variants = variants_of(whens, values)
    if not variants:
        return
    domains = {"resolution": ["480p", "720p", "1080p"], "mode": ["text", "image"], **CLOSED}
    place = data.draw(st.integers(0, len(variants) - 1))
    refused = [*variants]
    is_whole = data.draw(st.booleans())
    refused[place] = Variant(variants[place].cell, variants[place].when, None, is_whole)
    keys = ["resolution", "mode", HAS_AUDIO]
    for request in product(*(domains[key] for key in keys)):
        asked = Conditions.of(dict(zip(keys, request, strict=True)))
        before, after = charged(variants, domains, asked), charged(refused, domains, asked)
        assert after is None or after == before


def charged(variants: list[Variant], domains: dict[str, Any], asked: Conditions) -> Decimal | None:
    matching = [
        price
        for conditions, price in prices_of(variants, domains).items()
        if set(conditions.items) <= set(asked.items)
    ]
    assert len(matching) <= 1
    return matching[0] if matching else None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(width=16),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("prompt", "completion", "overrides", "utc_start", "utc_end", "discount"),
                    *("billable", "unit", "cost_usd", "variant", "duration_seconds", "x y'"),
                    *("duration_seconds_720p", "video_tokens", "id", "tag", "values"),
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=10,
)


@given(skus=JSON, pricing=JSON, resolutions=JSON)
def test_whatever_stands_under_skus_every_cell_ends_once(
    skus: object, pricing: object, resolutions: object
) -> None:
    model = {"id": "a", "pricing": pricing, "pricing_skus": skus}
    others = [{"pricing_skus": skus}, {"id": "a", "pricing_skus": pricing}]
    read(
        "openrouter_videos",
        [{"data": [{**model, "supported_resolutions": resolutions}, *others]}],
    )


@pytest.mark.parametrize("source", ["openrouter_images", "openrouter_endpoints"])
@given(one=JSON, two=JSON, tag=st.text(max_size=4), model=st.none() | st.text(max_size=4))
def test_whatever_an_endpoint_states_every_cell_ends_once(
    source: str, one: object, two: object, tag: str, model: str | None
) -> None:
    endpoints = [
        {"tag": tag, "pricing": [one, two], "supported_parameters": two},
        {"tag": tag, "pricing": one},
        {"provider_name": "x", "pricing": {"prompt": one, "overrides": two}},
        two,
    ]
    body: Any = {"id": model, "endpoints": endpoints}
    listed = [{"data": [{"id": "a", "pricing": one}, {"id": model or "b"}]}]
    read(source, [*(listed if source == "openrouter_images" else []), body, {"data": body}])


def test_cents_are_no_dollars() -> None:
    rows = {r.listing.model_id: r for r in read("openrouter_videos", documents_of(PRICED[1])).rows}
    claims = rows["acme/cents-output"].claims
    assert [(claim.meter, claim.unit_price, claim.raw_text, claim.rule) for claim in claims] == [
        ("output_video_second", Decimal("0.12"), "12", "price_in_cents"),
        ("minimum_charge", Decimal("0.56"), "56", "price_in_cents"),
    ]
