"""The snapshot that stands, and whether a reader who starts from ``latest.json`` can rely on it.

Files get lost and disks go bad: what is damaged is published again under a new id, since nothing
that has its name is ever written to, and says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from warehouse.errors import SnapshotError
from warehouse.manifest import NAME
from warehouse.snapshots import Snapshot, latest, point_to, read_json, snapshot_id
from warehouse.verify import damage

_KEYS: Final = ("snapshot_id", "path", "manifest_sha256")


@dataclass(frozen=True, slots=True)
class Standing:
    """The newest snapshot there is: its id ("" for none), and its content's digest if it is whole.

    ``fault`` says why a reader cannot rely on it; empty when all is well, or nothing is there yet.
    """

    snapshot_id: str
    content: str | None
    fault: str

    def point(self, published: Path) -> Snapshot:
        """Let readers find it, where something led them elsewhere or nowhere."""
        path = published / "snapshots" / self.snapshot_id
        if self.fault or (published / "latest").resolve() != path.resolve():
            point_to(published, self.snapshot_id)
        return Snapshot(self.snapshot_id, path)


def find_standing(published: Path) -> Standing:
    """What stands: the snapshot that ``latest.json`` names, or the newest where it names none."""
    try:
        pointer = latest(published)
        name, path, sha256 = ("", "", None) if pointer is None else (str(pointer[k]) for k in _KEYS)
    except (SnapshotError, KeyError):
        return _without_pointer(published, "latest.json cannot be understood")
    if not name:
        return _without_pointer(published, "latest.json is missing")
    if path != f"snapshots/{name}" or not (published / path).is_dir():
        return _without_pointer(published, f"latest.json names {path}, which is not there")
    return _judged(published, name, "", sha256)


def _without_pointer(published: Path, fault: str) -> Standing:
    names = sorted(path.name for path in (published / "snapshots").glob("[!.]*/"))
    if not names:
        return Standing("", None, fault if (published / "latest.json").exists() else "")
    return _judged(published, names[-1], fault, None)


def _judged(published: Path, name: str, fault: str, manifest_sha256: str | None) -> Standing:
    path = published / "snapshots" / name
    found = next(damage(path, manifest_sha256=manifest_sha256), None)
    if found is not None:
        return Standing(name, None, f"{fault}; " * bool(fault) + f"{name} is damaged: {found}")
    return Standing(name, str(read_json(path / NAME).get("content_sha256")), fault)


def free_id(published: Path, as_of: datetime, content: str, *, after: str) -> str:
    """The id of the next snapshot; it never leads to one that is there and damaged."""
    name = snapshot_id(as_of, content, after=after)
    path = published / "snapshots" / name
    if path.exists() and any(damage(path)):
        return free_id(published, as_of, content, after=name)
    return name
