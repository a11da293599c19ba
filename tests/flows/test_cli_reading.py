"""The reading verbs on a small published book: what a person sees, and what a program gets."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from flows.explaining import body_path
from spiders.capture_store import CaptureStore

if TYPE_CHECKING:
    from tests.flows.conftest import Pricebook

EARLY = ("--at", "2025-12-01")
READING = (
    ("models",),
    ("prices",),
    ("history", "gpt-5"),
    ("changes",),
    ("explain", "gpt-5"),
    ("compare",),
    ("coverage",),
    ("captures",),
    ("rejections",),
    ("unmatched",),
    ("match", "list"),
    ("review", "list"),
    ("snapshots", "list"),
    ("status",),
    ("sql", "FROM prices"),
)


def line_with(text: str, *words: str) -> str:
    found = [line for line in text.splitlines() if all(word in line for word in words)]
    assert len(found) == 1, (words, found)
    return found[0]


@pytest.mark.parametrize("verb", READING, ids=" ".join)
def test_every_reading_verb_writes_the_same_rows_as_json_and_csv(
    ask: Pricebook, verb: tuple[str, ...]
) -> None:
    table, as_json, as_csv = (ask(*verb, "--format", form) for form in ("table", "json", "csv"))

    assert (table.status, as_json.status, as_csv.status) == (0, 0, 0)
    assert table.out.strip()
    fields = list(csv.DictReader(io.StringIO(as_csv.out)))
    assert len(fields) == len(as_json.rows) > 0
    assert set(fields[0]) <= set(as_json.rows[0])
    assert (as_json.err, as_csv.err) == ("", "")


@pytest.mark.parametrize("verb", READING, ids=" ".join)
def test_every_reading_verb_says_that_nothing_is_published_and_what_to_do(
    pricebook: Pricebook, empty_dir: Path, verb: tuple[str, ...]
) -> None:
    ended = pricebook(*verb, "--data-dir", empty_dir)

    assert ended.status == 1
    assert ended.out == ""
    assert str(empty_dir) in ended.err
    assert "pricebook refresh" in ended.err
    assert not empty_dir.exists()


def test_prices_are_in_peoples_units_with_conditions_in_words(ask: Pricebook) -> None:
    out = ask("prices").out

    assert line_with(out, "aimlapi", "GPT-5", "input token").split()[-5:-2] == [
        "1.625", "1M", "tokens",
    ]  # fmt: skip
    assert "0.042  image" in line_with(out, "1024x1024")
    assert "0.231  1,000 characters" in line_with(out, "#g1_aura-2")
    assert "prompt > 200,000 tokens" in line_with(out, "google/gemini-3-pro", " 4 ")
    assert "04:00–01:00 UTC" in line_with(out, "deepseek", "0.66")
    assert "hd quality" in line_with(out, "1024x1792")


@pytest.mark.parametrize(
    ("model", "word"),
    [("google/lyria-3", "unknown"), ("openrouter/auto", "varies"), ("gpt-oss-20b:free", "free")],
)
def test_what_has_no_number_shows_none(ask: Pricebook, model: str, word: str) -> None:
    line = ask("prices", model).lines[1]

    assert word in line.split()
    assert "0 " not in line.replace("gpt-oss-20b", "").partition("20")[0]


def test_prices_at_a_time_are_those_of_then(ask: Pricebook) -> None:
    rows = ask("prices", "gpt-5", "--seller", "aimlapi", *EARLY, "--format", "json").rows

    assert {row["meter"]: row["quoted_price_usd"] for row in rows} == {
        "input_token": "1.3125",
        "output_token": "10.5",
    }
    assert rows[0]["valid_to"] == "2026-05-06T06:00:00Z"


def test_what_has_ended_is_there_at_its_time_and_not_now(ask: Pricebook) -> None:
    assert "0.315" in ask("prices", "Sora 2 Pro", *EARLY).out
    assert ask("prices", "Sora 2 Pro").out.startswith("No prices match")
    asked = ("--at", "2026-10-12T06:00Z", "--status", "not_offered")
    assert "not offered" in ask("prices", "Sora 2 Pro", *asked).out


def test_as_known_is_what_was_believed_before_it_was_superseded(ask: Pricebook) -> None:
    known = ("prices", "aimlapi/openai/gpt-5", "--meter", "input_token", "--format", "json")

    then = ask(*known, "--at", "2026-09-01", "--as-known", "2026-01-01").rows
    now = ask(*known, "--at", "2026-09-01").rows

    assert [row["quoted_price_usd"] for row in then] == ["1.3125"]
    assert [row["quoted_price_usd"] for row in now] == ["1.625"]
    assert then[0]["superseded_because"] == "change"


def test_json_is_exact(ask: Pricebook) -> None:
    row = ask("prices", "dall-e-3", "--format", "json").rows[0]

    assert row["unit_price_usd"] == "0.042"
    assert row["conditions"] == {"resolution": "1024x1024"}
    assert row["valid_from"] == "2025-11-28T06:00:00Z"
    assert row["is_headline"] is True
    assert row["quoted_per"] == 1


def test_the_columns_are_the_published_ones(ask: Pricebook, book_dir: Path) -> None:
    database = book_dir / "published" / "latest" / "pricebook.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        described = connection.execute("DESCRIBE prices").fetchall()

    assert list(ask("prices", "--format", "json").rows[0]) == [column[0] for column in described]


def test_wide_puts_a_model_on_one_line(ask: Pricebook) -> None:
    out = ask("prices", "--wide").out

    assert line_with(out, "openai/gpt-5 ", "openrouter").split()[2:] == ["1.25", "10"]
    assert "google/gemini-3-pro *" in out
    assert "output image 0.042 per image" in line_with(out, "dall-e-3")


def test_a_limit_says_how_much_is_left_out(ask: Pricebook) -> None:
    ended = ask("prices", "--limit", "3")

    assert len(ended.lines) == 1 + 3
    assert "11 more of 14; --limit 0 shows all" in ended.err
    assert len(ask("prices", "--limit", "0").lines) == 1 + 14


@pytest.mark.parametrize(
    "name",
    [
        "openai/gpt-5",
        "OPENAI/GPT-5",
        "GPT-5",
        "gpt 5",
        "gpt5",
        "openai gpt_5",
    ],
)
def test_a_model_answers_to_every_spelling_of_its_names_at_both_sellers(
    ask: Pricebook, name: str
) -> None:
    rows = ask("models", name, "--format", "json").rows

    assert [(row["seller"], row["model_id"]) for row in rows] == [
        ("aimlapi", "openai/gpt-5"),
        ("openrouter", "openai/gpt-5"),
    ]


@pytest.mark.parametrize("name", ["gpt-5-2025-08-07", "aimlapi/openai/gpt-5"])
def test_an_alias_or_a_sellers_own_id_is_one_offering(ask: Pricebook, name: str) -> None:
    assert [row["seller"] for row in ask("models", name, "--format", "json").rows] == ["aimlapi"]


def test_an_unknown_model_is_answered_with_near_names_and_never_guessed(ask: Pricebook) -> None:
    for verb in ("history", "explain"):
        ended = ask(verb, "gtp-5")
        assert (ended.status, ended.out) == (1, "")
        assert "openai/gpt-5 (aimlapi)" in ended.err


@pytest.mark.parametrize(
    ("option", "value", "meant"),
    [
        ("--seller", "openruter", "openrouter"),
        ("--meter", "input_tokens", "input_token"),
        ("--modality", "text-to-txt", "text-to-text"),
        ("--operation", "vidio", "video"),
    ],
)
def test_a_word_that_nothing_has_is_no_empty_result(
    ask: Pricebook, option: str, value: str, meant: str
) -> None:
    ended = ask("prices", option, value)

    assert ended.status == 1
    assert meant in ended.err


def test_an_empty_result_is_said_in_words(ask: Pricebook) -> None:
    asked = ("prices", "--seller", "openrouter", "--meter", "output_video")

    table, as_json, as_csv = (ask(*asked, "--format", form) for form in ("table", "json", "csv"))

    assert (table.status, as_json.status, as_csv.status) == (0, 0, 0)
    assert table.out.startswith("No prices match all of these options")
    assert as_json.rows == []
    assert "No prices match" in as_json.err
    assert as_csv.out.startswith("price_id,")
    early = ask("prices", "--at", "2024-01-01").out
    assert "first observation is of 2025-11-28" in early


def test_history_has_bounds_on_both_sides_of_a_change_and_a_plot(ask: Pricebook) -> None:
    out = ask("history", "aimlapi/openai/gpt-5").out

    assert "2025-11-28 06:00  2026-05-06 06:00" in line_with(out, "1.3125", "tokens")
    assert line_with(out, "1.625", "tokens", "now").count("2025-11-28 06:00") == 1
    assert "1.625 ┤" in out
    assert "╭" in out
    assert "╭" not in ask("history", "gpt-5", "--no-plot").out


def test_a_uniform_repricing_is_one_line_that_can_be_expanded(ask: Pricebook) -> None:
    folded, each = ask("changes"), ask("changes", "--all")

    line = folded.lines[1]
    assert len(folded.lines) == 1 + 1
    assert "2 prices" in line
    assert "+23.8 %" in line
    assert "uniform repricing" in line
    assert len(each.lines) == 1 + 2
    assert "1.3125" in each.out
    assert len(ask("changes", "--format", "json").rows) == 2


def test_changes_can_be_narrowed_to_a_time(ask: Pricebook) -> None:
    assert ask("changes", "--since", "2026-05-07").out.startswith("Nothing moved")
    assert ask("changes", "--at", "2026-05-01").out.startswith("Nothing moved")
    assert len(ask("changes", "--since", "2026-05-06").lines) == 2


def test_explain_goes_down_to_the_bytes(ask: Pricebook, book_dir: Path) -> None:
    out = ask("explain", "aimlapi/openai/gpt-5", "input_token").out

    assert "input token: 1.625 per 1M tokens, since 2026-05-06 06:00 UTC" in out
    assert "aiml_models: “1.625”" in out
    assert "$.data[?@.id=='openai/gpt-5'].pricing" in out
    assert str(book_dir / "captures" / "blobs" / "bb") in out
    assert "1.3125 from 2025-11-28 06:00 until 2026-05-06 06:00" in out
    assert "€ 0.04" in line_with(out, "currency")
    assert "rev_1" in out


def test_explain_tells_who_else_said_what_and_why_it_lost(ask: Pricebook) -> None:
    line = line_with(ask("explain", "aimlapi/openai/gpt-5", "input_token").out, "also said")

    assert "aiml_pricing_page: “$1.71”, that is 1.71 per 1M tokens (+5.2 %)" in line
    assert "lost: a page comes after an interface" in line


def test_the_file_that_explain_names_is_the_stored_body(tmp_path: Path) -> None:
    sha256 = CaptureStore(tmp_path).put(b"{}")

    assert body_path(tmp_path, sha256).is_file()


def test_explain_of_the_past_leaves_out_what_is_claimed_now(ask: Pricebook) -> None:
    row = ask("explain", "aimlapi/openai/gpt-5", "input_token", *EARLY, "--format", "json").rows[0]

    assert row["quoted_price_usd"] == "1.3125"
    assert row["claims"] == []


def test_compare_names_the_cheapest(ask: Pricebook) -> None:
    line = ask("compare", "gpt-5").lines[1]

    assert " ".join(line.split()) == (
        "openai/gpt-5 input token 1.625 1.25 1M tokens openrouter +30.0 %"
    )


def test_coverage_counts_priced_of_listed(ask: Pricebook) -> None:
    out = ask("coverage").out

    assert "1 of 6" in line_with(out, "text-to-text")
    assert line_with(out, "text-to-image").split()[-1] == "aimlapi"


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ("DROP TABLE captures", "not for reading"),
        ("SELECT 1; SELECT 2", "one statement at a time"),
        ("SELEC 1", "syntax error"),
        ("SELECT nothing FROM prices", "nothing"),
        ("SELECT * FROM read_csv('/etc/passwd')", "disabled"),
        ("COPY prices TO '/tmp/prices.csv'", "not for reading"),
        ("SET memory_limit = '1GB'", "not for reading"),
        ("ATTACH '/tmp/other.duckdb'", "not for reading"),
        ("", "this is 0"),
    ],
)
def test_sql_only_reads_and_says_what_is_wrong(ask: Pricebook, query: str, complaint: str) -> None:
    ended = ask("sql", query)

    assert (ended.status, ended.out) == (2, "")
    assert complaint in ended.err
    assert "Traceback" not in ended.err


def test_sql_is_bounded_and_exact(ask: Pricebook) -> None:
    endless = ask("sql", "SELECT * FROM range(10000000000)", "--limit", "2", "--format", "json")
    query = "SELECT unit_price_usd, [1, 2] AS both, {'a': 1.5} AS made, NULL AS none FROM prices"
    row = ask("sql", f"{query} WHERE model_id = 'dall-e-3' LIMIT 1", "--format", "json").rows[0]

    assert endless.rows == [{"range": 0}, {"range": 1}]
    assert "more than 2 rows" in endless.err
    assert row == {"unit_price_usd": "0.042", "both": [1, 2], "made": {"a": "1.5"}, "none": None}


def test_sql_keeps_every_column_that_was_asked_for(ask: Pricebook) -> None:
    assert ask("sql", "SELECT 1 AS one, NULL AS nothing").lines[0].split() == ["one", "nothing"]
    assert ask("sql", "FROM prices_as_of('2025-12-01')", "--format", "csv").status == 0


def test_piped_tables_are_whole_however_narrow_the_terminal(book_dir: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "flows", "prices", "--data-dir", str(book_dir)],
        env={**os.environ, "COLUMNS": "40"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert "deepseek/deepseek-v4-pro-0813  openrouter  " in ended.stdout
    assert "2025-11-28 06:00" in ended.stdout
    assert "\x1b" not in ended.stdout


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_stops_reading_is_no_error(book_dir: Path, unbuffered: str) -> None:
    command = f"'{sys.executable}' -m flows sql 'FROM range(200000)' --limit 0"
    ended = subprocess.run(
        ["bash", "-c", f"{command} --data-dir '{book_dir}' | head -n 1; echo ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
    )

    assert ended.stdout.split() == ["range", "0"]
    assert "rror" not in ended.stderr


def test_money_of_a_page_is_the_money_of_the_database(ask: Pricebook) -> None:
    for row in ask("prices", "--format", "json").rows:
        if row["price_status"] == "known":
            exact = Decimal(row["unit_price_usd"]) * row["quoted_per"]
            assert exact == Decimal(row["quoted_price_usd"])
        else:
            assert row["price_status"] == "free" or row["unit_price_usd"] is None


def test_csv_holds_lists_and_absent_values(ask: Pricebook) -> None:
    rows = list(csv.DictReader(io.StringIO(ask("models", "gpt-5", "--format", "csv").out)))

    assert rows[0]["aliases"] == "gpt-5-2025-08-07"
    assert rows[0]["context_length"] == ""
    assert rows[0]["is_recommended"] == "false"
    conditions = csv.DictReader(io.StringIO(ask("prices", "dall-e-3", "--format", "csv").out))
    assert json.loads(next(conditions)["conditions"]) == {"resolution": "1024x1024"}


@pytest.mark.parametrize(
    ("verb", "left"),
    [
        (("prices", "--wide", "--limit", "2"), "7 more of 9"),
        (("changes", "--all", "--limit", "1"), "1 more of 2"),
        (("models", "--limit", "1"), "9 more of 10"),
    ],
)
def test_a_limit_counts_the_lines_of_its_table(
    ask: Pricebook, verb: tuple[str, ...], left: str
) -> None:
    assert f"{left}; --limit 0 shows all" in ask(*verb).err
