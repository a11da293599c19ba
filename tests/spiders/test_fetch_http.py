"""Asking an interface: patience, limits and a name for every bad answer, over real sockets."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.capture import FetchOutcome
from spiders.capture_store import CaptureStore
from spiders.fetch import fetch_source
from spiders.fetch_settings import FetchSettings, RecordingClock, SystemClock
from spiders.patience import Patience, backoff, retry_after_s
from spiders.plan import Answer, Plan, Request, Verdict, failed, skipped_without_key
from spiders.problem import FetchProblemError
from spiders.sites import Sites
from spiders.sources.openrouter_models import openrouter_models_plan
from tests.spiders.loopback import NOON, Bench, Said, TestClock

PATH = "/api/v1/models?output_modalities=all"
JSON = {"Content-Type": "application/json"}


def listing(rows: int = 2, **more: object) -> bytes:
    return json.dumps({"data": [{"id": f"a/{n}"} for n in range(rows)], **more}).encode()


def ok(**headers: str) -> Said:
    return Said(listing(), headers=JSON | {k.replace("_", "-"): v for k, v in headers.items()})


def fetch(bench: Bench, *answers: Said) -> tuple[FetchOutcome, str]:
    bench.site.says(PATH, *answers)
    done = bench.fetch("openrouter_models", openrouter_models_plan)
    return done.outcome, done.detail


def test_a_good_answer_is_kept_and_recorded(bench: Bench) -> None:
    bench.site.says(PATH, ok(ETag='"1"', X_Powered_By="nobody"))
    done = bench.fetch("openrouter_models", openrouter_models_plan)
    [capture] = done.captures
    assert done.outcome == FetchOutcome.OK
    assert (done.seller, done.origin, done.fetched_at) == ("openrouter", "live", NOON)
    assert capture.url == "https://openrouter.ai/api/v1/models?output_modalities=all"
    assert capture.headers["etag"] == '"1"'
    assert "x-powered-by" not in capture.headers
    assert capture.media_type == "application/json"
    assert bench.store.bodies(done) == [listing()]
    assert list(bench.store.fetches()) == [done]


def test_we_say_who_we_are_and_ask_for_what_we_can_undo(bench: Bench) -> None:
    fetch(bench, ok())
    [asked] = bench.site.asked
    assert asked.headers["user-agent"] == "pricebook/0.1.0 (+mailto:ops@example.org)"
    assert asked.headers["accept-encoding"] == "gzip, deflate"
    assert asked.headers["accept"] == "application/json"
    assert "if-none-match" not in asked.headers


@pytest.mark.parametrize(
    ("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("identity", bytes)]
)
def test_encodings_are_undone_before_the_body_is_kept(
    bench: Bench, encoding: str, pack: Callable[[bytes], bytes]
) -> None:
    answer = Said(pack(listing()), headers=JSON | {"Content-Encoding": encoding})
    bench.site.says(PATH, answer)
    done = bench.fetch("openrouter_models", openrouter_models_plan)
    assert (done.outcome, bench.store.bodies(done)) == (FetchOutcome.OK, [listing()])


HTML = b"<!doctype html><html><head><title>Sign in</title></head></html>"
BAD: dict[str, tuple[Said, FetchOutcome, str]] = {
    "invalid json": (Said(b'{"data": [}]', headers=JSON), FetchOutcome.INVALID_JSON, "not JSON"),
    "NaN": (Said(b'{"data": [NaN]}', headers=JSON), FetchOutcome.INVALID_JSON, "not JSON"),
    "deep": (Said(b"[" * 99_999 + b"]" * 99_999), FetchOutcome.INVALID_JSON, "depth"),
    "html": (
        Said(HTML, headers={"Content-Type": "text/html"}),
        FetchOutcome.WRONG_CONTENT_TYPE,
        "Sign in",
    ),
    "html as json": (Said(HTML, headers=JSON), FetchOutcome.WRONG_CONTENT_TYPE, "HTML where JSON"),
    "other type": (
        Said(listing(), headers={"Content-Type": "image/png"}),
        FetchOutcome.WRONG_CONTENT_TYPE,
        "image/png",
    ),
    "empty body": (Said(b" \n", headers=JSON), FetchOutcome.EMPTY, "body is empty"),
    "empty list": (Said(b'{"data": []}', headers=JSON), FetchOutcome.EMPTY, "no rows"),
    "cut off": (Said(listing()[:-20], headers=JSON), FetchOutcome.TRUNCATED, "stops after"),
    "not utf-8": (Said(b'{"data": ["\xff"]}', headers=JSON), FetchOutcome.INVALID_UTF8, "byte 11"),
    "error with 200": (
        Said(b'{"error": {"message": "down"}}', headers=JSON),
        FetchOutcome.ERROR_PAGE,
        "down",
    ),
    "no list": (Said(b'{"models": 3}', headers=JSON), FetchOutcome.ERROR_PAGE, "neither a list"),
    "a number": (Said(b"42", headers=JSON), FetchOutcome.ERROR_PAGE, "neither a list"),
    "not found": (Said(HTML, 404), FetchOutcome.HTTP_ERROR, "404 Not Found: 'Sign in'"),
    "forbidden": (Said(b'{"title": "no"}', 403), FetchOutcome.HTTP_ERROR, "403 Forbidden: no"),
    "no content": (Said(b"", 204), FetchOutcome.HTTP_ERROR, "204"),
    "partial": (Said(listing(), 206, JSON), FetchOutcome.HTTP_ERROR, "206"),
    "unasked 304": (Said(b"", 304), FetchOutcome.HTTP_ERROR, "304"),
    "odd status": (Said(b"", 418), FetchOutcome.HTTP_ERROR, "418"),
    "brotli": (
        Said(b"xx", headers={"Content-Encoding": "br"}),
        FetchOutcome.WRONG_CONTENT_TYPE,
        "br",
    ),
    "elsewhere": (
        Said(b"", 302, {"Location": "https://evil.example/models"}),
        FetchOutcome.REDIRECT_REFUSED,
        "a redirect leads to https://evil.example",
    ),
    "subdomain": (
        Said(b"", 301, {"Location": "https://www.openrouter.ai/"}),
        FetchOutcome.REDIRECT_REFUSED,
        "www.openrouter.ai",
    ),
    "to plain http": (
        Said(b"", 308, {"Location": "http://openrouter.ai/"}),
        FetchOutcome.REDIRECT_REFUSED,
        "http://openrouter.ai",
    ),
    "in circles": (
        Said(b"", 302, {"Location": PATH}),
        FetchOutcome.REDIRECT_REFUSED,
        "more than 5",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_every_bad_answer_has_a_name_and_is_asked_for_once(bench: Bench, name: str) -> None:
    answer, outcome, words = BAD[name]
    assert fetch(bench, answer)[0] == outcome
    [done] = bench.store.fetches()
    assert words in done.detail
    assert not done.is_healthy
    assert bench.clock.slept == []


@pytest.mark.parametrize("name", [n for n, (answer, *_) in BAD.items() if answer.body.strip()])
def test_the_failing_body_is_kept_as_evidence(bench: Bench, name: str) -> None:
    answer = BAD[name][0]
    fetch(bench, answer)
    [done] = bench.store.fetches()
    if "Content-Encoding" not in answer.headers:
        assert bench.store.bodies(done) == [answer.body]
        assert done.captures[0].http_status == answer.status


@pytest.mark.parametrize("status", [500, 502, 503, 504, 522, 599])
def test_server_errors_are_tried_again_with_growing_waits(bench: Bench, status: int) -> None:
    outcome, detail = fetch(bench, Said(b"oops", status))
    assert outcome == FetchOutcome.HTTP_ERROR
    assert str(status) in detail
    assert bench.clock.slept == [1.0, 2.0, 4.0]
    assert len(bench.site.asked) == 4


def test_one_good_answer_is_enough(bench: Bench) -> None:
    assert fetch(bench, Said(b"", 503), Said(b"", 429), ok())[0] == FetchOutcome.OK
    assert bench.clock.slept == [1.0, 2.0]
    assert len(list(bench.store.fetches())) == 1


def test_being_throttled_is_told_from_other_errors(bench: Bench) -> None:
    outcome, detail = fetch(bench, Said(b'{"detail": "slow down"}', 429))
    assert (outcome, detail) == (
        FetchOutcome.THROTTLED,
        "answered 429 Too Many Requests: slow down",
    )


def test_retry_after_is_heeded_in_seconds_and_as_a_date(bench: Bench) -> None:
    later = format_datetime(NOON + timedelta(seconds=37), usegmt=True)
    said = [Said(b"", 503, {"Retry-After": "7"}), Said(b"", 429, {"Retry-After": later}), ok()]
    assert fetch(bench, *said)[0] == FetchOutcome.OK
    assert bench.clock.slept == [7.0, 30.0]


def test_a_site_that_wants_to_be_left_alone_is(bench: Bench) -> None:
    outcome, _ = fetch(bench, Said(b"", 429, {"Retry-After": "61"}), ok())
    assert (outcome, bench.clock.slept) == (FetchOutcome.THROTTLED, [])


def test_waits_stay_within_the_time_for_the_source(bench: Bench) -> None:
    bench.settings = replace(bench.settings, source_timeout_s=5.0, attempts=9)
    fetch(bench, Said(b"", 503))
    assert bench.clock.slept == [1.0, 2.0]


def close(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True
    handler.connection.close()


def sends(data: bytes) -> Callable[[BaseHTTPRequestHandler], None]:
    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        handler.wfile.write(data)

    return send


def test_a_body_shorter_than_promised_is_truncated_and_kept(bench: Bench) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 999\r\n\r\n"
    outcome, detail = fetch(bench, Said(raw=sends(head + listing())))
    assert outcome == FetchOutcome.TRUNCATED
    assert "stops early" in detail
    [done] = bench.store.fetches()
    assert bench.store.bodies(done) == [listing()]
    assert len(bench.site.asked) == 4


def test_a_chunked_body_without_its_end_is_truncated(bench: Bench) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[1,2,\r\n"
    assert fetch(bench, Said(raw=sends(head)), ok())[0] == FetchOutcome.OK
    assert fetch(bench, Said(raw=sends(head)))[0] == FetchOutcome.TRUNCATED


def test_a_compressed_body_that_stops_is_truncated(bench: Bench) -> None:
    packed = gzip.compress(listing(500))[:-9]
    answer = Said(packed, headers=JSON | {"Content-Encoding": "gzip"})
    assert fetch(bench, answer)[0] == FetchOutcome.TRUNCATED


def test_broken_connections_are_transport_errors(bench: Bench) -> None:
    assert fetch(bench, Said(raw=close))[0] == FetchOutcome.TRANSPORT_ERROR
    assert (
        fetch(bench, Said(raw=sends(b"no http at all\r\n\r\n")))[0] == FetchOutcome.TRANSPORT_ERROR
    )
    assert len(bench.site.asked) == 8


def test_a_redirect_to_no_address_is_a_transport_error(bench: Bench) -> None:
    outcome, detail = fetch(bench, Said(b"", 302, {"Location": "http://[::1"}))
    assert (outcome, "location" in detail) == (FetchOutcome.TRANSPORT_ERROR, True)


def test_nobody_listening_is_a_transport_error(bench: Bench) -> None:
    bench.sites = Sites({"openrouter.ai": "http://127.0.0.1:1"})
    done = bench.fetch("openrouter_models", openrouter_models_plan)
    assert done.outcome == FetchOutcome.TRANSPORT_ERROR
    assert "ConnectError" in done.detail
    assert done.captures == ()


def test_a_replay_never_looks_at_the_internet(bench: Bench) -> None:
    bench.sites = Sites({"other.example": bench.site.base})
    done = bench.fetch("openrouter_models", openrouter_models_plan)
    assert "not part of the recording" in done.detail
    assert bench.site.asked == []


def test_silence_is_a_timeout(bench: Bench) -> None:
    bench.settings = replace(bench.settings, read_timeout_s=0.1, attempts=2)
    outcome, detail = fetch(bench, Said(raw=lambda _: time.sleep(1)))
    assert outcome == FetchOutcome.TIMEOUT
    assert "no answer in time" in detail
    assert bench.clock.slept == [1.0]


def drips(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    for _ in range(100):
        try:
            handler.wfile.write(b"[")
        except OSError:
            break
        time.sleep(0.05)


def test_a_body_that_drips_is_stopped_when_the_time_is_over(bench: Bench) -> None:
    bench.site.says(PATH, Said(raw=drips))
    settings = replace(bench.settings, source_timeout_s=0.5)
    started = time.monotonic()
    done = fetch_source(
        "openrouter_models",
        openrouter_models_plan,
        sites=bench.sites,
        store=bench.store,
        settings=settings,
        clock=SystemClock(),
    )
    assert done.outcome == FetchOutcome.TIMEOUT
    assert time.monotonic() - started < 3


def test_a_body_over_the_limit_is_refused_and_not_kept(bench: Bench) -> None:
    bench.settings = replace(bench.settings, max_body_bytes=1000)
    outcome, detail = fetch(bench, Said(b" " * 1001, headers=JSON))
    assert (outcome, "more than 1000 bytes" in detail) == (FetchOutcome.TOO_LARGE, True)
    [done] = bench.store.fetches()
    assert done.captures == ()
    assert len(bench.site.asked) == 1


def test_a_bomb_is_stopped_in_little_memory(tmp_path: Path) -> None:
    script = Path(__file__).with_name("bomb_probe.py")
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path)], capture_output=True, check=True, text=True
    )
    outcome, grown_kb = done.stdout.split()
    assert outcome == FetchOutcome.DECOMPRESSION_BOMB
    assert int(grown_kb) < 30_000


def test_redirects_on_the_same_host_are_followed(bench: Bench) -> None:
    bench.site.says("/moved", Said(b"", 302, {"Location": "https://openrouter.ai/again"}))
    bench.site.says("/again", ok())
    assert fetch(bench, Said(b"", 301, {"Location": "/moved"}))[0] == FetchOutcome.OK
    assert bench.site.paths == [PATH, "/moved", "/again"]
    [done] = bench.store.fetches()
    assert done.captures[0].url.endswith(PATH)


def test_a_confirmation_counts_as_the_body_that_is_held(bench: Bench) -> None:
    fetch(bench, ok(ETag='"1"', Last_Modified="Sat, 01 Aug 2026 11:00:00 GMT"))
    bench.site.says(PATH, Said(b"", 304, {"ETag": '"2"'}))
    second = bench.fetch("openrouter_models", openrouter_models_plan)
    asked = bench.site.asked[-1].headers
    assert asked["if-none-match"] == '"1"'
    assert asked["if-modified-since"] == "Sat, 01 Aug 2026 11:00:00 GMT"
    assert second.outcome == FetchOutcome.UNCHANGED
    assert second.is_healthy
    [capture] = second.captures
    assert (capture.http_status, capture.size) == (304, len(listing()))
    assert second.confirms == (capture.sha256,)
    assert bench.store.bodies(second) == [listing()]
    bench.fetch("openrouter_models", openrouter_models_plan)
    assert bench.site.asked[-1].headers["if-none-match"] == '"2"'


@pytest.mark.parametrize("etag", ['W/"\u00e9"', '"a\tb"'])
def test_a_validator_that_no_request_can_hold_is_not_sent_back(bench: Bench, etag: str) -> None:
    assert fetch(bench, ok(ETag=etag))[0] == FetchOutcome.OK
    assert fetch(bench, ok())[0] == FetchOutcome.UNCHANGED
    assert "if-none-match" not in bench.site.asked[-1].headers


def test_the_same_body_again_is_unchanged(bench: Bench) -> None:
    assert fetch(bench, ok())[0] == FetchOutcome.OK
    assert fetch(bench, ok())[0] == FetchOutcome.UNCHANGED
    assert fetch(bench, Said(listing(3), headers=JSON))[0] == FetchOutcome.OK
    assert len(bench.site.asked) == 3


def test_a_failed_fetch_is_nothing_to_compare_with(bench: Bench) -> None:
    fetch(bench, ok(ETag='"good"'))
    fetch(bench, Said(b'{"data": []}', headers=JSON | {"ETag": '"bad"'}))
    fetch(bench, ok())
    assert bench.site.asked[-1].headers["if-none-match"] == '"good"'


def test_a_held_body_that_is_damaged_is_fetched_again(bench: Bench) -> None:
    fetch(bench, ok(ETag='"1"'))
    [blob] = (bench.store.root / "captures" / "blobs").rglob("*.zst")
    blob.write_bytes(b"damage")
    fetch(bench, ok())
    assert "if-none-match" not in bench.site.asked[-1].headers


def test_another_scope_is_another_history(bench: Bench) -> None:
    fetch(bench, ok(ETag='"1"'))
    done = fetch_source(
        "openrouter_models",
        openrouter_models_plan,
        sites=bench.sites,
        store=bench.store,
        clock=bench.clock,
        scope="other",
    )
    assert (done.scope, done.outcome) == ("other", FetchOutcome.OK)
    assert "if-none-match" not in bench.site.asked[-1].headers


def two_requests() -> Plan:
    first = yield Request("https://openrouter.ai/one")
    second = yield Request("https://openrouter.ai/two")
    third = yield Request("https://openrouter.ai/three", pause_s=3.0)
    return Verdict(FetchOutcome.OK, (third, first), second.problem.detail if second.problem else "")


def test_a_plan_chooses_its_pages_and_the_rest_is_an_aside(bench: Bench) -> None:
    bench.site.says("/one", ok())
    bench.site.says("/three", Said(b"[3]", headers=JSON))
    done = bench.fetch("openrouter_models", two_requests)
    assert [(c.url[-3:], c.page) for c in done.captures] == [("ree", 1), ("one", 2)]
    assert [(c.url[-3:], c.http_status) for c in done.asides] == [("two", 404)]
    assert bench.clock.slept == [0.25, 3.0]
    assert bench.store.bodies(done) == [b"[3]", listing()]


def needs_key(key: str | None) -> Plan:
    if key is None:
        return skipped_without_key("openrouter")
    answer: Answer = yield Request("https://openrouter.ai/x", headers={"Authorization": key})
    return failed(answer)


def test_a_source_without_its_key_is_skipped_and_says_so(bench: Bench) -> None:
    done = bench.fetch("openrouter_models", lambda: needs_key(None))
    assert (done.outcome, done.detail) == (
        FetchOutcome.MISSING_KEY,
        "set PRICEBOOK_OPENROUTER_KEY to ask it",
    )
    assert bench.site.asked == []
    assert list(bench.store.fetches()) == []


def test_a_key_is_sent_and_kept_nowhere(bench: Bench) -> None:
    bench.fetch("openrouter_models", lambda: needs_key("secret-key"))
    assert bench.site.asked[0].headers["authorization"] == "secret-key"
    kept = b"".join(p.read_bytes() for p in bench.store.root.rglob("*.json"))
    assert b"secret-key" not in kept
    assert "secret-key" not in repr(Request("https://x", headers={"Authorization": "secret-key"}))


def test_one_request_at_a_time_per_host_whichever_source_asks(bench: Bench) -> None:
    running: list[int] = []
    most: list[int] = []

    def slowly(handler: BaseHTTPRequestHandler) -> None:
        running.append(1)
        most.append(len(running))
        time.sleep(0.1)
        running.pop()
        sends(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n[1]")(handler)

    bench.site.says(PATH, Said(raw=slowly))
    threads = [
        threading.Thread(
            target=fetch_source,
            args=("openrouter_models", openrouter_models_plan),
            kwargs={
                "sites": bench.sites,
                "store": CaptureStore(bench.store.root / str(n)),
                "clock": TestClock(),
            },
        )
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1, 1, 1, 1]


def test_a_replay_asks_once_because_a_recording_does_not_get_better(bench: Bench) -> None:
    bench.site.says(PATH, Said(b"", 503))
    done = fetch_source(
        "openrouter_models",
        openrouter_models_plan,
        sites=bench.sites,
        store=bench.store,
        clock=RecordingClock(NOON),
        origin="replay",
    )
    assert (done.outcome, done.origin) == (FetchOutcome.HTTP_ERROR, "replay")
    assert (done.fetched_at, done.finished_at) == (NOON, NOON)
    assert len(bench.site.asked) == 1


def test_a_proxy_of_the_environment_is_not_used_for_this_machine(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert fetch(bench, ok())[0] == FetchOutcome.OK


@given(attempt=st.integers(1, 60), jitter=st.floats(0, 1))
def test_waits_double_up_to_a_limit_and_are_random_in_their_upper_half(
    attempt: int, jitter: float
) -> None:
    settings = FetchSettings(backoff_s=1.0, max_backoff_s=30.0)
    full = min(30.0, 2.0 ** (attempt - 1))
    assert full / 2 <= backoff(attempt, settings, lambda: jitter) <= full


@given(st.text(max_size=60))
def test_no_retry_after_header_breaks_anything(text: str) -> None:
    wait = retry_after_s(text, NOON)
    assert wait is None or wait >= 0


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        (" 12 ", 12.0),
        ("9" * 30, 999_999_999.0),
        ("Sat, 01 Aug 2026 12:00:05 GMT", 5.0),
        ("Sat, 01 Aug 2026 14:00:05 +0200", 5.0),
        ("Sat, 01 Aug 2026 12:00:05 -0000", 5.0),
        ("Sat, 01 Aug 2026 11:00:00 GMT", 0.0),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("Oct -99999999999 07:28:00 1 -99999999999", None),
        ("٣", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str, seconds: float | None) -> None:
    assert retry_after_s(header, datetime(2026, 8, 1, 12, tzinfo=UTC)) == seconds


def test_what_will_not_pass_is_not_tried_again() -> None:
    clock = TestClock()
    patience = Patience(FetchSettings(), clock, lambda: 0.0, clock.monotonic() + 100)
    waits = {
        outcome: patience.wait_after(1, FetchProblemError(outcome, "x")) for outcome in FetchOutcome
    }
    assert {outcome for outcome, wait in waits.items() if wait is not None} == {
        FetchOutcome.TRANSPORT_ERROR,
        FetchOutcome.TIMEOUT,
        FetchOutcome.TRUNCATED,
    }
