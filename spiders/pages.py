"""The one spider: it carries out any page plan, one request at a time.

It knows nothing of a site. Which page comes next is for the plan to say (`spiders.pageplan`); each
body is in the store before the plan sees it. How each request ended is collected in `pages`, and
that, not the exit status, is what a crawl is judged by.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

import scrapy
from typing_extensions import override

from models.capture import FetchOutcome
from spiders.blobs import BlobStore
from spiders.conversation import answer_with
from spiders.crawl_job import CrawledPage, CrawlJob
from spiders.headers import REDIRECTS, USEFUL_HEADERS
from spiders.middlewares import problem_of
from spiders.pageplan import PageJob
from spiders.plan import Answer, Received, Request
from spiders.problem import FetchProblemError, Problem
from spiders.sites import Sites

if TYPE_CHECKING:
    from scrapy.http import Response
    from twisted.python.failure import Failure


class _Failure(Protocol):
    """The part of Twisted's Failure that is used; its own type says little."""

    @property
    def value(self) -> BaseException: ...


class PageSpider(scrapy.Spider):
    """Carries out one `CrawlJob`."""

    name = "pages"

    def __init__(self, job: CrawlJob) -> None:
        super().__init__()
        self.job = job
        self.pages: list[CrawledPage] = []
        self.is_finished = False
        self._sites = Sites(job.bases)
        self._blobs = BlobStore(Path(job.root), durable=job.durable)
        self._plan = PageJob(job.url, job.next_page, job.max_pages).plan()
        # For robots.txt, the only thing that Scrapy itself is let follow a redirect of.
        self.allowed_domains = [self._sites.actual(job.url).split("/")[2].partition(":")[0]]

    @override
    async def start(self) -> AsyncIterator[scrapy.Request]:
        """Make the plan's first request."""
        yield self._request(next(self._plan))

    def answered(
        self, response: Response, asked: Request, url: str, hops: int
    ) -> Iterator[scrapy.Request]:
        """Take an answer, whatever its status, and go on."""
        if response.status in REDIRECTS:
            yield from self._redirect(response, asked, url, hops)
            return
        held = self.job.held.get(asked.url)
        headers = _useful(response)
        if response.status == 304 and held:
            received = Received(asked.url, 200, headers, self._blobs.read(held.sha256))
            self._note(asked, status=304, headers=headers)
        else:
            received = Received(asked.url, response.status, headers, response.body)
            sha = self._blobs.put(response.body)
            self._note(asked, status=response.status, headers=headers, sha256=sha)
        yield from self._go_on(answer_with(asked, len(self.pages) - 1, received))

    def failed(self, asked: Request, failure: Failure) -> Iterator[scrapy.Request]:
        """Take a request that got no answer, and let the plan say what that means."""
        yield from self._fail(asked, problem_of(cast("_Failure", failure).value))

    def _request(self, asked: Request, url: str = "", hops: int = 0) -> scrapy.Request:
        url = url or asked.url
        held = self.job.held.get(asked.url)
        return scrapy.Request(
            self._sites.actual(url),
            callback=self.answered,
            errback=partial(self.failed, asked),
            headers=held.conditions if held else {},
            # Every status comes back here, redirects too: only we know which host is meant.
            meta={"handle_httpstatus_all": True, "dont_redirect": True},
            cb_kwargs={"asked": asked, "url": url, "hops": hops},
            dont_filter=True,
        )

    def _redirect(
        self, response: Response, asked: Request, url: str, hops: int
    ) -> Iterator[scrapy.Request]:
        target = (response.headers.get("Location") or b"").decode("latin-1")
        try:
            there = self._sites.link(url, target, what="a redirect")
        except FetchProblemError as error:
            yield from self._fail(asked, error.problem)
            return
        if hops >= self.job.max_redirects:
            detail = f"{asked.url}: more than {hops} redirects"
            yield from self._fail(asked, Problem(FetchOutcome.REDIRECT_REFUSED, detail))
            return
        yield self._request(asked, there, hops + 1)

    def _fail(self, asked: Request, problem: Problem) -> Iterator[scrapy.Request]:
        self._note(asked, problem=problem.outcome, detail=problem.detail)
        yield from self._go_on(Answer(asked, len(self.pages) - 1, 0, problem=problem))

    def _go_on(self, answer: Answer) -> Iterator[scrapy.Request]:
        try:
            asked = self._plan.send(answer)
        except StopIteration:
            self.is_finished = True
            return
        yield self._request(asked)

    def _note(self, asked: Request, **how: object) -> None:
        self.pages.append(CrawledPage.model_validate({"url": asked.url, **how}))


def _useful(response: Response) -> dict[str, str]:
    values = {name: response.headers.get(name) for name in sorted(USEFUL_HEADERS)}
    return {name: value.decode("latin-1")[:500] for name, value in values.items() if value}
