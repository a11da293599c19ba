"""Carrying out a plan: ask, store, judge, and let the plan say what is next.

The order is the point: the body of an answer is on disk before anything looks into it.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from models.capture import Capture, Fetch, FetchOutcome, Origin
from spiders.asked import address_of
from spiders.blobs import BlobError
from spiders.capture_store import CaptureStore
from spiders.fetch_settings import Clock, FetchSettings
from spiders.judge import body_problem, media_type_of, status_problem
from spiders.plan import Answer, Plan, Received, Request, Transport, Verdict
from spiders.problem import FetchProblemError, one_line


@dataclass(frozen=True, slots=True)
class Occasion:
    """What one fetch is: of which source, when, and where it comes from."""

    source: str
    seller: str
    scope: str
    origin: Origin
    started_at: datetime


@dataclass(slots=True)
class Conversation:
    """One plan being carried out; `run` does it all and returns the fetch, not yet recorded."""

    occasion: Occasion
    transport: Transport
    store: CaptureStore
    settings: FetchSettings
    clock: Clock
    previous: Fetch | None = None
    _captures: dict[int, Capture] = field(default_factory=dict[int, Capture])
    _asked: int = 0

    def run(self, plan: Plan) -> Fetch:
        """Ask what the plan says until it has its verdict."""
        try:
            request = next(plan)
            while True:
                if self._asked:
                    pause = request.pause_s
                    self.clock.sleep(self.settings.pause_s if pause is None else pause)
                request = plan.send(self._ask(request))
        except StopIteration as end:
            return self._fetch(end.value)

    def _ask(self, request: Request) -> Answer:
        number, self._asked = self._asked, self._asked + 1
        held = self._held(self._address(request.url))
        try:
            received = self.transport.get(request, validators(held[0]) if held else {})
        except FetchProblemError as error:
            return Answer(request, number, 0, problem=error.problem)
        status = received.status
        if status == 304 and held:
            # From here on, the body that was confirmed is the answer.
            headers = held[0].headers | dict(received.headers)
            received = Received(request.url, 200, headers, held[1])
        self._captures[number] = self._capture(received, status, self.store.put(received.body))
        return answer_with(request, number, received)

    def _address(self, url: str) -> str:
        """The address that was asked: of a recording, where it was made."""
        if self.occasion.origin == "live":
            return url
        return address_of(self.occasion.source, self.occasion.scope, url)

    def _held(self, url: str) -> tuple[Capture, bytes] | None:
        """Return the last capture of this address and its body, if the site can confirm it."""
        for capture in self.previous.captures if self.previous else ():
            if capture.url == url and validators(capture):
                # A body that is damaged on disk has to be fetched again.
                with suppress(BlobError):
                    return capture, self.store.body(capture)
        return None

    def _capture(self, received: Received, status: int, sha: str) -> Capture:
        return Capture(
            source=self.occasion.source,
            scope=self.occasion.scope,
            url=self._address(received.url),
            fetched_at=self.clock.now(),
            http_status=status,
            headers=dict(received.headers),
            sha256=sha,
            size=len(received.body),
            origin=self.occasion.origin,
            media_type=media_type_of(received.headers.get("content-type", ""))[:100],
        )

    def _fetch(self, verdict: Verdict) -> Fetch:
        numbers = [page.number for page in verdict.pages if page.number in self._captures]
        if not verdict.outcome.is_healthy:
            numbers = sorted(self._captures)
        pages = [
            self._captures[number].model_copy(update={"page": page})
            for page, number in enumerate(numbers, 1)
        ]
        asides = [self._captures[n] for n in sorted(self._captures) if n not in numbers]
        occasion = self.occasion
        return Fetch(
            source=occasion.source,
            seller=occasion.seller,
            scope=occasion.scope,
            fetched_at=occasion.started_at,
            finished_at=self.clock.now(),
            origin=occasion.origin,
            outcome=self._outcome(verdict.outcome, pages),
            detail=one_line(verdict.detail),
            captures=tuple(pages),
            asides=tuple(asides),
        )

    def _outcome(self, outcome: FetchOutcome, pages: list[Capture]) -> FetchOutcome:
        shas = tuple(page.sha256 for page in pages)
        if outcome.is_healthy and self.previous and self.previous.shas == shas:
            return FetchOutcome.UNCHANGED
        return outcome


def validators(capture: Capture) -> dict[str, str]:
    """The request headers that ask whether this capture's body still stands."""
    names = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}
    stated = {asked: capture.headers.get(given, "") for given, asked in names.items()}
    return {name: value for name, value in stated.items() if _can_be_sent(value)}


def _can_be_sent(value: str) -> bool:
    """Whether a header may be given back as it came: servers send what no request can hold."""
    return bool(value) and value.isascii() and value.isprintable()


def answer_with(request: Request, number: int, received: Received) -> Answer:
    """Judge an answer whose body is stored, and make of it what a plan gets."""
    problem = received.problem or status_problem(received.status, received.body)
    document: object = None
    if problem is None:
        content_type = received.headers.get("content-type", "")
        document, problem = body_problem(request.kind, content_type, received.body)
    return Answer(
        request, number, received.status, received.body, document, problem, received.headers
    )
