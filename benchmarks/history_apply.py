"""What one snapshot costs history: at the start, after a year of hourly ones, and elsewhere.

The peer is the ``scd2`` merge of dlt, from Arrow tables into DuckDB, which keeps ``valid_from`` and
``valid_to`` per row and knows neither absence nor doubt. Ours takes the same 3,200 prices of which
5 % changed, judges them by every rule, and appends what they add to the logs: each in a transaction
of its own, as a run does, or many in one, as a backfill does. All are measured by the processor
time of all threads.
"""

from __future__ import annotations

import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from benchmarks.report import Measured
from flows.cycles import no_search_for_cycles
from flows.running import BATCH
from models.conditions import Conditions
from models.history.engine import Added, Book
from models.history.observation import Observation, Sighting
from models.history.statement import Statement, statements_of
from models.reading import Claim, Listing, PriceStatus
from warehouse import load
from warehouse.database import DATABASE, open_writer, transaction
from warehouse.price_log import PriceLog

if TYPE_CHECKING:
    import duckdb

MODELS, PER_MODEL, SHARE = 800, 4, 0.05
HOURS = 8_760
SAMPLE = 400
DAY = 24
ROUNDS = 6
START = datetime(2026, 1, 1, tzinfo=UTC)
ALWAYS = Conditions()
# What each meter begins at, in billionths of a dollar. Cached input stays cheaper than input all
# year, or ever more models would have a move that waits, which is looked at in every fetch.
RANGES = {
    "input_token": (5000, 9000),
    "output_token": (5000, 9000),
    "cache_read_token": (600, 1500),
    "cache_write_token": (600, 1500),
}
METER_NAMES = tuple(RANGES)


class Market:
    """Models whose prices wander, 5 % of them between two snapshots."""

    def __init__(self) -> None:
        self.chance = random.Random(7)
        self.units = [self.chance.randrange(*RANGES[m]) for _ in range(MODELS) for m in RANGES]
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


class History:
    """A book and its logs, to which one snapshot of a market after another is applied."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.market, self.book = Market(), Book("openrouter")
        self.prices = PriceLog(connection)
        self.hours = self.versions = 0

    def step(self) -> float:
        """Judge one snapshot and store it in a transaction; returns the processor time."""
        return self.steps(1)

    def steps(self, count: int) -> float:
        """Judge some snapshots, then store what they add at once; returns the processor time."""
        added, spent = Added(), 0.0
        for _ in range(count):
            observation = self.market.observe(self.hours)
            began = time.process_time()
            added += self.book.apply(observation)
            spent += time.process_time() - began
            self.market.move()
            self.hours += 1
        at = START + timedelta(hours=self.hours)
        began = time.process_time()
        with transaction(self.connection):
            load.append_lifecycle(self.connection, "openrouter", added.lifecycle, at)
            self.prices.append(added.prices, at)
        self.versions += len(added.prices)
        return spent + time.process_time() - began


def measure() -> Iterator[Measured]:
    """A year of hourly snapshots against a first day, then a first day against the peer.

    What is compared takes turns, because a machine that is not alone is faster at one minute than
    at the next.
    """
    with ExitStack() as opened:
        opened.enter_context(no_search_for_cycles())  # as in every run
        folders = [Path(opened.enter_context(tempfile.TemporaryDirectory())) for _ in range(3)]
        year, day, batches = (History(opened.enter_context(open_writer(f))) for f in folders)
        for _ in range(HOURS):
            year.step()
        year.connection.execute("CHECKPOINT")
        size = (folders[0] / DATABASE).stat().st_size / year.versions
        for _ in range(DAY):
            day.step()
        turns = [(year.step(), day.step()) for _ in range(SAMPLE)]
        last, first = (statistics.median(times) for times in zip(*turns, strict=True))
        yield Measured(
            f"a snapshot at the end of a year ({year.versions:,} versions of {size:.0f} bytes)",
            last,
            "one at its start",
            first,
            "at most 1.10",
        )
        peer = _peer(Path(opened.enter_context(tempfile.TemporaryDirectory())))
        if peer is None:
            return
        batches.steps(BATCH)  # which also names all prices
        rounds = [(peer(), _median(day), batches.steps(BATCH) / BATCH) for _ in range(ROUNDS)]
        theirs, alone, batched = (statistics.median(times) for times in zip(*rounds, strict=True))
        for what, ours in (
            ("a snapshot, judged and stored", alone),
            (f"the same where {BATCH} are stored at once", batched),
        ):
            yield Measured(what, ours, "dlt scd2 from Arrow", theirs, "1/30")


def _median(history: History) -> float:
    return statistics.median(history.step() for _ in range(DAY))


def _as_arrow(market: Market) -> pa.Table:
    """A snapshot as the peer wants it: with a hash per row, which is not counted as its work."""
    prices = [Decimal(unit).scaleb(-9) for unit in market.units]
    names = [f"{n // PER_MODEL} {METER_NAMES[n % PER_MODEL]}" for n in range(len(prices))]
    hashes = [f"{name} {price}" for name, price in zip(names, prices, strict=True)]
    return pa.table({"price": names, "unit_price_usd": prices, "row_hash": hashes})


def _peer(folder: Path) -> Callable[[], float] | None:
    """What takes the next snapshot through dlt and returns the processor time, after the first two,
    which make its tables; None where dlt is not installed (`make bench` does that)."""
    try:
        import dlt  # noqa: PLC0415 # only where the peers are installed
    except ImportError:
        return None
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"  # a thread of its own, and the network
    market = Market()
    pipeline = dlt.pipeline(
        "peer",
        pipelines_dir=str(folder),
        destination=dlt.destinations.duckdb(str(folder / "peer.duckdb")),
        dataset_name="history",
    )
    how = {"disposition": "merge", "strategy": "scd2", "row_version_column_name": "row_hash"}

    def step() -> float:
        table = _as_arrow(market)
        market.move()
        began = time.process_time()
        pipeline.run(dlt.resource(table, name="prices", write_disposition=how))
        return time.process_time() - began

    for _ in range(2):
        step()
    return step
