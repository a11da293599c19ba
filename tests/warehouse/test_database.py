"""Opening the writer's database."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from warehouse import database

if TYPE_CHECKING:
    import duckdb


@pytest.mark.skipif(os.cpu_count() == 1, reason="there is only one thread to use")
def test_one_thread_does_until_the_log_is_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.open_writer(tmp_path) as connection:
        assert _threads(connection) == 1
    monkeypatch.setattr(database, "LONG_LOG", 0)
    with database.open_writer(tmp_path) as connection:
        assert _threads(connection) > 1


def _threads(connection: duckdb.DuckDBPyConnection) -> int:
    [(threads,)] = connection.execute("SELECT current_setting('threads')").fetchall()
    return int(threads)
