"""The capture store keeps what it was given, once, and notices when a disk did not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from models.capture import Capture, Fetch, FetchOutcome, fetch_id
from spiders.blobs import (
    BlobDamagedError,
    BlobError,
    BlobMissingError,
    BlobTooLargeError,
    unzstd,
)
from spiders.capture_store import CaptureStore

NOON = datetime(2026, 8, 1, 12, tzinfo=UTC)


def capture_of(store: CaptureStore, body: bytes, **changes: object) -> Capture:
    fields: dict[str, object] = {
        "source": "openrouter_models",
        "url": "https://openrouter.ai/api/v1/models",
        "fetched_at": NOON,
        "http_status": 200,
        "sha256": store.put(body),
        "size": len(body),
        "origin": "replay",
    }
    return Capture.model_validate(fields | changes)


def fetch_of(*captures: Capture, **changes: object) -> Fetch:
    fields: dict[str, object] = {
        "source": "openrouter_models",
        "seller": "openrouter",
        "fetched_at": NOON,
        "finished_at": NOON,
        "origin": "replay",
        "outcome": "ok",
        "captures": captures,
    }
    return Fetch.model_validate(fields | changes)


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_body_is_on_disk_compressed_and_named_by_its_content(tmp_path: Path) -> None:
    store = CaptureStore(tmp_path)
    body = b'{"data": []}' * 1000
    name = store.put(body)
    path = tmp_path / "captures" / "blobs" / name[:2] / f"{name}.zst"
    assert name == sha256(body).hexdigest()
    assert path.stat().st_size < len(body) / 10
    assert zstandard.ZstdDecompressor().decompress(path.read_bytes()) == body
    assert store.read(name) == body


def test_equal_bodies_are_stored_once_and_left_alone(tmp_path: Path) -> None:
    store = CaptureStore(tmp_path)
    store.put(b"same")
    [before] = files(tmp_path)
    written = before.stat().st_mtime_ns
    CaptureStore(tmp_path).put(b"same")
    assert files(tmp_path) == [before]
    assert before.stat().st_mtime_ns == written


@given(st.binary(max_size=5000))
def test_any_body_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, body: bytes
) -> None:
    store = CaptureStore(tmp_path_factory.mktemp("store"), durable=False)
    assert store.read(store.put(body)) == body


def test_a_damaged_body_is_noticed(tmp_path: Path) -> None:
    store = CaptureStore(tmp_path)
    name = store.put(b"the body" * 100)
    [path] = files(tmp_path)
    whole = path.read_bytes()
    for damaged in (whole[:-3], b"", b"not zstd at all", whole[:-1] + bytes([whole[-1] ^ 1])):
        path.write_bytes(damaged)
        with pytest.raises(BlobDamagedError, match=name):
            store.read(name)
    path.write_bytes(zstandard.ZstdCompressor().compress(b"another body"))
    with pytest.raises(BlobDamagedError, match="holds another body"):
        store.read(name)


def test_an_empty_file_under_a_bodys_name_is_written_again(tmp_path: Path) -> None:
    store = CaptureStore(tmp_path)
    name = store.put(b"body")
    [path] = files(tmp_path)
    path.write_bytes(b"")
    store.put(b"body")
    assert store.read(name) == b"body"


@pytest.mark.parametrize("name", ["", "..", "../../etc/passwd", "a" * 63, "A" * 64, "a" * 64])
def test_a_name_that_is_no_stored_body_is_missing(tmp_path: Path, name: str) -> None:
    with pytest.raises(BlobMissingError):
        CaptureStore(tmp_path).read(name)


def test_reading_is_bounded(tmp_path: Path) -> None:
    store = CaptureStore(tmp_path)
    name = store.put(b"0" * 1000)
    assert store.read(name, max_bytes=1000) == b"0" * 1000
    with pytest.raises(BlobTooLargeError, match="more than 999 bytes"):
        store.read(name, max_bytes=999)


def test_unpacking_a_bomb_stops_near_the_limit_whatever_size_it_states() -> None:
    packed = zstandard.ZstdCompressor(write_content_size=False).compress(bytes(300_000_000))
    script = (
        "import resource, sys\n"
        "from spiders.blobs import BlobTooLargeError, unzstd\n"
        "packed = sys.stdin.buffer.read()\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try:\n    unzstd(packed, 1_000_000)\n"
        "except BlobTooLargeError:\n"
        "    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], input=packed, capture_output=True, check=True
    )
    assert int(done.stdout) < 40_000  # kilobytes


def test_several_zstd_frames_in_a_row_are_one_body() -> None:
    pack = zstandard.ZstdCompressor().compress
    assert unzstd(pack(b"one ") + pack(b"") + pack(b"two"), 100) == b"one two"
    with pytest.raises(BlobDamagedError):
        unzstd(pack(b"one") + b"junk", 100)
    with pytest.raises(BlobTooLargeError):
        unzstd(pack(b"one ") + pack(b"two"), 5)


@given(st.binary(max_size=300))
def test_unpacking_junk_only_ever_raises_our_own_error(junk: bytes) -> None:
    for packed in (junk, zstandard.ZstdCompressor().compress(b"abc" * 50)[:10] + junk):
        with suppress(BlobError):
            unzstd(packed, 10_000)


def test_a_fetch_is_recorded_once_and_comes_back_equal(tmp_path: Path) -> None:
    store = CaptureStore(tmp_path)
    fetch = fetch_of(capture_of(store, b"body", headers={"etag": '"1"'}))
    assert store.knows(fetch) is False
    assert store.record(fetch) is True
    assert store.knows(fetch) is True
    assert store.record(fetch_of(*fetch.captures, finished_at=NOON + timedelta(seconds=9))) is False
    assert list(CaptureStore(tmp_path).fetches()) == [fetch]
    assert store.bodies(fetch) == [b"body"]
    [path] = files(tmp_path / "captures" / "fetches")
    assert path.parent == tmp_path / "captures" / "fetches" / "openrouter_models" / "2026-08"
    assert path.name == f"2026-08-01T120000.000000Z-{fetch.fetch_id[:12]}.json"


def test_a_fetch_whose_body_is_not_stored_is_refused(tmp_path: Path) -> None:
    elsewhere = CaptureStore(tmp_path / "elsewhere")
    with pytest.raises(ValueError, match="not stored yet"):
        CaptureStore(tmp_path).record(fetch_of(capture_of(elsewhere, b"body")))


def test_fetches_come_by_time_source_and_scope(tmp_path: Path) -> None:
    store = CaptureStore(tmp_path)
    made: list[Fetch] = []
    for hour in (0, 40 * 24, 7, 31):
        at = NOON + timedelta(hours=hour)
        made.append(fetch_of(capture_of(store, b"%d" % hour, fetched_at=at), fetched_at=at))
    other = fetch_of(source="aiml_models", seller="aimlapi", scope="all")
    for fetch in (*made, other):
        store.record(fetch)
    by_time = [made[0], made[2], made[3], made[1]]
    assert list(store.fetches("openrouter_models")) == by_time
    assert list(store.fetches("openrouter_models", newest_first=True)) == by_time[::-1]
    since, before = made[2].fetched_at, made[1].fetched_at
    assert list(store.fetches("openrouter_models", since=since, before=before)) == by_time[1:3]
    assert list(store.fetches(scope="all")) == [other]
    assert len(list(store.fetches())) == 5


def test_fetches_that_are_known_are_left_out_unopened(tmp_path: Path) -> None:
    store = CaptureStore(tmp_path)
    made = [
        fetch_of(capture_of(store, b"body"), fetched_at=NOON + timedelta(hours=n)) for n in range(3)
    ]
    for fetch in made:
        store.record(fetch)
    first = next(path for path in files(tmp_path) if path.stem.endswith(made[0].fetch_id[:12]))
    first.write_bytes(b"never opened")
    known = {made[0].fetch_id, made[2].fetch_id}
    assert list(store.fetches(besides=known)) == [made[1]]


def test_microseconds_and_zones_do_not_confuse_the_order(tmp_path: Path) -> None:
    store = CaptureStore(tmp_path)
    times = [
        datetime.fromisoformat(text)
        for text in (
            "2026-08-01T00:30:00+02:00",
            "2026-07-31T22:30:00.000001Z",
            "2026-07-31T22:31Z",
        )
    ]
    for at in reversed(times):
        store.record(fetch_of(fetched_at=at))
    assert [fetch.fetched_at for fetch in store.fetches()] == times
    assert [fetch.fetched_at for fetch in store.fetches(since=times[1])] == times[1:]
    assert [fetch.fetched_at for fetch in store.fetches(before=times[1])] == times[:1]


def test_the_last_healthy_fetch_is_of_this_scope_and_before_now(tmp_path: Path) -> None:
    store = CaptureStore(tmp_path)
    good = fetch_of(capture_of(store, b"good"))
    bad = fetch_of(fetched_at=NOON + timedelta(hours=1), outcome="http_error")
    other = fetch_of(fetched_at=NOON + timedelta(hours=2), scope="other")
    for fetch in (good, bad, other):
        store.record(fetch)
    assert store.last_healthy("openrouter_models", "default") == good
    assert store.last_healthy("openrouter_models", "default", before=NOON) is None
    assert store.last_healthy("aiml_models", "default") is None


def test_leftovers_of_a_killed_process_are_ignored_and_cleaned(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom spiders.blobs import BlobStore\n"
        "def die(self, target): os.kill(os.getpid(), signal.SIGKILL)\n"
        "Path.replace = die\nBlobStore(Path(sys.argv[1])).put(b'never finished')\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    assert done.returncode == -9
    [left] = files(tmp_path)
    assert left.parent.name == "tmp"
    store = CaptureStore(tmp_path)
    assert not store.has(sha256(b"never finished").hexdigest())
    assert list(store.fetches()) == []
    assert store.clean_leftovers() == 0  # it might still be written
    os.utime(left, (0, 0))
    assert store.clean_leftovers() == 1
    assert files(tmp_path) == []


def test_a_fetch_file_that_cannot_be_read_hides_nothing_else(tmp_path: Path) -> None:
    store = CaptureStore(tmp_path)
    first, second = fetch_of(), fetch_of(fetched_at=NOON + timedelta(hours=1))
    store.record(first)
    [path] = files(tmp_path / "captures" / "fetches")
    store.record(second)
    path.write_bytes(b"")
    assert list(store.fetches()) == [second]
    assert store.damaged() == [path]
    assert store.record(first) is True
    assert store.damaged() == []


def test_a_store_that_is_not_durable_flushes_on_demand(tmp_path: Path) -> None:
    store = CaptureStore(tmp_path, durable=False)
    store.record(fetch_of(capture_of(store, b"body")))
    store.sync()
    store.sync()
    assert len(files(tmp_path)) == 2


def test_threads_can_store_the_same_body_at_once(tmp_path: Path) -> None:
    store = CaptureStore(tmp_path)
    bodies = [b"body %d" % (n % 3) for n in range(24)]
    threads = [threading.Thread(target=store.put, args=(body,)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(files(tmp_path)) == 3


def test_a_fetch_is_named_by_what_it_is() -> None:
    same = fetch_id("a", "s", NOON, "live", ("x", "y"))
    assert same == fetch_id("a", "s", NOON.astimezone(), "live", ("x", "y"))
    others = [
        fetch_id("a", "s", NOON, "live", ("xy",)),
        fetch_id("a", "s", NOON, "replay", ("x", "y")),
        fetch_id("as", "", NOON, "live", ("x", "y")),
        fetch_id("a", "s", NOON + timedelta(microseconds=1), "live", ("x", "y")),
    ]
    assert len({same, *others}) == 5


def test_a_record_whose_id_was_tampered_with_is_damage(tmp_path: Path) -> None:
    store = CaptureStore(tmp_path)
    store.record(fetch_of())
    [path] = files(tmp_path)
    record = json.loads(path.read_bytes()) | {"source": "aiml_models"}
    path.write_text(json.dumps(record))
    assert store.damaged() == [path]


def test_only_complete_fetches_are_healthy() -> None:
    healthy = {outcome for outcome in FetchOutcome if outcome.is_healthy}
    assert healthy == {FetchOutcome.OK, FetchOutcome.UNCHANGED}


@pytest.mark.parametrize("source", ["", "../x", "a/b", "A", ".", "a" * 65, "1a"])
def test_a_source_name_cannot_become_another_path(source: str) -> None:
    with pytest.raises(ValueError, match="source"):
        fetch_of(source=source)


def test_the_store_needs_neither_scrapy_nor_httpx() -> None:
    script = (
        "import sys, spiders.capture_store\n"
        "print([m for m in ('scrapy', 'httpx', 'twisted', 'lxml') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, text=True
    )
    assert done.stdout.strip() == "[]"
