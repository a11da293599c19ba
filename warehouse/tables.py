"""The public tables as files: one DuckDB database, and one Parquet file for each table.

Both are written from the same tables in memory. Parquet carries what the database's catalogue
says: column comments (in the Arrow schema, and as JSON in the file's metadata for readers without
one), the order of rows, and the snapshot's id, so that a file says by itself where it belongs.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.arrow import FLAG, MONEY, TEXT, TEXTS, TIME, WHOLE
from warehouse.statements import sql

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import duckdb

    from warehouse.built import Built, Identity

TABLES: Final = (
    "sellers", "sources", "snapshot", "meters", "modalities", "models", "prices", "price_history",
    "price_versions", "price_changes", "claims", "comparison", "comparison_history", "coverage",
    "unmatched", "rejections", "reviews", "disputes", "captures", "runs",
)  # fmt: skip
STORED: Final = frozenset({"models", "prices"})
"""Tables that lie in the schema ``stored``; in ``main`` they are views that add freshness."""

_ONE_MODEL: Final = ("seller", "model_id", "operation", "meter", "conditions")
SORTED_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "models": ("seller", "model_id", "operation"),
    "prices": _ONE_MODEL,
    "price_history": (*_ONE_MODEL, "valid_from"),
    "price_versions": (*_ONE_MODEL, "valid_from", "recorded_at"),
    "price_changes": ("changed_at", "seller", "model_id", "operation", "meter", "conditions"),
    "claims": _ONE_MODEL,
    "comparison": ("canonical_id", "modality", "meter", "unit_price_usd", "seller"),
    "comparison_history": ("canonical_id", "modality", "meter", "seller", "valid_from"),
    "coverage": ("as_of", "seller", "modality"),
    "unmatched": ("source", "raw_name"),
    "rejections": ("first_seen_at", "source", "locator", "raw_text"),
    "reviews": ("held_since", "review_id"),
    "disputes": ("disputed_from", "price_id", "source"),
    "captures": ("fetched_at", "source"),
    "runs": ("started_at", "source"),
}
"""The order of rows: one model's prices and history lie together, changes lie by time."""

# As DuckDB has them: small enough that a reader of one model skips most of a long history.
_ROWS_PER_GROUP: Final = 122_880
# DuckDB's own 256 KiB would make a small book five times as large on disk; 1.2 and newer read it.
_BLOCK_SIZE: Final = 16_384
# The oldest storage that every DuckDB 1.x from 1.2 on can open.
_STORAGE: Final = "v1.2.0"
# Trying it on every column took 70 ms of 185; without it a book is as large, or a fifth larger
# where a long history has many texts of its own (2026-11).
_LEFT_OUT: Final = "fsst"

_TYPES: Final[Mapping[str, pa.DataType]] = {
    "VARCHAR": TEXT,
    "VARCHAR[]": TEXTS,
    "BIGINT": WHOLE,
    "INTEGER": pa.int32(),
    "BOOLEAN": FLAG,
    "DATE": pa.date32(),
    "TIMESTAMP WITH TIME ZONE": TIME,
    "DECIMAL(38,24)": MONEY,
    "DECIMAL(38,12)": pa.decimal128(38, 12),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a public table, as declared."""

    name: str
    type: str
    is_nullable: bool
    comment: str

    def as_arrow(self) -> pa.Field[pa.DataType]:
        """The column of the Parquet file, its comment as metadata."""
        return pa.field(self.name, _TYPES[self.type], self.is_nullable, {"comment": self.comment})


@dataclass(frozen=True, slots=True)
class PublicTable:
    """One public table, as declared in ``sql/public``."""

    name: str
    comment: str
    columns: tuple[Column, ...]

    @property
    def catalogued(self) -> str:
        """The stored table, as SQL names it."""
        return f"pricebook.{'stored' if self.name in STORED else 'main'}.{self.name}"

    @property
    def sorted_by(self) -> tuple[str, ...]:
        """The columns that order its rows; empty where the order is a registry's own."""
        return SORTED_BY.get(self.name, ())


def public_tables(connection: duckdb.DuckDBPyConnection) -> tuple[PublicTable, ...]:
    """The declared tables of the database attached as ``pricebook``, in the order of `TABLES`."""
    found: dict[str, tuple[str, list[Column]]] = {}
    for table, comment, *column in connection.execute(sql("publish/declared")).fetchall():
        found.setdefault(table, (comment, []))[1].append(Column(*column))
    return tuple(PublicTable(name, found[name][0], tuple(found[name][1])) for name in TABLES)


def write_database(built: Built, building: Path) -> None:
    """Write ``pricebook.duckdb``: tables, comments, views and macros, as they are in memory."""
    path = str(building / "pricebook.duckdb").replace("'", "''")
    # What is half written is thrown away whole, so there is nothing to recover.
    built.connection.execute(
        f"ATTACH '{path}' AS published (STORAGE_VERSION '{_STORAGE}', BLOCK_SIZE {_BLOCK_SIZE}, "
        "RECOVERY_MODE NO_WAL_WRITES)"
    )
    built.connection.execute(f"SET disabled_compression_methods = '{_LEFT_OUT}'")
    try:
        built.connection.execute("COPY FROM DATABASE pricebook TO published")
    finally:
        built.connection.execute("DETACH published")
        built.connection.execute("RESET disabled_compression_methods")


def write_tables(built: Built, building: Path) -> None:
    """Write every public table as Parquet."""
    for table in built.tables:
        rows = built.connection.sql(f"FROM {table.catalogued}").to_arrow_table()
        write_parquet(rows, table, built.identity, building / f"{table.name}.parquet")


def write_parquet(rows: pa.Table, table: PublicTable, identity: Identity, path: Path) -> None:
    """Write rows as they are declared; raises ``pyarrow.ArrowInvalid`` when they are not so."""
    schema = pa.schema([column.as_arrow() for column in table.columns], _metadata(table, identity))
    pq.write_table(  # pyright: ignore[reportUnknownMemberType] # parts of its stub are untyped
        rows.cast(schema),
        path,
        row_group_size=_ROWS_PER_GROUP,
        compression="zstd",
        sorting_columns=_sorting(table.sorted_by, schema),
        write_page_index=True,
    )


def _metadata(table: PublicTable, identity: Identity) -> dict[str | bytes, str | bytes]:
    comments = {column.name: column.comment for column in table.columns}
    return {
        "pricebook.snapshot_id": identity.snapshot_id,
        "pricebook.table": table.name,
        "pricebook.comment": table.comment,
        "pricebook.columns": json.dumps(comments, ensure_ascii=False),
    }


def _sorting(names: Sequence[str], schema: pa.Schema) -> list[pq.SortingColumn] | None:
    return [pq.SortingColumn(schema.get_field_index(name)) for name in names] or None
