"""What the machine refuses is said in a sentence with the remedy, and what was there comes back."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from flows.machine import refusal_of
from tests.flows.conftest import Pricebook
from tests.flows.histories import World, openrouter

DAY = {"acme/a": {"prompt": "0.000001", "completion": "0.000002"}}
NEXT = {"acme/a": {"prompt": "0.000003", "completion": "0.000002"}}


@pytest.fixture
def world(tmp_path: Path) -> World:
    found = World(tmp_path / "data", origin="replay")
    found.load(openrouter(0, DAY))
    found.load(openrouter(24, NEXT))
    return found


def test_a_damaged_database_is_named_and_made_anew(world: World, pricebook: Pricebook) -> None:
    before = world.history()
    database = world.data_dir / "warehouse.duckdb"
    database.write_bytes(b"no database" * 1000)
    ended = pricebook("publish", "--data-dir", world.data_dir)
    assert ended.status == 1
    assert str(database) in ended.err
    assert "move it aside and run `pricebook rebuild`" in ended.err
    database.rename(world.data_dir / "damaged")
    assert pricebook("rebuild", "--data-dir", world.data_dir).status == 0
    assert world.history() == before


def test_a_database_with_a_damaged_block_is_named_too(world: World, pricebook: Pricebook) -> None:
    database = world.data_dir / "warehouse.duckdb"
    whole = bytearray(database.read_bytes())
    start = len(whole) // 3
    whole[start:] = b"\xa5" * (len(whole) - start)
    database.write_bytes(whole)
    ended = pricebook("rebuild", "--data-dir", world.data_dir)
    assert ended.status == 1
    assert f"{database} is no DuckDB database, or a damaged one" in ended.err
    found = pricebook("doctor", "--deep", "--data-dir", world.data_dir)
    assert found.status == 3
    assert "move it aside and run `pricebook rebuild`" in found.out


def test_a_database_that_is_open_elsewhere(world: World, pricebook: Pricebook) -> None:
    holds = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True);"
        " sys.stdin.read()"
    )
    database = world.data_dir / "warehouse.duckdb"
    with subprocess.Popen(
        [sys.executable, "-c", holds, str(database)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        ended = pricebook("publish", "--data-dir", world.data_dir)
        other.communicate()
    assert ended.status == 1
    assert f"{database} is open in another program: close it" in ended.err


def test_a_doctor_looks_into_bodies_and_the_database(world: World, pricebook: Pricebook) -> None:
    def verdicts(*options: str) -> dict[str, tuple[bool, str]]:
        look = ("doctor", *options, "--format", "json", "--data-dir", world.data_dir)
        rows = pricebook(*look).rows
        return {row["check"]: (row["ok"], f"{row['found']} -> {row['remedy']}") for row in rows}

    assert "2 fetches, 2 bodies" in verdicts()["captures"][1]
    assert {ok for ok, _ in verdicts("--deep").values()} == {True}
    first, second = sorted((world.data_dir / "captures" / "blobs").rglob("*.zst"))
    first.write_bytes(second.read_bytes())
    assert verdicts()["captures"][0]
    ok, said = verdicts("--deep")["captures"]
    assert (ok, str(first) in said, "holds another body" in said) == (False, True, True)
    first.unlink()
    ok, said = verdicts()["captures"]
    assert (ok, first.stem in said, "restore captures/" in said) == (False, True, True)
    (world.data_dir / "warehouse.duckdb").unlink()
    ok, said = verdicts()["warehouse"]
    assert (ok, "pricebook rebuild" in said) == (False, True)


def test_a_stored_body_that_is_gone(world: World, pricebook: Pricebook) -> None:
    before = world.history()
    blob = min((world.data_dir / "captures" / "blobs").rglob("*.zst"))
    blob.unlink()
    ended = pricebook("rebuild", "--data-dir", world.data_dir)
    assert ended.status == 1
    assert str(blob) in ended.err
    assert "restore captures/ from a backup" in ended.err
    assert world.history() == before


def test_a_full_disk() -> None:
    refused = OSError(errno.ENOSPC, "No space left on device", "/data/x.zst")
    assert (refusal_of(refused) or "").startswith("the disk is full at /data/x.zst: make room")
    deep = duckdb.TransactionException(
        'Failed to commit: Could not write file "/data/w.wal": No space left on device'
    )
    assert (refusal_of(deep) or "").startswith("the disk is full at /data/w.wal: make room")
    wrapped = RuntimeError("the run ended")
    wrapped.__cause__ = refused
    assert refusal_of(wrapped) == refusal_of(refused)


def test_no_right_to_write() -> None:
    refused = OSError(errno.EROFS, "Read-only file system", "/data/pricebook.lock")
    said = refusal_of(refused) or ""
    assert said.startswith("/data/pricebook.lock cannot be used (Read-only file system): ")
    assert "--data-dir" in said


def test_whatever_stands_in_the_place_of_the_directory(
    tmp_path: Path, pricebook: Pricebook
) -> None:
    place = tmp_path / "file"
    place.write_text("x")
    ended = pricebook("publish", "--data-dir", place)
    assert ended.status == 1
    assert f"{place} is no directory" in ended.err


@pytest.mark.parametrize(
    "error", [ValueError("x"), OSError(errno.ECONNREFUSED, "refused"), duckdb.BinderException("x")]
)
def test_everything_else_is_left_to_others(error: Exception) -> None:
    assert refusal_of(error) is None
