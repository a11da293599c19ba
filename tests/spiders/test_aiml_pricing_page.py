"""The pricing page: fixtures of every layout, then one rule at a time on the smallest page."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.reading import (
    CellResult,
    Claim,
    ExtractError,
    Outcome,
    PageReading,
    PriceStatus,
    Row,
)
from spiders import fixture
from spiders.read import read_fetch, verify
from spiders.sources import aiml_pricing_page as page
from spiders.sources.page_words import developer_and_name, is_title, terms_in, work_of

FOLDERS = sorted((Path(__file__).parents[2] / "fixtures" / "aiml_pricing_page").iterdir())
CAPTURES = Path(__file__).parents[2] / "fixtures" / "captures" / "aiml_pricing_page"


def read(*inner: str) -> tuple[PageReading, ...]:
    bodies = [f"<html><body>{body}</body></html>".encode() for body in inner]
    readings = page.read(bodies)
    for body, reading in zip(bodies, readings, strict=True):
        assert verify("aiml_pricing_page", [body], reading) == []
    return readings


def claims(inner: str) -> dict[tuple[str, str], str]:
    """Price by model and meter of a one-page body, as text."""
    (reading,) = read(inner)
    return {
        (row.listing.name, claim.meter): format(claim.unit_price or Decimal(0), "f")
        for row in reading.rows
        for claim in row.claims
    }


def refused(inner: str) -> dict[str, str]:
    (reading,) = read(inner + "<h2>Image models</h2><p>Zed / Z: $9 per image</p>")
    return {cell.raw_text: cell.reason for cell in _cells(reading) if cell.reason}


def _cells(reading: PageReading) -> list[CellResult]:
    return [*(cell for row in reading.rows for cell in row.cells), *reading.extra_cells]


def item(name: str, given_in: str, out: str = "", context: str = "") -> str:
    return (
        '<div role="listitem" class="total-table-price w-dyn-item">'
        f'<div class="footer-headline break">{name}</div><div class="context-table">{context}</div>'
        f'<div class="input-table">{given_in}</div><div class="output-table">{out}</div></div>'
    )


def card(name: str, price: str) -> str:
    return f'<div class="card"><h3>{name}</h3><div class="price">{price}</div></div>'


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_fixture_reads_as_expected(folder: Path) -> None:
    expected = json.loads((folder / fixture.EXPECTED).read_text(encoding="utf-8"))
    assert fixture.outcome(fixture.load("aiml_pricing_page", folder)) == expected


def test_there_is_a_fixture_for_every_layout_and_for_pages_that_cannot_be_read() -> None:
    bodies = [(folder / "page.html").read_text(encoding="utf-8") for folder in FOLDERS]
    layouts = {row.facts["layout"] for body in bodies for row in _rows(body.encode())}
    assert layouts == {"webflow", "table", "phrases"}
    assert sum("exception" in (f / "expected.json").read_text("utf-8") for f in FOLDERS) >= 4


def _rows(body: bytes) -> list[Row]:
    try:
        return page.extract(body)
    except ExtractError:
        return []


# --- where a price gets its unit from -------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "sub", "price", "meter", "expected"),
    [
        ("Image models", "Price per image", "0.052", "output_image", "0.052"),
        ("Image models", "per megapixel", "0.05", "output_megapixel", "0.05"),
        ("Video models", "USD / second", "0.39", "output_video_second", "0.39"),
        ("Video models", "per video", "0.294", "output_video", "0.294"),
        ("Text to speech", "per 1000 characters", "0.286", "input_character", "0.000286"),
        ("Speech to text", "per minute", "0.006", "input_audio_second", "0.0001"),
        ("Music", "per song", "0.039", "output_track", "0.039"),
        ("Music", "per minute", "0.6", "output_audio_second", "0.01"),
        ("Document OCR", "per 1000 pages", "1.3", "input_page", "0.0013"),
        ("Web search", "per 1000 searches", "7.8", "search_query", "0.0078"),
        ("Embeddings", "per 1M tokens", "0.026", "input_token", "0.000000026"),
    ],
)
def test_the_section_gives_a_bare_price_its_unit(
    title: str, sub: str, price: str, meter: str, expected: str
) -> None:
    inner = f"<h2>{title}</h2><p>{sub}</p>{item('Lab / Model', price)}"
    assert claims(inner) == {("Model", meter): expected}


def test_bare_numbers_of_text_models_are_per_million_tokens() -> None:
    inner = "<h2>Text models</h2>" + item("OpenAI / GPT-5", "1.625", "13", "400К")
    assert claims(inner) == {
        ("GPT-5", "input_token"): "0.000001625",
        ("GPT-5", "output_token"): "0.000013",
    }
    (reading,) = read(inner)
    assert reading.rows[0].listing.context_length == 400_000


def test_two_filled_cells_make_a_text_model_where_no_section_says_so() -> None:
    (reading,) = read(item("OpenAI / GPT-5", "1.625", "13"))
    assert reading.rows[0].listing.operation == "chat"


def test_an_image_model_among_text_models_sells_image_tokens() -> None:
    inner = "<h2>Text models</h2>" + item("Google / Gemini 3.1 Flash Image", "0.325", "78")
    name = "Gemini 3.1 Flash Image"
    assert claims(inner) == {
        (name, "input_token"): "0.000000325",
        (name, "output_image_token"): "0.000078",
    }


def test_a_lone_price_per_token_stands_for_both_directions() -> None:
    inner = "<h2>Text models</h2>" + card("Llama 3 (70B)", "$0.945 per 1M tokens")
    assert set(claims(inner).values()) == {"0.000000945"}
    assert len(claims(inner)) == 2


def test_several_prices_in_one_text_are_read_one_by_one() -> None:
    inner = "<h2>Chat</h2><p>GPT-5: $1.25 per 1M input tokens, $10 per 1M output tokens</p>"
    assert claims(inner) == {
        ("GPT-5", "input_token"): "0.00000125",
        ("GPT-5", "output_token"): "0.00001",
    }


def test_a_size_becomes_a_condition() -> None:
    (reading,) = read("<h2>Image models</h2>" + card("DALL-E 3", "$0.042 per 1024x1024 image"))
    (claim,) = reading.rows[0].claims
    assert claim.conditions.to_json() == '{"height":1024,"width":1024}'


def test_credits_and_variable_prices() -> None:
    (reading,) = read(
        "<h2>Video</h2>"
        + card("Gen 4", "63 000 AI/ML Tokens per second")
        + card("Veo 3.1", "$0.42 per second (variable)")
    )
    prices = [(claim.status, claim.unit_price) for row in reading.rows for claim in row.claims]
    assert prices == [(PriceStatus.KNOWN, Decimal("0.0315")), (PriceStatus.DYNAMIC, None)]


@pytest.mark.parametrize(
    ("inner", "reason"),
    [
        ("<h2>3D models</h2>" + item("Tripo / Triposr", "0.091"), "unit_not_established"),
        (item("Nobody / Knows", "0.052"), "unit_not_established"),
        (
            "<h2>Image</h2><p>per image or per megapixel</p>" + item("A / B", "1"),
            "unit_not_established",
        ),
        (
            "<h2>Image &amp; video</h2><p>per second</p>" + item("A / B", "1"),
            "unit_not_established",
        ),
        ("<h2>Video models</h2>" + card("A", "$1 per image"), "unit_not_established"),
        ("<h2>Audio models</h2>" + card("A", "$1 per minute"), "unit_not_established"),
        ("<h2>Image models</h2>" + card("A", "€0.04 per image"), "currency"),
        ("<h2>Image models</h2>" + card("A", "from $0.04 per image"), "lower_bound"),
        ("<h2>Image models</h2>" + card("A", "$0.04 – $0.08 per image"), "range"),
        ("<h2>Video models</h2>" + card("A", "-$0.01 per second"), "negative"),
        ("<h2>Video models</h2>" + card("A", "Contact sales"), "unreadable"),
        ("<p>Every plan starts with $5 of credits.</p>", "no_model"),
        ("<h2>Plans</h2>" + card("Startup", "$20 / month"), "no_model"),
    ],
)
def test_what_is_open_is_refused(inner: str, reason: str) -> None:
    assert set(refused(inner).values()) == {reason}


def test_a_title_of_its_own_ends_the_section_before() -> None:
    inner = "<h2>Image models</h2><p>per image</p>" + item("A / B", "0.05") + "<h2>Voices</h2>"
    assert refused(inner + item("C / D", "0.07")) == {"0.07": "unit_not_established"}


def test_a_section_inside_a_box_says_nothing_of_the_next_box() -> None:
    box = f"<div><h2>Video models</h2><p>per second</p>{item('A / B', '0.05')}</div>"
    assert refused(box + f"<div>{item('C / D', '0.07')}</div>") == {"0.07": "unit_not_established"}


def test_tabs_name_their_panes() -> None:
    inner = (
        '<a data-w-tab="Video">Video</a><div data-w-tab="Video" class="w-tab-pane">'
        f"<p>per second</p>{item('OpenAI / Sora 2 Pro', '0.39')}</div>"
    )
    assert claims(inner) == {("Sora 2 Pro", "output_video_second"): "0.39"}


# --- which model a price belongs to ---------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        (
            '<div class="model-name">A / One</div><div class="price">$1 per image</div>'
            '<div class="model-name">A / Two</div><div class="price">$2 per image</div>'
        ),
        "<p>A / One — $1 per image</p><p>A / Two - $2 per image</p>",
        "<ul><li><b>A / One</b> — $1 per image</li><li><b>A / Two</b> $2 per image</li></ul>",
        "<dl><dt>A / One</dt><dd>$1 per image</dd><dt>A / Two</dt><dd>$2 per image</dd></dl>",
        (
            "<table><tr><td>A / One</td><td>$1 per image</td></tr>"
            "<tr><td>A / Two</td><td>$2 per image</td></tr></table>"
        ),
        (
            "<table><tr><th>Model</th><th>Price per image</th></tr>"
            "<tr><td>A / One</td><td>1</td></tr><tr><td>A / Two</td><td>$2</td></tr></table>"
        ),
        (
            "<table><tr><th>Name</th><th>Provider</th><th>Cost</th><th>Unit</th></tr>"
            "<tr><td>One</td><td>A</td><td>$1</td><td>image</td></tr>"
            "<tr><td>Two</td><td>A</td><td>$2</td><td>per image</td></tr></table>"
        ),
        "<h3>A / One</h3><p>$1 per image</p><h3>A / Two</h3><p>$2 per image</p>",
        (
            '<div class="c"><span>$1</span><span>/ image</span><h4>A / One</h4></div>'
            '<div class="c"><span>$2</span><span>per image</span><h4>A / Two</h4></div>'
        ),
    ],
)
def test_any_markup_that_puts_a_name_beside_a_price(body: str) -> None:
    (reading,) = read(f"<h2>Image models</h2>{body}")
    found = [
        (row.listing.developer, row.listing.name, [claim.unit_price for claim in row.claims])
        for row in reading.rows
    ]
    assert found == [("A", "One", [Decimal(1)]), ("A", "Two", [Decimal(2)])]


def test_a_card_without_a_name_does_not_borrow_its_neighbours() -> None:
    nameless = card("A sentence about it, no name.", "$9 per image").replace("h3", "p")
    (reading,) = read(
        f"<h2>Image models</h2><div>{card('DALL-E 3', '$1 per image')}{nameless}</div>"
    )
    assert [row.listing.name for row in reading.rows] == ["DALL-E 3"]
    assert [(c.raw_text, c.reason) for c in reading.extra_cells] == [("$9 per image", "no_model")]


def test_labels_beside_prices_tell_their_direction() -> None:
    inner = (
        "<h2>Chat models</h2><div><h3>GPT-5</h3>"
        "<p><span>Input</span><span>$1.3125</span><span>/ 1M tokens</span></p>"
        "<p><span>Output</span><span>$10.5</span><span>/ 1M tokens</span></p></div>"
    )
    assert claims(inner) == {
        ("GPT-5", "input_token"): "0.0000013125",
        ("GPT-5", "output_token"): "0.0000105",
    }


def test_lines_across_a_table_are_titles() -> None:
    inner = (
        "<table><tr><th>Model</th><th>Price</th></tr><tr><td colspan=2>Image models</td></tr>"
        "<tr><td>One</td><td>$1 per image</td></tr><tr><td colspan=2>Video models</td></tr>"
        "<tr><td>Two</td><td>$2 per second</td></tr></table>"
    )
    assert claims(inner) == {("One", "output_image"): "1", ("Two", "output_video_second"): "2"}


# --- twins ----------------------------------------------------------------------------------------


def _row(reading: PageReading, name: str) -> tuple[list[Claim], list[CellResult]]:
    (row,) = [row for row in reading.rows if row.listing.name == name]
    return [*row.claims], [*row.cells]


def test_equal_twins_are_one_price() -> None:
    (reading,) = read("<h2>Text models</h2>" + 2 * item("OpenAI / GPT-5", "1.625", "13"))
    found, cells = _row(reading, "GPT-5")
    assert [claim.meter for claim in found] == ["input_token", "output_token"]
    assert [cell.outcome.value for cell in cells] == ["claim", "claim", "merged", "merged"]


def test_twins_are_told_by_name_whatever_hyphen_it_is_printed_with() -> None:
    text = item("OpenAI / DALL\u2011E 3", "0.052") + item("OpenAI /  dall-e 3", "0.0520")
    (reading,) = read("<h2>Image models</h2><p>per image</p>" + text)
    assert len(reading.rows) == 1


def test_unequal_twins_are_no_price_and_each_shows_the_other() -> None:
    text = item("Kling AI / Kling Video", "0.091") + item("Kling AI / Kling Video", "0.098")
    (reading,) = read(f"<h2>Video models</h2><p>per second</p>{text}{item('A / B', '1')}")
    found, cells = _row(reading, "Kling Video")
    assert [(claim.status, claim.unit_price) for claim in found] == [(PriceStatus.UNKNOWN, None)]
    assert {cell.reason for cell in cells} == {"conflicting_twin"}
    assert "0.098" in cells[0].detail
    assert "0.091" in cells[1].detail


def test_only_the_contradicting_price_of_a_twin_is_lost() -> None:
    text = item("OpenAI / GPT-5", "1.625", "13") + item("OpenAI / GPT-5", "1.625", "12")
    (reading,) = read(f"<h2>Text models</h2>{text}")
    found, _ = _row(reading, "GPT-5")
    assert {claim.meter: claim.status for claim in found} == {
        "input_token": PriceStatus.KNOWN,
        "output_token": PriceStatus.UNKNOWN,
    }


def test_twins_are_settled_over_all_pages_of_a_fetch() -> None:
    one = "<h2>Text models</h2>" + item("A / B", "1", "2")
    first, second = read(one, one + item("C / D", "3", "4"))
    assert [row.listing.name for row in first.rows] == ["B"]
    assert [row.listing.name for row in second.rows] == ["D"]
    assert [cell.outcome for cell in second.extra_cells] == [Outcome.MERGED, Outcome.MERGED]


# --- JSON-LD --------------------------------------------------------------------------------------


def _offer(name: str, price: str, unit: str, **more: str) -> str:
    spec = {"@type": "UnitPriceSpecification", "price": price, "unitText": unit, **more}
    block = {"@type": "WebPage", "about": {"offers": [{"name": name, "priceSpecification": spec}]}}
    return f'<script type="application/ld+json">{json.dumps(block)}</script>'


@pytest.mark.parametrize(
    ("offer", "outcome", "reason"),
    [
        (_offer("A / B", "1", "1M input tokens"), Outcome.MERGED, ""),
        (_offer("A / B", "0.9", "1M input tokens"), Outcome.CLAIM, ""),
        (_offer("A / B", "0.1", "per 1M tokens cache read"), Outcome.CLAIM, ""),
        (_offer("A / B", "1", ""), Outcome.REJECTED, "unit_not_established"),
        (_offer("A / B", "1", "month"), Outcome.REJECTED, "unit_not_established"),
        (
            _offer("A / B", "1", "1M input tokens", priceCurrency="EUR"),
            Outcome.REJECTED,
            "currency",
        ),
        (_offer("A / Z", "1", "1M input tokens"), Outcome.REJECTED, "no_row"),
        (_offer("A / B", "call us", "1M input tokens"), Outcome.REJECTED, "unreadable"),
    ],
)
def test_json_ld_ranks_below_the_row(offer: str, outcome: Outcome, reason: str) -> None:
    (reading,) = read(offer + "<h2>Text models</h2>" + item("A / B", "1", "2"))
    (result,) = reading.extra_cells
    assert (result.outcome, result.reason) == (outcome, reason)
    rules = {claim.meter: claim.rule for claim in reading.rows[0].claims}
    is_new = outcome is Outcome.CLAIM and not reading.noted
    expected = {"cache_read_token": "json_ld"} if is_new else {}
    assert {meter: rule for meter, rule in rules.items() if rule == "json_ld"} == expected


def test_an_offer_that_contradicts_its_row_is_kept_beside_it() -> None:
    stale = _offer("A / B", "0.9", "1M input tokens")
    (reading,) = read(stale + "<h2>Text models</h2>" + item("A / B", "1", "2"))
    ((noted, body),) = reading.noted
    assert (noted.listing, body) == (reading.rows[0].listing, 0)
    assert [(claim.meter, claim.raw_text, claim.rule) for claim in noted.claims] == [
        ("input_token", "0.9", "json_ld")
    ]
    assert [claim.raw_text for claim in reading.rows[0].claims] == ["1", "2"]


def test_offers_that_contradict_each_other_are_refused() -> None:
    offers = _offer("A / B", "0.9", "1M input tokens") + _offer("A / B", "0.8", "1M input tokens")
    (reading,) = read(offers + "<h2>Text models</h2>" + item("A / B", "1", "2"))
    assert [cell.outcome for cell in reading.extra_cells] == [Outcome.CLAIM, Outcome.REJECTED]
    assert reading.extra_cells[1].reason == "conflicting_twin"
    assert "0.9" in reading.extra_cells[1].detail


def test_an_offer_does_not_fill_up_a_row_that_is_in_doubt() -> None:
    offer = _offer("A / B", "1", "1M input tokens")
    rows = item("A / B", "1", "2") + item("A / B", "1.5", "2")
    (reading,) = read(offer + "<h2>Text models</h2>" + rows)
    assert [(cell.outcome, cell.reason) for cell in reading.extra_cells] == [
        (Outcome.REJECTED, "doubtful_row")
    ]


def test_a_broken_json_ld_block_is_drift() -> None:
    broken = '<script type="application/ld+json">{"price": </script>'
    (reading,) = read(broken + "<h2>Text models</h2>" + item("A / B", "1", "2"))
    assert [drift.kind for drift in reading.drift] == ["vanished_field"]


# --- pages that cannot be read --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "anchor"),
    [
        (b"", "html"),
        (b"   ", "html"),
        (b"<html><body><h2>Image models</h2></body></html>", ".total-table-price"),
        (b'{"data": []}', ".total-table-price"),
        (item("A / B", "").encode(), ".input-table"),
        (item("", "1").encode(), ".footer-headline"),
        (item("A / B", "0.052").encode(), "price"),
    ],
)
def test_a_page_without_its_anchors_is_an_error_that_names_them(body: bytes, anchor: str) -> None:
    with pytest.raises(ExtractError) as error:
        page.read([body])
    assert error.value.anchor == anchor


@given(st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
def test_no_body_raises_anything_but_an_extract_error(body: bytes) -> None:
    try:
        page.read([body])
    except ExtractError:
        return


def test_a_long_page_takes_little_time() -> None:
    rows = "".join(item(f"Lab / Model {number}", f"{number}.5", "2") for number in range(1, 801))
    start = perf_counter()
    (reading,) = page.read([f"<body><h2>Text models</h2>{2 * rows}</body>".encode()])
    assert len(reading.rows) == 800
    assert perf_counter() - start < 6  # measured: 0.8 s on two busy cores


# --- the bundled recording ------------------------------------------------------------------------


@pytest.mark.parametrize("first", sorted(CAPTURES.glob("*Z.html")), ids=lambda path: path.name[:16])
def test_every_price_cell_of_the_recording_is_accounted_for(first: Path) -> None:
    second = first.with_name(first.name.replace(".html", ".p2.html"))
    bodies = [path.read_bytes() for path in (first, second) if path.exists()]
    at = fixture.load("aiml_pricing_page", FOLDERS[0]).fetched_at
    reading = read_fetch("aiml_pricing_page", [(body, page.URL) for body in bodies], at)
    assert verify("aiml_pricing_page", bodies, reading) == []


def test_the_prices_of_december_2025() -> None:
    reading = page.read([(CAPTURES / "2025-11-28T0600Z.html").read_bytes()])[0]
    found = {
        (row.listing.name.replace("\u2011", "-"), claim.meter): claim.unit_price
        for row in reading.rows
        for claim in row.claims
    }
    expected = {
        ("GPT-5", "input_token"): "0.0000013125",
        ("GPT-5", "output_token"): "0.0000105",
        ("Claude 4 Opus", "input_token"): "0.00001575",
        ("Claude 4 Opus", "output_token"): "0.00007875",
        ("Claude 3.5 Sonnet", "input_token"): "0.00000315",
        ("Claude 3.5 Sonnet", "output_token"): "0.00001575",
        ("Gemini 2.5 Flash", "input_token"): "0.000000315",
        ("Gemini 2.5 Flash", "output_token"): "0.000002625",
        ("Llama 3 (70B)", "input_token"): "0.000000945",
        ("Llama 3 (70B)", "output_token"): "0.000000945",
        ("DALL-E 3", "output_image"): "0.042",
        ("Stable Diffusion 3.5 Large", "output_image"): "0.068",
        ("Flux.1 Pro", "output_image"): "0.053",
        ("Sora 2 Pro", "output_video_second"): "0.315",
        ("Wan 2.2 Animate", "output_video_second"): "0.118",
        ("Kling Video", "output_video_second"): "0.074",
        ("ElevenLabs Multilingual v2", "input_character"): "0.000231",
        ("Deepgram Aura 2", "input_character"): "0.000032",
    }
    assert {key: found[key] for key in expected} == {k: Decimal(v) for k, v in expected.items()}


# --- words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "work"),
    [
        ("Text models", "text"),
        ("Text to image", "image"),
        ("Image to video models", "video"),
        ("Text-to-speech", "speech"),
        ("Speech to Text (STT)", "transcription"),
        ("Music and audio", "audio"),
        ("Audio models", "sound"),
        ("Document models (OCR)", "document"),
        ("text-embedding-models", "embedding"),
        ("Image & video", None),
        ("3D models", ""),
        ("Pricing", ""),
    ],
)
def test_titles_name_kinds_of_work(title: str, work: str | None) -> None:
    assert work_of(title) == work


def test_a_model_named_after_its_work_is_no_title() -> None:
    assert is_title("Image generation models")
    assert not is_title("Kling Video")


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Price per image, USD", {"per image"}),
        ("Input ($ / 1M tokens)", {"per 1m tokens"}),
        ("Text / image models", set()),
        ("Prices for image models", set()),
        ("per second or per video", {"per second", "per video"}),
    ],
)
def test_terms_are_found_where_a_price_is_spoken_of(text: str, terms: set[str]) -> None:
    assert terms_in([text]) == terms


@settings(max_examples=50)
@given(st.text(max_size=60))
def test_words_survive_any_text(text: str) -> None:
    work_of(text)
    terms_in([text])
    assert developer_and_name(text) is not None
