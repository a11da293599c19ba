"""Loading: what a run learned becomes rows of the logs. Called inside one transaction.

Logs are only added to. A belief that no longer holds is taken back by a row in ``retraction_log``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from models.capture import Fetch
from models.history.state import LifecycleRow
from warehouse.arrow import FLAG, TEXT, TEXTS, TIME, WHOLE, incoming
from warehouse.statements import sql

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_LIFECYCLE_COLUMNS: Mapping[str, pa.DataType] = {
    "offering_id": TEXT,
    "valid_from": TIME,
    "changed_after": TIME,
    "lifecycle": TEXT,
    "model_id": TEXT,
    "operation": TEXT,
    "listed_by": TEXTS,
    "capture_sha256": TEXT,
    "kind": TEXT,
}
_FETCH_COLUMNS: Mapping[str, pa.DataType] = {
    "fetch_id": TEXT,
    "run_id": TEXT,
    "source": TEXT,
    "seller": TEXT,
    "scope": TEXT,
    "fetched_at": TIME,
    "finished_at": TIME,
    "outcome": TEXT,
    "is_healthy": FLAG,
    "detail": TEXT,
    "origin": TEXT,
}
_CAPTURE_COLUMNS: Mapping[str, pa.DataType] = {
    "fetch_id": TEXT,
    "page": WHOLE,
    "capture_sha256": TEXT,
    "url": TEXT,
    "http_status": WHOLE,
    "bytes": WHOLE,
}
_COUNTS = ("cells", "claim", "merged", "no_price", "superseded_by_window", "rejected")
_MOVES = ("new", "changed", "held")
_READING_COLUMNS: Mapping[str, pa.DataType] = {
    "fetch_id": TEXT,
    **dict.fromkeys((*_COUNTS, *_MOVES), WHOLE),
    "drift": TEXT,
}
_REJECTION_COLUMNS: Mapping[str, pa.DataType] = {
    "source": TEXT,
    "locator": TEXT,
    "raw_text": TEXT,
    "reason": TEXT,
    "detail": TEXT,
    "capture_sha256": TEXT,
    "first_seen_at": TIME,
}


@dataclass(frozen=True, slots=True)
class LoadedFetch:
    """A fetch, the run that made it, and how it ended once its bodies were read."""

    run_id: str
    fetch: Fetch
    outcome: str
    detail: str


@dataclass(frozen=True, slots=True)
class ReadingCounts:
    """What became of the price cells of one fetch, and what it moved.

    ``cells`` maps each outcome, and ``cells`` itself, to a number; ``drift`` is a JSON list.
    """

    fetch_id: str
    cells: Mapping[str, int]
    new: int
    changed: int
    held: int
    drift: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A price cell that was not believed."""

    source: str
    locator: str
    raw_text: str
    reason: str
    detail: str
    capture_sha256: str
    first_seen_at: datetime


def record_fetches(
    connection: duckdb.DuckDBPyConnection, fetches: Sequence[LoadedFetch], recorded_at: datetime
) -> None:
    """Note the fetches and their bodies; one that is known already is left as it is."""
    rows = [_fetch_row(each) for each in fetches]
    with incoming(connection, rows, _FETCH_COLUMNS):
        connection.execute(sql("load/fetches"), [recorded_at])
    bodies = [row for each in fetches for row in _capture_rows(each.fetch)]
    with incoming(connection, bodies, _CAPTURE_COLUMNS):
        connection.execute(sql("load/captures"))


def record_rereadings(
    connection: duckdb.DuckDBPyConnection, fetches: Sequence[LoadedFetch], recorded_at: datetime
) -> None:
    """Note that fetches were read again with another result; the first one stays in the log."""
    if not fetches:
        return
    with incoming(connection, [_fetch_row(each) for each in fetches], _FETCH_COLUMNS):
        connection.execute(sql("load/rereadings"), [recorded_at])


def _fetch_row(each: LoadedFetch) -> dict[str, Any]:
    fetch = each.fetch
    return {
        "fetch_id": fetch.fetch_id,
        "run_id": each.run_id,
        "source": fetch.source,
        "seller": fetch.seller,
        "scope": fetch.scope,
        "fetched_at": fetch.fetched_at,
        "finished_at": fetch.finished_at,
        "outcome": each.outcome,
        "is_healthy": fetch.is_healthy and each.outcome == fetch.outcome,
        "detail": each.detail,
        "origin": fetch.origin,
    }


def _capture_rows(fetch: Fetch) -> list[dict[str, Any]]:
    return [
        {
            "fetch_id": fetch.fetch_id,
            "page": capture.page,
            "capture_sha256": capture.sha256,
            "url": capture.url,
            "http_status": capture.http_status,
            "bytes": capture.size,
        }
        for capture in fetch.captures
    ]


def record_readings(
    connection: duckdb.DuckDBPyConnection, readings: Iterable[ReadingCounts]
) -> None:
    """Note what became of the price cells of each fetch."""
    rows = [
        {
            "fetch_id": reading.fetch_id,
            **{name: reading.cells.get(name, 0) for name in _COUNTS},
            "new": reading.new,
            "changed": reading.changed,
            "held": reading.held,
            "drift": reading.drift,
        }
        for reading in readings
    ]
    with incoming(connection, rows, _READING_COLUMNS):
        connection.execute(sql("load/readings"))


def record_refusals(
    connection: duckdb.DuckDBPyConnection, refusals: Iterable[Refusal]
) -> list[Refusal]:
    """Note refusals and return those that were never seen before."""
    by_key = {(r.source, r.locator, r.raw_text, r.reason): r for r in reversed(list(refusals))}
    rows = [
        {name: getattr(refusal, name) for name in _REJECTION_COLUMNS} for refusal in by_key.values()
    ]
    with incoming(connection, rows, _REJECTION_COLUMNS):
        known = connection.execute(sql("load/rejections")).fetchall()
    return [by_key[key] for key in known]


def append_lifecycle(
    connection: duckdb.DuckDBPyConnection,
    seller: str,
    rows: Sequence[LifecycleRow],
    recorded_at: datetime,
) -> None:
    """Add rows that say when offerings were listed and withdrawn. Call before the prices."""
    if not rows:
        return
    dicts = [
        {
            "offering_id": row.offering_id,
            "valid_from": row.valid_from,
            "changed_after": row.changed_after,
            "lifecycle": row.lifecycle,
            "model_id": row.model_id,
            "operation": row.operation,
            "listed_by": list(row.listed_by),
            "capture_sha256": row.capture,
            "kind": None if row.kind is None else str(row.kind),
        }
        for row in rows
    ]
    with incoming(connection, dicts, _LIFECYCLE_COLUMNS):
        connection.execute(sql("load/offering_keys"), [seller])
        connection.execute(sql("load/lifecycle"), [recorded_at])


@dataclass(frozen=True, slots=True)
class Retraction:
    """Beliefs to take back. ``log`` is ``price`` or ``lifecycle``."""

    log: str
    log_ids: Sequence[int]
    because: str
    reason: str


def retract(
    connection: duckdb.DuckDBPyConnection, beliefs: Retraction, recorded_at: datetime
) -> None:
    """Take beliefs back; nothing is deleted."""
    if not beliefs.log_ids:
        return
    rows = [{"log_id": each} for each in beliefs.log_ids]
    with incoming(connection, rows, {"log_id": WHOLE}):
        said = [beliefs.log, recorded_at, beliefs.because, beliefs.reason]
        connection.execute(sql("load/retractions"), said)
