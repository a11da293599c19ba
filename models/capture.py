"""What was fetched, when, and how well it went.

A *capture* is the body of one answer; a *fetch* is everything one source answered at one time.
Nothing is ever changed in either: a later look at the same place is another fetch.

How a fetch ends, drawn as a tree (each leaf is a `FetchOutcome`)::

    healthy                      the rows may be read, and what is missing is really missing
    ├── ok                       complete, and at least one body is new
    └── unchanged                complete, every body confirmed (304) or equal to the last one
    failed                       the standing prices stay; absence means nothing
    ├── not asked                not_due, missing_key, refused_by_robots
    ├── no usable answer         transport_error, timeout, http_error, throttled,
    │                            redirect_refused
    ├── a body that was cut off  too_large, decompression_bomb, truncated
    ├── a body of another kind   wrong_content_type, invalid_utf8, invalid_json, error_page
    └── a body that lacks rows   empty, incomplete, sections_missing
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

Origin = Literal["live", "replay", "backfill"]

CLOCK_TOLERANCE = timedelta(minutes=10)
"""How far ahead of a machine's clock a capture may be dated: clocks differ, prices from the future
do not exist."""

DEFAULT_SCOPE = "default"
"""The scope of a source's ordinary request; another query asks for another scope."""


def _in_utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


UtcTime = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A point in time with its zone known, kept in UTC."""

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
"""A name from our own registries; the pattern is what keeps it safe as a folder's name."""

Scope = Annotated[str, StringConstraints(min_length=1, max_length=300)]


class FetchOutcome(StrEnum):
    """How a fetch ended; the module's docstring draws the tree."""

    OK = "ok"
    UNCHANGED = "unchanged"
    NOT_DUE = "not_due"
    MISSING_KEY = "missing_key"
    REFUSED_BY_ROBOTS = "refused_by_robots"
    TRANSPORT_ERROR = "transport_error"
    TIMEOUT = "timeout"
    HTTP_ERROR = "http_error"
    THROTTLED = "throttled"
    REDIRECT_REFUSED = "redirect_refused"
    TOO_LARGE = "too_large"
    DECOMPRESSION_BOMB = "decompression_bomb"
    TRUNCATED = "truncated"
    WRONG_CONTENT_TYPE = "wrong_content_type"
    INVALID_UTF8 = "invalid_utf8"
    INVALID_JSON = "invalid_json"
    ERROR_PAGE = "error_page"
    EMPTY = "empty"
    INCOMPLETE = "incomplete"
    SECTIONS_MISSING = "sections_missing"

    @property
    def is_healthy(self) -> bool:
        """Whether a fetch that ended so is complete, so that absence in it means something."""
        return self in _HEALTHY

    @property
    def is_skip(self) -> bool:
        """Whether nothing was asked of the source, so that nothing can have gone wrong there."""
        return self in _SKIPS


_HEALTHY = frozenset({FetchOutcome.OK, FetchOutcome.UNCHANGED})
_SKIPS = frozenset({FetchOutcome.NOT_DUE, FetchOutcome.MISSING_KEY})


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Capture(_Frozen):
    """The body of one answer after content-decoding, and what is needed to say where it is from.

    `sha256` and `size` (bytes) are those of the decoded body. `url` is the site's own, also when
    a recording was served from this machine. `http_status` is 304 where the site confirmed a body
    that was already held: `sha256` then names that body. `headers` has lower-case names and only
    those worth keeping. `page` counts from 1 within its fetch.
    """

    source: Name
    scope: Scope = DEFAULT_SCOPE
    url: str
    fetched_at: UtcTime
    http_status: int = Field(ge=100, le=599)
    headers: dict[str, str] = Field(default_factory=dict)
    sha256: Sha256
    size: int = Field(ge=0)
    origin: Origin
    media_type: str = ""
    page: int = Field(default=1, ge=1)

    @property
    def is_confirmation(self) -> bool:
        """Whether the site only confirmed that the body held before still stands (304)."""
        return self.http_status == 304


class Fetch(_Frozen):
    """All pages of one source at one time.

    `captures` are the bodies that hold the rows, in page order; of a failed fetch, whatever was
    received. `asides` were received on the way and hold no rows of this fetch (an address that is
    gone, a list without the sections that another address has); they are kept as evidence.
    `fetched_at` is when the first request was made and is the time the prices are dated by.
    """

    fetch_id: str = ""
    source: Name
    seller: Name
    scope: Scope = DEFAULT_SCOPE
    fetched_at: UtcTime
    finished_at: UtcTime
    origin: Origin
    outcome: FetchOutcome
    detail: str = ""
    captures: tuple[Capture, ...] = ()
    asides: tuple[Capture, ...] = ()

    @model_validator(mode="after")
    def _identify(self) -> Self:
        expected = fetch_id(self.source, self.scope, self.fetched_at, self.origin, self.shas)
        if not self.fetch_id:
            # The model is frozen for its users; here it is still being made.
            object.__setattr__(self, "fetch_id", expected)
        elif self.fetch_id != expected:
            raise ValueError(f"fetch_id {self.fetch_id} does not belong to this fetch")
        return self

    @property
    def is_healthy(self) -> bool:
        """Whether the fetch is complete, so that absence in it means something."""
        return self.outcome.is_healthy

    @property
    def shas(self) -> tuple[str, ...]:
        """The sha256 of each body that holds rows, in page order."""
        return tuple(capture.sha256 for capture in self.captures)

    @property
    def confirms(self) -> tuple[str, ...]:
        """The bodies that the site said, by a 304, still stand."""
        return tuple(c.sha256 for c in self.captures if c.is_confirmation)


def is_ahead(moment: datetime, now: datetime) -> bool:
    """Whether a capture of that moment cannot have been made yet."""
    return moment - now > CLOCK_TOLERANCE


def fetch_id(
    source: str, scope: str, fetched_at: datetime, origin: str, shas: tuple[str, ...]
) -> str:
    """Name a fetch by what it is, so that loading the same thing twice is recognised.

    24 hexadecimal digits (96 bits) of a sha256 over the parts.
    """
    moment = fetched_at.astimezone(UTC).isoformat(timespec="microseconds")
    # A unit separator cannot occur in any part, so no two lists of parts read alike.
    parts = "\x1f".join((source, scope, moment, origin, *shas))
    return sha256(parts.encode()).hexdigest()[:24]
