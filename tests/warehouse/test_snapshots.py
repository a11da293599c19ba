"""Keeping, verifying, comparing and copying snapshots."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import fsspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows import cli
from tests.warehouse.shops import NOW, Shop, later
from warehouse.comparing import difference
from warehouse.copying import copy_latest
from warehouse.errors import SnapshotError
from warehouse.retention import Kept, kept, retain, superfluous
from warehouse.snapshots import REMOVING, read_json
from warehouse.verify import faults

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def days_within(count: int) -> st.SearchStrategy[list[float]]:
    """Moments of which no two fall into the same second: ids are unique."""
    return st.lists(st.floats(0, count), max_size=50, unique_by=lambda day: int(day * 86400))


def snapshots(days: list[float]) -> list[Kept]:
    times = [EPOCH + timedelta(days=day) for day in sorted(days)]
    return [Kept(f"{time:%Y%m%dT%H%M%S}", Path(), time) for time in times]


@given(days_within(400), st.integers(1, 90))
def test_recent_ones_and_the_last_of_every_week_and_the_newest_two_stay(
    days: list[float], keep_days: int
) -> None:
    there = snapshots(days)
    now = EPOCH + timedelta(days=400)

    gone = superfluous(there, keep_days, now)

    stay = [each for each in there if each not in gone]
    assert stay[-2:] == there[-2:]
    weeks = {each.created_at.isocalendar()[:2] for each in there}
    assert {each.created_at.isocalendar()[:2] for each in stay} == weeks
    assert all(now - each.created_at >= timedelta(days=keep_days) for each in gone)
    old = [each for each in stay[:-2] if now - each.created_at >= timedelta(days=keep_days)]
    assert len({each.created_at.isocalendar()[:2] for each in old}) == len(old)


@given(days_within(200))
def test_letting_go_day_by_day_keeps_what_letting_go_at_once_keeps(days: list[float]) -> None:
    there = snapshots(days)
    left = there
    for day in range(201, 260):
        gone = superfluous(left, 30, EPOCH + timedelta(days=day))
        left = [each for each in left if each not in gone]

    assert not superfluous(left, 30, EPOCH + timedelta(days=259))
    assert left == [
        each for each in there if each not in superfluous(there, 30, EPOCH + timedelta(days=259))
    ]


def published_at(shop: Shop, *moments: datetime) -> list[str]:
    for moment in moments:
        shop.reprice()
        shop.publish(moment)
    return [each.snapshot_id for each in kept(shop.published)]


def test_retaining_removes_whole_directories(shop: Shop) -> None:
    monday = datetime(2027, 3, 1, tzinfo=UTC)
    days = [monday + timedelta(days=n) for n in (0, 1, 2, 3)]
    names = published_at(shop, *days, monday + timedelta(days=60), monday + timedelta(days=61))
    first = names[0]

    gone = retain(shop.published, 30, monday + timedelta(days=62))

    assert gone == tuple(names[1:4])
    left = sorted(path.name for path in (shop.published / "snapshots").iterdir())
    assert left == [first, *names[4:]]


def test_what_was_half_removed_is_cleared_with_the_next_snapshot(shop: Shop) -> None:
    half = shop.published / "snapshots" / f"{REMOVING}20200101T000000Z-00000000"
    half.mkdir()
    (half / "prices.json").write_text("{}")

    shop.publish()

    assert not half.exists()


def test_a_whole_snapshot_has_no_faults(book: Shop) -> None:
    assert list(faults(book.latest)) == []


@pytest.mark.parametrize("name", ["prices.parquet", "pricebook.duckdb", "models.json"])
def test_a_flipped_bit_is_found_wherever_it_is(shop: Shop, name: str) -> None:
    path = shop.latest / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)

    assert list(faults(shop.latest)) == [f"{name} has another checksum"]


def test_a_missing_a_shorter_and_an_extra_file_are_found(shop: Shop) -> None:
    (shop.latest / "prices.json").unlink()
    (shop.latest / "models.json").write_bytes(b"{}")
    (shop.latest / "more.txt").write_text("hello")

    found = "\n".join(faults(shop.latest))

    assert "prices.json is missing" in found
    assert "models.json has 2 bytes" in found
    assert "more.txt is not in the manifest" in found


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"files": 3, "snapshot_id": "x"}'])
def test_a_manifest_that_says_nothing_is_a_fault(shop: Shop, text: str) -> None:
    (shop.latest / "manifest.json").write_text(text)

    assert "manifest.json cannot be understood" in next(faults(shop.latest))


def test_a_manifest_that_names_a_file_outside_is_not_followed(shop: Shop) -> None:
    manifest = shop.manifest()
    manifest["files"].append({"path": "../../status.json", "bytes": 1, "sha256": ""})
    (shop.latest / "manifest.json").write_text(json.dumps(manifest))

    assert "../../status.json lies outside the snapshot" in list(faults(shop.latest))


def test_another_manifest_than_the_pointer_names_is_a_fault(book: Shop) -> None:
    assert list(faults(book.latest, manifest_sha256="0" * 64)) == [
        "manifest.json is not the one that latest.json names"
    ]


def test_the_difference_of_two_snapshots_names_what_changed(shop: Shop) -> None:
    before = shop.latest
    shop.execute("""
        UPDATE price_log SET unit_price_usd = unit_price_usd * 2
        WHERE log_id = (SELECT max(log_id) FROM price_log WHERE price_status = 'known')
    """)
    shop.publish()

    found = difference(before, shop.latest).records()

    assert len(found) == 1
    assert found[0]["difference"] == "changed"
    assert found[0]["new_unit_price_usd"] == 2 * found[0]["old_unit_price_usd"]
    assert difference(before, before).rows == ()


def test_a_copy_is_whole_and_its_pointer_leads_to_it(shop: Shop, tmp_path: Path) -> None:
    (shop.published / "status.json").write_text("{}")
    target = tmp_path / "copies" / "here"

    copy_latest(shop.published, str(target))
    copy_latest(shop.published, f"file://{target}")  # again, which changes nothing

    pointer = read_json(target / "latest.json")
    there = target / pointer["path"]
    assert list(faults(there, manifest_sha256=pointer["manifest_sha256"])) == []
    assert (target / "latest").resolve() == there.resolve()
    assert (target / "status.json").read_text() == "{}"
    assert [path.name for path in target.rglob(".*")] == []


def test_a_damaged_copy_is_replaced(shop: Shop, tmp_path: Path) -> None:
    copied = Path(copy_latest(shop.published, str(tmp_path / "to")))
    (copied / "prices.json").write_text("{}")

    again = Path(copy_latest(shop.published, str(tmp_path / "to")))

    assert again == copied
    assert list(faults(again)) == []
    assert [path.name for path in (tmp_path / "to").rglob(".*")] == []


def test_a_copy_to_an_object_store_puts_the_pointer_last(shop: Shop) -> None:
    store: Any = fsspec.filesystem("memory")
    sent: list[str] = []
    send = store.pipe_file

    def recorded(path: str, value: bytes, **more: Any) -> None:
        sent.append(path)
        send(path, value, **more)

    store.pipe_file = recorded
    try:
        copy_latest(shop.published, "memory://bucket/prices")
        assert [path.rpartition("/")[2] for path in sent[-3:]] == [
            "manifest.json",
            "status.json",
            "latest.json",
        ]
        sent.clear()
        copy_latest(shop.published, "memory://bucket/prices")
        assert sent == []
    finally:
        del store.pipe_file
    pointer = json.loads(store.cat("/bucket/prices/latest.json"))
    files = shop.manifest()["files"]
    for file in files:
        there = store.cat(f"/bucket/prices/{pointer['path']}/{file['path']}")
        assert there == (shop.latest / file["path"]).read_bytes()


def test_what_cannot_be_copied_says_why(shop: Shop, tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="already"):
        copy_latest(shop.published, str(shop.published))
    with pytest.raises(SnapshotError, match="cannot copy to nowhere://x"):
        copy_latest(shop.published, "nowhere://x")
    with pytest.raises(SnapshotError, match="nothing is published"):
        copy_latest(tmp_path / "empty", str(tmp_path / "to"))
    (shop.latest / "prices.json").write_text("{}")
    with pytest.raises(SnapshotError, match="damaged"):
        copy_latest(shop.published, str(tmp_path / "to"))
    assert not (tmp_path / "to" / "latest.json").exists()


def verb(shop: Shop, *words: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    status = cli.run([*words, "--data-dir", str(shop.data_dir)])
    said = capsys.readouterr()
    return status, said.out, said.err


def test_verifying_from_the_command_line(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    assert verb(shop, "snapshots", "verify", capsys=capsys)[0] == 0
    name = shop.latest.name
    (shop.latest / "prices.json").write_text("{}")

    status, out, _ = verb(shop, "snapshots", "verify", name[:16], capsys=capsys)

    assert status == 1
    assert name in out
    assert "prices.json has 3" not in out
    assert "prices.json has 2 bytes" in out
    status, _, err = verb(shop, "snapshots", "verify", "1999", capsys=capsys)
    assert status == 1
    assert "no snapshot called 1999" in err


def test_a_damaged_snapshot_is_mended_from_the_command_line(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    old = shop.latest.name
    (shop.latest / "manifest.json").unlink()

    assert f"{old}  newest  damaged" in verb(shop, "snapshots", "list", capsys=capsys)[1]
    status, out, _ = verb(shop, "publish", capsys=capsys)

    assert status == 0
    assert f"new snapshot {shop.latest.name} (mended: {old} is damaged: manifest.json" in out
    new = shop.latest.name
    assert verb(shop, "snapshots", "verify", new, capsys=capsys)[0] == 0
    assert verb(shop, "snapshots", "verify", capsys=capsys)[0] == 1  # the old one is still there


def test_a_lost_pointer_is_told_with_its_remedy(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop.published / "latest.json").unlink()

    for words in (["prices"], ["snapshots", "list"], ["export", "litellm"]):
        status, _, err = verb(shop, *words, capsys=capsys)
        assert status == 1
        assert "latest.json is missing: run `pricebook publish`" in err
    status, out, _ = verb(shop, "doctor", capsys=capsys)
    assert status == 3
    assert "pricebook publish" in out
    status, out, _ = verb(shop, "publish", capsys=capsys)
    assert status == 0
    assert "(mended: latest.json is missing)" in out
    assert verb(shop, "prices", capsys=capsys)[0] == 0


def test_comparing_from_the_command_line(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = verb(shop, "snapshots", "diff", capsys=capsys)
    assert status == 1
    assert "no snapshot before" in err
    shop.execute(
        "UPDATE price_log SET price_status = 'dynamic', unit_price_usd = NULL "
        "WHERE log_id = (SELECT max(log_id) FROM price_log WHERE price_status = 'known')"
    )
    shop.publish()

    status, out, _ = verb(shop, "snapshots", "diff", "--format", "json", capsys=capsys)

    assert status == 0
    assert [row["new_status"] for row in json.loads(out)] == ["dynamic"]


def test_publishing_elsewhere_from_the_command_line(
    shop: Shop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, _ = verb(shop, "publish", "--to", str(tmp_path / "to"), capsys=capsys)

    assert status == 0
    assert f"copied to {tmp_path / 'to' / 'snapshots'}" in out
    assert read_json(tmp_path / "to" / "status.json")["schema"] == "pricebook/status/v1"


def test_a_run_lets_go_of_what_need_not_stay(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    old = NOW - timedelta(days=200)
    names = published_at(shop, *(old + timedelta(hours=n) for n in range(4)), later(-20))
    monkeypatch.setenv("PRICEBOOK_SNAPSHOT_KEEP_DAYS", "7")
    shop.reprice()

    assert verb(shop, "publish", capsys=capsys)[0] == 0

    left = [each.snapshot_id for each in kept(shop.published)]
    assert set(names[1:4]) & set(left) == set()
    assert set(names[4:]) < set(left)
    shutil.rmtree(shop.published)
