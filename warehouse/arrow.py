"""Handing Python rows to DuckDB as Arrow tables: exact decimals, UTC times."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    import duckdb

MONEY = pa.decimal128(38, 24)
TIME = pa.timestamp("us", tz="UTC")
TEXT = pa.string()
TEXTS = pa.list_(pa.string())
WHOLE = pa.int64()
FLAG = pa.bool_()

CONDITION_COLUMNS: Mapping[str, pa.DataType] = {
    "min_prompt_tokens": WHOLE,
    "utc_from_minute": WHOLE,
    "utc_to_minute": WHOLE,
    "resolution": TEXT,
    "quality": TEXT,
    "width": WHOLE,
    "height": WHOLE,
    "duration_s": WHOLE,
    "has_audio": FLAG,
    "service_tier": TEXT,
}
"""The typed columns that stand beside the canonical JSON of a rate's conditions."""

INCOMING = "incoming"


@contextmanager
def incoming(
    connection: duckdb.DuckDBPyConnection,
    rows: Sequence[Mapping[str, Any]],
    columns: Mapping[str, pa.DataType],
) -> Generator[None]:
    """Make rows readable as the table ``incoming`` while the block runs.

    Raises ``pyarrow.ArrowInvalid`` for a value that does not fit its column exactly: a decimal is
    never rounded on its way in.
    """
    table = pa.Table.from_pylist([dict(row) for row in rows], schema=pa.schema(columns.items()))
    with incoming_table(connection, table):
        yield


@contextmanager
def incoming_table(connection: duckdb.DuckDBPyConnection, table: pa.Table) -> Generator[None]:
    """Make a table readable as ``incoming`` while the block runs."""
    connection.register(INCOMING, table)
    # After an error the name goes with the connection: to take it back here would only hide what
    # went wrong behind "the transaction is aborted".
    yield
    connection.unregister(INCOMING)
