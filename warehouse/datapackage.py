"""``datapackage.json``: a Frictionless descriptor, by which catalogues find the tables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from models.registry import SOURCES
from warehouse.arrow import FLAG, MONEY, TEXT, WHOLE
from warehouse.built import Built, iso
from warehouse.simulator import FIELDS, column_comments
from warehouse.snapshots import SCHEMA_VERSION, json_bytes, sha256_of

if TYPE_CHECKING:
    import pyarrow as pa

    from warehouse.tables import Column, PublicTable

PROFILE: Final = "https://datapackage.org/profiles/2.0/datapackage.json"
_TYPES: Final[Mapping[str, str]] = {
    "VARCHAR": "string",
    "VARCHAR[]": "array",
    "BIGINT": "integer",
    "INTEGER": "integer",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP WITH TIME ZONE": "datetime",
}
# Parquet has nulls of its own; unless told so, readers of the descriptor take "" for one.
_MISSING: Final[list[str]] = []
_ARROW_TYPES: Final[Mapping[pa.DataType, str]] = {
    TEXT: "string",
    MONEY: "number",
    WHOLE: "integer",
    FLAG: "boolean",
}
KEYS: Final[Mapping[str, str]] = {
    "sellers": "seller",
    "sources": "source",
    "snapshot": "snapshot_id",
    "meters": "meter",
    "models": "offering_id",
    "prices": "price_id",
    "price_changes": "change_id",
    "reviews": "review_id",
}
REFERS: Final[Mapping[str, tuple[str, str]]] = {
    "seller": ("sellers", "seller"),
    "source": ("sources", "source"),
    "offering_id": ("models", "offering_id"),
    "meter": ("meters", "meter"),
}
"""Columns that name a row of another table, wherever they stand."""


def write_datapackage(built: Built, building: Path) -> None:
    """Describe every Parquet file with its columns, keys and checksum."""
    identity = built.identity
    package = {
        "$schema": PROFILE,
        "name": "pricebook",
        "id": f"urn:pricebook:snapshot:{identity.snapshot_id}",
        "title": "Prices of AI models",
        "description": "What a model cost, for which work, at which moment, and how it is known.",
        "version": SCHEMA_VERSION,
        "created": iso(identity.created_at),
        "sources": [
            {"title": source.description, "path": source.url} for source in SOURCES.values()
        ],
        "resources": [
            _resource(table, building / f"{table.name}.parquet") for table in built.tables
        ]
        + [_simulator(building / "simulator.parquet")],
    }
    (building / "datapackage.json").write_bytes(json_bytes(package))


def _resource(table: PublicTable, path: Path) -> dict[str, Any]:
    return {
        "name": table.name.replace("_", "-"),
        "title": table.name,
        "description": table.comment,
        **_file(path),
        "schema": _schema(table),
    }


def _simulator(path: Path) -> dict[str, Any]:
    """The feed for simulators, of which there is a Parquet form too."""
    comments = column_comments()
    fields = [
        {
            "name": field.name,
            "type": _ARROW_TYPES.get(field.type, "array"),
            "description": comments[field.name],
        }
        for field in FIELDS
    ]
    return {
        "name": "simulator",
        "title": "simulator",
        "description": comments[""],
        **_file(path),
        "schema": {"fields": fields, "missingValues": _MISSING, "primaryKey": ["key"]},
    }


def _file(path: Path) -> dict[str, Any]:
    return {
        "path": path.name,
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "bytes": path.stat().st_size,
        "hash": f"sha256:{sha256_of(path)}",
    }


def _schema(table: PublicTable) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "fields": [_field(column) for column in table.columns],
        "missingValues": _MISSING,
    }
    if table.name in KEYS:
        schema["primaryKey"] = [KEYS[table.name]]
    foreign = [
        {"fields": [column.name], "reference": {"resource": resource, "fields": [field]}}
        for column in table.columns
        if (found := REFERS.get(column.name)) and found[0] != table.name
        for resource, field in [found]
    ]
    return {**schema, "foreignKeys": foreign} if foreign else schema


def _field(column: Column) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": column.name,
        "type": "number" if column.type.startswith("DECIMAL") else _TYPES[column.type],
        "description": column.comment,
    }
    return field if column.is_nullable else {**field, "constraints": {"required": True}}
