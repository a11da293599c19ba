"""The macros of the contract: by text or timestamp, for each row of a query, in any time zone."""

from __future__ import annotations

from collections.abc import Generator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.pipeline import publish
from tests.flows.histories import World, openrouter
from warehouse.snapshots import latest

WINDOWS = [
    {"utc_start": 1000, "utc_end": 100, "prompt": "0.000001"},
    {"utc_start": 100, "utc_end": 1000, "prompt": "0.000002"},
]
PLAIN = {"completion": "0.000009"}
ZONES = ("UTC", "America/New_York", "Asia/Kolkata", "Pacific/Chatham")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One model by window, one by tier, one that ends after two days, one that moves."""
    world = World(tmp_path_factory.mktemp("macros"))
    tier = {"min_prompt_tokens": 200000, "prompt": "0.000004"}
    for at in (0, 6, 12, 24, 48, 72):
        models: dict[str, Any] = {
            "acme/windows": {**PLAIN, "prompt": "0.000001", "overrides": WINDOWS},
            "acme/tiers": {**PLAIN, "prompt": "0.000003", "overrides": [tier]},
            "acme/moves": {**PLAIN, "prompt": "0.000005" if at < 24 else "0.000006"},
            **{f"acme/calm-{n}": {**PLAIN, "prompt": "0.000007"} for n in range(9)},
        }
        if at < 12:
            models["acme/ends"] = {**PLAIN, "prompt": "0.000008"}
        world.load(openrouter(at, models))
    publish(world.workspace())
    pointer = latest(world.data_dir / "published")
    assert pointer is not None
    return world.data_dir / "published" / str(pointer["path"]) / "pricebook.duckdb"


@pytest.fixture(params=ZONES)
def book(database: Path, request: pytest.FixtureRequest) -> Generator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute(f"SET TimeZone = '{request.param}'")
        yield connection


def micro(book: duckdb.DuckDBPyConnection, query: str) -> list[Any]:
    """The prices a query gives, in millionths."""
    rows = book.execute(query).fetchall()
    return [None if row[0] is None else row[0] * 10**6 for row in rows]


SPELLINGS = [
    "'2026-08-01T12:30:00Z'",
    "'2026-08-01T12:30Z'",
    "'2026-08-01 12:30:00'",
    "'2026-08-01 12:30'",
    "'2026-08-01T14:30:00+02:00'",
    "'2026-08-01 07:30:00-05'",
    "TIMESTAMP '2026-08-01 12:30:00'",
    "TIMESTAMPTZ '2026-08-01 12:30:00+00'",
    "TIMESTAMP_NS '2026-08-01 12:30:00'",
    "TIMESTAMP_S '2026-08-01 12:30:00'",
]


@pytest.mark.parametrize("moment", SPELLINGS)
def test_a_moment_may_be_text_or_a_timestamp(book: duckdb.DuckDBPyConnection, moment: str) -> None:
    asked = f"price_at('openrouter', 'acme/windows', 'input_token', {moment})"
    assert micro(book, f"SELECT unit_price_usd FROM {asked}") == [1]


@pytest.mark.parametrize("moment", ["'2026-08-02'", "DATE '2026-08-02'"])
def test_a_day_is_its_first_moment(book: duckdb.DuckDBPyConnection, moment: str) -> None:
    asked = f"price_at('openrouter', 'acme/moves', 'input_token', {moment})"
    assert micro(book, f"SELECT unit_price_usd FROM {asked}") == [6]


@pytest.mark.parametrize(
    ("time", "price"),
    [
        ("00:59:59.999999", 1),
        ("01:00", 2),
        ("09:59:59", 2),
        ("10:00", 1),
        ("23:59", 1),
        ("00:00", 1),
    ],
)
def test_windows_are_half_open_and_wrap_midnight(
    book: duckdb.DuckDBPyConnection, time: str, price: int
) -> None:
    asked = f"price_at('openrouter', 'acme/windows', 'input_token', '2026-08-02 {time}')"
    assert micro(book, f"SELECT unit_price_usd FROM {asked}") == [price]


@pytest.mark.parametrize(("tokens", "price"), [(0, 3), (200000, 3), (200001, 4), (10**7, 4)])
def test_a_tier_begins_above_its_bound(
    book: duckdb.DuckDBPyConnection, tokens: int, price: int
) -> None:
    asked = (
        "price_at('openrouter', 'acme/tiers', 'input_token', '2026-08-02',"
        f" prompt_tokens := {tokens})"
    )
    assert micro(book, f"SELECT unit_price_usd FROM {asked}") == [price]


def test_price_at_is_usable_for_each_row_of_a_query(book: duckdb.DuckDBPyConnection) -> None:
    query = (
        "SELECT found.unit_price_usd FROM (VALUES"
        " ('acme/moves', TIMESTAMPTZ '2026-08-01 23:00:00+00', 10),"
        " ('acme/moves', TIMESTAMPTZ '2026-08-02 00:00:00+00', 10),"
        " ('acme/tiers', TIMESTAMPTZ '2026-08-02 01:00:00+00', 10),"
        " ('acme/tiers', TIMESTAMPTZ '2026-08-02 01:00:00+00', 300000),"
        " ('acme/windows', TIMESTAMPTZ '2026-08-02 01:00:00+00', 10)"
        ") AS used(model, used_at, tokens),"
        " LATERAL price_at('openrouter', used.model, 'input_token', used.used_at,"
        " prompt_tokens := used.tokens) AS found ORDER BY used.model, used.used_at, used.tokens"
    )
    assert micro(book, query) == [5, 6, 3, 4, 2]


def test_of_one_fully_said_request_there_is_one_price(book: duckdb.DuckDBPyConnection) -> None:
    query = (
        "SELECT count(*) FROM range(0, 48) AS hour(n), price_at('openrouter', 'acme/windows',"
        " 'input_token', TIMESTAMP '2026-08-01 00:30:00' + INTERVAL 1 HOUR * hour.n) AS found"
        " GROUP BY hour.n HAVING count(*) <> 1"
    )
    assert book.execute(query).fetchall() == []


def test_before_the_first_fetch_and_after_the_end_there_is_none(
    book: duckdb.DuckDBPyConnection,
) -> None:
    for moment in ("2026-07-31 23:59:59", "2026-08-01 12:00:00", "2026-08-09"):
        asked = f"price_at('openrouter', 'acme/ends', 'input_token', '{moment}')"
        assert micro(book, f"SELECT unit_price_usd FROM {asked}") == []
    asked = "price_at('openrouter', 'acme/ends', 'input_token', '2026-08-01 11:59:59')"
    assert micro(book, f"SELECT unit_price_usd FROM {asked}") == [8]


def test_lists_as_of_a_moment(book: duckdb.DuckDBPyConnection) -> None:
    def counted(macro: str, moment: str) -> Any:
        name = "acme/ends"
        query = f"SELECT count(*), count(*) FILTER (model_id = '{name}') FROM {macro}('{moment}')"
        return book.execute(query).fetchone()

    assert counted("models_as_of", "2026-08-01 06:00") == (13, 1)
    assert counted("models_as_of", "2026-08-03 06:00") == (12, 0)
    assert counted("prices_as_of", "2026-08-01 06:00") == (28, 2)
    assert counted("prices_as_of", "2026-08-03 06:00") == (26, 0)
    assert counted("prices_as_of", "2026-07-03 06:00") == (0, 0)


def test_moves_lie_in_a_half_open_span(book: duckdb.DuckDBPyConnection) -> None:
    def moved(start: str, end: str) -> list[tuple[Any, ...]]:
        query = f"SELECT kind, ratio FROM price_moves('{start}', '{end}') ORDER BY kind"
        return book.execute(query).fetchall()

    assert moved("2026-08-02", "2026-08-03") == [("increase", Decimal("1.2"))]
    assert moved("2026-08-01 12:00", "2026-08-02") == [("withdrawn", None)] * 2
    assert moved("2026-08-01 12:00:01", "2026-08-02") == []


def test_what_was_known_then(book: duckdb.DuckDBPyConnection) -> None:
    def known(valid: str, at: str) -> list[Any]:
        return micro(
            book,
            f"SELECT unit_price_usd FROM prices_as_known('{valid}', '{at}')"
            " WHERE model_id = 'acme/moves' AND meter = 'input_token'",
        )

    assert known("2026-08-05", "2026-08-01 13:00") == [5]
    assert known("2026-08-05", "2026-08-02 00:00") == [6]
    assert known("2026-08-01 13:00", "2026-08-09") == [5]
    assert known("2026-08-01 13:00", "2026-07-31") == []


def test_the_file_works_attached_under_another_name(database: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{database}' AS theirs (READ_ONLY)")
        connection.execute("USE theirs")
        query = (
            "SELECT unit_price_usd FROM price_at('openrouter', 'acme/moves', 'input_token',"
            " '2026-08-02')"
        )
        assert connection.execute(query).fetchall() == [(Decimal("0.000006"),)]
