"""JSON Schemas (draft 2020-12) of every JSON file of a snapshot, and a TypeScript file from one.

Schemas of tables come from the declared tables; the others lie as data in ``warehouse/schema``.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from warehouse.feeds import FEEDS
from warehouse.snapshots import SCHEMA_VERSION, json_bytes
from warehouse.typescript import declarations

if TYPE_CHECKING:
    from collections.abc import Mapping

    from warehouse.built import Built
    from warehouse.tables import Column, PublicTable

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
DECIMAL: Final = r"^-?\d+(\.\d+)?$"

_TYPES: Final[Mapping[str, dict[str, Any]]] = {
    "VARCHAR": {"type": "string"},
    "VARCHAR[]": {"type": "array", "items": {"type": "string"}},
    "BIGINT": {"type": "integer"},
    "INTEGER": {"type": "integer"},
    "BOOLEAN": {"type": "boolean"},
    "DATE": {"type": "string", "format": "date"},
    "TIMESTAMP WITH TIME ZONE": {"type": "string", "format": "date-time"},
}
_CONDITIONS: Final = {"type": "object", "additionalProperties": {"type": ["string", "integer"]}}
_ROW_NAMES: Final = {"models": "Model", "prices": "Price"}


def write_schemas(built: Built, building: Path) -> None:
    """Write ``schema/<file>.json`` for each JSON file, and ``schema/simulator.d.ts``."""
    folder = building / "schema"
    folder.mkdir()
    tables = {table.name: table for table in built.tables}
    for name in FEEDS:
        schema = feed_schema(tables[name])
        (folder / f"{name}.json").write_bytes(json_bytes(schema))
    for name, schema in kept_schemas().items():
        (folder / f"{name}.json").write_bytes(json_bytes(schema))
    types = declarations(kept_schemas()["simulator"])
    (folder / "simulator.d.ts").write_text(types, encoding="utf-8")


@cache
def kept_schemas() -> Mapping[str, dict[str, Any]]:
    """The schemas that are data, by name."""
    files = resources.files("warehouse").joinpath("schema").iterdir()
    found = sorted(files, key=lambda file: file.name)
    return {
        file.name.removesuffix(".json"): cast("dict[str, Any]", json.loads(file.read_bytes()))
        for file in found
        if file.name.endswith(".json")
    }


def feed_schema(table: PublicTable) -> dict[str, Any]:
    """The schema of the feed that holds the rows of a table."""
    row = _ROW_NAMES[table.name]
    properties = {
        "schema": {"const": f"pricebook/{table.name}/{SCHEMA_VERSION}"},
        "snapshot_id": {"type": "string"},
        "as_of": {"type": "string", "format": "date-time"},
        "currency": {"const": "USD"},
        table.name: {"type": "array", "items": {"$ref": f"#/$defs/{row}"}},
    }
    return {
        "$schema": DRAFT,
        "$id": f"urn:pricebook:schema:{table.name}:{SCHEMA_VERSION}",
        "title": f"{row}s",
        "description": table.comment,
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "$defs": {row: _row_schema(table)},
    }


def _row_schema(table: PublicTable) -> dict[str, Any]:
    """Every column is there in every row; a reader has to bear columns that it does not know."""
    return {
        "type": "object",
        "properties": {column.name: column_schema(column) for column in table.columns},
        "required": [column.name for column in table.columns],
    }


def column_schema(column: Column) -> dict[str, Any]:
    """What a value of the column is like in JSON; money is exact decimal text."""
    described = {"description": column.comment}
    if column.name == "conditions":
        return {**described, **_CONDITIONS}
    is_decimal = column.type.startswith("DECIMAL")
    stated = {"type": "string", "pattern": DECIMAL} if is_decimal else _TYPES[column.type]
    if column.is_nullable:
        stated = {**stated, "type": [stated["type"], "null"]}
    return {**described, **stated}
