"""When runs are due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

DEFAULT_CRON: Final = "17 */6 * * *"
"""Every six hours, UTC, and not on the hour, when everybody calls."""


@dataclass(frozen=True, slots=True)
class Plan:
    """When to run what: a cron expression in UTC, or every so often; which sources, if not all."""

    cron: str = DEFAULT_CRON
    every: timedelta | None = None
    sources: tuple[str, ...] = ()
