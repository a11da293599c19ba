"""``manifest.json``: what a snapshot is, and every other file of it with size and checksum."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from warehouse.built import Built, iso
from warehouse.snapshots import SCHEMA_VERSION, sha256_of, write_json
from warehouse.statements import sql

NAME = "manifest.json"


def write_manifest(built: Built, building: Path) -> None:
    """Describe every file that is there; so this is the last one to be written."""
    identity = built.identity
    files = sorted(path for path in building.rglob("*") if path.is_file())
    manifest = {
        "schema": f"pricebook/manifest/{SCHEMA_VERSION}",
        "snapshot_id": identity.snapshot_id,
        "as_of": iso(identity.as_of),
        "created_at": iso(identity.created_at),
        "schema_version": SCHEMA_VERSION,
        "origin": identity.origin,
        "content_sha256": identity.content_sha256,
        "files": [_file_entry(building, path) for path in files],
        "sources": _plain(built.records(sql("publish/manifest_sources"))),
        "coverage": _plain(built.records(sql("publish/manifest_coverage"))),
    }
    write_json(building / NAME, manifest)


def _file_entry(building: Path, path: Path) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "path": path.relative_to(building).as_posix(),
        "bytes": path.stat().st_size,
        "sha256": sha256_of(path),
    }
    if path.suffix == ".parquet":
        entry["rows"] = pq.ParquetFile(path).metadata.num_rows
    return entry


def _plain(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {name: iso(value) if isinstance(value, datetime) else value for name, value in row.items()}
        for row in rows
    ]
