"""How a source says what to ask for, and judges what came.

A *plan* is a generator: it yields a `Request`, is sent the `Answer`, yields the next one, which may
build on all answers before, and returns a `Verdict`. It does no input or output itself, so the same
plan runs against the site, against a recording served on this machine, and over files on disk::

    def some_source_plan() -> Plan:
        answer = yield Request("https://example.com/models")
        if answer.problem:
            return failed(answer)
        return Verdict(FetchOutcome.OK, (answer,))

A plan returns `skipped_without_key` before its first request when it needs a key that is not set.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from models.capture import FetchOutcome
from spiders.problem import Problem

Kind = Literal["json", "html"]


@dataclass(frozen=True, slots=True)
class Request:
    """One GET of `url`, the site's own address.

    `headers` are added to the usual ones and kept nowhere, so a key may stand in them.
    `pause_s` is the wait since the request before it to be polite; None for the usual.
    """

    url: str
    kind: Kind = "json"
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    pause_s: float | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """One answer as it came: `url` is the site's own, `body` is decoded."""

    url: str
    status: int
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""
    problem: Problem | None = None

    @property
    def may_pass(self) -> bool:
        """Whether asking again may bring a better answer."""
        return self.status == 429 or 500 <= self.status <= 599 or self.problem is not None


class Transport(Protocol):
    """Anything that answers requests: the internet, a crawl that was made, files on disk."""

    def get(self, request: Request, conditions: Mapping[str, str]) -> Received:
        """Answer one request; `conditions` are headers that ask for a 304 where possible.

        Raises FetchProblemError when nothing usable came.
        """
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a body that can be read, or a problem.

    `status` is that of the body: 200 also where the site confirmed one that was held (304), and 0
    when nothing came. `document` is the parsed JSON (None for HTML and with a problem); it is for
    judging only, prices are read elsewhere. `number` counts the answers of this fetch from 0.
    """

    request: Request
    number: int
    status: int
    body: bytes = b""
    document: object = None
    problem: Problem | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the fetch ended. `pages` are the answers that hold the rows, in order; what else was
    received is kept as an aside. When the fetch failed, all that was received counts as pages."""

    outcome: FetchOutcome
    pages: tuple[Answer, ...] = ()
    detail: str = ""


Plan = Generator[Request, Answer, Verdict]
PlanMaker = Callable[[], Plan]
KeyedPlanMaker = Callable[[str], Plan]
"""Makes the plan of a source that is asked with its seller's key."""


def failed(answer: Answer) -> Verdict:
    """The verdict of a fetch that ends with this answer's problem."""
    if answer.problem is None:
        raise ValueError(f"{answer.request.url}: answered without a problem")
    return Verdict(answer.problem.outcome, (answer,), answer.problem.detail)


def incomplete(pages: Sequence[Answer], detail: str) -> Verdict:
    """The verdict of a fetch of which a part is missing."""
    return Verdict(FetchOutcome.INCOMPLETE, tuple(pages), detail)


def plan_without_key(seller: str) -> Plan:
    """The plan of a source that needs a key which is not set: it asks nothing."""
    yield from ()
    return skipped_without_key(seller)


def skipped_without_key(seller: str) -> Verdict:
    """The verdict of a source that needs a key which is not set."""
    return Verdict(FetchOutcome.MISSING_KEY, (), f"set PRICEBOOK_{seller.upper()}_KEY to ask it")
