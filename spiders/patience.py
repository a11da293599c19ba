"""When to ask again, and when to leave a site alone.

What may pass is asked again: a connection that broke, silence, a body that was cut off, 429, 5xx.
Any other status will be the same a minute later, and so will a body that is too large.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from models.capture import FetchOutcome
from spiders.fetch_settings import Clock, FetchSettings
from spiders.plan import Received
from spiders.problem import FetchProblemError

_PASSING = frozenset({FetchOutcome.TRANSPORT_ERROR, FetchOutcome.TIMEOUT, FetchOutcome.TRUNCATED})


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one fetch goes on trying.

    `jitter` gives a number from 0 to 1; `deadline` is a time of `clock.monotonic`.
    """

    settings: FetchSettings
    clock: Clock
    jitter: Callable[[], float]
    deadline: float

    def wait_after(self, attempt: int, outcome: Received | FetchProblemError) -> float | None:
        """Seconds to wait after the `attempt`-th attempt (from 1); None when it was the last.

        That is so when the answer will not get better, when all attempts are used, when the site
        asks for more patience than we have, and when the time of the fetch is over before.
        """
        if attempt >= self.settings.attempts or not _may_pass(outcome):
            return None
        wait = backoff(attempt, self.settings, self.jitter)
        asked = outcome.headers.get("retry-after", "") if isinstance(outcome, Received) else ""
        patience = retry_after_s(asked, self.clock.now())
        if patience is not None:
            if patience > self.settings.max_retry_after_s:
                return None
            wait = max(wait, patience)
        in_time = self.clock.monotonic() + wait < self.deadline
        return wait if in_time else None

    @property
    def seconds_left(self) -> float:
        """Until the deadline; negative after it."""
        return self.deadline - self.clock.monotonic()


def backoff(attempt: int, settings: FetchSettings, jitter: Callable[[], float]) -> float:
    """Seconds to wait after the `attempt`-th attempt: doubling, and at random in its upper half.

    The randomness (`jitter` gives 0 to 1) keeps many clients of one site from coming back together.
    """
    full = min(settings.max_backoff_s, settings.backoff_s * 2.0 ** (attempt - 1))
    return full * (0.5 + 0.5 * jitter())


def retry_after_s(header: str, now: datetime) -> float | None:
    """Read a Retry-After header, seconds or a date; None when it says nothing readable."""
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # the latter for a date far outside any calendar
        return None
    # A date that states no zone is UTC by the standard.
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - now).total_seconds())


def _may_pass(outcome: Received | FetchProblemError) -> bool:
    if isinstance(outcome, Received):
        return outcome.may_pass
    return outcome.problem.outcome in _PASSING
