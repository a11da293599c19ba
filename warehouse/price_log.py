"""The log of prices, as one writer adds to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from models.conditions import Conditions
from models.history.timeline import PriceRow
from models.ids import price_id
from warehouse.arrow import (
    CONDITION_COLUMNS,
    FLAG,
    MONEY,
    TEXT,
    TIME,
    WHOLE,
    Inlet,
    incoming,
    times,
)
from warehouse.statements import sql

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

PriceKey = tuple[str, str, str]
"""An offering's id, a meter (empty where none is named) and conditions: what a price is of."""

_KEY_COLUMNS: Mapping[str, pa.DataType] = {
    "price_key": WHOLE,
    "price_id": TEXT,
    "offering_id": TEXT,
    "meter": TEXT,
    "conditions": TEXT,
    **CONDITION_COLUMNS,
}
_SIZE_COLUMNS: Mapping[str, pa.DataType] = {"price_key": WHOLE, "width": WHOLE, "height": WHOLE}
_PRICE_COLUMNS: Mapping[str, pa.DataType] = {
    "log_id": WHOLE,
    "price_key": WHOLE,
    "valid_from": TIME,
    "changed_after": TIME,
    "recorded_at": TIME,
    "price_status": TEXT,
    "unit_price_usd": MONEY,
    "max_prompt_tokens": WHOLE,
    "is_headline": FLAG,
    "source": TEXT,
    "capture_sha256": TEXT,
    "locator": TEXT,
    "raw_text": TEXT,
    "rule": TEXT,
    "kind": TEXT,
    "cause": TEXT,
    "event_id": TEXT,
}


class PriceLog:
    """Adds rows to the log of prices, and to the list of all prices that were ever seen.

    The short numbers of prices and of the last row are read once and kept: the two statements that
    looked those of 160 rows up took 8 ms, the one that is left takes 0.6 (2026-11), and the number
    of the last row takes longer to find the longer history is. So a log is good as long as nobody
    else writes and no transaction that it wrote in is rolled back; a second one on the connection
    takes the place of the first.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        known = connection.execute(sql("load/price_keys_read")).fetchall()
        self._keys: dict[PriceKey, int] = {(row[0], row[1], row[2]): row[3] for row in known}
        self._last_key = max(self._keys.values(), default=0)
        [(self._last_row,)] = connection.execute(sql("load/prices_last")).fetchall()
        self._inlet = Inlet(connection, "incoming_prices", _PRICE_COLUMNS)
        connection.execute(sql("load/prices_prepare"))

    def append(self, rows: Sequence[PriceRow], recorded_at: datetime) -> None:
        """Add rows of price history, with the prices they belong to."""
        if not rows:
            return
        # Of one price an earlier row has the lower number.
        ordered = sorted(rows, key=attrgetter("valid_from"))
        prices = [row.key for row in ordered]
        self.name(prices)
        self._inlet.put(self._columns(ordered, prices, recorded_at))
        self._connection.execute(sql("load/prices"))
        self._last_row += len(rows)

    def name(self, prices: Iterable[PriceKey]) -> None:
        """Give a number to each price that has none yet; its offering must have one."""
        unknown = {price_id(*key): key for key in prices if key not in self._keys}
        if not unknown:
            return
        rows = [
            _key_row(number, name, unknown[name])
            for number, name in enumerate(sorted(unknown), self._last_key + 1)
        ]
        with incoming(self._connection, rows, _KEY_COLUMNS):
            self._connection.execute(sql("load/price_keys"))
        self._keys.update({unknown[row["price_id"]]: row["price_key"] for row in rows})
        self._last_key += len(rows)

    def measure(self, sizes: Iterable[tuple[PriceKey, tuple[int, int]]]) -> None:
        """Note the width and height that stand beside the resolution of a price."""
        rows = [
            {"price_key": self._keys[key], "width": width, "height": height}
            for key, (width, height) in sizes
            if key in self._keys
        ]
        if rows:
            with incoming(self._connection, rows, _SIZE_COLUMNS):
                self._connection.execute(sql("load/price_sizes"))

    def _columns(
        self, rows: Sequence[PriceRow], prices: Sequence[PriceKey], recorded_at: datetime
    ) -> Mapping[str, list[Any]]:
        """The rows column by column, which takes half the time of a dictionary for each."""
        rates = [row.rate for row in rows]
        first = self._last_row + 1
        return {
            "log_id": [*range(first, first + len(rows))],
            "price_key": [self._keys[price] for price in prices],
            "valid_from": times([row.valid_from for row in rows]),
            "changed_after": times([row.changed_after for row in rows]),
            "recorded_at": times([recorded_at] * len(rows)),
            "price_status": [rate.status for rate in rates],
            "unit_price_usd": [rate.unit_price for rate in rates],
            "max_prompt_tokens": [rate.max_prompt_tokens for rate in rates],
            "is_headline": [rate.is_headline for rate in rates],
            "source": [row.source for row in rows],
            "capture_sha256": [row.capture for row in rows],
            "locator": [rate.locator for rate in rates],
            "raw_text": [rate.raw_text for rate in rates],
            "rule": [rate.rule for rate in rates],
            "kind": [row.kind for row in rows],
            "cause": [row.cause for row in rows],
            "event_id": [row.event for row in rows],
        }


def _key_row(number: int, name: str, key: PriceKey) -> dict[str, Any]:
    offering, meter, conditions = key
    return {
        **Conditions.from_json(conditions).typed(),
        "price_key": number,
        "price_id": name,
        "offering_id": offering,
        "meter": meter or None,
        "conditions": conditions,
    }
