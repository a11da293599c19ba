"""A warehouse filled from the bundled recording, once for each test process; tests get copies."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from flows.running import run_backfill
from flows.serving import make_server
from flows.settings import load
from tests.warehouse.shops import NOW, Shop
from warehouse.built import Built, Identity
from warehouse.formats.holding import Shelf
from warehouse.formats.periods import read_periods

RECORDING = Path(__file__).parents[2] / "fixtures" / "captures"


@pytest.fixture(scope="session")
def _recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data_dir = tmp_path_factory.mktemp("recorded") / "data"
    assert run_backfill(load(data_dir), RECORDING, lambda _done, _total: None).snapshot is not None
    return data_dir


@pytest.fixture
def shop(_recorded: Path, tmp_path: Path) -> Shop:
    """A copy of its own, to publish from and to break."""
    shutil.copytree(_recorded, tmp_path / "data", symlinks=True)
    return Shop(tmp_path / "data")


@pytest.fixture(scope="session")
def book(_recorded: Path) -> Shop:
    """The published recording, for tests that only read."""
    return Shop(_recorded)


@pytest.fixture
def database(book: Shop) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published database, open for reading."""
    connection = duckdb.connect(str(book.latest / "pricebook.duckdb"), read_only=True)
    connection.execute("SET TimeZone = 'UTC'")
    yield connection
    connection.close()


@pytest.fixture(scope="session")
def shelf(book: Shop) -> Iterator[Shelf]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        path = book.latest / "pricebook.duckdb"
        connection.execute(f"ATTACH '{path}' AS pricebook (READ_ONLY)")
        built = Built(connection, Identity(book.latest.name, "", NOW, NOW, "backfill"))
        yield Shelf(built.offers, read_periods(built))


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder and its address, as `pricebook serve` gives it."""
    server = make_server(tmp_path, 0)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield tmp_path, f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
