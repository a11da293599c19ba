"""Which snapshots stay: all of the last days, then the last of each week; never the newest two.

The newest but one stays because a reader may have resolved ``latest.json`` a moment ago.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from warehouse.errors import SnapshotError
from warehouse.snapshots import REMOVING, latest, read_json

_ALWAYS_KEPT = 2


@dataclass(frozen=True, slots=True)
class Kept:
    """A snapshot that is there: its id, where it lies, and when it was made."""

    snapshot_id: str
    path: Path
    created_at: datetime


def kept(published: Path) -> tuple[Kept, ...]:
    """The finished snapshots, the oldest first.

    One whose manifest cannot be read is left out: `snapshots verify` is there to say so.
    """
    return tuple(sorted(_found(published), key=lambda snapshot: snapshot.snapshot_id))


def _found(published: Path) -> Iterator[Kept]:
    for path in (published / "snapshots").glob("[!.]*"):
        try:
            stated = read_json(path / "manifest.json")
            created_at = datetime.fromisoformat(str(stated["created_at"]))
        except (SnapshotError, KeyError, ValueError):
            continue
        yield Kept(path.name, path, created_at)


def retain(published: Path, keep_days: int, now: datetime) -> tuple[str, ...]:
    """Remove the snapshots that need not stay, and return their ids.

    Raises :class:`SnapshotError` when ``latest.json`` cannot be understood.
    """
    pointer = latest(published)
    newest = "" if pointer is None else str(pointer.get("snapshot_id"))
    removed = [
        snapshot
        for snapshot in superfluous(kept(published), keep_days, now)
        if snapshot.snapshot_id != newest
    ]
    for snapshot in removed:
        # Renamed first: what still has its name is whole.
        doomed = snapshot.path.with_name(f"{REMOVING}{snapshot.snapshot_id}")
        snapshot.path.rename(doomed)
        shutil.rmtree(doomed)
    return tuple(snapshot.snapshot_id for snapshot in removed)


def superfluous(snapshots: Sequence[Kept], keep_days: int, now: datetime) -> list[Kept]:
    """Those of ``snapshots``, given the oldest first, that are neither recent nor a week's last."""
    last_of_week = {snapshot.created_at.isocalendar()[:2]: snapshot for snapshot in snapshots}
    return [
        snapshot
        for snapshot in snapshots[:-_ALWAYS_KEPT]
        if now - snapshot.created_at >= timedelta(days=keep_days)
        and last_of_week[snapshot.created_at.isocalendar()[:2]] is not snapshot
    ]
