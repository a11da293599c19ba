"""The published snapshot: what is in it, that all its forms agree, and when there is a new one."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest

from tests.warehouse.contract import COLUMNS, MACROS, promised_type
from tests.warehouse.elsewhere import run_python
from tests.warehouse.shops import NOW, Shop, later
from warehouse.database import open_writer
from warehouse.publish import publish
from warehouse.snapshots import BUILDING, sha256_of, snapshot_id
from warehouse.tables import SORTED_BY, TABLES
from warehouse.verify import faults

TIMES = "TIMESTAMP WITH TIME ZONE"
FRESHNESS = {"prices": "last_confirmed_at", "models": "last_seen_at"}


def described(database: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    rows = database.execute(f"DESCRIBE main.{table}").fetchall()
    return {row[0]: row[1] for row in rows if row[0] != FRESHNESS.get(table)}


def asked(query: str) -> list[Any]:
    """What a database of its own answers."""
    with duckdb.connect() as other:
        other.execute("SET TimeZone = 'UTC'")
        return other.execute(query).fetchall()


@pytest.mark.parametrize("table", COLUMNS)
def test_a_table_has_the_promised_columns_in_both_forms(
    book: Shop, database: duckdb.DuckDBPyConnection, table: str
) -> None:
    stored = described(database, table)
    parquet = asked(f"DESCRIBE FROM read_parquet('{book.latest}/{table}.parquet')")

    assert set(COLUMNS[table]) <= set(stored)
    assert {row[0]: row[1] for row in parquet} == stored
    promises = {name: promised_type(name) for name in COLUMNS[table]}
    assert {n: t for n, t in stored.items() if promises.get(n)} == {
        n: t for n, t in promises.items() if t
    }


def test_every_promised_table_is_published(book: Shop) -> None:
    assert set(TABLES) == set(COLUMNS)
    assert {path.stem for path in book.latest.glob("*.parquet")} >= set(COLUMNS)


@pytest.mark.parametrize("table", TABLES)
def test_both_forms_hold_the_same_rows_in_the_same_order(
    book: Shop, database: duckdb.DuckDBPyConnection, table: str
) -> None:
    fresh = FRESHNESS.get(table)
    leaving_out = f"* EXCLUDE ({fresh})" if fresh else "*"
    stored = database.execute(f"SELECT {leaving_out} FROM main.{table}").fetchall()
    parquet = asked(f"FROM read_parquet('{book.latest}/{table}.parquet')")

    assert parquet == stored


def test_everything_has_a_comment(database: duckdb.DuckDBPyConnection) -> None:
    without = database.execute("""
        SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND comment IS NULL
        UNION ALL
        SELECT table_name, '' FROM duckdb_tables() WHERE NOT internal AND comment IS NULL
        UNION ALL
        SELECT view_name, '' FROM duckdb_views() WHERE NOT internal AND comment IS NULL
        UNION ALL
        SELECT function_name, '' FROM duckdb_functions() WHERE NOT internal AND comment IS NULL
    """).fetchall()

    assert without == []


@pytest.mark.parametrize("query", MACROS)
def test_a_macro_finds_something(database: duckdb.DuckDBPyConnection, query: str) -> None:
    assert database.execute(query).fetchall()


def test_every_macro_runs_in_an_attached_database_too(book: Shop) -> None:
    with duckdb.connect() as other:
        other.execute(f"ATTACH '{book.latest}/pricebook.duckdb' AS somewhere (READ_ONLY)")
        other.execute("USE somewhere")
        for query in MACROS:
            assert other.execute(query).fetchall()


def test_the_oldest_duckdb_opens_it_and_runs_every_macro(
    book: Shop, database: duckdb.DuckDBPyConnection
) -> None:
    code = """
import duckdb, json, sys
database = duckdb.connect(sys.argv[1], read_only=True)
queries = json.loads(sys.argv[2])
counts = [database.execute(f"SELECT count(*) FROM ({query})").fetchone()[0] for query in queries]
print(json.dumps([duckdb.__version__, counts]))
"""
    tables = [f"FROM {table}" for table in (*TABLES, "focus_prices")]
    queries = [*MACROS, *tables]
    path = str(book.latest / "pricebook.duckdb")
    version, counts = json.loads(run_python("duckdb1", code, path, json.dumps(queries)))

    assert version.startswith("1.2.")
    expected = [len(database.execute(query).fetchall()) for query in queries]
    assert counts == expected


FOCUS = {
    "ServiceCategory": {"AI and Machine Learning"},
    "ServiceSubcategory": {"Generative AI", "Other (AI and Machine Learning)"},
    "PricingCategory": {"Standard", "Dynamic", "Other"},
    "PricingCurrency": {"USD"},
    "BillingCurrency": {"USD"},
}
"""The values that FOCUS allows, of those that can be meant here."""


def test_the_view_for_cost_tools_keeps_to_the_words_of_focus(
    database: duckdb.DuckDBPyConnection,
) -> None:
    columns = [row[0] for row in database.execute("DESCRIBE focus_prices").fetchall()]
    rows = [
        dict(zip(columns, row, strict=True))
        for row in database.execute("FROM focus_prices").fetchall()
    ]

    for column, allowed in FOCUS.items():
        assert {row[column] for row in rows} <= allowed
    assert {row["ServiceSubcategory"] for row in rows} == FOCUS["ServiceSubcategory"]
    assert {row["PricingUnit"] for row in rows} >= {"Tokens", "Images", "Seconds", "Searches"}
    for row in rows:
        base = row["PricingUnit"].split("-")
        assert all(unit[0].isupper() for unit in base)
        assert base[-1].endswith("s")
        details = json.loads(row["SkuPriceDetails"])
        assert all(name.startswith("x_") for name in details)
        assert (row["ListUnitPrice"] is not None) == (row["PricingCategory"] == "Standard")
    assert any("x_min_prompt_tokens" in row["SkuPriceDetails"] for row in rows)
    names = {name for name in columns if not name.startswith("x_")}
    assert all(name[0].isupper() for name in names)
    assert database.execute("SELECT count(*) FROM prices WHERE meter IS NOT NULL").fetchall() == [
        (len(rows),)
    ]


def test_columns_say_in_parquet_what_they_say_in_the_database(
    book: Shop, database: duckdb.DuckDBPyConnection
) -> None:
    for table in TABLES:
        schema = pq.read_schema(book.latest / f"{table}.parquet")
        stated = database.execute(
            "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = ? "
            "AND schema_name IN ('stored', 'main') ORDER BY schema_name DESC",
            [table],
        ).fetchall()
        comments = {name: comment for name, comment in stated if name != FRESHNESS.get(table)}
        found = {field.name: (field.metadata or {})[b"comment"].decode() for field in schema}

        assert found == comments
        assert json.loads((schema.metadata or {})[b"pricebook.columns"]) == comments


@pytest.mark.parametrize("table", SORTED_BY)
def test_rows_lie_in_the_order_that_the_file_states(book: Shop, table: str) -> None:
    file = pq.ParquetFile(book.latest / f"{table}.parquet")
    stated = [
        file.schema_arrow.names[column.column_index]
        for column in file.metadata.row_group(0).sorting_columns
    ]
    assert stated == list(SORTED_BY[table])

    keys = ", ".join(f"{name} ASC NULLS LAST" for name in stated)
    path = f"{book.latest}/{table}.parquet"
    rows = f"SELECT {', '.join(stated)} FROM read_parquet('{path}')"
    assert asked(rows) == asked(f"{rows} ORDER BY {keys}")


@pytest.mark.parametrize("table", [*TABLES, "simulator"])
def test_three_engines_read_the_same(book: Shop, table: str) -> None:
    path = book.latest / f"{table}.parquet"
    arrow = pq.read_table(path)
    polars = pl.read_parquet(path)
    duck = asked(f"FROM read_parquet('{path}')")

    assert polars.height == arrow.num_rows == len(duck) > 0
    for place, name in enumerate(arrow.column_names):
        values = arrow.column(name).to_pylist()
        assert polars[name].to_list() == values
        assert [row[place] for row in duck] == values
    decimals = [polars.schema[n] for n in arrow.column_names if n.endswith("_usd")]
    times = [polars.schema[n] for n in arrow.column_names if promised_type(n) == TIMES]
    assert set(times) <= {pl.Datetime("us", "UTC")}
    assert set(decimals) <= {pl.Decimal(38, 24)}


@pytest.mark.parametrize(
    ("table", "columns"),
    {
        "prices": ("seller", "model_id", "meter", "valid_from"),
        "price_history": ("seller", "model_id", "meter", "valid_from", "valid_to"),
        "price_changes": ("changed_at", "recorded_at", "seller", "kind"),
        "comparison": ("canonical_id", "meter", "unit_price_usd"),
    }.items(),
)
def test_what_common_questions_filter_by_has_statistics(
    book: Shop, table: str, columns: tuple[str, ...]
) -> None:
    file = pq.ParquetFile(book.latest / f"{table}.parquet")
    group = file.metadata.row_group(0)
    there = {group.column(i).path_in_schema: group.column(i) for i in range(group.num_columns)}

    for column in columns:
        statistics = there[column].statistics
        assert statistics is not None
        assert statistics.has_min_max
        assert statistics.null_count is not None
        assert there[column].has_offset_index
        assert there[column].has_column_index


def test_money_has_statistics_that_let_a_reader_skip(book: Shop) -> None:
    group = pq.ParquetFile(book.latest / "prices.parquet").metadata.row_group(0)
    price = next(
        group.column(i)
        for i in range(group.num_columns)
        if group.column(i).path_in_schema == "unit_price_usd"
    )

    statistics = price.statistics
    assert statistics is not None
    assert statistics.has_min_max
    assert isinstance(statistics.max, Decimal)
    assert statistics.min == 0


def test_the_manifest_lists_every_file_with_its_checksum(book: Shop) -> None:
    manifest = book.manifest()
    there = {p.relative_to(book.latest).as_posix() for p in book.latest.rglob("*") if p.is_file()}

    assert {file["path"] for file in manifest["files"]} == there - {"manifest.json"}
    for file in manifest["files"]:
        path = book.latest / file["path"]
        assert (file["bytes"], file["sha256"]) == (path.stat().st_size, sha256_of(path))
    rows = {file["path"]: file.get("rows") for file in manifest["files"]}
    assert rows["prices.parquet"] == pq.read_table(book.latest / "prices.parquet").num_rows
    pointer = json.loads((book.published / "latest.json").read_bytes())
    assert pointer["manifest_sha256"] == sha256_of(book.latest / "manifest.json")
    assert pointer["snapshot_id"] == manifest["snapshot_id"] == book.latest.name


def test_every_form_names_its_snapshot(book: Shop, database: duckdb.DuckDBPyConnection) -> None:
    name = book.latest.name
    metadata = pq.read_schema(book.latest / "prices.parquet").metadata or {}

    assert database.execute("SELECT snapshot_id FROM snapshot").fetchall() == [(name,)]
    assert metadata[b"pricebook.snapshot_id"].decode() == name
    assert book.feed("prices.json")["snapshot_id"] == name


def test_the_same_content_is_published_once(shop: Shop) -> None:
    first = shop.latest

    again = shop.publish(later(1))

    assert not again.is_new
    assert again.snapshot.path.resolve() == first == shop.latest
    assert [path.name for path in first.parent.iterdir()] == [first.name]


def test_freshness_alone_makes_no_snapshot(shop: Shop) -> None:
    first = shop.latest
    shop.fetch_again()

    assert not shop.publish(later(1)).is_new
    assert shop.latest == first


def test_a_change_makes_a_snapshot_and_leaves_the_old_one_alone(shop: Shop) -> None:
    first = shop.latest
    before = {path: path.read_bytes() for path in first.iterdir() if path.is_file()}
    shop.reprice()

    done = shop.publish()

    assert done.is_new
    assert shop.latest == done.snapshot.path.resolve()
    assert {path: path.read_bytes() for path in first.iterdir() if path.is_file()} == before


def test_ids_sort_by_time_also_when_they_rest_on_the_same_fetch(shop: Shop) -> None:
    names = [shop.latest.name]
    for _ in range(4):
        shop.reprice()
        names.append(shop.publish().snapshot.snapshot_id)

    assert names == sorted(names)
    assert len(set(names)) == len(names)


def test_an_id_starts_with_the_time_of_the_newest_fetch() -> None:
    moment = datetime(2026, 10, 12, 6, 0, 0, 5, tzinfo=UTC)

    assert snapshot_id(moment, "abcdef0123") == "20261012T060000Z-abcdef01"
    assert snapshot_id(moment, "1" * 9, after="20261012T055959Z-f") == "20261012T060000Z-11111111"
    assert snapshot_id(moment, "1" * 9, after="20261012T060000Z-f") == "20261012T060001Z-11111111"
    assert snapshot_id(moment, "1" * 9, after="no id of ours") == "20261012T060000Z-11111111"


def test_a_reader_keeps_what_it_opened_while_the_next_one_is_published(shop: Shop) -> None:
    with duckdb.connect(str(shop.latest / "pricebook.duckdb"), read_only=True) as reader:
        before = reader.execute("SELECT count(*), max(valid_from) FROM price_history").fetchall()
        shop.reprice()
        assert shop.publish().is_new

        after = reader.execute("SELECT count(*), max(valid_from) FROM price_history").fetchall()
    assert after == before


def test_leftovers_of_a_killed_run_are_cleared(shop: Shop) -> None:
    half = shop.published / "snapshots" / f"{BUILDING}4711"
    half.mkdir()
    (half / "prices.parquet").write_bytes(b"half")
    (shop.published / ".latest.json.4711").write_text("{")
    (shop.published / ".latest.4711").symlink_to("snapshots/gone")

    shop.publish()

    assert not half.exists()
    hidden = [path.name for path in shop.published.rglob(".*")]
    assert hidden == []


def test_a_run_killed_before_the_pointer_moved_is_made_good(shop: Shop) -> None:
    pointer = (shop.published / "latest.json").read_bytes()
    link = (shop.published / "latest").readlink()
    shop.reprice()
    second = shop.publish()
    (shop.published / "latest.json").write_bytes(pointer)
    (shop.published / "latest").unlink()
    (shop.published / "latest").symlink_to(link)

    again = shop.publish(later(1))

    assert again.snapshot.snapshot_id == second.snapshot.snapshot_id
    assert shop.latest.name == second.snapshot.snapshot_id


@pytest.mark.parametrize("damage", ["not json", "[]", '{"path": "snapshots/gone"}', ""])
def test_a_pointer_that_says_nothing_is_written_anew(shop: Shop, damage: str) -> None:
    (shop.published / "latest.json").write_text(damage)

    done = shop.publish()

    pointer = json.loads((shop.published / "latest.json").read_bytes())
    assert pointer["snapshot_id"] == done.snapshot.snapshot_id


def _missing(shop: Shop) -> None:
    (shop.latest / "prices.parquet").unlink()


def _altered(shop: Shop) -> None:
    path = shop.latest / "formats" / "litellm" / "overlay.json"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _nameless(shop: Shop) -> None:
    (shop.latest / "manifest.json").write_text("{}")


def _gone(shop: Shop) -> None:
    shutil.rmtree(shop.latest)


def _lost_and_missing(shop: Shop) -> None:
    (shop.latest / "pricebook.duckdb").unlink()
    (shop.published / "latest.json").unlink()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (_missing, "prices.parquet is missing"),
        (_altered, "formats/litellm/overlay.json has another checksum"),
        (_nameless, "manifest.json cannot be understood"),
        (_gone, "which is not there"),
        (_lost_and_missing, "latest.json is missing; "),
    ],
)
def test_a_damaged_snapshot_is_published_again_as_a_new_one(
    shop: Shop, damage: Callable[[Shop], None], said: str
) -> None:
    first = shop.latest
    damage(shop)

    done = shop.publish(later(1))

    assert done.is_new
    assert said in done.mended
    pointer = json.loads((shop.published / "latest.json").read_bytes())
    assert pointer["snapshot_id"] == shop.latest.name == done.snapshot.snapshot_id
    assert list(faults(shop.latest, manifest_sha256=pointer["manifest_sha256"])) == []
    assert damage is _gone or done.snapshot.snapshot_id > first.name
    again = shop.publish(later(2))
    assert (again.is_new, again.mended) == (False, "")


@pytest.mark.parametrize("name", ["latest.json", "latest"])
def test_what_leads_to_a_whole_snapshot_is_written_again(shop: Shop, name: str) -> None:
    first = shop.latest
    pointer = (shop.published / "latest.json").read_bytes()
    (shop.published / name).unlink()

    done = shop.publish(later(1))

    assert not done.is_new
    assert done.mended == ("latest.json is missing" if name == "latest.json" else "")
    assert (shop.published / "latest.json").read_bytes() == pointer
    assert shop.latest == first


def test_an_unfinished_snapshot_that_was_damaged_gives_its_id_to_no_other(shop: Shop) -> None:
    pointer = (shop.published / "latest.json").read_bytes()
    shop.reprice()
    second = shop.publish().snapshot
    (second.path / "prices.json").write_text("{}")
    (shop.published / "latest.json").write_bytes(pointer)

    third = shop.publish(later(1)).snapshot

    assert third.snapshot_id > second.snapshot_id
    assert list(faults(shop.latest)) == []


def test_the_same_warehouse_gives_the_same_bytes_wherever_it_is_published(shop: Shop) -> None:
    def published(where: Path) -> dict[str, str]:
        done = Shop(shop.data_dir, where).publish().snapshot.path
        return {
            file.relative_to(done).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in done.rglob("*")
            if file.is_file() and file.suffix != ".duckdb" and file.name != "manifest.json"
        }

    assert published(shop.data_dir / "one") == published(shop.data_dir / "two")


def test_an_empty_warehouse_publishes_nothing(tmp_path: Path) -> None:
    with open_writer(tmp_path) as connection:
        assert publish(connection, tmp_path / "published", NOW) is None
    assert not (tmp_path / "published").exists()


def test_the_snapshot_is_readable_by_whoever_may_read_the_directory(book: Shop) -> None:
    umask = os.umask(0)
    os.umask(umask)
    for file in book.latest.rglob("*"):
        assert file.stat().st_mode & 0o444 == 0o444 & ~umask


def test_times_are_utc_and_exact_in_json(book: Shop) -> None:
    row: dict[str, Any] = book.feed("prices.json")["prices"][0]
    moment = datetime.fromisoformat(row["valid_from"])

    assert row["valid_from"].endswith("Z")
    assert moment.utcoffset() == timedelta(0)
