"""Adding to the log of prices: exactly the rows given, whatever else was read between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from models.conditions import Conditions
from models.history.state import LifecycleRow
from models.history.statement import Rate
from models.history.timeline import Cause, Kind, PriceRow
from models.reading import PriceStatus
from warehouse import load
from warehouse.database import open_writer, transaction
from warehouse.price_log import PriceLog

START = datetime(2026, 1, 1, tzinfo=UTC)
OFFERINGS = ("off_a", "off_b")


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_writer(tmp_path) as opened:
        load.append_lifecycle(opened, "acme", [_life(each) for each in OFFERINGS], START)
        yield opened


def test_each_addition_is_read_once_and_in_the_order_of_time(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    log = PriceLog(connection)
    with transaction(connection):
        log.append([_price("off_a", 2, "0.5"), _price("off_a", 1, "0.25")], START)
    with transaction(connection):
        # Of another price: its name is read in as another table before the rows are.
        log.append([_price("off_b", 3, None)], START + timedelta(hours=3))
    stored = connection.execute(
        "SELECT log_id, price_key, valid_from, changed_after, recorded_at, price_status,"
        " unit_price_usd, is_headline, raw_text, kind, cause, event_id"
        " FROM price_log ORDER BY log_id"
    ).fetchall()
    said = ("change", "evt")
    assert stored == [
        (1, 1, _at(1), _at(0), START, "known", Decimal("0.25"), True, "0.25", "increase", *said),
        (2, 1, _at(2), _at(1), START, "known", Decimal("0.5"), True, "0.5", "increase", *said),
        (3, 2, _at(3), _at(2), _at(3), "unknown", None, True, "None", "increase", *said),
    ]


def test_an_amount_that_does_not_fit_is_refused_and_not_rounded(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    log = PriceLog(connection)
    with pytest.raises(pa.ArrowInvalid):
        log.append([_price("off_a", 1, "1e-25")], START)


def test_a_second_log_takes_the_place_of_the_first(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    first, second = PriceLog(connection), PriceLog(connection)
    with (
        pytest.raises(duckdb.InvalidInputException, match="no rows were put in"),
        transaction(connection),
    ):
        first.append([_price("off_a", 1, "0.25")], START)
    second.append([_price("off_b", 1, "0.25")], START)
    assert connection.execute("SELECT count(*) FROM price_log").fetchall() == [(1,)]


def _at(hour: int) -> datetime:
    return START + timedelta(hours=hour)


def _price(offering: str, hour: int, price: str | None) -> PriceRow:
    status = PriceStatus.UNKNOWN if price is None else PriceStatus.KNOWN
    amount = None if price is None else Decimal(price)
    rate = Rate(Conditions(), status, amount, None, is_headline=True, raw_text=str(price))
    moments = (_at(hour), _at(hour - 1))
    read = ("acme_models", "sha")
    price_of = (offering, "input_token", "{}")
    return PriceRow(*price_of, *moments, rate, *read, Kind.INCREASE, Cause.CHANGE, "evt")


def _life(offering: str) -> LifecycleRow:
    seen: Sequence[str] = ("acme_models",)
    return LifecycleRow(offering, START, None, "listed", offering, "chat", tuple(seen), "sha", None)
