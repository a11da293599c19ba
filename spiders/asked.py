"""What was asked where a recording was made, and so what its silence means.

A recorded answer tells not what it answers. It counts as one to the plain address, the scope
`default`, unless a file beside it says otherwise::

    DIR/<source>/requests.txt       <time> <query>: from this time on, this query was asked

Errors: ``RequestsError`` when a line of it cannot be meant; it names the line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from models.capture import DEFAULT_SCOPE
from models.registry import SOURCES

REQUESTS: Final = "requests.txt"
_LONGEST: Final = 100_000


class RequestsError(Exception):
    """Raised when the file of recorded requests cannot be used; names the line and the remedy."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The queries of one source's recordings, each with the time from which on it was asked."""

    queries: Sequence[tuple[datetime, str]] = ()

    def scope_at(self, moment: datetime) -> str:
        """The query that was asked at a time; `default` where nobody says."""
        begun = [each for each in self.queries if each[0] <= moment]
        return max(begun)[1] if begun else DEFAULT_SCOPE


def read_requests(path: Path, source: str) -> Asked:
    """Read the requests of a source's recordings. Raises RequestsError."""
    with path.open("rb") as file:
        text = file.read(_LONGEST).decode("utf-8", "replace")
    known = (DEFAULT_SCOPE, *SOURCES[source].covers, SOURCES[source].scope)
    lines = [(number, line.split()) for number, line in enumerate(text.splitlines(), 1)]
    found: list[tuple[datetime, str]] = []
    for number, words in lines:
        if not words or words[0].startswith("#"):
            continue
        at = time_of(words[0])
        if at is None or len(words) != 2 or words[1] not in known:
            raise RequestsError(
                f"{path}, line {number} is no request: write a time and one of "
                f"{', '.join(dict.fromkeys(known))}, as in 2026-08-01T0323Z {known[-1]}"
            )
        found.append((at, words[1]))
    return Asked(tuple(found))


def time_of(text: str) -> datetime | None:
    """A time as the names of recorded files have it, `2026-08-01T0323Z`; None for anything else."""
    if not re.fullmatch(r"[12]\d{3}-\d\d-\d\dT\d{4}(?:\d\d)?Z", text, re.ASCII):
        return None
    digits = re.sub(r"\D", "", text)
    try:
        return datetime.strptime(digits.ljust(14, "0"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def address_of(source: str, scope: str, url: str) -> str:
    """The address that was really asked: a plan asks for the source's own scope, come what may."""
    own = SOURCES[source].scope
    base, mark, query = url.partition("?")
    parts = query.split("&")
    if not mark or own in (scope, DEFAULT_SCOPE) or own not in parts:
        return url
    others = [part for part in parts if part != own]
    said = others if scope == DEFAULT_SCOPE else [scope, *others]
    return f"{base}?{'&'.join(said)}" if said else base
