"""The public tables while they are being published, and what every file of a snapshot shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import orjson

from models.conditions import with_truth_as_text
from warehouse.offers import Offer, offers_of
from warehouse.tables import PublicTable, public_tables

if TYPE_CHECKING:
    import duckdb

CURRENCY = "USD"


@dataclass(frozen=True, slots=True)
class Identity:
    """What a snapshot is: its id, the digest of its content, and when and whence it came."""

    snapshot_id: str
    content_sha256: str
    as_of: datetime
    created_at: datetime
    origin: str


@dataclass(frozen=True)
class Built:
    """A filled database, attached as ``pricebook``, that files are written from."""

    connection: duckdb.DuckDBPyConnection
    identity: Identity

    @cached_property
    def tables(self) -> tuple[PublicTable, ...]:
        """The public tables as declared, in the order in which they are published."""
        return public_tables(self.connection)

    @cached_property
    def models(self) -> list[dict[str, Any]]:
        """The rows of the table ``models``, read once for all the files that are made from them."""
        return self.records("FROM pricebook.stored.models")

    @cached_property
    def prices(self) -> list[dict[str, Any]]:
        """The rows of the table ``prices``, conditions as values, read once as well.

        The files made from them state true and false as text, as their first version does.
        """
        rows = self.records("FROM pricebook.stored.prices")
        for row in rows:
            row["conditions"] = with_truth_as_text(orjson.loads(row["conditions"]))
        return rows

    @cached_property
    def offers(self) -> tuple[Offer, ...]:
        """What is on offer."""
        return offers_of(self.models, self.prices)

    def records(self, query: str, values: Sequence[object] = ()) -> list[dict[str, Any]]:
        """The rows of a query as dictionaries."""
        cursor = self.connection.execute(query, list(values))
        columns = [column[0] for column in cursor.description or []]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def iso(moment: datetime) -> str:
    """A time as published: ISO 8601, UTC, with a Z."""
    return moment.isoformat().replace("+00:00", "Z")
