"""What a crawl's child process is told, and what it says when it is done: JSON both ways.

This module imports neither Scrapy nor httpx, so either side can have it cheaply.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from models.capture import FetchOutcome
from spiders.plan import Received
from spiders.problem import FetchProblemError


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class HeldPage(_Message):
    """A body held from the last healthy fetch: how to ask whether it stands, and its name."""

    conditions: dict[str, str]
    sha256: str


class CrawlJob(_Message):
    """One crawl. Addresses are the site's own; `bases` says where the site is served, if not there.

    `root` is the data directory, into which bodies go before anything reads them; `held` maps an
    address to what is held of it; `pause_s` is the distance between requests, `time_limit_s` the
    time after which the child ends by itself, should nobody be left to end it.
    """

    url: str
    next_page: str
    max_pages: int
    bases: dict[str, str]
    root: str
    durable: bool
    held: dict[str, HeldPage]
    user_agent: str
    max_body_bytes: int
    timeout_s: float
    pause_s: float
    time_limit_s: float
    max_redirects: int


class CrawledPage(_Message):
    """How one request ended: a stored body, a confirmation (304), or a problem."""

    url: str
    status: int = 0
    headers: dict[str, str] = {}
    sha256: str = ""
    problem: FetchOutcome | None = None
    detail: str = ""

    def outcome(self, body: bytes) -> Received | FetchProblemError:
        """Say it in the words that all transports use."""
        if self.problem is not None:
            return FetchProblemError(self.problem, self.detail)
        return Received(self.url, self.status, self.headers, body)


class CrawlResult(_Message):
    """All requests of a crawl, in order. `errors` counts exceptions in the spider itself."""

    pages: tuple[CrawledPage, ...]
    finish_reason: str
    errors: int
