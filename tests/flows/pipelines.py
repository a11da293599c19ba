"""Runs of the real pipeline without Prefect, for tests that look at what comes out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from flows import settings
from flows.pipeline import fetch_one, load, publish
from flows.report import RunReport
from flows.running import steps_of
from flows.workspace import Workspace
from spiders.replay import open_replay
from warehouse.snapshots import latest

BUNDLED = Path(__file__).parent.parent.parent / "fixtures" / "captures"


def run_once(workspace: Workspace, *, publishing: bool = True) -> RunReport:
    """One run: fetch what is due, load it, publish."""
    with workspace.lock():
        started_at = workspace.clock.now()
        results = tuple(fetch_one(workspace, source) for source in workspace.due)
        loaded = load(workspace)
        snapshot = publish(workspace) if publishing else None
    return RunReport(started_at, results, loaded, snapshot)


def replay(
    data_dir: Path, recording: Path, only: Sequence[str] = (), *, every_step: bool = False
) -> list[RunReport]:
    """Replay a recording into a data directory; publishes after the last step, or after each."""
    chosen = settings.load(data_dir)
    with open_replay(recording) as replaying:
        last = replaying.steps[-1] if replaying.steps else None
        return [
            run_once(workspace, publishing=every_step or workspace.clock.now() == last)
            for workspace in steps_of(replaying, chosen, only)
        ]


def ask(data_dir: Path, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Ask the published database."""
    pointer = latest(data_dir / "published")
    assert pointer is not None, "nothing is published"
    path = data_dir / "published" / pointer["path"] / "pricebook.duckdb"
    with duckdb.connect(os.fspath(path), read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        return connection.execute(query, list(values)).fetchall()
