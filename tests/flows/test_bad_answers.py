"""Bad answers, end to end: each has a name in `runs`, and the old prices stand."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from flows import settings
from flows.report import RunReport
from flows.workspace import Workspace, open_workspace
from spiders.sites import Sites
from tests.flows.pipelines import ask, run_once
from tests.spiders.loopback import Said, Site, TestClock, serve

OPENROUTER = "/api/v1/models?output_modalities=all"
PAGE = "/ai-ml-api-pricing"


def catalogue(*ids: str) -> bytes:
    rows = [
        {
            "id": f"maker/{name}",
            "name": f"Maker: {name}",
            "context_length": 8192,
            "architecture": {"input_modalities": ["text"], "output_modalities": ["text"]},
            "pricing": {"prompt": "0.000001", "completion": "0.000002"},
            "top_provider": {},
        }
        for name in ids
    ]
    return json.dumps({"data": rows}).encode()


def pricing_page(price: str) -> bytes:
    return f"""<!doctype html><html><body><section><h2>Text models, per 1M tokens</h2>
    <div class="total-table-price w-dyn-item">
      <div class="footer-headline break">Maker / One</div>
      <div class="context-table">8K</div>
      <div class="input-table">{price}</div><div class="output-table">2</div>
    </div></section></body></html>""".encode()


GOOD = catalogue("one", "two", "three")
JSON = {"Content-Type": "application/json"}
HTML = {"Content-Type": "text/html; charset=utf-8"}
ERROR_PAGE = b"<!doctype html><html><head><title>Error 500</title></head><body>Oops</body></html>"
OTHER_HOST = {"Location": "https://elsewhere.example/models", **JSON}
BOMB = gzip.compress(b"[" + b" " * (8 << 20) + b"]", 9)


@dataclass
class Shop:
    """A data directory, a site that stands for all hosts, and a clock between runs."""

    site: Site
    workspace: Workspace
    clock: TestClock

    def run(self, source: str) -> RunReport:
        report = run_once(replace(self.workspace, due=(source,)))
        self.clock.at += timedelta(hours=6)
        return report

    def prices(self) -> list[tuple[object, ...]]:
        query = "SELECT model_id, meter, unit_price_usd, valid_from FROM prices ORDER BY ALL"
        return ask(self.workspace.data_dir, query)


@pytest.fixture
def shop(tmp_path: Path) -> Generator[Shop]:
    with serve(Site()) as site:
        sites = Sites(dict.fromkeys(("openrouter.ai", "aimlapi.com"), site.base))
        clock = TestClock()
        chosen = settings.load(tmp_path)
        # Small limits, so that a body can be too large without being large.
        chosen = chosen.model_copy(update={"max_body_bytes": 1 << 20, "attempts": 1, "pause_s": 0})
        workspace = open_workspace(chosen, sites=sites, clock=clock, origin="replay")
        yield Shop(site, workspace, clock)


BAD_LISTS: dict[str, tuple[Said, str]] = {
    "invalid JSON": (Said(b'{"data": [}', headers=JSON), "invalid_json"),
    "HTML in place of JSON": (Said(ERROR_PAGE, headers=HTML), "wrong_content_type"),
    "an empty list": (Said(b'{"data": []}', headers=JSON), "empty"),
    "a body cut off": (Said(GOOD[:-40], headers=JSON), "truncated"),
    "another content type": (
        Said(GOOD, headers={"Content-Type": "image/png"}),
        "wrong_content_type",
    ),
    "a redirect to another host": (Said(b"", 302, OTHER_HOST), "redirect_refused"),
    "too large": (Said(b"[" + b" " * (2 << 20) + b"]", headers=JSON), "too_large"),
    "a bomb": (Said(BOMB, headers={"Content-Encoding": "gzip", **JSON}), "decompression_bomb"),
    "invalid UTF-8": (Said(b'{"data": ["\xff"]}', headers=JSON), "invalid_utf8"),
    "a total that differs": (
        Said(GOOD[:-1] + b', "total_count": 9}', headers=JSON),
        "incomplete",
    ),
    "an error": (Said(b"{}", 500, JSON), "http_error"),
    "not there": (Said(b"{}", 404, JSON), "http_error"),
    "too many requests": (Said(b"{}", 429, JSON), "throttled"),
    "a list of something else": (Said(b'{"data": [{"a": 1}]}', headers=JSON), "unreadable"),
}


@pytest.mark.parametrize("name", BAD_LISTS)
def test_a_bad_list_is_named_and_the_old_prices_stand(shop: Shop, name: str) -> None:
    answer, outcome = BAD_LISTS[name]
    shop.site.says(OPENROUTER, Said(GOOD, headers=JSON), answer)
    assert shop.run("openrouter_models").exit_status == 0
    before = shop.prices()
    report = shop.run("openrouter_models")
    assert report.exit_status == 1, report.as_markdown()
    assert [fetch.outcome for fetch in report.load.fetches] == [outcome]
    assert shop.prices() == before
    assert len(before) == 6


@pytest.mark.parametrize(
    ("body", "headers", "outcome"),
    [
        (ERROR_PAGE, HTML, "error_page"),
        (b"<!doctype html><html><body><p>Soon.</p></body></html>", HTML, "unreadable"),
        (pricing_page("1").replace(b"input-table", b"i"), HTML, "unreadable"),
        (b"", HTML, "empty"),
        (GOOD, JSON, "wrong_content_type"),
    ],
    ids=["an error page", "no rows", "a missing anchor", "nothing", "not a page"],
)
def test_a_bad_page_is_named_and_the_old_prices_stand(
    shop: Shop, body: bytes, headers: dict[str, str], outcome: str
) -> None:
    shop.site.says(PAGE, Said(pricing_page("1"), headers=HTML), Said(body, headers=headers))
    assert shop.run("aiml_pricing_page").exit_status in (0, 3)
    before = shop.prices()
    report = shop.run("aiml_pricing_page")
    assert [fetch.outcome for fetch in report.load.fetches] == [outcome], report.as_markdown()
    assert shop.prices() == before
    assert before


def test_a_source_that_is_disallowed_keeps_its_prices(shop: Shop) -> None:
    shop.site.says(PAGE, Said(pricing_page("1"), headers=HTML))
    shop.run("aiml_pricing_page")
    before = shop.prices()
    shop.site.says("/robots.txt", Said(b"User-agent: *\nDisallow: /\n"))
    report = shop.run("aiml_pricing_page")
    assert [str(result.outcome) for result in report.results] == ["refused_by_robots"]
    assert shop.prices() == before


def test_far_too_few_rows_are_held_and_then_believed(shop: Shop) -> None:
    many = catalogue(*(f"m{n}" for n in range(20)))
    few = catalogue("m0", "m1")
    answer: Callable[[bytes], Said] = lambda body: Said(body, headers=JSON)  # noqa: E731
    shop.site.says(OPENROUTER, answer(many), *[answer(few)] * 12)
    shop.run("openrouter_models")
    held = shop.run("openrouter_models")
    assert held.load.held == 1
    assert held.exit_status == 3
    assert len(shop.prices()) == 40
    for _ in range(6):
        shop.run("openrouter_models")
    assert len(shop.prices()) == 4
    gates = ask(shop.workspace.data_dir, "SELECT gate, decision FROM reviews")
    assert gates == [("few_rows", "agreed")]
