"""Web pages: which one to start at, how the next ones are found, and when all are there."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urldefrag, urljoin, urlsplit

from parsel import Selector

from models.capture import FetchOutcome
from spiders.plan import Answer, Plan, Request, Verdict, failed, incomplete

# Webflow renders at most 100 items a list and links the rest as `?<hash>_page=2` (2026-05).
NEXT_PAGE = "a.w-pagination-next::attr(href), link[rel=next]::attr(href), a[rel=next]::attr(href)"


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
            for link in next_pages(answer.body, url, self.next_page):
                if urlsplit(link)[:2] != urlsplit(self.url)[:2]:
                    return incomplete(pages, f"a next page is on another host: {link[:200]}")
                if link not in known:
                    known.append(link)
        return Verdict(FetchOutcome.OK, tuple(pages))


def _broken_page(answer: Answer, pages: list[Answer]) -> Verdict:
    if not pages or answer.problem is None:
        return failed(answer)
    detail = f"page {len(pages) + 1}: {answer.problem.outcome}: {answer.problem.detail}"
    return incomplete([*pages, answer], detail)


def next_pages(body: bytes, url: str, selector: str) -> list[str]:
    """Return the addresses of the next pages that a page links to, in its order, each once."""
    found = Selector(body=body, base_url=url, type="html").css(selector).getall()
    links: dict[str, None] = {}
    for target in found:
        try:
            link = urldefrag(urljoin(url, target.strip())).url
        except ValueError:
            continue
        if link.startswith(("http://", "https://")):
            links.setdefault(link)
    return list(links)
