"""What one snapshot costs history: at the start, after a year of hourly ones, and elsewhere.

The peer is the ``scd2`` merge of dlt, from Arrow tables into DuckDB, which keeps ``valid_from`` and
``valid_to`` per row and knows neither absence nor doubt. Ours takes the same 3,200 prices of which
5 % changed, judges them by every rule, and appends what they add to the logs: each in a transaction
of its own, as a run does, or many in one, as a backfill does. All are measured by the processor
time of all threads.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa

from benchmarks.report import Measured
from flows.running import BATCH
from models.conditions import Conditions
from models.history.engine import Added, Book
from models.history.observation import Observation, Sighting
from models.history.statement import Statement, statements_of
from models.reading import Claim, Listing, PriceStatus
from warehouse import load
from warehouse.database import DATABASE, open_writer, transaction
from warehouse.price_log import PriceLog

MODELS, PER_MODEL, SHARE = 800, 4, 0.05
HOURS = 8_760
SAMPLE = 400
BATCHES = 5
START = datetime(2026, 1, 1, tzinfo=UTC)
ALWAYS = Conditions()
METER_NAMES = ("input_token", "output_token", "cache_read_token", "cache_write_token")


class Market:
    """Models whose prices wander, 5 % of them between two snapshots."""

    def __init__(self) -> None:
        self.chance = random.Random(7)
        self.units = [self.chance.randrange(1000, 9000) for _ in range(MODELS * PER_MODEL)]
        self.statements = [self._statements(n) for n in range(MODELS)]
        self.listings = [
            Listing(f"acme/m-{n}", f"m-{n}", "Acme", "chat", "chat", f"$[{n}]")
            for n in range(MODELS)
        ]

    def _statements(self, model: int) -> dict[str, Statement]:
        claims = [
            Claim(
                meter,
                ALWAYS,
                PriceStatus.KNOWN,
                Decimal(self.units[model * PER_MODEL + n]).scaleb(-9),
                str(self.units[model * PER_MODEL + n]),
                f"$[{model}].{meter}",
            )
            for n, meter in enumerate(METER_NAMES)
        ]
        return dict(statements_of(claims))

    def move(self) -> None:
        """Let 5 % of the prices change, none of them to where it was."""
        moved = self.chance.sample(range(len(self.units)), int(len(self.units) * SHARE))
        for place in moved:
            self.units[place] += self.chance.choice((-37, -11, 13, 41))
            self.units[place] = max(500, self.units[place])
        for model in {place // PER_MODEL for place in moved}:
            self.statements[model] = self._statements(model)

    def observe(self, hour: int) -> Observation:
        """The snapshot of an hour; what did not move is the same object, as when read with memo."""
        sightings = tuple(
            Sighting(f"acme/m-{n}", "chat", self.listings[n], self.statements[n], "sha")
            for n in range(MODELS)
        )
        at = START + timedelta(hours=hour)
        return Observation("openrouter_models", 10, "default", at, sightings, "sha")


def measure() -> Iterator[Measured]:
    """A year of hourly snapshots, each judged and stored, then the peer on its first ones."""
    with tempfile.TemporaryDirectory() as folder:
        times, versions = _a_year(Path(folder))
        size = (Path(folder) / DATABASE).stat().st_size / versions
    first, last = statistics.median(times[24 : 24 + SAMPLE]), statistics.median(times[-SAMPLE:])
    yield Measured(
        f"a snapshot at the end of a year ({versions:,} versions of {size:.0f} bytes)",
        last,
        "one at its start",
        first,
        "at most 1.10",
    )
    peer = _dlt()
    if peer is not None:
        yield Measured("a snapshot, judged and stored", first, "dlt scd2 from Arrow", peer, "1/30")
        many = _in_batches()
        what = f"the same, {BATCH} stored at once"
        yield Measured(what, many, "dlt scd2 from Arrow", peer, "1/30")


def _in_batches() -> float:
    """Processor time of a snapshot of which a whole batch is judged, then stored, as in a backfill.

    The median of a few batches, the first of which also names all prices.
    """
    market, book = Market(), Book("openrouter")
    taken: list[float] = []
    with tempfile.TemporaryDirectory() as folder, open_writer(Path(folder)) as connection:
        prices = PriceLog(connection)
        for batch in range(BATCHES):
            added, spent = Added(), 0.0
            for hour in range(batch * BATCH, (batch + 1) * BATCH):
                observation = market.observe(hour)
                began = time.process_time()
                added += book.apply(observation)
                spent += time.process_time() - began
                market.move()
            began = time.process_time()
            with transaction(connection):
                load.append_lifecycle(connection, "openrouter", added.lifecycle, START)
                prices.append(added.prices, START)
            taken.append((spent + time.process_time() - began) / BATCH)
    return statistics.median(taken)


def _a_year(folder: Path) -> tuple[Sequence[float], int]:
    """Processor time of each snapshot, judged and appended to the logs in a transaction."""
    market, book = Market(), Book("openrouter")
    times: list[float] = []
    versions = 0
    with open_writer(folder) as connection:
        prices = PriceLog(connection)
        for hour in range(HOURS):
            observation = market.observe(hour)
            began = time.process_time()
            added: Added = book.apply(observation)
            with transaction(connection):
                at = observation.fetched_at
                load.append_lifecycle(connection, "openrouter", added.lifecycle, at)
                prices.append(added.prices, at)
            times.append(time.process_time() - began)
            versions += len(added.prices)
            market.move()
    return times, versions


def _as_arrow(market: Market) -> pa.Table:
    """A snapshot as the peer wants it: with a hash per row, which is not counted as its work."""
    prices = [Decimal(unit).scaleb(-9) for unit in market.units]
    names = [f"{n // PER_MODEL} {METER_NAMES[n % PER_MODEL]}" for n in range(len(prices))]
    hashes = [f"{name} {price}" for name, price in zip(names, prices, strict=True)]
    return pa.table({"price": names, "unit_price_usd": prices, "row_hash": hashes})


def _dlt() -> float | None:
    """The same snapshots through dlt; None where it is not installed (`make bench` does that)."""
    try:
        import dlt  # noqa: PLC0415 # only where the peers are installed
    except ImportError:
        return None
    market = Market()
    times: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        pipeline = dlt.pipeline(
            "peer",
            pipelines_dir=folder,
            destination=dlt.destinations.duckdb(f"{folder}/peer.duckdb"),
            dataset_name="history",
        )
        for _ in range(8):
            table = _as_arrow(market)
            began = time.process_time()
            pipeline.run(
                dlt.resource(
                    table,
                    name="prices",
                    write_disposition={
                        "disposition": "merge",
                        "strategy": "scd2",
                        "row_version_column_name": "row_hash",
                    },
                )
            )
            times.append(time.process_time() - began)
            market.move()
    return statistics.median(times[2:])
