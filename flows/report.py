"""What a run did, as data, as a table and in words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from flows.errors import NOT_DONE, OK, SHOULD_LOOK
from flows.markdown import escaped
from models.capture import FetchOutcome

UNREADABLE = "unreadable"
"""Outcome of a fetch that came complete and could not be read: the source's shape has changed."""
WITHDRAWN = "withdrawn"
"""Outcome of a fetch that a person took out of the derivation."""


@dataclass(frozen=True, slots=True)
class SourceResult:
    """How fetching one source ended."""

    source: str
    outcome: FetchOutcome
    detail: str = ""
    fetch_id: str | None = None


@dataclass(frozen=True, slots=True)
class SourceLoad:
    """What loading one fetch did."""

    source: str
    fetched_at: datetime
    outcome: str
    detail: str
    cells: int = 0
    claims: int = 0
    rejected: int = 0
    new: int = 0
    changed: int = 0
    held: int = 0
    drift: tuple[str, ...] = ()


def told(drift: str) -> tuple[str, ...]:
    """Drift as it is stored, a JSON list, in words."""
    words = {"new_key": "new key", "vanished_field": "missing", "coverage_fall": "fewer prices"}
    return tuple(
        f"{words.get(each['kind'], each['kind'].replace('_', ' '))}: {each['what']}"
        + (f" ({each['count']}×)" if each["count"] > 1 else "")
        for each in json.loads(drift)
    )


@dataclass(frozen=True, slots=True)
class LoadSummary:
    """What a load did: one entry per fetch, and what had never been seen before.

    ``new_kinds`` are refusals of a kind a source never had, and drift; ``rederived`` names sellers
    whose history was derived again as a whole, with the reason. ``ahead`` says of stored fetches
    that they were left out, being dated later than the clock.
    """

    fetches: tuple[SourceLoad, ...] = ()
    changes: int = 0
    new_kinds: tuple[str, ...] = ()
    rederived: tuple[str, ...] = ()
    ahead: tuple[str, ...] = ()

    @property
    def held(self) -> int:
        """Doubts that arose in this load."""
        return sum(fetch.held for fetch in self.fetches)


@dataclass(frozen=True, slots=True)
class PublishSummary:
    """The snapshot that readers now see, and whether this run made it.

    ``mended`` says what they could not rely on before; empty when all was well.
    """

    snapshot_id: str
    path: Path
    is_new: bool
    mended: str = ""

    def told(self) -> str:
        """Which snapshot it is, and why, where it mends what was there."""
        made = "new snapshot" if self.is_new else "unchanged since snapshot"
        mended = f" (mended: {self.mended})" if self.mended else ""
        return f"{made} {self.snapshot_id}{mended}"


@dataclass(frozen=True, slots=True)
class RunReport:
    """One run, from fetching to publishing."""

    started_at: datetime
    results: tuple[SourceResult, ...]
    load: LoadSummary
    snapshot: PublishSummary | None
    problems: tuple[str, ...] = field(default=())

    @property
    def exit_status(self) -> int:
        """0 every source loaded, 3 someone should look, 1 nothing came of it."""
        return exit_status(self.results, self.load, self.snapshot)

    def as_table_rows(self) -> list[dict[str, str | int]]:
        """One row per source, for a table of the run."""
        loaded = {fetch.source: fetch for fetch in self.load.fetches}
        return [_row(result, loaded.get(result.source)) for result in self.results]

    def as_markdown(self) -> str:
        """The run in words; what sellers wrote is shown as it is, and is no markup."""
        lines = [f"# Run of {self.started_at.isoformat()}", ""]
        lines += [
            f"- **{row['source']}**: {row['outcome']} {escaped(str(row['detail']))}".rstrip()
            + f"; {row['cells']} price cells, {row['rejected']} refused, "
            f"{row['changed']} moved, {row['held']} held"
            for row in self.as_table_rows()
        ]
        lines += [
            f"- drift of **{fetch.source}**: {escaped(each)}"
            for fetch in self.load.fetches
            for each in fetch.drift
        ]
        lines += [f"- someone should look: {escaped(kind)}" for kind in self.load.new_kinds]
        lines += [f"- someone should look: {escaped(each)}" for each in self.load.ahead]
        lines += [f"- derived again: {reason}" for reason in self.load.rederived]
        if self.snapshot is not None:
            lines.append(f"- {self.snapshot.told()}")
        return "\n".join(lines) + "\n"


def _row(result: SourceResult, loaded: SourceLoad | None) -> dict[str, str | int]:
    return {
        "source": result.source,
        "outcome": str(result.outcome) if loaded is None else loaded.outcome,
        "detail": result.detail if loaded is None else loaded.detail,
        "cells": 0 if loaded is None else loaded.cells,
        "rejected": 0 if loaded is None else loaded.rejected,
        "new": 0 if loaded is None else loaded.new,
        "changed": 0 if loaded is None else loaded.changed,
        "held": 0 if loaded is None else loaded.held,
        "drift": 0 if loaded is None else len(loaded.drift),
    }


def exit_status(
    results: Sequence[SourceResult], load: LoadSummary, snapshot: PublishSummary | None
) -> int:
    """The exit status of a run.

    1 when no source that was due could be read, so nothing was published; 3 when a source failed,
    something is newly held or dated later than the clock, or a source refused or drifted in a way
    it never did before; else 0.
    """
    asked = [result for result in results if not result.outcome.is_skip]
    unread = {fetch.source for fetch in load.fetches if fetch.outcome == UNREADABLE}
    good = [r for r in asked if r.outcome.is_healthy and r.source not in unread]
    if snapshot is None or (asked and not good):
        return NOT_DONE
    odd = load.held or load.new_kinds or load.ahead
    return SHOULD_LOOK if len(good) < len(asked) or odd else OK
