"""Crawling pages in a child process, and answering a plan's requests from what it brought back.

Errors: `FetchProblemError` with whatever ended the crawl: the problem of a page, `timeout` when the
child had to be ended, `transport_error` when it ended by itself without a result.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import ValidationError

from models.capture import Fetch, FetchOutcome
from spiders.blobs import BlobError
from spiders.capture_store import CaptureStore
from spiders.conversation import validators
from spiders.crawl_job import CrawlJob, CrawlResult, HeldPage
from spiders.pageplan import PageJob
from spiders.patience import Patience
from spiders.plan import Received, Request
from spiders.problem import FetchProblemError, one_line
from spiders.sites import Sites

# For starting Python and Scrapy and for writing the result, on top of the crawl's own time.
_GRACE_S = 10.0


class CrawlTransport:
    """Answers the requests of one page plan; the first one sets off the crawl of all pages."""

    def __init__(
        self,
        job: PageJob,
        sites: Sites,
        store: CaptureStore,
        patience: Patience,
        previous: Fetch | None,
    ) -> None:
        self._job = job
        self._sites = sites
        self._store = store
        self._patience = patience
        self._previous = previous
        self._answers: dict[str, Received | FetchProblemError] | None = None
        self._reason = ""

    def __enter__(self) -> CrawlTransport:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def get(self, request: Request, conditions: Mapping[str, str]) -> Received:
        """Return what the crawl got for this address; it asked with the same conditions."""
        del conditions
        if self._answers is None:
            self._answers = self._crawl()
        answer = self._answers.get(request.url)
        if isinstance(answer, Received):
            return answer
        raise answer or FetchProblemError(
            FetchOutcome.TRANSPORT_ERROR, f"{request.url}: the crawl ended before ({self._reason})"
        )

    def _crawl(self) -> dict[str, Received | FetchProblemError]:
        """Crawl until it is of no use to try again."""
        attempt = 1
        while True:
            answers = self._attempt()
            last = list(answers.values())[-1]
            wait = self._patience.wait_after(attempt, last)
            if wait is None:
                return answers
            self._patience.clock.sleep(wait)
            attempt += 1

    def _attempt(self) -> dict[str, Received | FetchProblemError]:
        settings = self._patience.settings
        with self._sites.turn(self._job.url, settings.pause_s, self._patience.clock):
            try:
                result = run_crawl(self._crawl_job())
            except FetchProblemError as error:
                return {self._job.url: error}
        self._reason = result.finish_reason
        return {page.url: page.outcome(self._body(page.sha256)) for page in result.pages}

    def _body(self, sha: str) -> bytes:
        return self._store.read(sha) if sha else b""

    def _crawl_job(self) -> CrawlJob:
        settings, sites = self._patience.settings, self._sites
        left = max(1.0, self._patience.seconds_left)
        return CrawlJob(
            url=self._job.url,
            next_page=self._job.next_page,
            max_pages=self._job.max_pages,
            bases=sites.bases,
            root=str(self._store.root.resolve()),
            durable=self._store.durable,
            held=self._held(),
            user_agent=settings.user_agent,
            max_body_bytes=settings.max_body_bytes,
            timeout_s=min(settings.read_timeout_s, left),
            # This machine needs no distance from itself.
            pause_s=0.0 if sites.is_local else settings.pause_s,
            time_limit_s=left,
            max_redirects=settings.max_redirects,
        )

    def _held(self) -> dict[str, HeldPage]:
        held: dict[str, HeldPage] = {}
        for capture in self._previous.captures if self._previous else ():
            conditions = validators(capture)
            if conditions:
                # A body that is damaged on disk has to be fetched again.
                with suppress(BlobError):
                    self._store.body(capture)
                    held[capture.url] = HeldPage(conditions=conditions, sha256=capture.sha256)
        return held


def run_crawl(job: CrawlJob) -> CrawlResult:
    """Run one crawl in a process of its own, and end that process when its time is over."""
    with TemporaryDirectory(prefix="pricebook-crawl-") as folder:
        result, log = Path(folder) / "result.json", Path(folder) / "log"
        with log.open("wb") as output:
            is_in_time = _run(job, result, output.fileno())
        if not is_in_time:
            raise FetchProblemError(
                FetchOutcome.TIMEOUT, f"{job.url}: the crawl was ended after its time"
            )
        return _judged(job, result, log)


def _run(job: CrawlJob, result: Path, output: int) -> bool:
    """Run the child; return whether it ended by itself."""
    child = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "spiders.crawl", str(result)],
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=output,
        # Where our packages are: a folder called `spiders` in the user's folder must not win.
        cwd=Path(__file__).resolve().parents[1],
        start_new_session=True,
    )
    try:
        child.communicate(job.model_dump_json().encode(), timeout=job.time_limit_s + _GRACE_S)
    except subprocess.TimeoutExpired:
        return False
    finally:
        # Also when we are interrupted ourselves; and it may have started processes of its own.
        if child.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
    return True


def _judged(job: CrawlJob, path: Path, log: Path) -> CrawlResult:
    try:
        result = CrawlResult.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        detail = f"{job.url}: the crawl left no result{_last_line(log)}"
        raise FetchProblemError(FetchOutcome.TRANSPORT_ERROR, detail) from error
    if result.finish_reason == "closespider_timeout":
        raise FetchProblemError(FetchOutcome.TIMEOUT, f"{job.url}: the time of the crawl is over")
    if result.errors or not result.pages:
        detail = f"{job.url}: the spider failed ({result.finish_reason}){_last_line(log)}"
        raise FetchProblemError(FetchOutcome.TRANSPORT_ERROR, detail)
    return result


def _last_line(log: Path) -> str:
    lines = log.read_bytes()[-2000:].decode("utf-8", "replace").strip().splitlines()
    return f": {one_line(lines[-1])}" if lines else ""
