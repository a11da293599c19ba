"""The walker counts what readers must account for, and agrees with them whatever the page."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.reading import ExtractError
from spiders.sources import aiml_pricing_page, page_amounts, page_dom
from spiders.walker import Cells, WalkedCell
from spiders.walker_html import walk_html
from spiders.walker_json import Known, walk_json

ROOT = Path(__file__).parents[2]


def flat(groups: Iterable[Cells]) -> list[WalkedCell]:
    return [cell for cells in groups for cell in cells]


def cells(document: object) -> dict[str, str]:
    found = flat(walk_json(json.dumps(document).encode()))
    assert len({cell.locator for cell in found}) == len(found)
    return {cell.locator: cell.raw_text for cell in found}


# --- JSON -----------------------------------------------------------------------------------------


def test_they_share_no_code_with_the_readers() -> None:
    walkers = {path.stem: path for path in (ROOT / "spiders").glob("walker*.py")}
    assert len(walkers) == 4
    for path in walkers.values():
        source = path.read_text(encoding="utf-8")
        ours = set(
            re.findall(r"^(?:from|import) ((?:spiders|models|flows)\S*)", source, re.MULTILINE)
        )
        assert ours <= {f"spiders.{name}" for name in walkers}, path


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.text('{}[]",:\\ 0.\u00e9\ud83d', max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["prompt", "unit", "a b", ""]), inner, max_size=3)
    ),
    max_leaves=8,
)
ENTRIES = st.fixed_dictionaries(
    {},
    optional={
        "id": st.sampled_from(["a", "b", "it's", "", 7]),
        "type": st.sampled_from(["t", None]),
        "pricing": VALUES,
        "pricing_skus": VALUES,
        "data": VALUES,
    },
)


@given(
    st.lists(st.lists(ENTRIES | VALUES, max_size=5), min_size=1, max_size=4),
    st.sampled_from([None, 1]),
)
def test_a_list_taken_apart_has_the_cells_of_one_parsed_at_once(
    lists: list[list[object]], indent: int | None
) -> None:
    known = Known()
    for entries in lists:
        apart = json.dumps({"data": entries, "total_count": 1}, indent=indent).encode()
        at_once = json.dumps({"total_count": 1, "data": entries}).encode()
        assert flat(walk_json(apart, known)) == flat(walk_json(at_once))
        assert flat(walk_json(apart, known)) == flat(walk_json(apart)), "nor does memory change it"


@pytest.mark.parametrize(
    "body",
    [
        b'{"data":[{"id":"a","pricing":{"p":"1"}}],"data":[]}',
        b'{"data":[{"id":"a","pricing":{"p":"1"}}],"d\\u0061ta":[]}',
        b'[{"id":"a","pricing":{"p":"1"}}]]',
        b'[{"id":"a","pricing":{"p":"1"}},]',
        b'[{"id":"a","pricing":{"p":"1"}} {"id":"b"}]',
        b'[{"id":"a","pricing":{"p":"1"}},{"id":"b"]',
    ],
)
def test_what_only_begins_like_a_list_has_no_cells(body: bytes) -> None:
    assert flat(walk_json(body)) == []


def test_a_model_that_is_printed_as_before_is_not_walked_again() -> None:
    known = Known()
    before = [*walk_json(b'[{"id":"a","pricing":{"p":"1"}},{"id":"b","pricing":{"p":"2"}}]', known)]
    after = [*walk_json(b'[{"id":"b","pricing":{"p":"2"}},{"id":"a","pricing":{"p":"3"}}]', known)]
    assert [cell.raw_text for cell in flat(after)] == ["2", "3"]
    assert after[0] is before[1]


def test_every_scalar_below_pricing_is_a_cell_and_metadata_is_none() -> None:
    pricing = {
        "prompt": "0.1",
        "currency": "USD",
        "overrides": [{"min_prompt_tokens": 200, "utc_start": 100, "prompt": "0.2", "odd": None}],
        "new": {"deep": [1, True]},
    }
    where = "$.data[?@.id=='a/b'].pricing"
    assert cells({"data": [{"id": "a/b", "pricing": pricing}]}) == {
        f"{where}.prompt": "0.1",
        f"{where}.overrides[0].prompt": "0.2",
        f"{where}.overrides[0].odd": "null",
        f"{where}.new.deep[0]": "1",
        f"{where}.new.deep[1]": "true",
    }


def test_units_and_variants_are_told_by_type_and_position() -> None:
    units = [{"name": "token", "content": "text", "origin": "provided", "price": 1.50, "per": 1000}]
    variants = [{"when": {"resolution": "720p"}, "price": 0.39, "unit": "second", "per": 1}]
    body = {
        "data": [
            {"id": "x", "type": "y/z", "pricing": {"kind": "fixed", "units": units}},
            {
                "id": "x",
                "type": "v",
                "pricing": {"dimensions": ["resolution"], "variants": variants},
            },
        ]
    }
    assert cells(body) == {
        "$.data[?@.id=='x'&&@.type=='y/z'].pricing.units[0].price": "1.5",
        "$.data[?@.id=='x'&&@.type=='v'].pricing.variants[0].price": "0.39",
    }


def test_numbers_keep_their_digits() -> None:
    body = b'[{"id": "x", "pricing": {"a": 0.10, "b": 1E-7, "c": 1.000000000000000000001}}]'
    assert [cell.raw_text for cell in flat(walk_json(body))] == [
        "0.10",
        "1E-7",
        "1.000000000000000000001",
    ]


def test_a_bare_list_a_second_entry_and_one_without_an_id() -> None:
    entry = {"id": "it's", "pricing": {"prompt": "1"}}
    skus = {"pricing": None, "pricing_skus": {"a-b": "2"}}
    assert cells([entry, entry, skus]) == {
        "$[?@.id=='it\\'s'].pricing.prompt": "1",
        "$[?@.id=='it\\'s'][1].pricing.prompt": "1",
        "$[2].pricing_skus['a-b']": "2",
    }


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"1", b'{"data": 1}', b"[1, null]", b"\xff", b"[" * 9999]
)
def test_what_is_no_catalogue_has_no_cells(body: bytes) -> None:
    assert flat(walk_json(body)) == []


# --- HTML -----------------------------------------------------------------------------------------


def walked(inner: str) -> dict[str, str]:
    return {
        c.locator: c.raw_text
        for c in flat(walk_html(f"<html><body>{inner}</body></html>".encode()))
    }


def test_price_columns_count_whatever_they_hold_unless_empty() -> None:
    inner = (
        '<div class="input-table">1.5</div><div class="output-table"> </div>'
        '<p class="price">Contact us</p><div class="price"><b class="price">Free</b></div>'
    )
    assert walked(inner) == {
        "/html/body/div[1]": "1.5",
        "/html/body/p": "Contact us",
        "/html/body/div[3]/b": "Free",
    }


def test_table_cells_count_by_the_head_of_their_column() -> None:
    inner = (
        "<table><tr><th>Model</th><th>Context window</th><th>Input</th><th>Cost</th></tr>"
        "<tr><td colspan=4>Text</td></tr>"
        "<tr><td rowspan=2>A $1 model</td><td>128K</td><td colspan=2>0.9</td></tr>"
        "<tr><td>8K</td><td>1</td><td>&mdash;</td><td>$7</td></tr></table>"
    )
    assert walked(inner) == {
        "/html/body/table/tr[3]/td[1]/text()[1]": "A $1 model",
        "/html/body/table/tr[3]/td[3]": "0.9",
        "/html/body/table/tr[4]/td[2]": "1",
        "/html/body/table/tr[4]/td[3]": "—",
        "/html/body/table/tr[4]/td[4]/text()[1]": "$7",
    }


def test_texts_with_money_count_where_people_see_them() -> None:
    inner = (
        "<p>plain<br>now $5 <!-- $6 -->or 0.04 per image</p><script>$7</script>"
        "<template><i>$8</i></template><p>24/7, GPT-5, Veo 3 / video</p>"
    )
    assert walked(inner) == {
        "/html/body/p[1]/text()[2]": "now $5",
        "/html/body/p[1]/text()[3]": "or 0.04 per image",
    }


def test_json_ld_prices_count() -> None:
    block = '{"offers": [{"price": 5.25, "lowPrice": "1", "a/b": {"price": {"price": 2}}}]}'
    assert walked(f'<script type="application/ld+json">{block}</script>') == {
        "/html/body/script#/offers/0/price": "5.25",
        "/html/body/script#/offers/0/lowPrice": "1",
        "/html/body/script#/offers/0/a~1b/price/price": "2",
    }


@pytest.mark.parametrize("body", [b"", b" ", b"<!-- -->", b"\x00", b'<script type="ld+json">{'])
def test_what_is_no_page_has_no_cells(body: bytes) -> None:
    assert flat(walk_html(body)) == []


# --- agreement with the readers -------------------------------------------------------------------

_PIECES = (
    "$|€|0.04|1|13|105 000| |per|image|/|1M|tokens|USD|AI/ML Tokens|credits|from|Veo 3|input|s"
)
_PIECES += "|sec|1024x1024|-|—|Free|million|k|search|web search|,|.|per second|0|US|cents|video|¢|x"
_pieces = st.lists(st.sampled_from(_PIECES.split("|")), max_size=9)


@given(_pieces.map("".join) | _pieces.map(" ".join) | st.text(max_size=30))
def test_both_see_money_in_the_same_texts(text: str) -> None:
    plain = text.translate(dict.fromkeys(map(ord, "<&\x00")))
    body = f"<p>{plain}</p>".encode("utf-8", "ignore")
    shown = page_dom.parse(body).texts
    seen = [node for node in shown if page_amounts.has_amount(node.text)]
    assert len(seen) == len(flat(walk_html(body)))


_texts = st.sampled_from(
    [
        "$0.04 per image",
        "OpenAI / DALL-E 3",
        "Input",
        "Output",
        "1.5",
        "Free",
        "€2",
        "—",
        "Price",
        "Model",
        "Text models",
        "Image models",
        "per 1M tokens",
        "$1 per 1M input tokens / $2 per 1M output tokens",
        "GPT-5: $1 per 1M tokens",
        "Unit",
        "",
        "$3",
        "Get $5 free.",
        "Type",
        "Batch",
        "CA$3 per image",
        "Was $5",
        "All prices in EUR",
        "Cache write (1h)",
        "Resolution",
    ]
)
_tags = st.sampled_from(
    [
        "div",
        "p",
        "span",
        "h2",
        "h3",
        "li",
        "ul",
        "table",
        "tr",
        "td",
        "th",
        "thead",
        "tbody",
        "section",
        "dl",
        "dt",
        "dd",
        "b",
        "script",
        "a",
        "template",
        "del",
        "caption",
    ]
)
_classes = st.sampled_from(
    [
        "",
        "price",
        "input-table",
        "output-table",
        "footer-headline break",
        "total-table-price w-dyn-item",
        "w-dyn-item",
        "context-table",
        "card",
        "heading-2",
        "model-name",
    ]
)
_attributes = st.sampled_from(["", " colspan=2", " rowspan=2", " id=image-models", " hidden"])
_nodes = st.recursive(
    _texts,
    lambda inner: st.builds(
        lambda tag, name, more, children: (
            f'<{tag} class="{name}"{more}>{"".join(children)}</{tag}>'
        ),
        _tags,
        _classes,
        _attributes,
        st.lists(inner, max_size=5),
    ),
    max_leaves=20,
)
_lines = st.builds(
    lambda cells: "<tr>" + "".join(f"<{tag}{a}>{x}</{tag}>" for tag, a, x in cells) + "</tr>",
    st.lists(st.tuples(st.sampled_from(["td", "td", "th"]), _attributes, _nodes), max_size=4),
)
_tables = st.builds(
    lambda head, lines: (
        "<table><tr>"
        + "".join(f"<th{a}>{x}</th>" for a, x in head)
        + f"</tr>{''.join(lines)}</table>"
    ),
    st.lists(st.tuples(_attributes, _texts), max_size=4),
    st.lists(_lines, max_size=4),
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_nodes | _tables, max_size=4))
def test_both_find_the_same_cells_on_any_page(parts: list[str]) -> None:
    readable = "<h2>Image models</h2><p>Zed / Z: $0.5 per image</p>"
    body = f"<html><body>{''.join(parts)}{readable}</body></html>".encode()
    try:
        (reading,) = aiml_pricing_page.read([body])
    except ExtractError:
        return
    outcomes = [*(cell for row in reading.rows for cell in row.cells), *reading.extra_cells]
    settled = Counter((cell.locator, cell.raw_text) for cell in outcomes)
    assert settled == Counter((cell.locator, cell.raw_text) for cell in flat(walk_html(body)))


@pytest.mark.parametrize("source", ["openrouter_models", "aiml_models"])
def test_locators_of_the_recording_are_distinct(source: str) -> None:
    for path in (ROOT / "fixtures" / "captures" / source).glob("*.json"):
        found = Counter(cell.locator for cell in flat(walk_json(path.read_bytes())))
        assert not [locator for locator, count in found.items() if count > 1]
