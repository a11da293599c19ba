"""Checks of a data directory: lock, captures, the writer's database, the newest snapshot."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flows.checkup import Finding
from flows.errors import DamagedDirectoryError
from flows.times import readable
from warehouse.errors import LockedError, SnapshotError, WarehouseError
from warehouse.read import LATEST, latest, open_book
from warehouse.unpublished import unpublished_since

_SHOWN = 3


def check_data(data_dir: Path, *, deep: bool) -> Iterator[Finding]:
    """Check what is stored, from the captures to what is published; with `deep`, every byte."""
    yield _lock(data_dir)
    yield _auth(data_dir)
    yield _captures(data_dir, deep=deep)
    yield _warehouse(data_dir, deep=deep)
    yield _published(data_dir / "published", deep=deep)
    yield _reader(data_dir)
    yield _clock(data_dir)


def _lock(data_dir: Path) -> Finding:
    from warehouse.database import writer_lock  # noqa: PLC0415

    if not data_dir.is_dir():
        return Finding("lock", "free")
    try:
        with writer_lock(data_dir):
            return Finding("lock", "free")
    except LockedError:
        return Finding("lock", "another run is writing; it is released when that run ends")
    except OSError as error:
        return Finding("lock", f"cannot be tried: {error.strerror}", "see data directory")


def _auth(data_dir: Path) -> Finding:
    """Whether only its owner can read the auth string; the finding never holds the string."""
    from flows.prefect_auth import AuthFileError, auth_file, read_auth  # noqa: PLC0415
    from flows.prefect_env import home_of  # noqa: PLC0415

    home = home_of(data_dir)
    if not os.path.lexists(auth_file(home)):
        return Finding("auth string", "none yet; the first run or schedule makes it")
    try:
        read_auth(home)
    except AuthFileError as error:
        return Finding("auth string", str(error), "correct it as said; runs stop until then")
    except OSError as error:
        why = f"{auth_file(home)} cannot be read: {error.strerror}"
        return Finding("auth string", why, "give it to the user who runs pricebook, mode 600")
    return Finding("auth string", f"{auth_file(home)} is readable by you alone")


def _captures(data_dir: Path, *, deep: bool) -> Finding:
    """Whether every fetch can be read and every body it names is stored."""
    from spiders.blobs import BlobError  # noqa: PLC0415
    from spiders.capture_store import CaptureStore  # noqa: PLC0415

    store = CaptureStore(data_dir)
    faults = [f"{path}: cannot be read" for path in store.damaged()]
    fetches = bodies = 0
    checked: set[str] = set()
    for fetch in store.fetches():
        fetches += 1
        for capture in (*fetch.captures, *fetch.asides):
            if capture.sha256 in checked:
                continue
            checked.add(capture.sha256)
            bodies += 1
            try:
                if deep:
                    store.body(capture)
                elif not store.has(capture.sha256):
                    faults.append(f"the body {capture.sha256} is gone")
            except BlobError as error:
                faults.append(str(error))
    if faults:
        more = f"; and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        remedy = "restore captures/ from a backup; until then nothing can be rebuilt"
        return Finding("captures", "; ".join(faults[:_SHOWN]) + more, remedy)
    how = "each is what its name says" if deep else "all are there (--deep reads each)"
    return Finding("captures", f"{fetches:,} fetches, {bodies:,} bodies, {how}")


def _warehouse(data_dir: Path, *, deep: bool) -> Finding:
    """Whether the writer's database opens; with `deep`, whether every check of it passes."""
    import duckdb  # noqa: PLC0415

    from flows.machine import refusal_of  # noqa: PLC0415
    from warehouse.database import DATABASE, examine, writer_lock  # noqa: PLC0415

    if not (data_dir / DATABASE).is_file():
        captures = any((data_dir / "captures" / "fetches").glob("*"))
        remedy = "run `pricebook rebuild`, which makes it from the captures" if captures else ""
        return Finding("warehouse", "none yet" if not captures else "it is missing", remedy)
    try:
        with writer_lock(data_dir):
            examine(data_dir, deep=deep)
    except LockedError:
        return Finding("warehouse", "in use by another run; not looked into")
    except OSError as error:
        return Finding("warehouse", f"cannot be tried: {error.strerror}", "see data directory")
    except WarehouseError as error:
        return Finding("warehouse", str(error), "do what it says")
    except duckdb.Error as error:
        said, _, remedy = (refusal_of(error) or f"{error}: report this").partition(": ")
        return Finding("warehouse", said, remedy)
    checked = "every check of it passes" if deep else "it opens (--deep runs its checks)"
    return Finding("warehouse", f"{data_dir / DATABASE}, {checked}")


def _reader(data_dir: Path) -> Finding:
    """Whether the stored history is what this code would derive."""
    from flows.stored import another_reader  # noqa: PLC0415

    said = next(another_reader(data_dir), "")
    fault, _, remedy = said.partition(": ")
    return Finding("reader", fault or "the stored history was derived by this code", remedy)


def _clock(data_dir: Path) -> Finding:
    """Whether every capture can have been made by now."""
    from flows.stored import dated_ahead  # noqa: PLC0415

    now = datetime.now(UTC)
    try:
        found = list(dated_ahead(data_dir, now))
    except DamagedDirectoryError as error:
        return Finding("clock", str(error), "correct it as said")
    if found:
        remedy = "set the clock, or withdraw what it misdated (`pricebook captures withdraw`)"
        return Finding("clock", "; ".join(each.partition(": ")[0] for each in found), remedy)
    return Finding("clock", f"{readable(now)} UTC, after the newest capture")


def _published(published: Path, *, deep: bool) -> Finding:
    again = "run `pricebook publish`, which writes it again as a new snapshot"
    try:
        pointer = latest(published)
        if pointer is None and any((published / "snapshots").glob("[!.]*/")):
            return Finding("published", f"{published / LATEST} is missing", again)
        if pointer is None:
            return Finding("published", "nothing yet; `pricebook refresh` makes the first snapshot")
        faults = list(check_published(published, deep=deep))
    except WarehouseError as error:
        return Finding("published", str(error), again)
    if faults:
        return Finding("published", f"{pointer.snapshot_id}: {'; '.join(faults)}", again)
    since = unpublished_since(published.parent)
    if since is not None:
        return Finding("published", f"what was loaded at {since} is not in it", again)
    checked = "every checksum agrees" if deep else "all files are there (--deep checks each)"
    return Finding("published", f"{pointer.snapshot_id}, {checked}")


def check_published(published: Path, *, deep: bool) -> Iterator[str]:
    """What is wrong with the newest snapshot; with `deep`, every byte of it is read.

    Raises SnapshotError when it is too damaged to be checked.
    """
    pointer = latest(published)
    if pointer is None:
        return
    yield from _faults(pointer.directory, pointer.manifest_sha256, deep=deep)
    with open_book(pointer.directory) as book:
        stated = book.records("snapshot")[0]["snapshot_id"]
    if stated != pointer.snapshot_id:
        yield f"its database calls itself {stated}"


def _faults(directory: Path, manifest_sha256: str, *, deep: bool) -> Iterator[str]:
    from warehouse.snapshots import sha256_of  # noqa: PLC0415

    path = directory / "manifest.json"
    try:
        manifest: dict[str, Any] = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise SnapshotError(f"{path} cannot be read: {error}") from error
    if sha256_of(path) != manifest_sha256:
        yield "manifest.json is not the one that latest.json names"
    for file in manifest["files"]:
        there = directory / str(file["path"])
        if not there.is_file():
            yield f"{file['path']} is missing"
        elif there.stat().st_size != file["bytes"]:
            yield f"{file['path']} has another size"
        elif deep and sha256_of(there) != file["sha256"]:
            yield f"{file['path']} was altered"
