"""One healthy fetch, resolved: what one source said of which offerings at one time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from models.history.statement import Statement
from models.reading import Listing
from models.record import record


@record
class Sighting:
    """One model as one fetch shows it, under the id its name was resolved to.

    ``unreadable`` are the locators of its cells that were refused: a meter whose cell is there but
    cannot be read is doubtful, not absent. ``also`` are other ids known to name the same model.
    """

    model_id: str
    operation: str
    listing: Listing
    statements: Mapping[str, Statement]
    capture: str
    unreadable: frozenset[str] = frozenset()
    also: tuple[str, ...] = ()


@record
class Observation:
    """A healthy fetch of one source. ``covers`` are narrower scopes whose rows it contains too.

    ``capture`` is the SHA-256 of its first body: the proof of what was not in it.
    """

    source: str
    precedence: int
    scope: str
    fetched_at: datetime
    sightings: tuple[Sighting, ...]
    capture: str
    covers: frozenset[str] = field(default_factory=frozenset[str])
    lists: bool = True
    """Whether what it shows is listed by it; otherwise it only notes something of it."""
