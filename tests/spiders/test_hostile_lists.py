"""Lists that state a key twice, ids that are none, and more of everything than any seller has."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.reading import ExtractError, Outcome, PageReading
from spiders.bounds import (
    MOST_CELLS,
    MOST_ENDPOINTS,
    MOST_MODELS,
    MOST_PAGE_AMOUNTS,
    MOST_PAGE_BYTES,
    MOST_PAGE_ROWS,
    displayable,
    is_name,
    web_address,
)
from spiders.read import Memo, read_fetch, verify
from spiders.walker_json import is_plain

AT = datetime(2026, 8, 1, 12, tzinfo=UTC)
LIST = "openrouter_models"
Pairs = Sequence[tuple[str, Any]]
GOOD = {"id": "acme/good", "name": "Acme: Good", "pricing": {"prompt": "1", "completion": "2"}}


class Twice(dict[str, Any]):
    """Is written as a JSON object with all of these members, equal keys or not."""

    def __init__(self, pairs: Pairs) -> None:
        super().__init__({str(n): pair for n, pair in enumerate(pairs)})
        self.pairs = list(pairs)


def text_of(value: Any) -> str:
    if isinstance(value, Twice):
        members = (f"{json.dumps(key)}: {text_of(child)}" for key, child in value.pairs)
        return f"{{{', '.join(members)}}}"
    if isinstance(value, dict):
        return text_of(Twice(list(value.items())))
    if isinstance(value, list):
        return f"[{', '.join(map(text_of, value))}]"
    return json.dumps(value)


def read(body: bytes, source: str = LIST, memo: Memo | None = None) -> PageReading:
    """What a body amounts to; every price cell of it is accounted for."""
    memo = memo or Memo()
    reading = read_fetch(source, [(body, "https://openrouter.ai/")], AT, memo)
    assert verify(source, [body], reading, memo) == []
    assert verify(source, [body], reading) == []
    return reading


def a_list(*models: Any) -> bytes:
    return text_of({"data": list(models)}).encode()


def refused(reading: PageReading) -> list[tuple[str, str, str]]:
    cells = [*reading.extra_cells, *(cell for row in reading.rows for cell in row.cells)]
    return [(c.reason, c.raw_text, c.detail) for c in cells if c.outcome is Outcome.REJECTED]


def claims(reading: PageReading) -> dict[str | None, list[str]]:
    return {row.listing.model_id: [c.raw_text for c in row.claims] for row in reading.rows}


TWO_PROMPTS = Twice([("prompt", "1"), ("completion", "3"), ("prompt", "2")])


@pytest.mark.parametrize("first", [True, False])
def test_two_prices_under_one_key_are_both_refused_and_shown(first: bool) -> None:
    model = {"id": "acme/two", "name": "Acme: Two", "pricing": TWO_PROMPTS}
    models = [model, GOOD] if first else [GOOD, model]

    reading = read(a_list(*models))

    assert claims(reading) == {"acme/two": [], "acme/good": ["1", "2"]}
    why = "pricing.prompt is stated more than once: 1 and 2"
    assert sorted(refused(reading)) == [("duplicate_key", text, why) for text in ("1", "2", "3")]


@pytest.mark.parametrize("key", ["pricing", "pricing_skus"])
def test_two_blocks_of_prices_are_both_refused(key: str) -> None:
    model = Twice([("id", "acme/two"), (key, {"prompt": "1"}), (key, {"prompt": "2"})])

    reading = read(a_list(model, GOOD))

    assert claims(reading)["acme/two"] == []
    assert {text for _, text, _ in refused(reading)} == {"1", "2"}


@pytest.mark.parametrize("key", ["id", "type"])
def test_a_model_that_is_named_twice_is_none(key: str) -> None:
    model = Twice([("id", "a/1"), (key, "a/1"), (key, "a/2"), ("pricing", {"prompt": "7"})])

    reading = read(a_list(model, GOOD))

    assert list(claims(reading)) == ["acme/good"]
    [(reason, text, detail)] = refused(reading)
    assert (reason, text) == ("duplicate_key", "7")
    assert "a/1 and a/2" in detail


@pytest.mark.parametrize("key", ["data", "total_count", "links"])
def test_a_list_stated_twice_is_refused_as_a_whole(key: str) -> None:
    said = Twice([("data", [GOOD]), ("total_count", 1), (key, [GOOD]), (key, [GOOD])])

    with pytest.raises(ExtractError, match=f"{key} is stated more than once"):
        read(text_of(said).encode())


def test_equal_keys_where_no_price_stands_are_drift_and_lose_nothing() -> None:
    model = {**GOOD, "architecture": Twice([("tokenizer", "a"), ("tokenizer", "b")])}

    reading = read(a_list(model))

    assert claims(reading) == {"acme/good": ["1", "2"]}
    assert [(d.what, d.count) for d in reading.drift if d.kind == "duplicate_key"] == [
        ("architecture.tokenizer", 1)
    ]


def test_a_model_is_read_anew_once_its_keys_are_single() -> None:
    memo = Memo()
    said = Twice([("prompt", "9"), ("prompt", "1"), ("completion", "2")])
    doubled = {**GOOD, "pricing": said}

    for model, found in ((GOOD, ["1", "2"]), (doubled, []), (GOOD, ["1", "2"])):
        assert claims(read(a_list(model), memo=memo)) == {"acme/good": found}


KEYS = st.sampled_from(["prompt", "completion", "overrides", "unit", "name", "when", "x y"])
LEAVES = st.sampled_from(["1", "0.5", "-1", "", None, 3, True])
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(st.tuples(KEYS, inner), max_size=4).map(Twice) | st.lists(inner, max_size=2)
    ),
    max_leaves=8,
)
MEMBERS = st.lists(
    st.tuples(st.sampled_from(["pricing", "pricing_skus", "type", "info"]), TREES), max_size=4
)


@pytest.mark.parametrize("source", [LIST, "openrouter_videos", "aiml_models", "aiml_deprecations"])
@given(st.lists(MEMBERS, max_size=3), st.booleans())
def test_no_cell_is_lost_however_often_a_key_is_stated(
    source: str, models: list[list[tuple[str, Any]]], bare: bool
) -> None:
    listed = [Twice([("id", f"a/{n % 2}"), *members]) for n, members in enumerate(models)]
    given_ = [*listed, {**GOOD, "pricing_skus": {"duration_seconds": "1"}}]

    read(text_of(given_ if bare else {"data": given_}).encode(), source)


UNUSABLE = ["a\nb", "a\x00b", "a\x1b[31mb", "a\u2028b", "a\u202eb", "a\u2066b", "\x9b2J", "x" * 201]


@pytest.mark.parametrize("identity", UNUSABLE)
@pytest.mark.parametrize("key", ["id", "type"])
def test_an_id_that_steers_or_has_no_end_is_refused_and_the_others_are_read(
    key: str, identity: str
) -> None:
    model = {**GOOD, "id": "acme/other", key: identity}

    reading = read(a_list(model, GOOD))

    assert list(claims(reading)) == ["acme/good"]
    assert [reason for reason, _, _ in refused(reading)] == ["unusable_id"] * 2
    assert all(cell.locator.startswith("$.data[0]") for cell in reading.extra_cells)
    assert all(len(cell.detail) < 300 and "\n" not in cell.detail for cell in reading.extra_cells)


@given(st.text() | st.text(st.characters(categories=["Cf", "Cc", "Zl", "Zp", "Zs"])))
def test_reader_and_walker_agree_on_what_a_name_is(text: str) -> None:
    assert is_name(text) is is_plain(text)
    assert is_name(displayable(text)) is (len(displayable(text)) <= 200)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://aimlapi.com/x", "https://aimlapi.com/x"),
        ("HTTP://aimlapi.com", "HTTP://aimlapi.com"),
        ("javascript:alert(1)", None),
        ("//aimlapi.com/x", None),
        ("https://a.example/\r\nX: y", None),
        ("", None),
        (None, None),
    ],
)
def test_an_address_of_a_model_is_one_of_the_web(text: str | None, address: str | None) -> None:
    assert web_address(text) == address
    model = {"id": "a/b", "type": "openai/chat-completions", "info": {"name": "B", "url": text}}
    [row] = read(a_list(model), "aiml_models").rows
    assert row.listing.source_url == address


def test_a_row_with_far_too_many_cells_is_refused_alone() -> None:
    overrides = [{"min_prompt_tokens": n, "prompt": str(n)} for n in range(1, MOST_CELLS + 1)]
    wide = {"id": "acme/wide", "pricing": {"prompt": "1", "overrides": overrides}}

    reading = read(a_list(wide, GOOD))

    assert claims(reading) == {"acme/wide": [], "acme/good": ["1", "2"]}
    assert {reason for reason, _, _ in refused(reading)} == {"too_many_cells"}
    assert len(refused(reading)) == MOST_CELLS + 1


def test_a_list_of_far_too_many_models_is_refused_as_a_whole() -> None:
    body = a_list(*({"id": str(n)} for n in range(MOST_MODELS)), GOOD)

    with pytest.raises(ExtractError, match="20,001 models, at most 20,000"):
        read(body)


def test_too_many_models_on_several_pages_are_refused_too() -> None:
    page = a_list(*({"id": str(n), "pricing": {}} for n in range(MOST_MODELS // 2 + 1)))

    with pytest.raises(ExtractError, match="20,002 models, at most 20,000"):
        read_fetch(LIST, [(page, ""), (page, "")], AT)


def test_a_model_of_far_too_many_endpoints_is_refused() -> None:
    endpoints = [{"tag": str(n), "pricing": {"prompt": "1"}} for n in range(MOST_ENDPOINTS + 1)]
    body = text_of({"data": {"id": "acme/one", "endpoints": endpoints}}).encode()

    with pytest.raises(ExtractError, match="2,001 endpoints, at most 2,000"):
        read_fetch("openrouter_endpoints", [(body, "")], AT)


def test_equal_keys_in_the_endpoints_of_a_model_refuse_the_answer() -> None:
    endpoint = {"tag": "a", "pricing": Twice([("prompt", "1"), ("prompt", "2")])}
    body = text_of({"data": {"id": "acme/one", "endpoints": [endpoint]}}).encode()

    with pytest.raises(ExtractError, match=r"pricing\.prompt is stated more than once: 1 and 2"):
        read_fetch("openrouter_endpoints", [(body, "")], AT)


@pytest.mark.parametrize(
    ("part", "most", "words"),
    [
        ("<tr><td>x</td></tr>", MOST_PAGE_ROWS, "rows"),
        ('<div class="w-dyn-item"></div>', MOST_PAGE_ROWS, "rows"),
        ("<p>$1</p>", MOST_PAGE_AMOUNTS, "amounts"),
        ("x", MOST_PAGE_BYTES, "bytes"),
    ],
)
def test_a_page_without_end_is_refused_before_it_is_read(part: str, most: int, words: str) -> None:
    body = f"<!doctype html><html><body>{part * (most + 1)}</body></html>".encode()

    with pytest.raises(ExtractError, match=f"[0-9,]+ {words}, at most {most:,}"):
        read_fetch("aiml_pricing_page", [(body, "")], AT)


def test_a_name_on_a_page_that_steers_is_shown_harmlessly_and_keeps_its_prices() -> None:
    name = "Acme / O&#27;[31mne&#x202e; " + "x" * 400
    body = (
        "<!doctype html><html><head><title>Prices</title></head><body><section>"
        "<h2>Text models, per 1M tokens</h2><div class='total-table-price w-dyn-item'>"
        f"<div class='footer-headline break'>{name}</div><div class='context-table'>8K</div>"
        "<div class='input-table'>1</div><div class='output-table'>2</div></div></section></body>"
        "</html>"
    ).encode()

    [row] = read(body, "aiml_pricing_page").rows

    assert len(row.listing.name) <= 300
    assert is_name(row.listing.name[:200])
    assert [claim.raw_text for claim in row.claims] == ["1", "2"]
