"""The crawl in a child process: manners, limits and a name for every bad answer, for real."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.capture import Fetch, FetchOutcome
from spiders.crawl_job import CrawlJob
from spiders.fetch import fetch_source
from spiders.fetch_pages import run_crawl
from spiders.fetch_settings import SystemClock
from spiders.pageplan import NEXT_PAGE, PageJob, linked_next, next_pages
from spiders.problem import FetchProblemError
from tests.spiders.loopback import Bench, Said

PATH = "/ai-ml-api-pricing"
URL = f"https://aimlapi.com{PATH}"
HTML = {"Content-Type": "text/html; charset=utf-8"}


def page(*links: str, text: str = "prices", **headers: str) -> Said:
    anchors = "".join(f'<a class="w-pagination-next" href="{link}">Next</a>' for link in links)
    body = f"<!doctype html><html><body><p>{text}</p>{anchors}</body></html>".encode()
    return Said(body, headers=HTML | {k.replace("_", "-"): v for k, v in headers.items()})


def crawl(bench: Bench, *answers: Said, attempts: int = 1, max_pages: int = 9) -> Fetch:
    if answers:
        bench.site.says(PATH, *answers)
    bench.settings = replace(bench.settings, attempts=attempts)
    return bench.fetch("aiml_pricing_page", PageJob(URL, max_pages=max_pages))


def test_a_page_is_kept_as_it_was_sent(bench: Bench) -> None:
    body = "<meta charset=windows-1252><p>Preis: 3 €</p>".encode("cp1252")
    done = crawl(bench, Said(body, headers={"Content-Type": "text/html", "ETag": '"1"'}))
    [capture] = done.captures
    assert done.outcome == FetchOutcome.OK
    assert bench.store.bodies(done) == [body]
    assert (capture.url, capture.media_type, capture.headers["etag"]) == (URL, "text/html", '"1"')
    assert list(bench.store.fetches()) == [done]


def test_robots_txt_is_asked_for_first_and_we_say_who_we_are(bench: Bench) -> None:
    crawl(bench, page())
    assert bench.site.paths == ["/robots.txt", PATH]
    for asked in bench.site.asked:
        assert asked.headers["user-agent"] == "pricebook/0.1.0 (+mailto:ops@example.org)"
        assert asked.headers["accept-encoding"] == "gzip, deflate"
        assert "cookie" not in asked.headers


def test_next_pages_are_followed_each_once_in_order(bench: Bench) -> None:
    bench.site.says(f"{PATH}?a_page=2", page("?a_page=3", "?b_page=2", PATH, text="a2"))
    bench.site.says(f"{PATH}?b_page=2", page("?a_page=2", text="b2"))
    bench.site.says(f"{PATH}?a_page=3", page(text="a3"))
    done = crawl(bench, page("?a_page=2", f"{URL}?b_page=2"))
    assert done.outcome == FetchOutcome.OK
    assert [(c.url.removeprefix(URL), c.page) for c in done.captures] == [
        ("", 1),
        ("?a_page=2", 2),
        ("?b_page=2", 3),
        ("?a_page=3", 4),
    ]
    assert [b"a2" in body for body in bench.store.bodies(done)] == [False, True, False, False]


@pytest.mark.parametrize(
    ("second", "words"),
    [
        (Said(b"gone", 404), "page 2: http_error: answered 404"),
        (Said(b"<html>half", headers=HTML), "page 2: truncated"),
        (page("https://evil.example/next"), "leads to another host: https://evil.example/next"),
        (page("http://[bad"), "the link to a next page is no address: 'http://[bad'"),
        (page("?page=3"), "more than 2 pages"),
    ],
)
def test_a_part_that_is_missing_makes_the_fetch_incomplete(
    bench: Bench, second: Said, words: str
) -> None:
    bench.site.says(f"{PATH}?page=2", second)
    done = crawl(bench, page("?page=2"), max_pages=2)
    assert done.outcome == FetchOutcome.INCOMPLETE
    assert words in done.detail
    assert len(done.captures) == 2


@pytest.mark.parametrize(
    "rules",
    ["User-agent: *\nDisallow: /", "User-agent: pricebook\nDisallow: /ai-ml-api-pricing\n"],
)
def test_a_page_that_robots_may_not_see_is_not_asked_for(bench: Bench, rules: str) -> None:
    bench.site.says("/robots.txt", Said(rules.encode()))
    done = crawl(bench, page(), attempts=3)
    assert done.outcome == FetchOutcome.REFUSED_BY_ROBOTS
    assert bench.site.paths == ["/robots.txt"]
    assert bench.clock.slept == []


@pytest.mark.parametrize("status", [403, 404])
def test_no_rules_for_robots_means_allowed(bench: Bench, status: int) -> None:
    bench.site.says("/robots.txt", Said(b"User-agent: *\nDisallow: /", status))
    assert crawl(bench, page()).outcome == FetchOutcome.OK


def test_rules_for_others_do_not_concern_us(bench: Bench) -> None:
    bench.site.says("/robots.txt", Said(b"User-agent: otherbot\nDisallow: /\n"))
    assert crawl(bench, page()).outcome == FetchOutcome.OK


def closes(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True
    handler.connection.close()


@pytest.mark.parametrize(
    ("robots", "outcome"),
    [
        (Said(b"", 503), FetchOutcome.HTTP_ERROR),
        (Said(b"", 429), FetchOutcome.THROTTLED),
        (Said(raw=closes), FetchOutcome.TRANSPORT_ERROR),
        (
            Said(b"", 302, {"Location": "http://evil.example/robots.txt"}),
            FetchOutcome.REDIRECT_REFUSED,
        ),
    ],
)
def test_rules_that_cannot_be_read_fail_the_source(
    bench: Bench, robots: Said, outcome: FetchOutcome
) -> None:
    bench.site.says("/robots.txt", robots)
    done = crawl(bench, page())
    assert done.outcome == outcome
    assert "robots.txt" in done.detail
    assert PATH not in bench.site.paths


def test_rules_behind_a_redirect_on_the_same_host_count(bench: Bench) -> None:
    bench.site.says("/robots.txt", Said(b"", 301, {"Location": "/rules"}))
    bench.site.says("/rules", Said(b"User-agent: *\nDisallow: /"))
    assert crawl(bench, page()).outcome == FetchOutcome.REFUSED_BY_ROBOTS


def sends(data: bytes) -> Callable[[BaseHTTPRequestHandler], None]:
    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        handler.wfile.write(data)

    return send


BOMB = gzip.compress(bytes(20_000_000))
GZIP = HTML | {"Content-Encoding": "gzip"}
BAD: dict[str, tuple[Said, FetchOutcome, str]] = {
    "not found": (
        Said(b"<title>Gone</title>", 404),
        FetchOutcome.HTTP_ERROR,
        "404 Not Found: 'Gone'",
    ),
    "throttled": (Said(b"", 429), FetchOutcome.THROTTLED, "429"),
    "empty": (Said(b"", headers=HTML), FetchOutcome.EMPTY, "empty"),
    "cut off": (
        Said(b"<html><body>half a pa", headers=HTML),
        FetchOutcome.TRUNCATED,
        "stops after",
    ),
    "short": (
        Said(raw=sends(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n<html>")),
        FetchOutcome.TRUNCATED,
        "DataLoss",
    ),
    "half a gzip": (
        Said(gzip.compress(b"<p>x" * 99)[:-4], headers=GZIP),
        FetchOutcome.TRUNCATED,
        "gzip",
    ),
    "too large": (Said(b" " * 300_001, headers=HTML), FetchOutcome.TOO_LARGE, "300001"),
    "bomb": (Said(BOMB, headers=GZIP), FetchOutcome.DECOMPRESSION_BOMB, "more than 300000 bytes"),
    "brotli": (
        Said(b"x", headers=HTML | {"Content-Encoding": "br"}),
        FetchOutcome.WRONG_CONTENT_TYPE,
        "not asked for",
    ),
    "closed": (Said(raw=closes), FetchOutcome.TRANSPORT_ERROR, ""),
    "elsewhere": (
        Said(b"", 302, {"Location": "https://evil.example/"}),
        FetchOutcome.REDIRECT_REFUSED,
        "a redirect leads to https://evil.example",
    ),
    "in circles": (Said(b"", 302, {"Location": PATH}), FetchOutcome.REDIRECT_REFUSED, "redirects"),
}


@pytest.mark.parametrize("name", BAD)
def test_every_bad_answer_has_a_name(bench: Bench, name: str) -> None:
    answer, outcome, words = BAD[name]
    bench.settings = replace(bench.settings, max_body_bytes=300_000, source_timeout_s=60.0)
    done = crawl(bench, answer)
    assert (done.outcome, words in done.detail) == (outcome, True), done.detail
    assert not done.is_healthy


def test_a_redirect_on_the_same_host_is_followed(bench: Bench) -> None:
    bench.site.says("/pricing", page())
    done = crawl(bench, Said(b"", 301, {"Location": "/pricing"}))
    assert (done.outcome, done.captures[0].url) == (FetchOutcome.OK, URL)
    assert bench.site.paths == ["/robots.txt", PATH, "/pricing"]


def test_a_redirect_cannot_lead_around_robots_txt(bench: Bench) -> None:
    bench.site.says("/robots.txt", Said(b"User-agent: *\nDisallow: /hidden"))
    bench.site.says("/hidden", page())
    done = crawl(bench, Said(b"", 302, {"Location": "/hidden"}))
    assert done.outcome == FetchOutcome.REFUSED_BY_ROBOTS
    assert "/hidden" not in bench.site.paths


def test_a_confirmation_counts_as_the_page_that_is_held(bench: Bench) -> None:
    bench.site.says(f"{PATH}?page=2", page(text="two", ETag='"b"'))
    first = crawl(bench, page("?page=2", ETag='"a"'))
    bench.site.says(PATH, Said(b"", 304))
    bench.site.says(f"{PATH}?page=2", Said(b"", 304))
    second = crawl(bench)
    assert second.outcome == FetchOutcome.UNCHANGED
    assert [c.http_status for c in second.captures] == [304, 304]
    assert second.confirms == first.shas
    assert bench.store.bodies(second) == bench.store.bodies(first)
    assert [a.headers.get("if-none-match") for a in bench.site.asked[-2:]] == ['"a"', '"b"']
    bench.site.says(f"{PATH}?page=2", page(text="changed"))
    third = crawl(bench)
    assert (third.outcome, [c.http_status for c in third.captures]) == (FetchOutcome.OK, [304, 200])


def test_what_may_pass_is_tried_again_by_a_new_crawl(bench: Bench) -> None:
    done = crawl(bench, Said(b"", 503, {"Retry-After": "9"}), Said(b"", 502), page(), attempts=4)
    assert done.outcome == FetchOutcome.OK
    assert bench.clock.slept == [9.0, 2.0]
    assert bench.site.paths == ["/robots.txt", PATH] * 3


def test_a_crawl_that_hangs_is_ended(bench: Bench) -> None:
    bench.site.says(PATH, Said(raw=lambda _: time.sleep(5)))
    settings = replace(bench.settings, attempts=1, source_timeout_s=2.0)
    done = fetch_source(
        "aiml_pricing_page",
        PageJob(URL),
        sites=bench.sites,
        store=bench.store,
        settings=settings,
        clock=SystemClock(),
    )
    assert done.outcome == FetchOutcome.TIMEOUT


def job_for(bench: Bench, **changes: object) -> CrawlJob:
    fields: dict[str, object] = {
        "url": URL,
        "next_page": NEXT_PAGE,
        "max_pages": 3,
        "bases": bench.sites.bases,
        "root": str(bench.store.root),
        "durable": True,
        "held": {},
        "user_agent": "pricebook",
        "max_body_bytes": 1_000_000,
        "timeout_s": 5,
        "pause_s": 0,
        "time_limit_s": 20,
        "max_redirects": 3,
    }
    return CrawlJob.model_validate(fields | changes)


def test_a_child_that_cannot_be_talked_to_is_killed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spiders.fetch_pages._GRACE_S", 0.0)
    bench.site.says(PATH, page())
    with pytest.raises(FetchProblemError, match="ended after its time") as raised:
        run_crawl(job_for(bench, time_limit_s=0.05))
    assert raised.value.problem.outcome == FetchOutcome.TIMEOUT


def test_a_child_that_dies_is_told_by_its_missing_result(bench: Bench) -> None:
    with pytest.raises(FetchProblemError, match="left no result") as raised:
        run_crawl(job_for(bench, url="no address"))
    assert raised.value.problem.outcome == FetchOutcome.TRANSPORT_ERROR


def test_an_exception_in_the_spider_is_a_failure_whatever_the_exit_status(bench: Bench) -> None:
    bench.site.says(PATH, page())
    with pytest.raises(FetchProblemError, match="the spider failed"):
        run_crawl(job_for(bench, next_page="::: no selector"))


def test_the_body_is_on_disk_even_when_the_crawl_dies_after_it(bench: Bench) -> None:
    bench.site.says(PATH, page(text="evidence"))
    with pytest.raises(FetchProblemError):
        run_crawl(job_for(bench, next_page="::: no selector"))
    [blob] = (bench.store.root / "captures" / "blobs").rglob("*.zst")
    assert b"evidence" in bench.store.read(blob.stem)


def test_the_child_opens_no_server(bench: Bench) -> None:
    script = (
        "import sys\nfrom spiders.crawl import main\nsys.argv[1:] = [sys.argv[1]]\nmain()\n"
        "names = ('aiohttp', 'twisted.conch', 'scrapy.extensions.telnet')\n"
        "print([m for m in names if m in sys.modules])\n"
    )
    bench.site.says(PATH, page())
    result = bench.store.root / "result.json"
    done = subprocess.run(
        [sys.executable, "-c", script, str(result)],
        input=job_for(bench).model_dump_json(),
        capture_output=True,
        check=True,
        text=True,
    )
    assert done.stdout.strip() == "[]"
    assert json.loads(result.read_text())["finish_reason"] == "finished"


def test_nothing_in_the_users_folder_is_run(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "spiders").mkdir()
    (tmp_path / "spiders" / "__init__.py").write_text("raise SystemExit('not ours')")
    (tmp_path / "scrapy.cfg").write_text("[settings]\ndefault = spiders\n")
    monkeypatch.chdir(tmp_path)
    assert crawl(bench, page()).outcome == FetchOutcome.OK


def test_an_interrupted_parent_takes_its_child_along(bench: Bench) -> None:
    bench.site.says(PATH, Said(raw=lambda _: time.sleep(20)))
    script = (
        "import sys, spiders.fetch_pages as f\nfrom spiders.crawl_job import CrawlJob\n"
        "f.run_crawl(CrawlJob.model_validate_json(sys.argv[1]))\n"
    )
    job = job_for(bench).model_dump_json()
    with subprocess.Popen([sys.executable, "-c", script, job], stderr=subprocess.DEVNULL) as parent:
        while PATH not in bench.site.paths:
            time.sleep(0.05)
        children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children")
        [child] = map(int, children.read_text().split())
        parent.send_signal(signal.SIGINT)
        parent.wait()
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_webflows_numbered_links_are_followed_but_not_back_to_the_first() -> None:
    body = (
        b'<a class="w-pagination-previous" href="?3f_page=1">Previous</a>'
        b'<a class=w-pagination-next href="?3f_page=1"></a><a href="?3f_page=3">3</a>'
        b'<a href="?9c_page=10">10</a><a href="/other?page=2">other</a>'
    )
    assert next_pages(body, URL, NEXT_PAGE) == [f"{URL}?3f_page=3", f"{URL}?9c_page=10"]


@pytest.mark.parametrize(
    ("header", "links"),
    [
        ('<?page=2>; rel="next"', ["?page=2"]),
        ("<https://cdn.example>; rel=preconnect; crossorigin, </p>;rel=next", ["/p"]),
        ('<?p=1>; rel="prev first", <?p=3>; title="a, b"; rel="last next"', ["?p=3"]),
        ('<?p=1>; rel="nextish"', []),
        ('<?p=1>; title="; rel=next"', []),
        ("rel=next", []),
        ("", []),
    ],
)
def test_a_link_header_names_the_next_page(header: str, links: list[str]) -> None:
    found = linked_next({"link": header}, URL)
    assert found == [urljoin(URL, link) for link in links]


@given(st.text(alphabet='<>;, "=relnxt\\', max_size=400))
def test_no_link_header_takes_long_or_breaks_anything(header: str) -> None:
    assert len(linked_next({"link": header}, URL)) <= 1


def test_next_pages_are_found_by_class_or_relation_and_nothing_else() -> None:
    body = (
        b'<link rel="next" href="?p=2"><a class="x w-pagination-next" href="?p=2#top"></a>'
        b'<a rel=next href=" /other "></a><a href="?p=9">9</a>'
        b'<a rel=next href="javascript:x()"></a>'
        b'<a rel=next></a><a rel=next href="http://[bad"></a>'
    )
    assert next_pages(body, URL, NEXT_PAGE) == [
        f"{URL}?p=2",
        "https://aimlapi.com/other",
        "http://[bad",
    ]
