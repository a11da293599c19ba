"""Web pages: which one to start at, how the next ones are found, and when all are there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from models.capture import FetchOutcome
from spiders.links import joined, refusal_of
from spiders.plan import Answer, Plan, Request, Verdict, failed, incomplete

# Webflow renders at most 100 items a list and links the rest as `?<hash>_page=2` (2026-05); its
# first page is also called `?<hash>_page=1`, which would be the start again.
NEXT_PAGE = ", ".join(
    f"{link}:not([href$='_page=1'])::attr(href)"
    for link in ("a.w-pagination-next", "a[href*='_page=']", "link[rel~=next]", "a[rel~=next]")
)
_PARAMETER = r'\s*;\s*([\w*-]+)\s*=\s*("[^"]*"|[^\s",;]*)'
# What a button may have for an address: it leads to no further page.
_NO_PAGE = ("javascript:", "mailto:", "tel:", "data:")
_LINK_HEADER = re.compile(rf"<([^<>]*)>((?:{_PARAMETER})*)")


@dataclass(frozen=True, slots=True)
class PageJob:
    """A page to crawl, and how its next pages are linked: a CSS selector that ends in the address.

    A page may hold several lists, each with a next page of its own; all of them are followed, in
    the order in which they are found.
    """

    url: str
    next_page: str = NEXT_PAGE
    max_pages: int = 40

    def plan(self) -> Plan:
        """Ask for the page and all its next pages, one after the other."""
        known = [self.url]
        pages: list[Answer] = []
        for url in known:
            if len(pages) == self.max_pages:
                return incomplete(pages, f"more than {self.max_pages} pages")
            # The crawl keeps its own distance between requests.
            answer = yield Request(url, kind="html", pause_s=0.0)
            if answer.problem:
                return _broken_page(answer, pages)
            pages.append(answer)
            links = next_pages(answer.body, url, self.next_page)
            for link in [*links, *linked_next(answer.headers, url)]:
                refusal = refusal_of(link, self.url)
                if refusal:
                    return incomplete(pages, f"the link to a next page {refusal}")
                if link not in known:
                    known.append(link)
        return Verdict(FetchOutcome.OK, tuple(pages))


def _broken_page(answer: Answer, pages: list[Answer]) -> Verdict:
    if not pages or answer.problem is None:
        return failed(answer)
    detail = f"page {len(pages) + 1}: {answer.problem.outcome}: {answer.problem.detail}"
    return incomplete([*pages, answer], detail)


def linked_next(headers: Mapping[str, str], url: str) -> list[str]:
    """Return the address that a Link header (RFC 8288) names as the next page; one or none."""
    for link in _LINK_HEADER.finditer(headers.get("link", "")):
        said = {name.lower(): value.strip('"') for name, value in re.findall(_PARAMETER, link[2])}
        if "next" in said.get("rel", "").lower().split():
            return _absolute(url, [link[1]])
    return []


def next_pages(body: bytes, url: str, selector: str) -> list[str]:
    """Return the addresses of the next pages that a page links to, in its order, each once."""
    from parsel import Selector  # noqa: PLC0415 # 25 ms, and lists have no need of it

    found = Selector(body=body, base_url=url, type="html").css(selector).getall()
    return _absolute(url, found)


def _absolute(url: str, targets: list[str]) -> list[str]:
    """The addresses, each once, but for what leads out of the web on purpose: a script, a mail."""
    links = dict.fromkeys(joined(url, target) for target in targets)
    return [link for link in links if not link.startswith(_NO_PAGE)]
