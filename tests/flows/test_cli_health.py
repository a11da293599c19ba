"""`status` and `doctor`: when someone should look, and what to do."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from flows.doctor_data import check_published
from flows.prefect_auth import auth_file, renew_auth
from flows.prefect_env import home_of
from models.registry import ASKED
from warehouse.database import writer_lock
from warehouse.snapshots import point_to

if TYPE_CHECKING:
    from tests.flows.conftest import Pricebook

NOW = "2026-10-12T06:00:00Z"


@pytest.fixture
def own_dir(book_dir: Path, tmp_path: Path) -> Path:
    """A copy of the book that a test may change."""
    target = tmp_path / "own"
    shutil.copytree(book_dir, target, symlinks=True)
    return target


def state(directory: Path, **of_openrouter: Any) -> None:
    """Write status.json as a run would after a fetch of OpenRouter."""
    usual = {"source": "openrouter_models", "last_fetch_at": NOW, "last_success_at": NOW}
    entry = {**usual, "last_outcome": "ok", "last_detail": "", **of_openrouter}
    path = directory / "published" / "status.json"
    path.write_text(json.dumps({"sources": [entry]}), encoding="utf-8")


def verdicts(rows: list[dict[str, Any]]) -> dict[str, str]:
    return {row["source"]: row["problem"] for row in rows}


def test_all_is_well_in_a_recording_whose_last_moment_is_now(ask: Pricebook) -> None:
    ended = ask("status")

    assert ended.status == 0
    assert "20261012T060000Z-00000000" in ended.out
    assert "replayed recording" in ended.out
    assert ended.out.count("fine") == len(ASKED)
    assert "held 1, refused cells 1" in ended.out


def test_a_source_that_failed_last_time_is_named(pricebook: Pricebook, own_dir: Path) -> None:
    state(
        own_dir,
        last_fetch_at="2026-10-12T12:00:00Z",
        last_outcome="http_error",
        last_detail="answered 503",
    )

    ended = pricebook("status", "--data-dir", own_dir)
    rows = pricebook("status", "--format", "json", "--data-dir", own_dir).rows

    assert ended.status == 3
    assert "Someone should look: openrouter_models: last run failed: answered 503" in ended.err
    assert verdicts(rows)["openrouter_models"] == "last run failed: answered 503"
    assert verdicts(rows)["aiml_models"] == ""


@pytest.mark.parametrize(("last", "is_late"), [("18:00", False), ("18:01", True)])
def test_a_source_is_late_after_twice_its_interval(
    pricebook: Pricebook, own_dir: Path, last: str, is_late: bool
) -> None:
    # The recording's present is its newest fetch; the other sources were read at 06:00.
    state(own_dir, last_fetch_at=f"2026-10-12T{last}:00Z", last_success_at=f"2026-10-12T{last}:00Z")

    rows = pricebook("status", "--format", "json", "--data-dir", own_dir).rows

    assert ("late" in verdicts(rows)["aiml_models"]) is is_late
    assert verdicts(rows)["openrouter_models"] == ""


@pytest.mark.parametrize(("second", "is_problem"), [("01", True), ("00", False)])
def test_a_doubt_that_waits_for_more_than_14_days_is_a_problem(
    pricebook: Pricebook, own_dir: Path, second: str, is_problem: bool
) -> None:
    moment = f"2026-10-26T06:00:{second}Z"
    state(own_dir, last_fetch_at=moment, last_success_at=moment)

    ended = pricebook("status", "--data-dir", own_dir)

    said = "1 held for review, the oldest for 14 days: see `pricebook review list`"
    assert (said in ended.err) is is_problem


def test_how_long_something_may_be_held_can_be_set(
    pricebook: Pricebook, own_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = "2026-10-26T06:00:00Z"
    state(own_dir, last_fetch_at=moment, last_success_at=moment)
    monkeypatch.setenv("PRICEBOOK_STALE_HOLD_DAYS", "13.5")

    assert "1 held for review" in pricebook("status", "--data-dir", own_dir).err


@pytest.mark.parametrize("text", ["", "[]", '{"sources": [{"source": "openrouter_models"}]}', "{"])
def test_an_unreadable_status_file_only_makes_the_answer_older(
    pricebook: Pricebook, own_dir: Path, text: str
) -> None:
    (own_dir / "published" / "status.json").write_text(text, encoding="utf-8")

    assert pricebook("status", "--data-dir", own_dir).status == 0


def test_a_doctor_finds_nothing_to_do(ask: Pricebook) -> None:
    ended = ask("doctor", "--format", "json")

    assert ended.status == 0
    assert [row for row in ended.rows if not row["ok"]] == []
    assert {"python", "packages", "settings", "disk", "lock", "published"} <= {
        row["check"] for row in ended.rows
    }


@pytest.mark.slow
def test_a_deep_look_starts_prefect_and_checks_every_byte(ask: Pricebook) -> None:
    out = ask("doctor", "--deep").out

    assert "fastapi" in out
    assert "every checksum agrees" in out


def test_a_doctor_needs_no_data_directory_and_makes_none(
    pricebook: Pricebook, empty_dir: Path
) -> None:
    ended = pricebook("doctor", "--data-dir", empty_dir)

    assert ended.status == 0
    assert "will be made by the first run" in ended.out
    assert not empty_dir.exists()


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (None, "prices.parquet is missing"),
        (b"", "prices.parquet has another size"),
        (b"evil", "prices.parquet was altered"),
    ],
)
def test_a_damaged_file_is_found_and_has_a_remedy(
    pricebook: Pricebook, own_dir: Path, body: bytes | None, found: str
) -> None:
    manifest = next((own_dir / "published" / "snapshots").glob("*/manifest.json"))
    stated = json.loads(manifest.read_bytes())
    stated["files"].append({"path": "prices.parquet", "bytes": 4, "sha256": "0" * 64})
    manifest.write_text(json.dumps(stated), encoding="utf-8")
    point_to(own_dir / "published", manifest.parent.name)
    if body is not None:
        manifest.with_name("prices.parquet").write_bytes(body)

    faults = list(check_published(own_dir / "published", deep=True))
    ended = pricebook("doctor", "--data-dir", own_dir)

    assert found in faults
    assert ended.status == (0 if body == b"evil" else 3)
    if ended.status:
        assert found in ended.out
        assert "pricebook publish" in ended.out


def test_a_manifest_that_is_not_the_named_one_is_found(pricebook: Pricebook, own_dir: Path) -> None:
    manifest = next((own_dir / "published" / "snapshots").glob("*/manifest.json"))
    manifest.write_bytes(b'{"files": []}')

    ended = pricebook("doctor", "--data-dir", own_dir)

    assert ended.status == 3
    assert "manifest.json is not the one that latest.json names" in ended.out


def test_a_running_writer_is_no_fault(pricebook: Pricebook, own_dir: Path) -> None:
    with writer_lock(own_dir):
        ended = pricebook("doctor", "--data-dir", own_dir)

    assert ended.status == 0
    assert "another run is writing" in ended.out


def test_the_auth_string_of_prefects_server_is_looked_at_and_not_told(
    pricebook: Pricebook, own_dir: Path
) -> None:
    home = home_of(own_dir)
    home.mkdir()
    auth = renew_auth(home).get_secret_value()
    fine = pricebook("doctor", "--data-dir", own_dir)
    auth_file(home).chmod(0o644)
    shared = pricebook("doctor", "--data-dir", own_dir)

    assert fine.status == 0
    assert "readable by you alone" in " ".join(fine.out.split())
    assert shared.status == 3
    assert "mode 0644" in " ".join(shared.out.split())
    assert auth not in fine.out + fine.err + shared.out + shared.err


def test_bad_settings_are_a_finding(ask: Pricebook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRICEBOOK_ATTEMPTS", "many")

    ended = ask("doctor")

    assert ended.status == 3
    assert "PRICEBOOK_ATTEMPTS" in ended.out
