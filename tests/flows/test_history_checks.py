"""The checks in SQL and the migrations: what must not be, is refused with words."""

from __future__ import annotations

import tarfile
from pathlib import Path

import duckdb
import pytest

from flows.pipeline import publish
from flows.rebuilding import rebuild
from tests.flows.histories import World, openrouter
from warehouse import migrations
from warehouse.checks import check
from warehouse.database import DATABASE, open_writer, transaction
from warehouse.errors import CheckFailedError, MigrationError, NewerDatabaseError
from warehouse.statements import names, sql

VERSIONS = Path(__file__).parent / "versions"


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    models = {f"acme/m-{n}": {"prompt": "0.000001", "completion": "0.000002"} for n in range(3)}
    made.load(openrouter(0, models))
    made.load(openrouter(6, {**models, "acme/m-0": {"prompt": "0.000003", "completion": "0"}}))
    return made


PLANTED = {
    "one_belief_per_instant": (
        "INSERT INTO price_log SELECT * REPLACE (log_id + 1000 AS log_id) FROM price_log LIMIT 1"
    ),
    "only_numbers_where_known": (
        "INSERT INTO price_log SELECT * REPLACE (log_id + 1000 AS log_id, valid_from +"
        " INTERVAL 1 YEAR AS valid_from, 'unknown' AS price_status) FROM price_log LIMIT 1"
    ),
    "changes_are_bounded": (
        "INSERT INTO price_log SELECT * REPLACE (log_id + 1000 AS log_id, valid_from +"
        " INTERVAL 1 YEAR AS valid_from, valid_from + INTERVAL 2 YEAR AS changed_after)"
        " FROM price_log LIMIT 1"
    ),
    "one_headline_per_meter": (
        "INSERT INTO price_key SELECT * REPLACE (price_key + 1000 AS price_key, 'pri_other' AS"
        " price_id) FROM price_key ORDER BY price_key LIMIT 1;"
        "INSERT INTO price_log SELECT * REPLACE (log_id + 1000 AS log_id, price_key + 1000 AS"
        " price_key) FROM price_log ORDER BY price_key, log_id LIMIT 1"
    ),
    "disputes_are_bounded": "UPDATE dispute_now SET disputed_to = disputed_from",
    "every_cell_has_one_outcome": "UPDATE reading_log SET cells = cells + 1",
    "lives_are_bounded": (
        "INSERT INTO lifecycle_log SELECT * REPLACE (log_id + 1000 AS log_id, valid_from +"
        " INTERVAL 1 YEAR AS valid_from, valid_from + INTERVAL 2 YEAR AS changed_after)"
        " FROM lifecycle_log LIMIT 1"
    ),
    "one_life_per_instant": (
        "INSERT INTO lifecycle_log SELECT * REPLACE (log_id + 1000 AS log_id) FROM lifecycle_log"
        " LIMIT 1"
    ),
    "beliefs_come_before_they_go": (
        "INSERT INTO retraction_log SELECT 'price', log_id, recorded_at, 'correction', ''"
        " FROM price_log LIMIT 1"
    ),
    "no_belief_without_its_capture": (
        "INSERT INTO price_log SELECT * REPLACE (log_id + 1000 AS log_id, valid_from +"
        " INTERVAL 1 YEAR AS valid_from, 'gone' AS capture_sha256) FROM price_log LIMIT 1"
    ),
    "what_reads_alike_costs_alike": (
        "INSERT INTO price_log SELECT * REPLACE (log_id + 1000 AS log_id, valid_from +"
        " INTERVAL 1 YEAR AS valid_from, unit_price_usd / 2 AS unit_price_usd)"
        " FROM price_log WHERE cause = 'change' AND unit_price_usd > 0 ORDER BY log_id DESC LIMIT 1"
    ),
    "rows_have_their_own_number": (
        "INSERT INTO price_log SELECT * REPLACE (valid_from + INTERVAL 1 YEAR AS valid_from)"
        " FROM price_log LIMIT 1"
    ),
}


def test_every_check_has_its_planted_rows() -> None:
    assert set(PLANTED) == set(names("checks"))


@pytest.mark.parametrize("name", sorted(PLANTED))
def test_a_check_finds_what_must_not_be(world: World, name: str) -> None:
    with open_writer(world.data_dir) as connection:
        check(connection)
        connection.execute(PLANTED[name])
        assert connection.execute(sql(f"checks/{name}")).fetchall() != []
        with pytest.raises(CheckFailedError, match="nothing was loaded"):
            check(connection)


def test_a_failed_check_undoes_the_whole_load(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = world.ask("FROM fetch_log"), world.history()

    def fail(_: object) -> None:
        raise CheckFailedError("planted")

    monkeypatch.setattr("flows.loader.check", fail)
    with pytest.raises(CheckFailedError):
        world.load(openrouter(12, {"acme/m-0": {"prompt": "0.000009", "completion": "0"}}))
    assert (world.ask("FROM fetch_log"), world.history()) == before


def test_a_fresh_database_gets_every_migration_once(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / DATABASE)) as connection:
        assert migrations.migrate(connection) == list(names("migrations"))
        assert migrations.migrate(connection) == []


def test_an_edited_migration_is_refused_with_words(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / DATABASE)) as connection:
        migrations.migrate(connection)
        connection.execute("UPDATE migration SET checksum = 'other'")
        with pytest.raises(MigrationError, match="edited after it was applied"):
            migrations.migrate(connection)


def test_a_newer_database_is_refused_with_words(tmp_path: Path) -> None:
    with open_writer(tmp_path) as connection:
        connection.execute("INSERT INTO migration VALUES ('9999_later', 'x')")
    with pytest.raises(NewerDatabaseError, match="update pricebook"), open_writer(tmp_path):
        pass


def test_a_migration_that_fails_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(name: str) -> str:
        found = sql(name)
        return f"{found}\nSELECT nonsense;" if name.startswith("migrations/0001") else found

    with duckdb.connect(str(tmp_path / DATABASE)) as connection:
        monkeypatch.setattr(migrations, "sql", broken)
        with pytest.raises(duckdb.Error):
            migrations.migrate(connection)
        tables = connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
        assert tables == [("migration",)]


def test_a_transaction_is_all_or_nothing(tmp_path: Path) -> None:
    with open_writer(tmp_path) as connection:

        def write_and_fail() -> None:
            with transaction(connection):
                connection.execute("INSERT INTO decision_log VALUES ('r', 'accept', now())")
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            write_and_fail()
        assert connection.execute("FROM decision_log").fetchall() == []


def old_database(version: str, folder: Path) -> World:
    with tarfile.open(VERSIONS / f"{version}.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return World(folder)


def test_a_database_of_every_earlier_version_is_kept() -> None:
    kept = {file.name.removesuffix(".tar.xz") for file in VERSIONS.iterdir()}
    assert set(names("migrations")[:-1]) <= kept <= set(names("migrations"))


@pytest.mark.parametrize("version", [f.name.removesuffix(".tar.xz") for f in VERSIONS.iterdir()])
def test_an_older_database_is_migrated_and_goes_on(version: str, tmp_path: Path) -> None:
    world = old_database(version, tmp_path)
    applied = [row[0] for row in world.ask("SELECT name FROM migration ORDER BY name")]
    assert applied == list(names("migrations"))
    before = world.history()
    assert len(before) == 13
    assert rebuild(world.workspace(), only_check=False).corrections == ()
    assert world.history() == before
    gates = world.ask("SELECT gate FROM review_now WHERE decision IS NULL")
    assert ("first_sight",) in gates
    calm = {f"acme/calm-{n}": {"prompt": "0.000007", "completion": "0.000007"} for n in range(3)}
    world.load(openrouter(18, {"acme/a": {"prompt": "0.000004", "completion": "0.000002"}, **calm}))
    assert len(world.history()) == 14
    assert publish(world.workspace()) is not None
