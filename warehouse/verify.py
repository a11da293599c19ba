"""Whether a snapshot is what its manifest says: every checksum, and every file's schema."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.errors import SnapshotError
from warehouse.manifest import NAME
from warehouse.snapshots import read_json, sha256_of

DATABASE = "pricebook.duckdb"


@dataclass(frozen=True, slots=True)
class _Manifest:
    """What a manifest states: of which snapshot it is, and of every file what to expect."""

    snapshot_id: str
    files: dict[str, dict[str, Any]]


def faults(snapshot: Path, *, manifest_sha256: str | None = None) -> Iterator[str]:
    """What is wrong with a snapshot, a sentence each; nothing when it is whole.

    ``manifest_sha256`` is what a pointer says of the manifest.
    """
    yield from damage(snapshot, manifest_sha256=manifest_sha256)
    try:
        manifest = _manifest(snapshot)
    except SnapshotError:
        return
    whole = manifest.files.keys() - dict(_altered(snapshot, manifest.files))
    yield from _tables(snapshot, whole, manifest.snapshot_id)
    yield from _documents(snapshot, whole)


def damage(snapshot: Path, *, manifest_sha256: str | None = None) -> Iterator[str]:
    """What happened to a snapshot since it was published: files that went, changed or came.

    Reads every byte, but not what it says: to write a file again that is as it was changes nothing.
    """
    try:
        manifest = _manifest(snapshot)
    except SnapshotError as error:
        yield str(error)
        return
    if manifest_sha256 not in (None, sha256_of(snapshot / NAME)):
        yield f"{NAME} is not the one that latest.json names"
    if manifest.snapshot_id != snapshot.name:
        yield f"{NAME} is of another snapshot: {manifest.snapshot_id}"
    yield from dict(_altered(snapshot, manifest.files)).values()
    yield from _unlisted(snapshot, manifest.files)


def _manifest(snapshot: Path) -> _Manifest:
    try:
        stated = read_json(snapshot / NAME)
        files = {str(file["path"]): file for file in stated["files"]}
        return _Manifest(str(stated["snapshot_id"]), files)
    except (SnapshotError, KeyError, TypeError) as error:
        raise SnapshotError(f"{NAME} cannot be understood") from error


def _altered(snapshot: Path, listed: dict[str, dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for name, file in sorted(listed.items()):
        path = snapshot / name
        if not path.resolve().is_relative_to(snapshot.resolve()):
            yield name, f"{name} lies outside the snapshot"
        elif not path.is_file():
            yield name, f"{name} is missing"
        elif path.stat().st_size != file.get("bytes"):
            yield name, f"{name} has {path.stat().st_size} bytes instead of {file.get('bytes')}"
        elif sha256_of(path) != file.get("sha256"):
            yield name, f"{name} has another checksum"
        elif path.suffix == ".parquet" and _rows(path) != file.get("rows"):
            yield name, f"{name} has {_rows(path)} rows instead of {file.get('rows')}"


def _rows(path: Path) -> int | None:
    try:
        return pq.ParquetFile(path).metadata.num_rows
    except (OSError, pa.ArrowException):
        return None


def _unlisted(snapshot: Path, listed: dict[str, dict[str, Any]]) -> Iterator[str]:
    for path in sorted(snapshot.rglob("*")):
        name = path.relative_to(snapshot).as_posix()
        if path.is_file() and name != NAME and name not in listed:
            yield f"{name} is not in the manifest"


def _tables(snapshot: Path, whole: set[str], stated: str) -> Iterator[str]:
    """Hold the database and the Parquet files to each other: same columns, same types."""
    if DATABASE not in whole:
        return
    try:
        with duckdb.connect(str(snapshot / DATABASE), read_only=True) as database:
            yield from _compared(database, snapshot, whole, stated)
    except duckdb.Error as error:
        yield f"{DATABASE} cannot be read: {str(error).partition(chr(10))[0]}"


def _compared(
    database: duckdb.DuckDBPyConnection, snapshot: Path, whole: set[str], stated: str
) -> Iterator[str]:
    named = database.execute("SELECT snapshot_id FROM snapshot").fetchall()
    if named != [(stated,)]:
        yield f"{DATABASE} calls itself {named}"
    tables = database.execute("SELECT table_name, schema_name FROM duckdb_tables()").fetchall()
    for table, schema in sorted(tables):
        file = f"{table}.parquet"
        if file not in whole:
            continue
        columns = database.execute(f"DESCRIBE {schema}.{table}").fetchall()
        path = str(snapshot / file)
        found = database.execute("DESCRIBE FROM read_parquet(?)", [path]).fetchall()
        if [column[:2] for column in columns] != [column[:2] for column in found]:
            yield f"{file} has other columns than {DATABASE}"


def _documents(snapshot: Path, whole: set[str]) -> Iterator[str]:
    """Hold every JSON file that has a schema to it."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415 # 0.1 s that only this needs

    for name in sorted({*whole, NAME}):
        # A seller's own feed keeps to the schema of the feed of all: changes.<seller>.json.
        schema = f"schema/{PurePosixPath(name).name.partition('.')[0]}.json"
        if not name.endswith(".json") or schema not in whole or name.startswith("schema/"):
            continue
        validator = Draft202012Validator(read_json(snapshot / schema))
        errors = validator.iter_errors(read_json(snapshot / name))  # pyright: ignore[reportUnknownMemberType] # its stub leaves a part open
        first = next(iter(errors), None)
        if first is not None:
            yield f"{name} breaks its schema at {first.json_path}: {first.message[:200]}"
