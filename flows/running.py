"""Whole runs: live, of a recording, from a folder straight from disk, and from stored captures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from flows.cycles import no_search_for_cycles
from flows.errors import NOT_DONE, OK, SHOULD_LOOK, UsageError
from flows.load import load, load_into, refuse_mixture
from flows.pipeline import publish, publish_from
from flows.readings import Readings
from flows.rebuilding import Rebuilt, rebuild
from flows.report import UNREADABLE, LoadSummary, PublishSummary, RunReport
from flows.settings import Settings
from flows.workspace import Workspace, open_workspace
from models.history.gates import Gate
from models.registry import ASKED
from spiders.backfill import recorded_fetches
from spiders.capture_store import CaptureStore
from spiders.fetch_settings import Clock, SystemClock
from spiders.recording import Recording, RecordingError, Skipped, scan
from spiders.replay import Replay, open_replay
from spiders.sources import Recorded
from warehouse import beliefs
from warehouse.database import open_writer

if TYPE_CHECKING:
    import duckdb

BATCH = 200
"""Recorded fetches loaded in one transaction: what a killed backfill has to do again at most."""


@dataclass(frozen=True, slots=True)
class BackfillReport:
    """What a backfill did. ``held`` counts the doubts that it raised and left open, ``new_kinds``
    are refusals and drift of a kind a source never had before."""

    fetches: int
    loaded: int
    changes: int
    failed: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    held: int
    new_kinds: tuple[str, ...]
    snapshot: PublishSummary | None

    @property
    def exit_status(self) -> int:
        """1 with nothing to publish; 3 where someone should look, as after any run."""
        if self.snapshot is None:
            return NOT_DONE
        odd = self.failed or self.skipped or self.held or self.new_kinds
        return SHOULD_LOOK if odd else OK


@dataclass(frozen=True, slots=True)
class RebuildReport:
    """What a rebuild did: what it had to load first, what it corrected, what readers see now."""

    only_check: bool
    loaded: LoadSummary
    rebuilt: Rebuilt
    snapshot: PublishSummary | None

    @property
    def exit_status(self) -> int:
        """1 with nothing to go by; 3 where a check found a difference or could not see all, or a
        stored fetch is dated later than the clock."""
        rebuilt = self.rebuilt
        if not rebuilt.loaded:
            return NOT_DONE
        if self.only_check and (rebuilt.corrections or rebuilt.waiting):
            return SHOULD_LOOK
        return SHOULD_LOOK if self.loaded.ahead else OK


def check_origin(workspace: Workspace) -> None:
    """Refuse to mix recorded and live data before anything is fetched.

    Raises :class:`warehouse.errors.MixedOriginsError`.
    """
    with open_writer(workspace.data_dir) as connection:
        refuse_mixture(connection, workspace)


def steps_of(replay: Replay, settings: Settings, only: Sequence[str]) -> Iterator[Workspace]:
    """A workspace per step of a recording, which is at that step when the workspace is taken."""
    readings = Readings(CaptureStore(settings.data_dir))
    for step in replay.steps:
        due = [source for source in replay.go(step) if not only or source in only]
        if due:
            yield open_workspace(
                settings,
                sites=replay.sites,
                clock=replay.clock,
                origin="replay",
                due=due,
                readings=readings,
                scopes=replay.scopes,
            )


def run_replay(
    settings: Settings,
    recording: Path,
    only: Sequence[str],
    on_report: Callable[[RunReport], None],
    *,
    clock: Clock | None = None,
) -> tuple[list[RunReport], tuple[Skipped, ...]]:
    """Replay a recording, oldest step first; each step is a run of its own.

    ``clock`` is the machine's, after which nothing can have been recorded.
    """
    from flows.embedded import run_many  # noqa: PLC0415 # for runs only

    workspace = open_workspace(settings, origin="replay")
    with workspace.lock():
        check_origin(workspace)
    # A run moves to another directory (see `flows.prefect_env`).
    now = (clock or SystemClock()).now()
    _scanned(recording, now)
    with open_replay(recording.absolute(), now=now) as replay:
        reports = run_many(steps_of(replay, settings, only), on_report)
        return reports, replay.skipped


def run_live(settings: Settings, only: Sequence[str]) -> RunReport:
    """One run against the real sites."""
    from flows.embedded import run_refresh  # noqa: PLC0415 # for runs only

    workspace = open_workspace(settings, due=only or None)
    with workspace.lock():
        check_origin(workspace)
    return run_refresh(workspace)


def _scanned(folder: Path, now: datetime) -> Recording:
    """What a folder holds. Raises UsageError when it cannot be used."""
    try:
        return scan(folder, ASKED, now)
    except RecordingError as error:
        raise UsageError(str(error)) from error


@no_search_for_cycles()
def run_backfill(
    settings: Settings,
    folder: Path,
    on_progress: Callable[[int, int], None],
    *,
    clock: Clock | None = None,
) -> BackfillReport:
    """Load a folder of recorded captures straight from disk, in batches, then publish.

    It may be killed anywhere: what a later call finds stored and loaded it leaves alone.
    """
    workspace = open_workspace(settings, origin="backfill", clock=clock)
    recording = _scanned(folder, workspace.clock.now())
    # Opened once for all of it: every opening takes 20 ms (2026-11).
    with workspace.lock(), open_writer(workspace.data_dir) as connection:
        refuse_mixture(connection, workspace)
        stored = [
            fetch
            for fetch, _ in recorded_fetches(
                recording, Recorded(), CaptureStore(settings.data_dir, durable=False)
            )
        ]
        held = _held(connection)
        loaded = changes = 0
        unread: list[str] = []
        new_kinds: list[str] = []
        for start in range(0, len(stored), BATCH):
            done = load_into(connection, workspace, stored[start : start + BATCH])
            loaded += len(done.fetches)
            changes += done.changes
            new_kinds += done.new_kinds
            unread += [
                f"{each.source} {each.fetched_at.isoformat()}: {each.outcome} {each.detail}"
                for each in done.fetches
                if each.outcome == UNREADABLE
            ]
            on_progress(min(start + BATCH, len(stored)), len(stored))
        snapshot = publish_from(connection, workspace) if stored else None
        held = _held(connection) - held
    failed = tuple(
        f"{fetch.source} {fetch.fetched_at.isoformat()}: {fetch.outcome} {fetch.detail}"
        for fetch in stored
        if not fetch.is_healthy
    )
    return BackfillReport(
        len(stored),
        loaded,
        changes,
        (*failed, *unread),
        recording.skipped,
        len(held),
        tuple(sorted(new_kinds)),
        snapshot,
    )


def _held(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """The ids of what is held and waits."""
    return {
        doubt.review_id
        for doubt in beliefs.doubts(connection)
        if doubt.decision is None and doubt.gate != Gate.DISAGREEMENT
    }


def run_rebuild(settings: Settings, *, only_check: bool) -> RebuildReport:
    """Derive history again from all stored captures, and publish unless it is only a check.

    What is stored and not loaded, as when the warehouse was lost, is loaded first, but for a check.
    """
    # Whatever the captures' origin, they are in this directory already: nothing can mix.
    workspace = open_workspace(settings, origin="backfill")
    with workspace.lock():
        found = rebuild(workspace, only_check=only_check)
        loaded = LoadSummary() if only_check else load(workspace)
        if loaded.fetches:
            again = rebuild(workspace, only_check=False)
            found = replace(again, corrections=(*found.corrections, *again.corrections))
        snapshot = None if only_check else publish(workspace)
    return RebuildReport(only_check, loaded, found, snapshot)


def run_publish(settings: Settings) -> PublishSummary | None:
    """Publish what the warehouse believes."""
    workspace = open_workspace(settings)
    with workspace.lock():
        return publish(workspace)
