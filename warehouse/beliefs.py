"""Reading what is believed, for deriving history again and comparing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from models.history.reviews import Decision
from models.history.state import LifecycleRow
from models.history.timeline import PriceRow
from models.ids import price_id
from warehouse.statements import sql

if TYPE_CHECKING:
    import duckdb

Content = tuple[Any, ...]


def price_content(row: PriceRow) -> Content:
    """What a row of price history says, in the form :func:`believed_prices` gives."""
    rate = row.rate
    return (
        price_id(row.offering_id, row.meter, row.conditions),
        row.valid_from,
        row.changed_after,
        str(rate.status),
        rate.unit_price,
        rate.max_prompt_tokens,
        rate.is_headline,
        row.source,
        row.capture,
        rate.locator,
        rate.raw_text,
        rate.rule,
        None if row.kind is None else str(row.kind),
        row.event,
    )


def move_of(content: Content) -> Content:
    """Which move of which price a row tells, whatever its numbers: when, and of what kind."""
    price, valid_from, *_, kind, _ = content
    return (price, valid_from, kind)


def lifecycle_content(row: LifecycleRow) -> Content:
    """What a row of an offering's life says, in the form :func:`believed_lifecycle` gives."""
    return (
        row.offering_id,
        row.valid_from,
        row.changed_after,
        row.lifecycle,
        row.model_id,
        row.operation,
        row.listed_by,
        row.capture,
        None if row.kind is None else str(row.kind),
    )


def believed_prices(connection: duckdb.DuckDBPyConnection, seller: str) -> dict[Content, int]:
    """Every row of price history of a seller that is believed now, with its log id."""
    rows = connection.execute(sql("load/believed_prices"), [seller]).fetchall()
    return {frozen(row[1:]): row[0] for row in rows}


def believed_lifecycle(connection: duckdb.DuckDBPyConnection, seller: str) -> dict[Content, int]:
    """Every row of offerings' lives of a seller that is believed now, with its log id."""
    rows = connection.execute(sql("load/believed_lifecycle"), [seller]).fetchall()
    return {frozen(row[1:]): row[0] for row in rows}


def frozen(row: Sequence[Any]) -> Content:
    """A row of the database as it stands in frozen types: lists become tuples."""
    return tuple(tuple(cast("list[object]", v)) if isinstance(v, list) else v for v in row)


def decisions(connection: duckdb.DuckDBPyConnection) -> dict[str, Decision]:
    """The newest decision of a person on every doubt."""
    rows = connection.execute(sql("load/decisions_read")).fetchall()
    return {review_id: Decision(decision) for review_id, decision in rows}


def loaded_fetches(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """The ids of all fetches that are loaded."""
    return {row[0] for row in connection.execute(sql("load/fetches_read")).fetchall()}


def sellers_of_fetches(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The sellers of all fetches that are loaded, by the ids of these."""
    return dict(connection.execute(sql("load/fetches_sellers")).fetchall())


def withdrawn_fetches(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """The ids of the loaded fetches that history was last derived without."""
    return {row[0] for row in connection.execute(sql("load/withdrawn")).fetchall()}


def unreadable_fetches(connection: duckdb.DuckDBPyConnection, seller: str) -> set[str]:
    """The ids of a seller's fetches that could not be read when that was last tried."""
    return {row[0] for row in connection.execute(sql("load/unreadable"), [seller]).fetchall()}


def price_names(
    connection: duckdb.DuckDBPyConnection, seller: str
) -> dict[str, tuple[str, str | None, str]]:
    """Of every price of a seller: the model's id, the meter and the conditions."""
    rows = connection.execute(sql("load/price_names"), [seller]).fetchall()
    return {price: (model_id, meter, stated) for price, model_id, meter, stated in rows}


def next_moment(connection: duckdb.DuckDBPyConnection, now: datetime) -> datetime:
    """The time to record by: ``now``, or just after the last, where a clock stands further back.

    What was learned later must never be dated before what it supersedes; a replay's clock shows the
    recording's time, and a machine's clock may be set back.
    """
    last = last_moment(connection)
    return now if last is None else max(now, last + timedelta(microseconds=1))


def last_moment(connection: duckdb.DuckDBPyConnection) -> datetime | None:
    """When something was last recorded; None where nothing ever was."""
    row = connection.execute(sql("load/last_moment")).fetchone()
    return None if row is None else row[0]


def origins(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Where the captures of this warehouse came from."""
    return {row[0] for row in connection.execute(sql("load/origins")).fetchall()}


def record_decision(
    connection: duckdb.DuckDBPyConnection, review_id: str, decision: Decision, at: datetime
) -> None:
    """Remember what a person decided; a later decision stands before an earlier one."""
    connection.execute(sql("load/decision"), [review_id, str(decision), at])


@dataclass(frozen=True, slots=True)
class Doubt:
    """A review as a person decides on it; ``decision`` is the newest one, or how it was settled."""

    review_id: str
    seller: str
    what: str
    evidence: str
    gate: str
    decision: Decision | None


def doubts(connection: duckdb.DuckDBPyConnection) -> list[Doubt]:
    """Every doubt that ever arose and still has its captures."""
    rows = connection.execute(sql("load/doubts")).fetchall()
    return [
        Doubt(review_id, seller, what, evidence, gate, None if word is None else Decision(word))
        for review_id, seller, what, evidence, gate, word in rows
    ]


def checkpoint_versions(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Of every seller with a history: the rules and decisions by which it was last derived."""
    return dict(connection.execute(sql("load/checkpoint_versions")).fetchall())


def causes(connection: duckdb.DuckDBPyConnection, seller: str) -> dict[int, str]:
    """Why each row of price history that is believed now came to be, by its log id."""
    return dict(connection.execute(sql("load/causes"), [seller]).fetchall())


def known_oddities(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Every kind of refusal and of drift that a source has shown so far, in words."""
    return {row[0] for row in connection.execute(sql("load/oddities")).fetchall()}


def freshness(connection: duckdb.DuckDBPyConnection, snapshot_id: str) -> dict[str, Any]:
    """How fresh each source is, as ``status.json`` says it: the part that moves with every run."""
    cursor = connection.execute(sql("load/freshness"))
    columns = [column[0] for column in cursor.description or []]
    rows = [dict(zip(columns, map(_shown, row), strict=True)) for row in cursor.fetchall()]
    held = connection.execute(sql("load/open_reviews")).fetchone()
    return {
        "schema": "pricebook/status/v1",
        "snapshot_id": snapshot_id,
        "held": 0 if held is None else held[0],
        "held_since": None if held is None else _shown(held[1]),
        "loaded_at": _shown(last_moment(connection)),
        "derived_by": sorted(set(checkpoint_versions(connection).values())),
        "sources": rows,
    }


def _shown(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value
