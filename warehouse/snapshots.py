"""Snapshot directories: built beside, renamed into place, named by ``latest.json`` last.

A snapshot is immutable once it has its name. ``latest.json`` and the link ``latest`` are replaced
in one step each, after everything they lead to is on disk, so a reader never sees half of one.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from warehouse.errors import SnapshotError

SCHEMA_VERSION = "v1"
BUILDING = ".building-"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A published snapshot: its id, and where it lies."""

    snapshot_id: str
    path: Path


def snapshot_id(created_at: datetime, content: str) -> str:
    """Sorts by time; ends in the first digits of what the content amounts to."""
    return f"{created_at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{content[:8]}"


def write_json(path: Path, value: object) -> None:
    """Write JSON durably under a temporary name and rename it into place."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    text = json.dumps(value, indent=1, ensure_ascii=False, sort_keys=False) + "\n"
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def latest(published: Path) -> dict[str, Any] | None:
    """What ``latest.json`` says, or None when nothing is published."""
    try:
        return dict(json.loads((published / "latest.json").read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise SnapshotError(
            f"{published / 'latest.json'} cannot be read ({error}): "
            "run `pricebook publish` to write it again"
        ) from error


def install(published: Path, building: Path, name: str) -> Snapshot:
    """Give a finished directory its name, then let ``latest.json`` and ``latest`` lead to it."""
    target = published / "snapshots" / name
    if target.exists():
        shutil.rmtree(building)
    else:
        _sync(building)
        building.rename(target)
        _sync_directory(target.parent)
    point_to(published, name)
    return Snapshot(name, target)


def point_to(published: Path, name: str) -> None:
    """Let ``latest.json`` and ``latest`` lead to a snapshot that is there in full."""
    relative = f"snapshots/{name}"
    manifest = published / relative / "manifest.json"
    link = published / f".latest.{os.getpid()}"
    with suppress(FileNotFoundError):
        link.unlink()
    link.symlink_to(relative)
    link.replace(published / "latest")
    pointer = {"snapshot_id": name, "path": relative, "manifest_sha256": sha256_of(manifest)}
    write_json(published / "latest.json", pointer)
    _sync_directory(published)


def clear_leftovers(published: Path) -> None:
    """Remove what a killed run left half built."""
    for leftover in (published / "snapshots").glob(f"{BUILDING}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    for leftover in published.glob(".latest*"):
        leftover.unlink(missing_ok=True)


def _sync(directory: Path) -> None:
    for path in sorted(directory.rglob("*")):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
    _sync_directory(directory)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
