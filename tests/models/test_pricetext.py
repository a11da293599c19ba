"""Price phrases: every form that sellers print, and every text that must not become a price."""

from __future__ import annotations

import contextlib
import re
import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from price_parser import Price

from models.price_qualifiers import READABLE_WORDS
from models.pricetext import (
    Content,
    Direction,
    PriceText,
    PriceTextError,
    Reason,
    Unit,
    parse_context,
    parse_price,
    parse_unit_phrase,
    parse_unit_word,
    price_read_of,
    words_read_of,
)

D = Decimal
K, M = 1000, 1_000_000
IN, OUT = Direction.INPUT, Direction.OUTPUT
READ, WRITE = Direction.CACHE_READ, Direction.CACHE_WRITE


def stated(text: str) -> dict[str, Any]:
    """What a text says, without the fields it leaves out."""
    price = parse_price(text)
    fields = ("currency", "unit", "direction", "content", "size", "resolution")
    found = {name: getattr(price, name) for name in fields if getattr(price, name) is not None}
    return {"amount": price.amount, "per": price.quoted_per, **found}


@pytest.mark.parametrize(
    ("text", "amount", "unit", "per"),
    [
        ("$0.315 / second", "0.315", Unit.SECOND, 1),
        ("$0.315/sec", "0.315", Unit.SECOND, 1),
        ("$0.315 / s", "0.315", Unit.SECOND, 1),
        ("$0.231 per 1000 characters", "0.231", Unit.CHARACTER, K),
        ("$0.231 per thousand characters", "0.231", Unit.CHARACTER, K),
        ("$0.032 per 1K chars", "0.032", Unit.CHARACTER, K),
        ("$5 per 1,000 requests", "5", Unit.REQUEST, K),
        ("$5 per 1 000 requests", "5", Unit.REQUEST, K),
        ("$5 per 1'000 API calls", "5", Unit.REQUEST, K),
        ("$6.50 per 1M tokens", "6.5", Unit.TOKEN, M),
        ("$6.50 per 1 M tokens", "6.5", Unit.TOKEN, M),
        ("$6.50 per 1,000,000 tokens", "6.5", Unit.TOKEN, M),
        ("$6.50 per million tokens", "6.5", Unit.TOKEN, M),
        ("$6.50 / 1m tokens", "6.5", Unit.TOKEN, M),
        ("$6.50/MTok", "6.5", Unit.TOKEN, M),
        ("$6.50 per 1\u041c tokens", "6.5", Unit.TOKEN, M),
        ("$6.50 per 128\u041a tokens", "6.5", Unit.TOKEN, 128 * K),
        ("$6.50 per 0.5M tokens", "6.5", Unit.TOKEN, M // 2),
        ("$6.50 per 1B tokens", "6.5", Unit.TOKEN, 1000 * M),
        ("$6.50 per 1000000000000 tokens", "6.5", Unit.TOKEN, 10**12),
        ("$0.04 per 1 image", "0.04", Unit.IMAGE, 1),
        ("$3 / 1M", "3", None, M),
        ("$3 per 1000", "3", None, K),
        ("$0.04 per image", "0.04", Unit.IMAGE, 1),
        ("$0.04 per 1K images", "0.04", Unit.IMAGE, K),
        ("0.04 per\u2011image", "0.04", Unit.IMAGE, 1),
        ("0.053 per megapixel", "0.053", Unit.MEGAPIXEL, 1),
        ("0.053 / MP", "0.053", Unit.MEGAPIXEL, 1),
        ("$0.5 per video", "0.5", Unit.VIDEO, 1),
        ("$0.06 per song", "0.06", Unit.TRACK, 1),
        ("$0.06 per track", "0.06", Unit.TRACK, 1),
        ("$0.006 per minute", "0.006", Unit.MINUTE, 1),
        ("$0.006/min", "0.006", Unit.MINUTE, 1),
        ("$0.36 per hour", "0.36", Unit.HOUR, 1),
        ("$0.01 per page", "0.01", Unit.PAGE, 1),
        ("$0.01 per web search", "0.01", Unit.WEB_SEARCH, 1),
        ("$0.01 per search query", "0.01", Unit.QUERY, 1),
        ("$0.01 per font", "0.01", Unit.FONT, 1),
        ("$0.0000005 per credit", "0.0000005", Unit.CREDIT, 1),
        ("$0.0000005 per AI/ML Token", "0.0000005", Unit.CREDIT, 1),
        ("$0.04 per image.", "0.04", Unit.IMAGE, 1),
        ("per image: $0.04", "0.04", Unit.IMAGE, 1),
        ("per image: 0.04", "0.04", Unit.IMAGE, 1),
        ("per image $0.04", "0.04", Unit.IMAGE, 1),
        ("USD 0.04 per image", "0.04", Unit.IMAGE, 1),
        ("US$0.04 per image", "0.04", Unit.IMAGE, 1),
        ("0.04 US dollars per image", "0.04", Unit.IMAGE, 1),
        ("0.04 USD/image", "0.04", Unit.IMAGE, 1),
        ("$0.00 / image", "0", Unit.IMAGE, 1),
        ("1.3125", "1.3125", None, 1),
        ("0", "0", None, 1),
        ("Free", "0", None, 1),
        ("$1e-7", "1E-7", None, 1),
        ("1.5E+2", "150", None, 1),
    ],
)
def test_what_sellers_print_is_read(text: str, amount: str, unit: Unit | None, per: int) -> None:
    price = parse_price(text)
    assert (price.amount, price.unit, price.quoted_per) == (D(amount), unit, per)
    assert price.is_free is (D(amount) == 0)
    assert (price.direction, price.content, price.is_variable) == (None, None, False)
    assert price.currency == ("USD" if "$" in text or "US" in text else None)


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("0.042 per 1024x1024 image", {"size": "1024x1024"}),
        ("0.042 per 1024 × 1024 px image", {"size": "1024x1024"}),
        ("0.042 per 1024\u04451024 image", {"size": "1024x1024"}),
        ("0.042 per image (1024x1024)", {"size": "1024x1024"}),
        ("512x512: 0.042 per image", {"size": "512x512"}),
        ("0.042 per image (720P)", {"resolution": "720p"}),
        ("0.042 per 720p image (1024x1024)", {"size": "1024x1024", "resolution": "720p"}),
        ("0.042 per output image", {"direction": OUT}),
        ("0.042 per generated image", {"direction": OUT}),
        ("0.042 per image (input)", {"direction": IN}),
        ("Input: 0.042 per image", {"direction": IN}),
        ("input: 0.042 per input image", {"direction": IN}),
    ],
)
def test_sizes_and_directions_are_kept(text: str, more: dict[str, Any]) -> None:
    assert stated(text) == {"amount": D("0.042"), "per": 1, "unit": Unit.IMAGE, **more}


@pytest.mark.parametrize(
    ("text", "direction", "content"),
    [
        ("$3 per 1M input tokens", IN, None),
        ("$3 per 1M tokens input", IN, None),
        ("$3 per 1M prompt tokens", IN, None),
        ("$3 per 1M output tokens", OUT, None),
        ("$3 per 1M cached tokens", READ, None),
        ("$3 per 1M cached input tokens", READ, None),
        ("cache read: $3 per 1M tokens", READ, None),
        ("cache_read: $3 per 1M tokens", READ, None),
        ("Cache\u2011read $3 per 1M input tokens", READ, None),
        ("input $3 per 1M cached tokens", READ, None),
        ("$3 per 1M tokens (cache write)", WRITE, None),
        ("$3 per MTok (input)", IN, None),
        ("$3 per 1M tokens of text (input)", IN, Content.TEXT),
        ("$3 per 1M tokens of input text (cached)", READ, Content.TEXT),
        ("$3 per 1M image output tokens", OUT, Content.IMAGE),
        ("$3 per 1M output image tokens", OUT, Content.IMAGE),
        ("$3 per 1M audio tokens", None, Content.AUDIO),
        ("$3 per 1M text tokens", None, Content.TEXT),
    ],
)
def test_token_phrases_say_which_tokens(
    text: str, direction: Direction | None, content: Content | None
) -> None:
    price = parse_price(text)
    assert (price.unit, price.quoted_per) == (Unit.TOKEN, M)
    assert (price.direction, price.content) == (direction, content)


@pytest.mark.parametrize(
    ("text", "unit", "direction", "content"),
    [
        ("$0.3 per AI/ML Token (input)", Unit.CREDIT, IN, None),
        ("$0.3 per second of video", Unit.SECOND, None, Content.VIDEO),
        ("$0.3 per second of generated video", Unit.SECOND, OUT, Content.VIDEO),
        ("$0.3 per video second", Unit.SECOND, None, Content.VIDEO),
        ("$0.3 per minute of audio", Unit.MINUTE, None, Content.AUDIO),
        ("$0.3 per input audio minute", Unit.MINUTE, IN, Content.AUDIO),
    ],
)
def test_times_say_what_lasts(
    text: str, unit: Unit, direction: Direction | None, content: Content | None
) -> None:
    price = parse_price(text)
    assert (price.unit, price.direction, price.content) == (unit, direction, content)


@pytest.mark.parametrize(
    "text",
    [
        "63 000 AI/ML Tokens per second",
        "63\u00a0000 AI/ML Tokens per second",
        "63\u202f000 ai / ml token / sec",
        "63,000 credits per second",
        "63000 credits/s",
        "63K credits per second",
        "credits: 63000 per second",
    ],
)
def test_credits_are_worth_a_fixed_part_of_a_dollar(text: str) -> None:
    price = parse_price(text)
    assert (price.amount, price.currency, price.unit) == (D("0.0315"), "USD", Unit.SECOND)
    assert (price.stated_amount, price.stated_in) == (D(63000), "credit")


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("$0.13 per second (variable)", D("0.13")),
        ("per second (variable)", None),
        ("Variable", None),
        ("0 (variable)", D(0)),
    ],
)
def test_a_variable_price_is_marked_and_never_free(text: str, amount: Decimal | None) -> None:
    price = parse_price(text)
    assert (price.amount, price.is_variable, price.is_free) == (amount, True, False)
    assert (price.unit_price is None) is (amount is None)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234.5", "1234.5"),
        ("1.234,5", "1234.5"),
        ("1 234,5", "1234.5"),
        ("1 234,567", "1234.567"),
        ("1'234.5", "1234.5"),
        ("1\u2019234.5", "1234.5"),
        ("1\u00a0234.5", "1234.5"),
        ("1\u202f234.5", "1234.5"),
        ("1\u2009234.5", "1234.5"),
        ("1,234,567", "1234567"),
        ("1.234.567", "1234567"),
        ("1 234 567", "1234567"),
        ("1.234,567", "1234.567"),
        ("1,234.567", "1234.567"),
        ("0,042", "0.042"),
        ("1,5", "1.5"),
        ("1,3125", "1.3125"),
        ("1234,567", "1234.567"),
        ("1.234", "1.234"),
        ("$.05", "0.05"),
        ("\uff14\uff0e\uff15", "4.5"),
        ("\uff04\uff14", "4"),
        ("\ufe694", "4"),
        ("4\u200b.5\ufeff", "4.5"),
        ("\t4.5\n", "4.5"),
        ("4.5" + " " * 197, "4.5"),
    ],
)
def test_numbers_are_read_in_the_ways_they_are_written(text: str, value: str) -> None:
    assert parse_price(text).amount == D(value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1,234", Reason.AMBIGUOUS_NUMBER),
        ("$1,234 per image", Reason.AMBIGUOUS_NUMBER),
        ("1,23,456", Reason.AMBIGUOUS_NUMBER),
        ("1.2.3", Reason.AMBIGUOUS_NUMBER),
        ("1,234,5", Reason.AMBIGUOUS_NUMBER),
        ("0,123,456", Reason.AMBIGUOUS_NUMBER),
        ("1.234 567", Reason.AMBIGUOUS_NUMBER),
        ("1,5e3", Reason.AMBIGUOUS_NUMBER),
        ("$5 per 1.000 requests", Reason.AMBIGUOUS_NUMBER),
        ("$5 per 1,048K tokens", Reason.AMBIGUOUS_NUMBER),
        ("63.000 credits per second", Reason.AMBIGUOUS_NUMBER),
        ("$1 per 1K image", Reason.AMBIGUOUS_UNIT),
        ("$1 per 4K video second", Reason.AMBIGUOUS_UNIT),
        ("$1 / 1m", Reason.AMBIGUOUS_UNIT),
        ("$1 / m", Reason.AMBIGUOUS_UNIT),
        ("$1 per 1m requests", Reason.AMBIGUOUS_UNIT),
        ("-1", Reason.NEGATIVE),
        ("-$0.5", Reason.NEGATIVE),
        ("$-0.5", Reason.NEGATIVE),
        ("\u22125", Reason.NEGATIVE),
        ("\u20135", Reason.NEGATIVE),
        ("\uff0d5", Reason.NEGATIVE),
        ("from $0.04", Reason.LOWER_BOUND),
        ("Starting at $0.04 per image", Reason.LOWER_BOUND),
        ("$0.04+", Reason.LOWER_BOUND),
        ("\u2265 $0.04", Reason.LOWER_BOUND),
        ("at least $0.04", Reason.LOWER_BOUND),
        ("min $0.04", Reason.LOWER_BOUND),
        ("up to $0.04", Reason.UPPER_BOUND),
        ("< $0.04", Reason.UPPER_BOUND),
        ("~$0.04", Reason.APPROXIMATE),
        ("about $0.04", Reason.APPROXIMATE),
        ("\u2248 0.04", Reason.APPROXIMATE),
        ("$0.04 \u2013 $0.08", Reason.RANGE),
        ("0.04-0.08", Reason.RANGE),
        ("$0.04 to $0.08", Reason.RANGE),
        ("between 0.04 and 0.08", Reason.RANGE),
        ("$3 / $15", Reason.SEVERAL_PRICES),
        ("$3 input $15 output", Reason.SEVERAL_PRICES),
        ("0.5 1", Reason.SEVERAL_PRICES),
        ("$5 (4)", Reason.SEVERAL_PRICES),
        ("free $5", Reason.SEVERAL_PRICES),
        ("$5 free", Reason.SEVERAL_PRICES),
        ("1e80", Reason.OUT_OF_BOUNDS),
        ("1e999", Reason.OUT_OF_BOUNDS),
        ("9" * 100, Reason.OUT_OF_BOUNDS),
        ("$1e-20 per 1M tokens", Reason.OUT_OF_BOUNDS),
    ],
)
def test_what_is_not_one_certain_price_is_refused_by_name(text: str, reason: Reason) -> None:
    with pytest.raises(PriceTextError) as refused:
        parse_price(text)
    assert refused.value.reason is reason


@pytest.mark.parametrize(
    ("text", "fragment"),
    [
        ("\u20ac5", "EUR"),
        ("5 EUR", "EUR"),
        ("5 euro", "EUR"),
        ("\u00a35", "GBP"),
        ("\u00a55", "\u00a5"),
        ("\uffe55", "\u00a5"),
        ("5 CNY", "CNY"),
        ("CA$5", "CA$"),
        ("5 CAD", "CAD"),
        ("12 z\u0142", "z\u0142"),
        ("$5 EUR", "EUR"),
        ("$5 credits", "credit"),
    ],
)
def test_another_currency_is_named(text: str, fragment: str) -> None:
    with pytest.raises(PriceTextError, match="currenc") as refused:
        parse_price(text)
    assert (refused.value.reason, refused.value.fragment) == (Reason.CURRENCY, fragment)


@pytest.mark.parametrize("text", ["5 cents per image", "5¢ per image", "cents 5 per image"])
def test_cents_are_hundredths_of_a_dollar(text: str) -> None:
    price = parse_price(text)
    assert (price.amount, price.currency, price.unit) == (D("0.05"), "USD", Unit.IMAGE)


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("$0.04 per image (batch)", {"service_tier": "batch"}),
        ("$0.3 per second with audio", {"has_audio": True}),
        ("$0.3 per second without audio (720p)", {"has_audio": False, "resolution": "720p"}),
        ("$0.03 per first megapixel", {"position": "first"}),
        ("$0.015 per additional megapixel", {"position": "additional"}),
        ("$0.042 per 1024x1024 image", {"width": 1024, "height": 1024}),
        ("$0.3 per text to video second", {"mode": "text-to-video"}),
    ],
)
def test_qualifiers_are_conditions(text: str, when: dict[str, Any]) -> None:
    assert parse_price(text).conditions == when


@pytest.mark.parametrize(
    ("word", "unit", "count"),
    [
        ("1K characters", Unit.CHARACTER, 1000),
        ("5 seconds", Unit.SECOND, 5),
        ("15 sec", Unit.SECOND, 15),
        ("1M tokens", Unit.TOKEN, M),
        ("1,000 characters", Unit.CHARACTER, 1000),
        ("page", Unit.PAGE, 1),
        ("video_tokens", Unit.TOKEN, 1),
        ("duration_seconds", Unit.SECOND, 1),
        ("web_search", Unit.WEB_SEARCH, 1),
    ],
)
def test_the_count_in_a_unit_is_part_of_it(word: str, unit: Unit, count: int) -> None:
    price = parse_unit_word(word)
    assert (price.unit, price.quoted_per) == (unit, count)


@pytest.mark.parametrize(
    ("word", "left"),
    [
        ("gpu_second", Unit.SECOND),
        ("image step", Unit.IMAGE),
        ("annotated page", Unit.PAGE),
        ("channel-minute", Unit.MINUTE),
        ("generate", None),
        ("", None),
    ],
)
def test_a_unit_with_a_word_nobody_knows_is_refused(word: str, left: Unit | None) -> None:
    with pytest.raises(PriceTextError):
        parse_unit_word(word)
    read = words_read_of(word)
    assert read is not None
    assert read.unit is left


@pytest.mark.parametrize("word", ["megapixel_second", "cents_per_second_video_continuation"])
def test_known_words_that_make_no_unit_are_read_as_none(word: str) -> None:
    with pytest.raises(PriceTextError):
        parse_unit_word(word)
    assert words_read_of(word) is None


ACCEPTED = [
    *("$0.315 / second", "$0.231 per 1000 characters", "$6.50 per 1M input tokens", "1.3125"),
    *("$3 per 1M tokens (cache write)", "0.042 per 1024x1024 image", "63 000 credits per second"),
    *("$0.3 per second of generated video", "per image: $0.04", "$0.04 per image (batch)", "Free"),
]
NAMES = [
    *("1K characters", "duration_seconds_with_audio_720p", "video_tokens_1080p_with_video_input"),
    *("cents_per_video_output_second_1080p", "reference_images", "page (batch)", "output image"),
]


def with_word_between(text: str, word: str, place: int) -> str:
    words = re.split(r"([ _]+)", text)
    cut = 2 * (place % (len(words) // 2 + 1))
    return "".join([*words[:cut], word, " ", *words[cut:]])


UNKNOWN_WORDS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=12).filter(
    lambda word: (
        word not in READABLE_WORDS
        and word not in ("variable", "free", "usd")
        and Price.fromstring(word).currency is None
    )
)


@given(st.sampled_from(ACCEPTED), UNKNOWN_WORDS, st.integers(0, 20))
def test_an_unknown_word_anywhere_refuses_a_price(text: str, word: str, place: int) -> None:
    parse_price(text)
    spoilt = with_word_between(text, word, place)
    with pytest.raises(PriceTextError):
        parse_price(spoilt)
    price_read_of(spoilt)


@given(st.sampled_from(NAMES), UNKNOWN_WORDS, st.integers(0, 20))
def test_an_unknown_word_anywhere_refuses_a_unit(name: str, word: str, place: int) -> None:
    parse_unit_word(name)
    with pytest.raises(PriceTextError):
        parse_unit_word(with_word_between(name, word, place))


@given(st.sampled_from([*ACCEPTED, *NAMES]), st.integers(2, 9), st.integers(0, 20))
def test_a_number_anywhere_is_never_passed_over(text: str, number: int, place: int) -> None:
    """A number put into a phrase refuses it, or multiplies what the price buys."""
    spoilt = with_word_between(text, f"{number}", place)
    read = parse_price if text in ACCEPTED else parse_unit_word
    before = read(text)
    try:
        after = read(spoilt)
    except PriceTextError:
        return
    assert (after.amount, after.quoted_per) != (before.amount, before.quoted_per)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "$", "/", "per", "per image", "N/A", "\u2014", "-", "TBD", "Contact us", "None"),
        *("5%", "50% off $4", "$5 off", "($5)", "(5", "5)", "()", "5 ()", "5:", ":5", "input:: 5"),
        *("5\u00b2", "\u00bd", "\u2460", "\u0661\u0662", "1_000", "0x10", "\u221e", "NaN", "inf"),
        *("$5K", "$1M", "$5/mo", "$20 per month", "$5 per", "$3/4", "3 / 1500", "$3 per 0 tokens"),
        *("$3 per 1.5 tokens", "$3 per -1 tokens", "$3 per 9999999999999 tokens"),
        *(
            "$3 per 1M tokens per month",
            "$3 per input",
            "$3 per input output tokens",
            "$3 per text",
        ),
        *("$3 per request image", "$3 per image minute", "$3 per second of silence"),
        *("$3 per second of", "$3 per text audio token", "input $3 output", "$3 (input) (output)"),
        *("63 000 Tokens per second", "0.04 image", "60 tokens per second", "Free trial", "Free*"),
        *(
            "$3, billed daily",
            "$5 per image 512x512 (256x256)",
            "$5 720p (1080p)",
            "5..",
            ".",
            "5 . 5",
        ),
        *("per image 0.04", "+5", "5-", "$3 per 1M non-cached tokens", "5\x00", "5\x1c"),
        *("5\u202e", "\ud8005", "\x7f5", "a" * 201, "1" + " " * 200, "5\u0338"),
    ],
)
def test_everything_else_is_unreadable(text: str) -> None:
    with pytest.raises(PriceTextError) as refused:
        parse_price(text)
    assert refused.value.reason is Reason.UNREADABLE
    assert len(str(refused.value)) < 200


def test_a_refusal_quotes_the_fragment_to_blame() -> None:
    with pytest.raises(PriceTextError, match="'billed'") as refused:
        parse_price("$3 per image billed daily")
    assert refused.value.fragment == "billed"


def test_quotes_of_one_price_are_equal_per_unit() -> None:
    dear, cheap = parse_price("$1000 per 1M tokens"), parse_price("$1 per 1K tokens")
    assert dear.unit_price == cheap.unit_price == D("0.001")
    assert parse_price("$1.3125 per 1M tokens").unit_price == D("0.0000013125")


def test_price_parser_still_misreads_what_this_project_reads_itself() -> None:
    misread = {
        "$0.315 / second": D(315),
        "0,042": D(42),
        "1024x1024 image $0.04": D(1024),
        "-1": D(1),
        "$1e-7": D(1),
        "from $0.04": D("0.04"),
    }
    assert {text: Price.fromstring(text).amount for text in misread} == misread


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("per 1M tokens", PriceText(unit=Unit.TOKEN, quoted_per=M)),
        ("per 1M input tokens", PriceText(unit=Unit.TOKEN, quoted_per=M, direction=IN)),
        ("/ second", PriceText(unit=Unit.SECOND)),
        ("per 1M", PriceText(quoted_per=M)),
        (
            "$ per image (1024x1024)",
            PriceText(unit=Unit.IMAGE, size="1024x1024", currency="USD", stated_in="USD"),
        ),
        ("per second (variable)", PriceText(unit=Unit.SECOND, is_variable=True)),
    ],
)
def test_headings_state_terms_without_an_amount(text: str, expected: PriceText) -> None:
    assert parse_unit_phrase(text) == expected


@pytest.mark.parametrize(
    "text", ["", "$3 per image", "variable", "input", "$", "image models", "0"]
)
def test_other_headings_state_no_terms(text: str) -> None:
    with pytest.raises(PriceTextError):
        parse_unit_phrase(text)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("128K", 128_000),
        ("128\u041a", 128_000),
        ("128\u043a", 128_000),
        ("128 k", 128_000),
        ("1M", M),
        ("1\u041c", M),
        ("1.05M", 1_050_000),
        ("1.048M", 1_048_000),
        ("2,000,000", 2 * M),
        ("131,072", 131_072),
        ("131 072", 131_072),
        ("1 million tokens", M),
        ("8192 tokens", 8192),
        ("1", 1),
        ("1000000M", 10**12),
        ("", None),
        ("0", None),
        ("-128K", None),
        ("128.000", None),
        ("1,048K", None),
        ("1.5", None),
        ("128K context", None),
        ("128K 128K", None),
        ("K", None),
        ("N/A", None),
        ("1000001M", None),
        ("9" * 90, None),
        ("1" * 300, None),
        ("128\x00", None),
    ],
)
def test_context_windows_are_numbers_of_tokens(text: str, tokens: int | None) -> None:
    assert parse_context(text) == tokens


VOCABULARY = (
    "$ 0.3 1,5 5 1000 63 000 1M K M per / input output cache read cached tokens token image images "
    "second of video audio credits AI/ML ( ) : . - \u2013 + ~ variable free 1024x1024 720p USD EUR "
    "from to million mtok web search api call \u041a e-7 , ' \u00a0 \u202f"
)
PIECES = st.sampled_from(VOCABULARY.split(" "))
PHRASES = st.lists(PIECES, max_size=9).map(" ".join) | st.lists(PIECES, max_size=9).map("".join)


@given(st.text(max_size=230) | PHRASES)
@example("\u0130")  # lower() makes two characters of it
@example("$ variable")  # a currency without an amount
def test_no_text_raises_anything_but_a_refusal(text: str) -> None:
    parse_context(text)
    words_read_of(text)
    price_read_of(text)
    with contextlib.suppress(PriceTextError):
        parse_unit_word(text)
    try:
        price = parse_price(text)
    except PriceTextError:
        return
    assert (price.amount is None) <= price.is_variable
    if price.amount is not None:
        assert price.amount >= 0
        assert price.unit_price is not None


@pytest.mark.parametrize(
    "piece", ["1 000", "1,", "1.", "1'000", "a", "(", "1x", "per ", "-", "\u00a0"]
)
def test_reading_takes_no_longer_than_the_text_is_long(piece: str) -> None:
    begun = time.perf_counter()
    for length in (200, 1_000_000):
        with pytest.raises(PriceTextError):
            parse_price((piece * length)[:length])
    assert time.perf_counter() - begun < 0.5
