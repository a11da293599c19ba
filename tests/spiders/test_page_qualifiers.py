"""A price of the pricing page is read with every qualifying word around it, or refused.

Each page here has one model beside a control model in a box of its own, so that the page is never
refused as a whole.
"""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.reading import CellResult, Claim, ExtractError, Outcome, PriceStatus
from spiders.read import verify
from spiders.sources import aiml_pricing_page as page
from spiders.sources.page_labels import read_head
from spiders.sources.page_said import NOTHING, said_of, title_said
from spiders.sources.page_words import is_name

CONTROL: Final = "<div><h2>Music</h2><p>Zed / Z: $9 per song</p></div>"


def read(inner: str) -> tuple[list[Claim], list[CellResult]]:
    """The claims and cells of all models but the control."""
    body = f"<html><body>{CONTROL}<main>{inner}</main></body></html>".encode()
    readings = page.read([body])
    assert verify("aiml_pricing_page", [body], readings[0]) == []
    rows = [row for row in readings[0].rows if row.listing.name != "Z"]
    cells = [*(cell for row in rows for cell in row.cells), *readings[0].extra_cells]
    return [claim for row in rows for claim in row.claims], cells


def prices(inner: str) -> dict[tuple[str, str], str]:
    """The known prices by meter and conditions."""
    return {
        (claim.meter, claim.conditions.to_json()): format(claim.unit_price or 0, "f")
        for claim in read(inner)[0]
        if claim.status is PriceStatus.KNOWN
    }


def reasons(inner: str) -> set[str]:
    return {cell.reason for cell in read(inner)[1] if cell.outcome is Outcome.REJECTED}


def item(name: str, given_in: str, out: str = "", more: str = "") -> str:
    return (
        '<div class="total-table-price w-dyn-item">'
        f'<div class="footer-headline break">{name}</div><div class="context-table">128K</div>'
        f'{more}<div class="input-table">{given_in}</div>'
        f'<div class="output-table">{out}</div></div>'
    )


TEXT: Final = item("Acme / One", "1.3", "6.5")
LONE: Final = item("Acme / One", "0.5")


# --- titles and notes -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "rows", "reason"),
    [
        ("<h2>Text models, prices in EUR</h2>", TEXT, "currency"),
        ("<h2>Fine-tuning of language models</h2>", TEXT, "unit_not_established"),
        ("<h2>Text models above 200K tokens</h2>", TEXT, "unit_not_established"),
        ("<h2>Text models – 50% off</h2>", TEXT, "unit_not_established"),
        ("<h2>Text models from</h2>", TEXT, "unit_not_established"),
        ("<h2>Text models, cached input</h2>", TEXT, "unit_not_established"),
        ("<h2>Speech to text per minute per channel</h2>", LONE, "unit_not_established"),
        ("<h2>Image models per image step</h2>", LONE, "unit_not_established"),
        ("<h2>Text models</h2><p>All prices in EUR</p>", TEXT, "currency"),
        ("<h2>Text models</h2><p>All prices are in EUR.</p>", TEXT, "currency"),
        ("<h2>Text models</h2><p>Batch prices, 50% off</p>", TEXT, "unit_not_established"),
        ("<h2>Image models</h2><p>Price per image step</p>", LONE, "unit_not_established"),
        ("<h1>Fine-tuning</h1><h2>Text models</h2>", TEXT, "unit_not_established"),
        ("<h1>Prices in EUR</h1><h2>Text models</h2>", TEXT, "currency"),
        ("<p>All prices in EUR</p><h2>Text models</h2>", TEXT, "currency"),
        ("<h2>Text models</h2><p>All prices in credits</p>", TEXT, "currency"),
        ("<h2>Text models</h2><p>Prices in CA$</p>", TEXT, "currency"),
    ],
)
def test_a_qualifying_word_above_refuses_what_it_leaves_open(
    title: str, rows: str, reason: str
) -> None:
    assert prices(title + rows) == {}
    assert reasons(title + rows) == {reason}


@pytest.mark.parametrize(
    ("title", "price", "meter", "conditions"),
    [
        (
            "<h2>Video models 1080p, per second</h2>",
            "0.5",
            "output_video_second",
            '{"resolution":"1080p"}',
        ),
        (
            "<h2>Video models</h2><p>per second of 720p video</p>",
            "0.5",
            "output_video_second",
            '{"resolution":"720p"}',
        ),
        (
            "<h2>Video models</h2><p>per second</p><p>at 1080p with audio</p>",
            "0.5",
            "output_video_second",
            '{"has_audio":true,"resolution":"1080p"}',
        ),
        (
            "<h1>Batch API</h1><h2>Image models</h2><p>per image</p>",
            "0.5",
            "output_image",
            '{"service_tier":"batch"}',
        ),
        (
            "<h2>Image models per 1024x1024 image</h2>",
            "$0.5 per image",
            "output_image",
            '{"height":1024,"width":1024}',
        ),
    ],
)
def test_a_qualifying_word_above_becomes_a_condition(
    title: str, price: str, meter: str, conditions: str
) -> None:
    assert prices(title + item("Acme / One", price)) == {(meter, conditions): "0.5"}


@pytest.mark.parametrize(
    "text",
    [
        "Pricing",
        "AI/ML API pricing",
        "Explore our pricing for 300+ AI models",
        "Access over 300 AI models from top developers.",
        "Pay as you go. New accounts get $5 of credits.",
        "Every plan starts with $5 of credits.",
        "USD per 1M tokens; output counts image tokens",
        "Image models billed by tokens",
        "Speech to Text (STT)",
        "/ 1M tokens",
    ],
)
def test_prose_and_plain_titles_qualify_no_price(text: str) -> None:
    assert title_said(text) == NOTHING


def test_a_note_holds_for_the_rows_of_its_box_only() -> None:
    one = f"<div><p>Batch</p>{item('Acme / One', '0.5')}</div>"
    two = f"<div>{item('Acme / Two', '0.7')}</div>"
    assert prices(f"<h2>Image models</h2><p>per image</p>{one}{two}") == {
        ("output_image", '{"service_tier":"batch"}'): "0.5",
        ("output_image", "{}"): "0.7",
    }


def test_a_title_says_nothing_of_the_next_section() -> None:
    inner = f"<h2>Text models in EUR</h2>{TEXT}<h2>Image models</h2><p>per image</p>"
    assert prices(inner + item("Acme / Two", "0.7")) == {("output_image", "{}"): "0.7"}


@pytest.mark.parametrize("note", ["* All prices in EUR.", "Prices are in EUR"])
def test_a_footnote_is_about_the_prices_above_it(note: str) -> None:
    assert prices(f"<h2>Text models</h2>{TEXT}<p>{note}</p>") == {}


@pytest.mark.parametrize("note", ["Batch", "Batch prices", "50% off", "<b>Prices in EUR</b>"])
def test_a_note_between_rows_may_be_about_either(note: str) -> None:
    rows = f"{item('Acme / One', '1')}<p>{note}</p>{item('Acme / Two', '2')}"
    assert prices(f"<h2>Image models</h2><p>per image</p>{rows}") == {}


def test_a_text_after_the_last_price_of_a_section_is_looked_at() -> None:
    inner = "<h2>Video models</h2><h3>Acme / One</h3><p>$1 per second</p><h3>Acme / Two</h3>"
    last = "<p>$2 per second</p><p>1080p</p>"
    assert ("output_video_second", "{}") not in prices(f"{inner}{last}")


@pytest.mark.parametrize(
    "text",
    [
        "Save up to 80% on your AI costs compared with other providers.",
        "Choose a model to see its price. Starting at nothing.",
    ],
)
def test_praise_qualifies_no_price(text: str) -> None:
    assert len(prices(f"<h1>Pricing</h1><p>{text}</p><h2>Text models</h2>{TEXT}")) == 2


def test_links_and_prose_around_a_page_qualify_no_price() -> None:
    links = "<nav><a>Fine-tuning</a><a>Batch API</a></nav><div><a>Batch</a></div>"
    hero = "<h1>Explore our pricing for 300+ AI models</h1><p>Fine-tuning and batch, try it.</p>"
    assert prices(f"{links}{hero}<h2>Text models</h2>{TEXT}") == {
        ("input_token", "{}"): "0.0000013",
        ("output_token", "{}"): "0.0000065",
    }


@pytest.mark.parametrize("box", ['data-w-tab="Batch" class="w-tab-pane"', 'aria-label="Batch"'])
def test_the_name_of_a_box_is_a_title(box: str) -> None:
    tag = "div" if "pane" in box else "section"
    inner = f"<{tag} {box}><h2>Image models</h2><p>per image</p>{LONE}</{tag}>"
    assert prices(inner) == {("output_image", '{"service_tier":"batch"}'): "0.5"}


def test_the_head_of_a_further_column_of_a_list_qualifies_no_other_column() -> None:
    heads = "<div><i>Model</i><i>Input</i><i>Cached input</i><i>Output</i></div>"
    assert len(prices(f"<h2>Text models</h2>{heads}{TEXT}")) == 2


@pytest.mark.parametrize("context", ["above 200K", "&gt; 200K"])
def test_a_context_that_bounds_the_prices_refuses_them(context: str) -> None:
    assert prices("<h2>Text models</h2>" + TEXT.replace("128K", context)) == {}


def test_prices_in_one_box_are_no_notes_on_each_other() -> None:
    words = ("GPT Audio", "$40 per 1M input audio tokens", "$80 per 1M output audio tokens")
    inner = "".join(f"<div>{word}</div>" for word in words)
    assert prices(f"<section><h2>Text models</h2>{inner}</section>") == {
        ("input_audio_token", "{}"): "0.00004",
        ("output_audio_token", "{}"): "0.00008",
    }


def test_an_empty_row_at_the_end_of_the_page_is_nothing() -> None:
    empty = "<table><tr><th>Model</th><th>Price</th></tr><tr><td></td><td></td></tr></table>"
    assert len(prices(f"<h2>Text models</h2>{TEXT}{empty}")) == 2


def test_a_cell_of_absurd_width_ends_no_fetch() -> None:
    cells = f'<td>A</td><td colspan="{"9" * 5000}">$0.1 per image</td>'
    table = f"<table><tr><th>Model</th><th>Price</th></tr><tr>{cells}</tr></table>"
    assert prices(f"<h2>Image models</h2>{table}") == {("output_image", "{}"): "0.1"}


# --- heads, units and other columns of tables -----------------------------------------------------


def table(head: str, cell: str, *more: tuple[str, str]) -> str:
    heads = "".join(f"<th>{title}</th>" for title in ("Model", head, *(one for one, _ in more)))
    cells = "".join(f"<td>{text}</td>" for text in ("Acme / One", cell, *(two for _, two in more)))
    return f"<table><tr>{heads}</tr><tr>{cells}</tr></table>"


@pytest.mark.parametrize(
    ("title", "head", "cell"),
    [
        ("Image models", "Price per image step", "0.5"),
        ("Text models", "Cache storage", "$40 per 1M tokens"),
        ("Text models", "Input above 200K", "$40 per 1M tokens"),
        ("Text models", "Input (EUR)", "40"),
        ("Text models", "Training price", "$40 per 1M tokens"),
        ("Text models", "Input/Output", "$40 per 1M tokens"),
        ("Text models", "Price from", "$40 per 1M tokens"),
        ("Text models", "Output", "$40 per 1M input tokens"),
        ("Image models", "Price per image", "$1 per megapixel"),
    ],
)
def test_a_head_with_a_word_that_is_not_understood_refuses_its_column(
    title: str, head: str, cell: str
) -> None:
    assert prices(f"<h2>{title}</h2>{table(head, cell)}") == {}


@pytest.mark.parametrize(
    ("title", "head", "cell", "meter", "conditions"),
    [
        ("Text models", "Audio input per 1M tokens", "40", "input_audio_token", "{}"),
        ("Text models", "Cache write (1h)", "$40 / 1M tokens", "cache_write_1h_token", "{}"),
        ("Text models", "Cache write (5m)", "$40 / 1M tokens", "cache_write_token", "{}"),
        ("Text models", "Input tokens", "$40 / 1M tokens", "input_token", "{}"),
        ("Text models", "Standard input price", "$40 / 1M tokens", "input_token", "{}"),
        (
            "Text models",
            "Batch output",
            "$40 / 1M tokens",
            "output_token",
            '{"service_tier":"batch"}',
        ),
    ],
)
def test_a_head_is_read_whole(
    title: str, head: str, cell: str, meter: str, conditions: str
) -> None:
    known = prices(f"<h2>{title}</h2>{table(head, cell, ('Output', '$9 / 1M output tokens'))}")
    assert known[meter, conditions] == "0.00004"


def test_a_resolution_in_a_head_is_a_condition() -> None:
    inner = f"<h2>Video models</h2>{table('1080p price per second', '0.5')}"
    assert prices(inner) == {("output_video_second", '{"resolution":"1080p"}'): "0.5"}


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("second", {("output_video_second", "{}"): "0.5"}),
        ("second (1080p)", {("output_video_second", '{"resolution":"1080p"}'): "0.5"}),
        ("second with audio", {("output_video_second", '{"has_audio":true}'): "0.5"}),
        ("second (variable)", {}),
        ("second per channel", {}),
    ],
)
def test_a_cell_of_a_unit_column_is_read_whole(
    unit: str, expected: dict[tuple[str, str], str]
) -> None:
    assert prices(f"<h2>Video models</h2>{table('Price', '$0.5', ('Unit', unit))}") == expected


def test_a_variable_unit_makes_the_price_dynamic() -> None:
    inner = f"<h2>Video models</h2>{table('Price', '$0.5', ('Unit', 'second (variable)'))}"
    assert [claim.status for claim in read(inner)[0]] == [PriceStatus.DYNAMIC]


@pytest.mark.parametrize(
    ("head", "cell", "conditions"),
    [
        ("Resolution", "1080p", '{"resolution":"1080p"}'),
        ("Quality", "HD", '{"quality":"hd"}'),
        ("Notes", "batch only", '{"service_tier":"batch"}'),
        ("Tier", "Priority", '{"service_tier":"priority"}'),
        ("Currency", "USD", "{}"),
        ("Notes", "—", "{}"),
        ("Details", "Batch", '{"service_tier":"batch"}'),
        ("Speed", "fast", "{}"),
        ("Currency", "EUR", None),
        ("Notes", "best for portraits", None),
        ("Quality", "auto", None),
        ("Details", "50% off", None),
    ],
)
def test_the_other_columns_of_a_line_qualify_its_prices(
    head: str, cell: str, conditions: str | None
) -> None:
    inner = f"<h2>Image models</h2>{table('Price per image', '0.5', (head, cell))}"
    expected = {} if conditions is None else {("output_image", conditions): "0.5"}
    assert prices(inner) == expected


def test_every_line_of_heads_says_something_of_its_columns() -> None:
    row = "<tr><td>Acme / {}</td><td>${} / 1M tokens</td><td>${} / 1M tokens</td></tr>"
    inner = (
        "<table><tr><th>Model</th><th>Input</th><th>Output</th></tr>"
        f"{row.format('One', 1, 2)}<tr><th>Model</th><th>Batch input</th><th>Batch output</th></tr>"
        f"{row.format('Two', 3, 4)}</table>"
    )
    assert prices(f"<h2>Text models</h2>{inner}") == {
        ("input_token", "{}"): "0.000001",
        ("output_token", "{}"): "0.000002",
        ("input_token", '{"service_tier":"batch"}'): "0.000003",
        ("output_token", '{"service_tier":"batch"}'): "0.000004",
    }


def test_lines_of_heads_that_contradict_each_other_refuse_the_column() -> None:
    first = table("Price per image", "0.5")
    later = (
        "<tr><th>Model</th><th>Price per megapixel</th></tr><tr><td>Acme / Two</td><td>3</td></tr>"
    )
    inner = first.replace("</table>", f"{later}</table>")
    assert prices(f"<h2>Image models</h2>{inner}") == {("output_image", "{}"): "0.5"}


def test_an_amount_in_another_column_is_read_with_the_head_of_its_own() -> None:
    more = ("Batch", "$0.25 per image")
    assert prices(f"<h2>Image models</h2>{table('Price per image', '0.5', more)}") == {
        ("output_image", "{}"): "0.5",
        ("output_image", '{"service_tier":"batch"}'): "0.25",
    }


def test_a_badge_in_an_item_of_a_list_qualifies_its_prices() -> None:
    title = "<h2>Image models</h2><p>per image</p>"
    batch = item("Acme / One", "0.5", more="<span>Batch</span>")
    sale = item("Acme / Two", "0.5", more="<span>Sale</span>")
    assert prices(title + batch + sale) == {("output_image", '{"service_tier":"batch"}'): "0.5"}


# --- labels before and beside an amount -----------------------------------------------------------


def card(*parts: str) -> str:
    return f"<h2>Text models</h2><div><h3>Acme / One</h3><p>{''.join(parts)}</p></div>"


@pytest.mark.parametrize("prefix", ["CA", "HK", "A", "R", "NT"])
def test_the_sign_of_another_dollar_is_its_currency_and_no_name(prefix: str) -> None:
    inner = card(f"{prefix}$3 per 1M tokens")
    assert prices(inner) == {}
    assert reasons(inner) == {"currency"}


@pytest.mark.parametrize("lead", ["Priority —", "Training", "Was", "Sale:", "Off-peak"])
def test_a_qualifying_word_before_an_amount_is_no_name(lead: str) -> None:
    inner = card(f"{lead} $3 per 1M input tokens")
    assert prices(inner) == {}
    body = f"<html><body>{CONTROL}{inner}</body></html>".encode()
    names = {row.listing.name for row in page.read([body])[0].rows}
    assert names == {"One", "Z"}


@pytest.mark.parametrize("lead", ["Batch", "Batch:"])
def test_a_tier_before_an_amount_is_a_condition(lead: str) -> None:
    expected = {("input_token", '{"service_tier":"batch"}'): "0.000003"}
    assert prices(card(f"{lead} $3 per 1M input tokens")) == expected


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Batch input", {("input_token", '{"service_tier":"batch"}'): "0.0000015"}),
        ("Cache write 1h", {("cache_write_1h_token", "{}"): "0.0000015"}),
        ("Audio input", {("input_audio_token", "{}"): "0.0000015"}),
        ("Cache storage", {}),
        ("Training", {}),
        ("CA", {}),
    ],
)
def test_a_label_beside_an_amount_is_read_whole(
    label: str, expected: dict[tuple[str, str], str]
) -> None:
    inner = card(f"<span>{label}</span><span>$1.5 per 1M tokens</span>")
    assert prices(inner) == expected


@pytest.mark.parametrize(
    ("label", "conditions"),
    [("1080p", '{"resolution":"1080p"}'), ("with audio", '{"has_audio":true}')],
)
def test_a_label_after_an_amount_is_a_condition(label: str, conditions: str) -> None:
    inner = card(f"<span>$1.5 per second</span><span>{label}</span>").replace("Text", "Video")
    assert prices(inner) == {("output_video_second", conditions): "1.5"}


def test_a_label_holds_for_the_prices_after_it_up_to_the_next_label() -> None:
    inner = card(
        "<span>Batch</span><span>$1 per 1M input tokens</span>"
        "<span>$2 per 1M output tokens</span><span>Priority</span>"
        "<span>$4 per 1M output tokens</span>"
    )
    assert prices(inner) == {
        ("input_token", '{"service_tier":"batch"}'): "0.000001",
        ("output_token", '{"service_tier":"batch"}'): "0.000002",
        ("output_token", '{"service_tier":"priority"}'): "0.000004",
    }


@pytest.mark.parametrize(
    ("markup", "reason"),
    [
        ("<del>$9 per 1M tokens</del>", "struck_out"),
        ("<s>$9 per 1M tokens</s>", "struck_out"),
        ('<b style="text-decoration: line-through">$9 per 1M tokens</b>', "struck_out"),
        ("<b hidden>$9 per 1M tokens</b>", "hidden"),
        ('<b style="display: none">$9 per 1M tokens</b>', "hidden"),
        ('<b class="w-condition-invisible">$9 per 1M tokens</b>', "hidden"),
    ],
)
def test_a_price_that_is_struck_out_or_hidden_does_not_stand(markup: str, reason: str) -> None:
    assert read(card(markup))[0] == []
    assert reasons(card(markup)) == {reason}


def test_a_price_that_is_struck_out_takes_nothing_from_the_one_beside_it() -> None:
    inner = card("<del>$9 per 1M input tokens</del> <b>$5 per 1M input tokens</b>")
    assert prices(inner) == {("input_token", "{}"): "0.000005"}


def test_a_price_that_is_struck_out_in_part_is_unknown() -> None:
    inner = "<h2>Image models</h2><p>per image</p>" + item("Acme / One", "<del>9</del> 5")
    assert [claim.status for claim in read(inner)[0]] == [PriceStatus.UNKNOWN]
    assert reasons(inner) == {"partly_struck_out"}


@pytest.mark.parametrize("text", ["50% off until June", "Batch"])
def test_a_text_after_all_prices_of_a_card_may_be_of_each_of_them(text: str) -> None:
    inner = (
        "<h2>Text models</h2><div><h3>Acme / One</h3><p>$1 per 1M input tokens</p>"
        f"<p>$2 per 1M output tokens</p><p>{text}</p></div>"
    )
    assert prices(inner) == {}


# --- names, refused prices, bytes -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "meter"),
    [
        ("Image Understanding 2", "output_token"),
        ("Gemini 3.1 Flash Image", "output_image_token"),
        ("Gemini 3 Pro Image Preview", "output_image_token"),
    ],
)
def test_image_tokens_need_the_name_of_an_image_model(name: str, meter: str) -> None:
    assert (meter, "{}") in prices("<h2>Text models</h2>" + item(f"Acme / {name}", "1.3", "6.5"))


@pytest.mark.parametrize("text", ["tbd", "Contact sales", "€0.5", "from $0.5", "-0.5"])
def test_a_refused_price_whose_meter_is_clear_is_unknown(text: str) -> None:
    claims, _ = read("<h2>Image models</h2><p>per image</p>" + item("Acme / One", text))
    assert [(c.meter, c.status, c.rule) for c in claims] == [
        ("output_image", PriceStatus.UNKNOWN, "refused_price")
    ]


def test_a_refused_price_of_a_tier_takes_nothing_from_the_other_tiers() -> None:
    inner = table("Price per image", "0.5", ("Batch price per image", "tbd"))
    claims, _ = read(f"<h2>Image models</h2>{inner}")
    assert {claim.conditions.to_json(): claim.status for claim in claims} == {
        "{}": PriceStatus.KNOWN,
        '{"service_tier":"batch"}': PriceStatus.UNKNOWN,
    }


def test_an_amount_of_which_nothing_is_understood_contests_its_row() -> None:
    inner = card("<span>$3 per month</span><span>$1 per 1M input tokens</span>")
    assert [claim.status for claim in read(inner)[0]] == [PriceStatus.UNKNOWN]


def test_twins_that_contradict_each_other_leave_an_unknown_price() -> None:
    twins = item("Acme / One", "0.5") + item("Acme / One", "0.6")
    claims, cells = read("<h2>Image models</h2><p>per image</p>" + twins)
    assert [(claim.status, claim.rule) for claim in claims] == [
        (PriceStatus.UNKNOWN, "two_prices_fit")
    ]
    assert {cell.reason for cell in cells} == {"conflicting_twin"}


def test_a_page_with_a_nul_byte_is_refused_with_its_place() -> None:
    with pytest.raises(ExtractError, match="NUL byte at position 3") as error:
        page.read([b"<p>\x00$5 per image</p>"])
    assert error.value.anchor == "html"


# --- every kind of qualifying word ----------------------------------------------------------------

_WORDS: Final = (
    "off-peak|discounted|50% off|sale|was|promo|fine-tuning|training|storage|per step|per channel"
    "|per seat|per month|per user|EUR|€|CA$|in credits|above 200K|over 128K|under 32K|up to 1M"
    "|from $1|minimum|starting at|cached|variable|up to 8K output|provisioned|1h|long context"
)
UNKNOWN_WORDS: Final = st.sampled_from(_WORDS.split("|"))
FRAMES: Final = st.sampled_from(["{}", "Prices {}", "prices, {}", "{} prices", "All prices: {}"])


def _pages(words: str) -> list[str]:
    """The same price with words in a title, a note, a higher title, a head, a unit and a label."""
    image = "<h2>Video models</h2>"
    plain = table("Price per video", "0.5")
    return [
        f"<h2>Video models, {words}</h2>{plain}",
        f"<h1>{words}</h1>{image}{plain}",
        f"{image}<p>{words}</p>{plain}",
        f"{image}{table(f'{words} price per video', '0.5')}",
        f"{image}{table('Price', '$0.5', ('Unit', f'video {words}'))}",
        f"{image}{table('Price per video', '0.5', ('Notes', words))}",
        card(f"<span>{words}</span><span>$0.5 per video</span>").replace("Text", "Video"),
        card(f"{words}: $0.5 per video").replace("Text", "Video"),
    ]


@pytest.mark.parametrize("words", _WORDS.split("|"))
def test_a_word_that_is_not_understood_refuses_wherever_it_stands(words: str) -> None:
    assert [inner for inner in _pages(words) if prices(inner)] == []


@pytest.mark.parametrize("words", ["batch", "flex", "priority", "1080p", "with audio"])
def test_a_word_that_is_understood_never_leaves_the_plain_price(words: str) -> None:
    assert [inner for inner in _pages(words) if ("output_video", "{}") in prices(inner)] == []


@settings(max_examples=60, deadline=None)
@given(st.lists(UNKNOWN_WORDS, min_size=1, max_size=3), st.integers(0, 7), st.booleans())
def test_words_that_are_not_understood_refuse_together_too(
    words: list[str], place: int, is_upper: bool
) -> None:
    text = ", ".join(words)
    assert prices(_pages(text.upper() if is_upper else text)[place]) == {}


@given(UNKNOWN_WORDS, FRAMES)
def test_notes_that_speak_of_prices_are_looked_at_however_they_are_worded(
    words: str, frame: str
) -> None:
    assert said_of(frame.format(words)).unread
    assert title_said(f"Text models ({frame.format(words)})").unread


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    title_said(text)
    said_of(text)
    is_name(text)
    try:
        read_head(text)
    except ValueError:
        return
