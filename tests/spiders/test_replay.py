"""A recording served again gives the fetches that it holds, over HTTP and straight from disk."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from models.capture import Fetch, FetchOutcome
from spiders.backfill import recorded_fetches
from spiders.capture_store import CaptureStore
from spiders.fetch import fetch_source
from spiders.pageplan import PageJob
from spiders.plan import PlanMaker
from spiders.recording import RecordingError, scan
from spiders.replay import Replay, open_replay
from spiders.sources.aiml_models import AIML_PLAIN_URL, AIML_URL, aiml_models_plan
from spiders.sources.openrouter_models import OPENROUTER_URL, openrouter_models_plan

PAGE_URL = "https://aimlapi.com/ai-ml-api-pricing"
HOW: Mapping[str, PlanMaker | PageJob] = {
    "openrouter_models": openrouter_models_plan,
    "aiml_models": aiml_models_plan,
    "aiml_pricing_page": PageJob(PAGE_URL),
}
OLD = {"object": "list", "data": [{"id": "x", "type": "chat-completion", "endpoints": []}]}
NEW_ROW = {"id": "x", "type": "openai/chat-completions", "aliases": None}
NEW = {
    "data": [NEW_ROW | {"pricing": {"price": 0.39}, "modalities": {"input": ["text"]}}],
    "total": 1,
}


def put(root: Path, name: str, body: object) -> bytes:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return data


def get(replay: Replay, url: str, **headers: str) -> httpx.Response:
    actual = replay.sites.actual(url)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.get(actual, headers=named, trust_env=False)


def fetch(replay: Replay, store: CaptureStore, source: str) -> Fetch:
    return fetch_source(
        source, HOW[source], sites=replay.sites, store=store, clock=replay.clock, origin="replay"
    )


def test_steps_are_distinct_times_and_only_sources_with_a_file_are_due(tmp_path: Path) -> None:
    put(tmp_path, "openrouter_models/2026-08-01T0323Z.json", [{"id": "a"}])
    put(tmp_path, "aiml_models/2026-08-01T0323Z.json", OLD)
    put(tmp_path, "openrouter_models/2026-07-01T0323Z.json.gz", [{"id": "b"}])
    put(tmp_path, "openrouter_models/notes.txt", b"x")
    with open_replay(tmp_path) as replay:
        assert [step.month for step in replay.steps] == [7, 8]
        assert replay.go(replay.steps[0]) == ("openrouter_models",)
        assert get(replay, OPENROUTER_URL).json() == [{"id": "b"}]
        assert get(replay, AIML_URL).status_code == 404
        assert replay.go(replay.steps[1]) == ("aiml_models", "openrouter_models")
        assert get(replay, OPENROUTER_URL).json() == [{"id": "a"}]
        assert [skip.path.name for skip in replay.skipped] == ["notes.txt"]


def test_each_site_has_a_port_of_its_own_on_this_machine_only(tmp_path: Path) -> None:
    with open_replay(tmp_path) as replay:
        bases = replay.sites.bases
        assert {"openrouter.ai", "api.aimlapi.com", "aimlapi.com"} <= set(bases)
        assert len(set(bases.values())) == len(bases)
        assert all(base.startswith("http://127.0.0.1:") for base in bases.values())
    with pytest.raises(httpx.ConnectError):
        httpx.get(bases["openrouter.ai"], trust_env=False)


def test_the_time_is_the_recordings(tmp_path: Path) -> None:
    put(tmp_path, "openrouter_models/2025-12-18T231607Z.json", [{"id": "a"}])
    store = CaptureStore(tmp_path / "data")
    with open_replay(tmp_path) as replay:
        replay.go(replay.steps[0])
        done = fetch(replay, store, "openrouter_models")
        assert get(replay, OPENROUTER_URL).headers["date"] == "Thu, 18 Dec 2025 23:16:07 GMT"
    at = datetime(2025, 12, 18, 23, 16, 7, tzinfo=UTC)
    assert (done.fetched_at, done.finished_at, done.captures[0].fetched_at) == (at, at, at)
    plain = OPENROUTER_URL.partition("?")[0]
    assert (done.origin, done.captures[0].url) == ("replay", plain)


def test_bodies_have_an_etag_a_type_and_come_packed_when_asked(tmp_path: Path) -> None:
    rows = [{"id": f"a/{n}"} for n in range(200)]
    body = put(tmp_path, "openrouter_models/2026-08-01T0323Z.json", {"data": rows})
    with open_replay(tmp_path) as replay:
        replay.go(replay.steps[0])
        answer = get(replay, OPENROUTER_URL, Accept_Encoding="gzip")
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.headers["content-type"] == "application/json"
        assert answer.content == body
        plain = get(replay, OPENROUTER_URL, Accept_Encoding="identity")
        assert "content-encoding" not in plain.headers
        assert plain.headers["etag"] == answer.headers["etag"]
        again = get(replay, OPENROUTER_URL, If_None_Match=plain.headers["etag"])
        assert (again.status_code, again.content) == (304, b"")
        assert get(replay, OPENROUTER_URL, If_None_Match='"other"').status_code == 200


def test_the_older_catalogue_is_where_it_was(tmp_path: Path) -> None:
    body = put(tmp_path, "aiml_models/2026-01-14T0000Z.json", OLD)
    with open_replay(tmp_path) as replay:
        replay.go(replay.steps[0])
        assert get(replay, AIML_URL).status_code == 404
        assert get(replay, AIML_PLAIN_URL).content == body


def test_the_newer_catalogue_has_its_sections_only_when_asked(tmp_path: Path) -> None:
    body = put(tmp_path, "aiml_models/2026-06-14T0000Z.json", NEW)
    with open_replay(tmp_path) as replay:
        replay.go(replay.steps[0])
        assert get(replay, AIML_URL).content == body
        assert get(replay, AIML_URL.split("?")[0] + "?include=all").content == body
        bare = {"data": [NEW_ROW], "total": 1}
        assert get(replay, AIML_PLAIN_URL).json() == bare
        assert get(replay, AIML_URL.split("?")[0]).json() == bare
        some = get(replay, AIML_URL.replace("pricing", "pricin")).json()
        assert some["data"][0].keys() == NEW_ROW.keys() | {"modalities"}


@pytest.mark.parametrize("kind", ["json", "html"])
def test_recorded_statuses_are_given_again(tmp_path: Path, kind: str) -> None:
    put(tmp_path, f"aiml_models/2026-06-14T0000Z.503.{kind}", b"down")
    store = CaptureStore(tmp_path / "data")
    with open_replay(tmp_path) as replay:
        replay.go(replay.steps[0])
        done = fetch(replay, store, "aiml_models")
    assert (done.outcome, done.captures[0].http_status) == (FetchOutcome.HTTP_ERROR, 503)


def test_robots_txt_is_not_found_unless_one_was_recorded(tmp_path: Path) -> None:
    rules = put(tmp_path, "aiml_pricing_page/robots.txt", b"User-agent: *\nDisallow: /\n")
    put(tmp_path, "aiml_pricing_page/2026-06-14T0000Z.html", b"<p>x</p>")
    store = CaptureStore(tmp_path / "data")
    with open_replay(tmp_path) as replay:
        replay.go(replay.steps[0])
        assert get(replay, "https://aimlapi.com/robots.txt").content == rules
        assert get(replay, "https://openrouter.ai/robots.txt").status_code == 404
        assert fetch(replay, store, "aiml_pricing_page").outcome == FetchOutcome.REFUSED_BY_ROBOTS


def test_anything_else_is_not_found(tmp_path: Path) -> None:
    put(tmp_path, "openrouter_models/2026-08-01T0323Z.json", [])
    with open_replay(tmp_path) as replay:
        replay.go(replay.steps[0])
        for path in ("", "/", "/api/v1", "/../../etc/passwd", "/%2e%2e/x", "/api/v1/models/count"):
            assert get(replay, f"https://openrouter.ai{path}").status_code == 404
        assert get(replay, "https://aimlapi.com/api/v1/models").status_code == 404


def story(root: Path) -> None:
    """A few steps of every kind of answer that a recording can hold."""
    first = {"data": [{"id": "a"}, {"id": "b"}], "total_count": 3, "links": {"next": "?offset=2"}}
    second = {"data": [{"id": "c"}], "total_count": 3, "links": {"next": None}}
    anchor = b'<html><a class="w-pagination-next" href="?x_page=%d">Next</a>%s</html>'
    put(root, "openrouter_models/2026-08-01T0000Z.json", first)
    put(root, "openrouter_models/2026-08-01T0000Z.p2.json.gz", second)
    put(root, "openrouter_models/2026-08-02T0000Z.json", first)  # page 2 was lost
    put(root, "openrouter_models/2026-08-03T0000Z.429.json", {"error": "slow down"})
    put(root, "openrouter_models/2026-08-04T0000Z.html", b"<html>no list</html>")
    put(root, "openrouter_models/2026-08-05T0000Z.json", {"data": []})
    put(root, "openrouter_models/2026-08-06T0000Z.json", b'{"data": [{"id": ')
    put(root, "openrouter_models/2026-08-07T0000Z.json", b"")
    put(root, "openrouter_models/2026-08-08T0000Z.json", second)
    put(root, "openrouter_models/2026-08-09T0000Z.json", [{"id": "a"}])  # bare lists link nothing
    put(root, "openrouter_models/2026-08-09T0000Z.p2.json", [{"id": "b"}])
    put(root, "aiml_models/2026-08-01T0000Z.json", OLD)
    put(root, "aiml_models/2026-08-02T0000Z.json", OLD)
    put(root, "aiml_models/2026-08-03T0000Z.json", NEW)
    put(root, "aiml_models/2026-08-04T0000Z.json", {"data": [NEW_ROW]})
    put(root, "aiml_models/2026-08-05T0000Z.404.json", b"{}")
    put(root, "aiml_pricing_page/2026-08-01T0000Z.html", anchor % (2, b"1"))
    put(root, "aiml_pricing_page/2026-08-01T0000Z.p2.html", anchor % (3, b"2"))
    put(root, "aiml_pricing_page/2026-08-02T0000Z.html", anchor % (2, b"1"))
    put(root, "aiml_pricing_page/2026-08-02T0000Z.404.p2.html", b"gone")
    put(root, "aiml_pricing_page/2026-08-03T0000Z.503.html", b"down")
    put(root, "aiml_pricing_page/2026-08-04T0000Z.html", b"<p>1</p>")
    put(root, "aiml_pricing_page/2026-08-04T0000Z.p2.html", b"<p>2</p>")
    put(root, "aiml_pricing_page/2026-08-04T0000Z.p3.html", b"<p>3</p>")


EXPECTED = {
    ("openrouter_models", 1): "ok",
    ("openrouter_models", 2): "incomplete",
    ("openrouter_models", 3): "throttled",
    ("openrouter_models", 4): "wrong_content_type",
    ("openrouter_models", 5): "empty",
    ("openrouter_models", 6): "truncated",
    ("openrouter_models", 7): "empty",
    ("openrouter_models", 8): "incomplete",
    ("openrouter_models", 9): "ok",
    ("aiml_models", 1): "ok",
    ("aiml_models", 2): "unchanged",
    ("aiml_models", 3): "ok",
    ("aiml_models", 4): "sections_missing",
    ("aiml_models", 5): "http_error",
    ("aiml_pricing_page", 1): "incomplete",  # its second page links to a third
    ("aiml_pricing_page", 2): "incomplete",
    ("aiml_pricing_page", 3): "http_error",
    ("aiml_pricing_page", 4): "ok",
}


def outcomes(store: CaptureStore) -> dict[tuple[str, int], str]:
    return {(f.source, f.fetched_at.day): str(f.outcome) for f in store.fetches()}


def replayed(root: Path, store: CaptureStore) -> list[Fetch]:
    with open_replay(root) as replay:
        return [fetch(replay, store, source) for step in replay.steps for source in replay.go(step)]


def test_a_replay_and_a_backfill_of_one_recording_agree(tmp_path: Path) -> None:
    story(tmp_path)
    over_http, from_disk = CaptureStore(tmp_path / "a"), CaptureStore(tmp_path / "b", durable=False)
    replayed(tmp_path, over_http)
    list(recorded_fetches(scan(tmp_path, HOW), HOW, from_disk))
    assert outcomes(from_disk) == EXPECTED
    assert outcomes(over_http) == EXPECTED
    for store in (over_http, from_disk):
        pages = {(f.source, f.fetched_at.day): len(f.captures) for f in store.fetches()}
        assert pages[("openrouter_models", 9)] == 2
        assert pages[("aiml_pricing_page", 4)] == 3
    for there in over_http.fetches():
        [here] = from_disk.fetches(
            there.source, since=there.fetched_at, before=there.fetched_at + timedelta(hours=1)
        )
        assert there.shas == here.shas
        assert [c.url for c in there.captures] == [c.url for c in here.captures]
        assert [c.url for c in there.asides] == [c.url for c in here.asides]


def test_the_same_recording_again_records_nothing_new(tmp_path: Path) -> None:
    story(tmp_path)
    for name in ("aiml_pricing_page",):
        for path in (tmp_path / name).iterdir():
            path.unlink()
    store = CaptureStore(tmp_path / "data")
    first = {f.fetch_id for f in replayed(tmp_path, store)}
    files = sorted(p for p in store.root.rglob("*") if p.is_file())
    second = {f.fetch_id for f in replayed(tmp_path, store)}
    assert first == second
    assert sorted(p for p in store.root.rglob("*") if p.is_file()) == files


def test_a_backfill_goes_on_where_it_stopped(tmp_path: Path) -> None:
    story(tmp_path)
    store = CaptureStore(tmp_path / "data", durable=False)
    recording = scan(tmp_path, HOW)
    started = recorded_fetches(recording, HOW, store, batch=2)
    interrupted = [next(started) for _ in range(5)]
    started.close()
    assert all(is_new for _, is_new in interrupted)
    again = list(recorded_fetches(recording, HOW, store))
    assert [is_new for _, is_new in again] == [False] * 5 + [True] * (len(EXPECTED) - 5)
    assert [f.fetched_at for f, _ in again] == sorted(f.fetched_at for f, _ in again)
    assert {f.origin for f, _ in again} == {"backfill"}


@pytest.mark.parametrize("name", ["2026-08-01T0000Z.json.gz", "2026-08-01T0000Z.json.zst"])
def test_a_damaged_recording_fails_that_fetch_and_no_other(tmp_path: Path, name: str) -> None:
    (tmp_path / "aiml_models").mkdir()
    (tmp_path / "aiml_models" / name).write_bytes(gzip.compress(b"[]")[:-6])
    put(tmp_path, "aiml_models/2026-08-02T0000Z.json", OLD)
    over_http, from_disk = CaptureStore(tmp_path / "a"), CaptureStore(tmp_path / "b")
    replayed(tmp_path, over_http)
    list(recorded_fetches(scan(tmp_path, HOW), HOW, from_disk))
    expected = {("aiml_models", 1): "truncated", ("aiml_models", 2): "ok"}
    assert outcomes(over_http) == outcomes(from_disk) == expected
    [broken, _] = from_disk.fetches()
    assert name in broken.detail


def test_no_such_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RecordingError), open_replay(tmp_path / "missing"):
        pass


def test_an_unknown_folder_is_named(tmp_path: Path) -> None:
    put(tmp_path, "elsewhere/2026-08-01T0000Z.json", b"[]")
    with open_replay(tmp_path) as replay:
        assert [skip.path.name for skip in replay.skipped] == ["elsewhere"]
        assert replay.steps == ()
