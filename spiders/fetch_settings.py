"""Limits and manners of fetching, and the clock it goes by."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Protocol

from spiders.blobs import MAX_BODY_BYTES


@dataclass(frozen=True, slots=True)
class FetchSettings:
    """How much, how long and how often; times in seconds, sizes in bytes after decoding."""

    contact: str = ""
    """Where a site's owner can reach whoever runs this; part of the User-Agent when it is set."""
    max_body_bytes: int = MAX_BODY_BYTES
    connect_timeout_s: float = 10.0
    read_timeout_s: float = 30.0
    """The longest silence between two pieces of an answer."""
    source_timeout_s: float = 120.0
    """For all that is asked of a source in one run, waiting and trying again included."""
    attempts: int = 4
    """Per request, the first one included."""
    backoff_s: float = 1.0
    """Before the second attempt; doubled before each one after that."""
    max_backoff_s: float = 30.0
    max_retry_after_s: float = 60.0
    """A site that asks for more patience than this is left alone until the next run."""
    pause_s: float = 1.0
    """Between two requests to one host."""
    max_redirects: int = 5
    request_allowance_s: float = 3.0
    """Added to a source's time for each further request it is known to make, with the pause."""

    def time_limit_s(self, requests: int) -> float:
        """For all of one source that is asked in so many requests."""
        return self.source_timeout_s + (requests - 1) * (self.pause_s + self.request_allowance_s)

    @property
    def user_agent(self) -> str:
        """Who asks: the product, its version and whom to turn to."""
        product = f"pricebook/{version('pricebook')}"
        return f"{product} (+{self.contact})" if self.contact else product


class Clock(Protocol):
    """Time as fetching sees it, so that a recording's time, or a test's, can stand in."""

    def now(self) -> datetime:
        """The time that captures are dated by, with its zone."""
        ...

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back, for time limits."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present time, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since some point in the past."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


@dataclass(slots=True)
class RecordingClock:
    """A recording's time: `now` is the step's, nobody waits, time limits are still real."""

    at: datetime

    def now(self) -> datetime:
        """The time of the step."""
        return self.at

    def monotonic(self) -> float:
        """Seconds since some point in the past."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Do not wait: a recorded answer is the same however late one asks for it."""
