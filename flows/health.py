"""Whether someone should look: freshness of each source, last runs, and what waits for a person.

Everything is taken from what is published: `status.json`, which every run writes, laid over the
snapshot, which is only made anew when prices move. The writer's database is never opened.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from flows.report import told
from flows.tables import Column, printable
from flows.times import age, readable
from models.capture import FetchOutcome
from models.history.thresholds import Thresholds
from models.registry import ASKED
from warehouse.read import Book
from warehouse.unpublished import unpublished_since

# One missed run is forgiven: schedules and sellers both have bad hours.
LATE_AFTER: Final = 2
STALE_HOLD: Final = Thresholds().stale_hold
COLUMNS: Final = (
    Column("source"),
    Column("last success", wraps=False),
    Column("age", wraps=False),
    Column("expected", expendable=1, wraps=False),
    Column("last run", expendable=2, wraps=False),
    Column("outcome"),
    Column("verdict"),
)


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """One source: when it was last read with success, and how its last run ended."""

    source: str
    seller: str
    enabled: bool
    expected: timedelta
    last_success_at: datetime | None
    last_run_at: datetime | None
    outcome: str
    detail: str
    drift: tuple[str, ...] = ()
    """What its last run showed that its reader does not expect, in words."""
    is_recorded: bool = True
    """False where the book comes from a recording that has nothing of this source."""

    def age(self, now: datetime) -> timedelta | None:
        """How long ago it was read with success."""
        return None if self.last_success_at is None else now - self.last_success_at

    def problem(self, now: datetime) -> str:
        """What is wrong with it in a few words; empty when nothing is."""
        if not self.enabled or not self.is_recorded:
            return ""
        since = self.age(now)
        if since is None:
            return "never read"
        if self.outcome and not _healthy(self.outcome):
            return f"last run failed: {self.detail or self.outcome}"
        if since > LATE_AFTER * self.expected:
            often = age(self.expected.total_seconds())
            return f"late: read {age(since.total_seconds())} ago, expected every {often}"
        return ""


@dataclass(frozen=True, slots=True)
class Health:
    """All sources, and how much there is."""

    snapshot_id: str
    as_of: datetime
    created_at: datetime
    origin: str
    now: datetime
    sources: tuple[SourceHealth, ...]
    counts: Mapping[str, Any]
    stale_hold: timedelta
    """For how long something may be held before someone should look."""
    unpublished_since: str | None = None
    """When something was loaded that is not published; None where all is."""
    further: tuple[str, ...] = ()
    """What the data directory itself shows, in sentences."""

    @property
    def problems(self) -> tuple[str, ...]:
        """What someone should look at, in sentences."""
        found = [
            f"{each.source}: {problem}"
            for each in self.sources
            if (problem := each.problem(self.now))
        ]
        held_since: datetime | None = self.counts["held_since"]
        if held_since is not None and self.now - held_since > self.stale_hold:
            waited = age((self.now - held_since).total_seconds())
            found.append(
                f"{self.counts['held']} held for review, the oldest for {waited}: "
                "see `pricebook review list`"
            )
        if self.unpublished_since is not None:
            found.append(not_published(self.unpublished_since))
        return (*found, *self.further)


def not_published(since: str) -> str:
    """In words that the last load is newer than what readers see."""
    return f"what was loaded at {since} is not published: run `pricebook publish`"


def examine(
    book: Book, published: Path, now: datetime, stale_hold: timedelta = STALE_HOLD
) -> Health:
    """Look at everything. Of a replayed recording, the recording's last moment is the present."""
    snapshot = book.records("snapshot")[0]
    is_replay = snapshot["origin"] == "replay"
    stated = read_status(published)
    rows = (row for row in book.records("status_sources") if row["source"] in ASKED)
    sources = [_source(row, stated.get(row["source"])) for row in rows]
    if is_replay:
        sources = [replace(each, is_recorded=each.last_run_at is not None) for each in sources]
    seen = [each.last_run_at for each in sources if each.last_run_at is not None]
    present = max([snapshot["as_of"], *seen]) if is_replay else now
    return Health(
        snapshot_id=snapshot["snapshot_id"],
        as_of=snapshot["as_of"],
        created_at=snapshot["created_at"],
        origin=snapshot["origin"],
        now=present,
        sources=tuple(sources),
        counts=book.records("status_counts")[0],
        stale_hold=stale_hold,
        unpublished_since=unpublished_since(published.parent),
    )


def read_status(published: Path) -> dict[str, Mapping[str, Any]]:
    """What `status.json` says of each source; nothing where it is missing or unreadable.

    It only refines what the snapshot knows, so without it the answer is older, not wrong.
    """
    try:
        stated: Any = json.loads((published / "status.json").read_bytes())
        return {str(each["source"]): each for each in stated["sources"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def health_lines(health: Health) -> list[str]:
    """The counts in words."""
    counts = health.counts
    snapshot_age = age((health.now - health.as_of).total_seconds())
    recorded = " (a replayed recording: its last moment counts as now)"
    snapshot = (
        f"Snapshot {health.snapshot_id}, as of {readable(health.as_of)} UTC, {snapshot_age} old"
        f"{recorded if health.origin == 'replay' else ''}"
    )
    amounts = (
        f"{counts['models']:,} models, {counts['prices']:,} prices, {counts['changes']:,} changes; "
        f"held {counts['held']:,}, refused cells {counts['rejections']:,}, "
        f"names without an id {counts['unmatched']:,}, "
        f"disagreements of sources {counts['disagreements']:,}, "
        f"prices in dispute {counts['disputed']:,}"
    )
    return [snapshot, amounts]


def drift_lines(health: Health) -> list[str]:
    """The drift of each source's last run, one line each."""
    return [
        f"Drift of {each.source}: {printable(what)}"
        for each in health.sources
        for what in each.drift
    ]


def source_cells(each: SourceHealth, now: datetime) -> list[str]:
    """One source as a line of a table."""
    since = each.age(now)
    return [
        each.source,
        readable(each.last_success_at) or "never",
        "" if since is None else age(since.total_seconds()),
        f"every {age(each.expected.total_seconds())}",
        readable(each.last_run_at),
        each.outcome,
        _verdict(each, now),
    ]


def _verdict(each: SourceHealth, now: datetime) -> str:
    problem = printable(each.problem(now))
    if problem:
        return "late" if problem.startswith("late:") else problem
    if not each.is_recorded:
        return "not in the recording"
    return "fine" if each.enabled else "switched off"


def as_records(health: Health) -> Sequence[Mapping[str, Any]]:
    """One object for each source, for JSON and CSV."""
    return [
        {
            "source": each.source,
            "seller": each.seller,
            "enabled": each.enabled,
            "expected_interval_s": int(each.expected.total_seconds()),
            "last_success_at": each.last_success_at,
            "last_run_at": each.last_run_at,
            "outcome": each.outcome,
            "detail": each.detail,
            "drift": list(each.drift),
            "problem": each.problem(health.now),
        }
        for each in health.sources
    ]


def _source(row: Mapping[str, Any], stated: Mapping[str, Any] | None) -> SourceHealth:
    known = SourceHealth(
        source=row["source"],
        seller=row["seller"],
        enabled=row["enabled"],
        expected=timedelta(seconds=row["expected_s"]),
        last_success_at=row["last_success_at"],
        last_run_at=row["last_run_at"],
        outcome=row["outcome"] or "",
        detail=row["detail"] or "",
        drift=told(row["drift"] or "[]"),
    )
    last_run_at = _time(stated, "last_fetch_at")
    if stated is None or last_run_at is None:
        return known
    return replace(
        known,
        last_success_at=_time(stated, "last_success_at"),
        last_run_at=last_run_at,
        outcome=str(stated.get("last_outcome") or ""),
        detail=str(stated.get("last_detail") or ""),
    )


def _time(stated: Mapping[str, Any] | None, name: str) -> datetime | None:
    text = None if stated is None else stated.get(name)
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _healthy(outcome: str) -> bool:
    try:
        found = FetchOutcome(outcome)
    except ValueError:
        return False
    return found.is_healthy or found.is_skip
