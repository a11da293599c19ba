"""Two corrections to how Scrapy downloads: what robots.txt's status means, and bounded decoding.

Errors: both raise `FetchProblemError`, which reaches the spider's errback like any other failure:
`refused_by_robots`, whatever kept robots.txt from being read, and those of `spiders.decoding`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import (
    DownloadCancelledError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from typing_extensions import override

from models.capture import FetchOutcome
from spiders.decoding import ACCEPT_ENCODING, BodyDecoder
from spiders.problem import FetchProblemError, Problem, one_line

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.robotstxt import RobotParser


def problem_of(error: BaseException) -> Problem:
    """Name what went wrong in a download."""
    if isinstance(error, FetchProblemError):
        return error.problem
    outcome = FetchOutcome.TRANSPORT_ERROR
    if isinstance(error, DownloadTimeoutError):
        outcome = FetchOutcome.TIMEOUT
    elif isinstance(error, ResponseDataLossError):
        outcome = FetchOutcome.TRUNCATED
    elif isinstance(error, DownloadCancelledError):
        outcome = FetchOutcome.TOO_LARGE
    return Problem(outcome, one_line(f"{type(error).__name__}: {error}"))


class RobotsRules(RobotsTxtMiddleware):
    """robots.txt by its status (RFC 9309): 2xx counts, 4xx allows all, 5xx fails the source.

    So do 429 and a robots.txt that cannot be had at all: whoever cannot say what is allowed has
    not allowed anything.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._unreadable: dict[str, Problem] = {}

    @override
    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        status = response.status
        if status == 429 or status >= 500:
            outcome = FetchOutcome.THROTTLED if status == 429 else FetchOutcome.HTTP_ERROR
            self._unreadable[netloc] = Problem(outcome, f"robots.txt answered {status}")
        # An error page is no set of rules, even where a line of it looks like one.
        rules = response if status == 200 else response.replace(body=b"")
        await super()._parse_robots(rules, netloc, request)

    @override
    def _robots_error(self, exc: Exception, netloc: str) -> None:
        problem = problem_of(exc)
        if isinstance(exc, IgnoreRequest):
            problem = Problem(FetchOutcome.REDIRECT_REFUSED, "it leads to another host")
        self._unreadable[netloc] = Problem(problem.outcome, f"robots.txt: {problem.detail}")
        super()._robots_error(exc, netloc)

    @override
    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        problem = self._unreadable.get(request.url.split("/")[2])
        if problem is not None:
            raise FetchProblemError(problem.outcome, problem.detail)
        try:
            super().process_request_2(rp, request)
        except IgnoreRequest as error:
            raise FetchProblemError(
                FetchOutcome.REFUSED_BY_ROBOTS, "robots.txt does not allow this page"
            ) from error


class BoundedDecoding:
    """Undoes the content encoding of every answer, within the size limit."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take the limit from DOWNLOAD_MAXSIZE, which bounds what is received as well."""
        return cls(crawler.settings.getint("DOWNLOAD_MAXSIZE"))

    def process_request(self, request: Request) -> None:
        """Ask for what can be undone."""
        request.headers.setdefault("Accept-Encoding", ACCEPT_ENCODING)

    def process_response(self, request: Request, response: Response) -> Response:
        """Decode the body, or fail the request."""
        encodings = response.headers.getlist("Content-Encoding")
        if not encodings or not response.body:
            return response
        decoder = BodyDecoder(b", ".join(encodings).decode("latin-1"), self._max_bytes)
        decoder.feed(response.body)
        decoded = response.replace(body=decoder.finish())
        del decoded.headers["Content-Encoding"]
        return decoded
