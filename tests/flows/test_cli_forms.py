"""Words, tables and plots: what they say, and that they lose nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.errors import UsageError
from flows.finding import Named, matches, near, reviewed
from flows.plot import HEIGHT, Step, step_plot
from flows.tables import Column, cells, lay_out, printable, wrapped
from flows.times import age, exact, parse_time, readable
from flows.words import factor, per, price, quantity, quoted, stated_when, when
from models.money import plain

START = datetime(2026, 1, 1, tzinfo=UTC)
NOWHERE = dict.fromkeys(
    (
        "max_prompt_tokens",
        "utc_from_minute",
        "utc_to_minute",
        "resolution",
        "quality",
        "width",
        "height",
        "duration_s",
        "has_audio",
        "service_tier",
    )
)
texts = st.tuples(st.text(max_size=30), st.text("0123456789.", max_size=10))


def row(**values: Any) -> dict[str, Any]:
    usual = {"conditions": "{}", "min_prompt_tokens": 0, "price_status": "known", "unit": "token"}
    return {**NOWHERE, **usual, "quoted_per": 1_000_000, **values}


@pytest.mark.parametrize(
    ("count", "unit", "words"),
    [
        (1_000_000, "token", "1M tokens"),
        (1_000, "character", "1,000 characters"),
        (1_000, "search", "1,000 searches"),
        (1, "image", "image"),
        (60, "second", "minute"),
        (1_000_000, "token_hour", "1M token hours"),
        (None, None, ""),
    ],
)
def test_quantities_are_said_as_people_say_them(
    count: int | None, unit: str | None, words: str
) -> None:
    assert quantity(count, unit) == words


@pytest.mark.parametrize(
    ("status", "amount", "said"),
    [
        ("known", Decimal("1.31250"), "1.3125 per 1M tokens"),
        ("free", Decimal(0), "free"),
        ("unknown", None, "unknown"),
        ("dynamic", None, "varies"),
        ("not_offered", None, "not offered"),
    ],
)
def test_a_price_is_a_number_only_when_it_is_known(
    status: str, amount: Decimal | None, said: str
) -> None:
    assert quoted(row(price_status=status, quoted_price_usd=amount)) == said


def test_a_status_nobody_knows_is_no_number_either() -> None:
    assert price(row(price_status="odd", quoted_price_usd=Decimal(1))) == "unknown"
    assert per(row(price_status="odd")) == ""


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({}, ""),
        ({"min_prompt_tokens": 200_000}, "prompt > 200,000 tokens"),
        ({"max_prompt_tokens": 200_000}, "prompt ≤ 200,000 tokens"),
        (
            {"min_prompt_tokens": 32_000, "max_prompt_tokens": 128_000},
            "32,000 < prompt ≤ 128,000 tokens",
        ),
        ({"utc_from_minute": 1320, "utc_to_minute": 1530}, "22:00–01:30 UTC"),
        ({"utc_from_minute": 0, "utc_to_minute": 1440}, "00:00–24:00 UTC"),
        ({"has_audio": False, "duration_s": 5}, "5 s, without sound"),
        ({"width": 1024, "height": 768, "quality": "hd"}, "1024x768, hd quality"),
        ({"service_tier": "batch", "conditions": '{"mode":"turbo"}'}, "batch tier, mode turbo"),
    ],
)
def test_conditions_in_words(columns: dict[str, Any], words: str) -> None:
    assert when(row(**columns)) == words


def test_stated_conditions_read_like_the_typed_columns() -> None:
    stated = '{"has_audio":"true","min_prompt_tokens":5,"resolution":"720p"}'

    assert stated_when(stated) == "prompt > 5 tokens, 720p, with sound"
    assert stated_when("{}") == ""


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        ("1.05", "+5.0 %"),
        ("0.9", "−10.0 %"),
        ("1.238095238095", "+23.8 %"),
        ("10", "× 10"),
        ("0.1", "× 0.1"),
        ("1234567", "× 1230000"),
    ],
)
def test_factors_in_words(ratio: str, words: str) -> None:
    assert factor(Decimal(ratio)) == words


def test_times_are_utc_and_exact() -> None:
    assert parse_time("2026-03-01") == datetime(2026, 3, 1, tzinfo=UTC)
    assert parse_time("2026-03-01T12:30+02:00") == datetime(2026, 3, 1, 10, 30, tzinfo=UTC)
    assert abs(parse_time("now") - datetime.now(UTC)) < timedelta(minutes=1)
    assert exact(datetime(2026, 3, 1, 0, 0, 0, 5, tzinfo=UTC)) == "2026-03-01T00:00:00.000005Z"
    assert readable(datetime(2026, 3, 1, tzinfo=UTC)) == "2026-03-01"
    assert readable(None) == ""


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "1", "0001-01-01T00:00+23:00"])
def test_what_is_no_time_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="2026-03-01T12:30Z"):
        parse_time(text)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (5, "less than a minute"),
        (60, "1 minute"),
        (7_000, "1 hour"),
        (86_400, "24 hours"),
        (200_000, "2 days"),
    ],
)
def test_ages(seconds: float, words: str) -> None:
    assert age(seconds) == words


def test_points_stand_below_each_other() -> None:
    columns = [Column("USD", align="point"), Column("per")]

    text = lay_out(columns, [["10.5", "a"], ["0.042", "b"], ["free", "c"], ["7", "d"]])

    assert text.splitlines() == ["   USD  per", "10.5    a", " 0.042  b", "  free  c", " 7      d"]


def test_the_least_telling_columns_go_first_then_cells_continue_below() -> None:
    columns = [Column("model"), Column("since", expendable=1), Column("name", expendable=2)]
    rows = [["deepseek/deepseek-v4-pro", "2026-01-01", "DeepSeek V4"]]

    assert "since" in lay_out(columns, rows, width=40)
    assert "name" not in lay_out(columns, rows, width=40)
    assert lay_out(columns, rows, width=14).splitlines() == [
        "model",
        "deepseek/",
        "deepseek-v4-",
        "pro",
    ]


@given(st.lists(texts, max_size=8), st.integers(min_value=30, max_value=120))
def test_a_table_never_exceeds_its_width_and_never_breaks_a_line(
    rows: list[tuple[str, str]], width: int
) -> None:
    columns = [Column("left"), Column("right", align="right", wraps=False)]

    text = lay_out(columns, rows, width=width)

    assert all(cells(line) <= width for line in text.split("\n"))
    assert printable(text.replace("\n", "")) == text.replace("\n", "")


@given(st.text(), st.integers(min_value=2, max_value=40))
def test_wrapping_loses_nothing_but_space(text: str, width: int) -> None:
    shown = printable(text)

    parts = wrapped(shown, width)

    assert "".join(parts).replace(" ", "") == shown.replace(" ", "")
    assert all(cells(part) <= width for part in parts)


@pytest.mark.parametrize("text", ["a\x1b[31mb", "a\rb", "\u202eb", "a\tb\nc", "\x00", "\ud800"])
def test_what_could_move_the_cursor_is_made_visible(text: str) -> None:
    shown = printable(text)

    assert shown.isprintable()
    assert shown.encode()


def steps(*values: str | None) -> list[Step]:
    numbers = [None if value is None else Decimal(value) for value in values]
    month = timedelta(days=30)
    return [Step(START + i * month, START + (i + 1) * month, v) for i, v in enumerate(numbers)]


def test_a_plot_rises_falls_and_has_gaps() -> None:
    lines = step_plot(steps("1", "3", None, "2"), 60).splitlines()

    assert len(lines) == HEIGHT + 2
    assert lines[0].startswith("3 ┤")
    assert "╭" in lines[0]
    assert lines[HEIGHT - 1].startswith("1 ┤─")
    assert "2026-01-01" in lines[-1]
    assert "2026-05-01" in lines[-1]
    assert step_plot(steps(None), 60) == ""


@given(
    st.lists(st.decimals(0, 1000, places=4, allow_nan=False), min_size=1, max_size=12),
    st.integers(min_value=40, max_value=120),
)
def test_a_plot_fits_and_labels_its_highest_and_lowest_price(
    values: list[Decimal], width: int
) -> None:
    text = step_plot([*steps(*map(str, values))], width)

    assert all(len(line) <= width for line in text.splitlines())
    for extreme in (min(values), max(values)):
        assert any(line.lstrip().startswith(f"{plain(extreme)} ┤") for line in text.splitlines())


def named(*called: str) -> Named:
    return Named(called[0], "openrouter", called[0], "chat", called[0], called)


def test_the_strictest_spelling_decides() -> None:
    book = [named("gpt-4.1"), named("gpt-41"), named("GPT-4.1 mini"), named("gpt-4.1:free")]

    assert [each.name for each in matches(book, "gpt-4.1")] == ["gpt-4.1"]
    assert [each.name for each in matches(book, "gpt 4 1")] == ["gpt-4.1"]
    assert [each.name for each in matches(book, "GPT-41")] == ["gpt-41"]
    assert [each.name for each in matches(book, "GPT41")] == ["gpt-4.1", "gpt-41"]
    assert [each.name for each in matches(book, "gpt-4.1 MINI")] == ["GPT-4.1 mini"]
    assert [each.name for each in matches(book, "gpt-4.1:free")] == ["gpt-4.1:free"]
    assert matches(book, "gpt-4") == []
    assert matches(book, "") == []


def test_a_printed_name_is_found_by_the_reviewed_alias_file() -> None:
    sora = Named(
        "off", "aimlapi", "openai/sora-2-pro-t2v", "video", "?", ("openai/sora-2-pro-t2v",)
    )
    elsewhere = replace(sora, seller="openrouter")
    chat = replace(sora, operation="chat")

    for name in ("OpenAI / Sora 2 Pro", "Sora 2 Pro", "sora-2-pro"):
        assert reviewed([elsewhere, chat, sora], name) == [sora]
    assert reviewed([sora], "Sora 3") == []
    assert reviewed([sora], "–") == []


def test_near_names_come_likest_first() -> None:
    book = [named("anthropic/claude-opus-4.5"), named("anthropic/claude-opus-4.8"), named("sora-2")]

    assert near(book, "claude opus 4.9")[0].startswith("anthropic/claude-opus-4.")
    assert near(book, "sora2") == ["sora-2 (openrouter)"]
    assert near(book, "zzzzzzzz") == []
