"""Copying a finished snapshot elsewhere: to a folder, or to whatever fsspec can write to.

Files go first and are read back, the pointer goes last; so whoever starts from ``latest.json``
finds a whole snapshot there at any time. A copy that was cut short is taken up where it stopped.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import Any

from warehouse.errors import SnapshotError
from warehouse.snapshots import BUILDING, Snapshot, install, latest, read_json
from warehouse.verify import faults

_PIECE = 1 << 20
_DAMAGED = ".damaged-"


def copy_latest(published: Path, target: str) -> str:
    """Copy the newest snapshot to ``target``, a folder or an fsspec address; return where it is.

    Raises :class:`SnapshotError` when nothing is published, the target cannot be written, or what
    arrived there is not what was sent.
    """
    pointer = latest(published)
    if pointer is None:
        raise SnapshotError(f"nothing is published in {published}: run `pricebook refresh` first")
    snapshot = Snapshot(str(pointer["snapshot_id"]), (published / pointer["path"]).resolve())
    broken = list(faults(snapshot.path, manifest_sha256=str(pointer["manifest_sha256"])))
    if broken:
        raise SnapshotError(f"{snapshot.snapshot_id} is damaged and was not copied: {broken[0]}")
    try:
        if "://" in target and not target.startswith("file://"):
            return _to_store(published, snapshot, target)
        return str(_to_folder(published, snapshot, Path(target.removeprefix("file://"))))
    except (OSError, ImportError, ValueError) as error:
        raise SnapshotError(f"cannot copy to {target}: {error}") from error


def _to_folder(published: Path, snapshot: Snapshot, target: Path) -> Path:
    target = target.expanduser().absolute()
    if target.resolve() == published.resolve():
        raise SnapshotError(f"{target} is where it is published already: name another folder")
    (target / "snapshots").mkdir(parents=True, exist_ok=True)
    building = target / "snapshots" / f"{BUILDING}{os.getpid()}"
    shutil.rmtree(building, ignore_errors=True)
    named = target / "snapshots" / snapshot.snapshot_id
    if named.exists() and list(faults(named)):
        # A copy that something has since damaged; the name must lead to a whole one.
        named.rename(named.with_name(f"{_DAMAGED}{snapshot.snapshot_id}-{os.getpid()}"))
    shutil.copytree(snapshot.path, building)
    _copy_status(published, target)
    done = install(target, building, snapshot.snapshot_id)
    broken = list(faults(done.path))
    if broken:
        raise SnapshotError(f"{done.path} did not arrive whole: {broken[0]}")
    for replaced in (target / "snapshots").glob(f"{_DAMAGED}*"):
        shutil.rmtree(replaced)
    return done.path


def _copy_status(published: Path, target: Path) -> None:
    if (published / "status.json").is_file():
        temporary = target / f".status.json.{os.getpid()}"
        shutil.copyfile(published / "status.json", temporary)
        temporary.replace(target / "status.json")


def _to_store(published: Path, snapshot: Snapshot, target: str) -> str:
    fsspec: Any = import_module("fsspec.core")  # has no types; and is needed here only
    store, root = fsspec.url_to_fs(target)
    base = PurePosixPath(root) / "snapshots" / snapshot.snapshot_id
    files = read_json(snapshot.path / "manifest.json")["files"]
    for file in [*files, {"path": "manifest.json"}]:
        source = snapshot.path / file["path"]
        _send(store, source, str(base / file["path"]))
    for name in ("status.json", "latest.json"):
        if (published / name).is_file():
            _send(store, published / name, str(PurePosixPath(root) / name))
    return f"{target.rstrip('/')}/snapshots/{snapshot.snapshot_id}"


def _send(store: Any, source: Path, target: str) -> None:  # noqa: ANN401 # fsspec has no types
    wanted = _digest_of(source.open("rb"))
    if store.exists(target) and _digest_of(store.open(target, "rb")) == wanted:
        return
    store.makedirs(str(PurePosixPath(target).parent), exist_ok=True)
    store.pipe_file(target, source.read_bytes())
    if _digest_of(store.open(target, "rb")) != wanted:
        raise SnapshotError(f"{target} did not arrive whole: copy again")


def _digest_of(file: Any) -> str:  # noqa: ANN401 # fsspec has no types
    digest = hashlib.sha256()
    with file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()
