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
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import orjson

from models.money import plain
from warehouse.errors import SnapshotError

SCHEMA_VERSION = "v1"
LAYOUT = 10
"""Raise it when a snapshot gains a file or writes one otherwise, so that the next run publishes."""
BUILDING = ".building-"
REMOVING = ".removing-"
_ID_TIME = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A published snapshot: its id, and where it lies."""

    snapshot_id: str
    path: Path


def snapshot_id(as_of: datetime, content: str, *, after: str = "") -> str:
    """An id that sorts behind ``after``, the snapshot before; ends in digits of the content's hash.

    It is the newest fetch's time, moved on by seconds where several snapshots rest on that fetch.
    """
    moment = as_of.astimezone(UTC)
    before = _time_of(after)
    if before is not None and before >= moment.replace(microsecond=0):
        moment = before + timedelta(seconds=1)
    return f"{moment:{_ID_TIME}}-{content[:8]}"


def _time_of(name: str) -> datetime | None:
    try:
        return datetime.strptime(name.partition("-")[0], _ID_TIME).replace(tzinfo=UTC)
    except ValueError:
        return None


def json_bytes(value: object) -> bytes:
    """JSON as it is published: UTF-8, indented, keys in the order given, decimals as plain text."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(value, default=_as_text, option=options)


def _as_text(value: object) -> object:
    if isinstance(value, Decimal):
        return plain(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file.

    Raises :class:`SnapshotError` when the file is missing or holds something else.
    """
    try:
        stated: Any = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise SnapshotError(f"{path} cannot be read ({error}): run `pricebook publish`") from error
    if not isinstance(stated, dict):
        raise SnapshotError(f"{path} holds no JSON object: run `pricebook publish`")
    return cast("dict[str, Any]", stated)


def write_json(path: Path, value: object) -> None:
    """Write JSON durably under a temporary name and rename it into place."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with temporary.open("wb") as file:
        file.write(json_bytes(value))
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def latest(published: Path) -> dict[str, Any] | None:
    """What ``latest.json`` says, or None when nothing is published.

    Raises :class:`SnapshotError` when it cannot be understood.
    """
    path = published / "latest.json"
    return read_json(path) if path.exists() else None


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
    """Remove what a killed run left half built or half removed."""
    for prefix in (BUILDING, REMOVING):
        for leftover in (published / "snapshots").glob(f"{prefix}*"):
            shutil.rmtree(leftover, ignore_errors=True)
    for temporary in (".latest", ".status"):
        for leftover in published.glob(f"{temporary}*"):
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
