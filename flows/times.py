"""Times as people type them, and as they are shown: UTC throughout."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from flows.errors import UsageError

EXAMPLES: Final = "2026-03-01, 2026-03-01T12:30Z or now"


def parse_time(text: str) -> datetime:
    """Read an ISO date or time, UTC unless it says otherwise; a date is its first moment.

    Raises UsageError for anything else.
    """
    stripped = text.strip()
    if stripped.lower() == "now":
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(stripped)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{text!r} is no time: write it like {EXAMPLES}") from error


def exact(moment: datetime) -> str:
    """ISO 8601 with a Z, microseconds only where there are any."""
    text = moment.astimezone(UTC).replace(tzinfo=None).isoformat()
    return f"{text}Z"


def readable(moment: datetime | None) -> str:
    """To the minute for people; empty for none. Midnight is a date."""
    if moment is None:
        return ""
    at = moment.astimezone(UTC)
    return f"{at:%Y-%m-%d}" if (at.hour, at.minute) == (0, 0) else f"{at:%Y-%m-%d %H:%M}"


def age(seconds: float) -> str:
    """A length of time in one unit: "3 minutes", "5 hours", "12 days"."""
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= 2 * size or (seconds >= size and unit != "day"):
            count = int(seconds // size)
            return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    return "less than a minute"
