"""Runs killed at any moment: nothing is half there afterwards, and the next run completes it."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from flows.settings import Settings
from spiders.capture_store import CaptureStore
from tests.flows.on_prefect.recordings import FIRST, SECOND, Recorder
from tests.flows.pipelines import ask, replay
from warehouse.beliefs import loaded_fetches
from warehouse.database import open_writer
from warehouse.snapshots import latest
from warehouse.verify import faults

pytestmark = pytest.mark.prefect

CHECKOUT = Path(__file__).parents[3]
KILLS = 30
LONGEST = 1.8
"""Seconds after which a run is killed; it would take about as long."""
UNDISTURBED = 600.0

# What must come out however often it was killed. Not freshness: a snapshot that is published after
# half of a step may stand until something else than freshness moves.
CONTENT = {
    "price_history": "SELECT * FROM price_history ORDER BY ALL",
    "price_changes": "SELECT * EXCLUDE (change_id, event_id, recorded_at) FROM price_changes "
    "ORDER BY ALL",
    "models": "SELECT * EXCLUDE last_seen_at FROM models ORDER BY ALL",
    "claims": "SELECT * FROM claims ORDER BY ALL",
    "rejections": "SELECT * FROM rejections ORDER BY ALL",
}


class Runs:
    """The process that runs and kills."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def run(self, seconds: float) -> str:
        """Start a run and kill it after so many seconds; `killed`, or the status it ended with."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{seconds}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()


@contextmanager
def runs(chosen: Settings, recording: Path) -> Generator[Runs]:
    program = str(Path(__file__).with_name("killed_runs.py"))
    with subprocess.Popen(
        [sys.executable, program, str(chosen.data_dir), str(recording)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
    ) as process:
        yield Runs(process)
        assert process.stdin
        process.stdin.close()


def assert_whole(data_dir: Path) -> None:
    """The warehouse opens, and what readers see is a snapshot in full."""
    with open_writer(data_dir) as connection:
        assert connection.execute("SELECT count(*) FROM duckdb_tables()").fetchone()
    pointer = latest(data_dir / "published")
    if pointer is not None:
        assert list(faults(data_dir / "published" / pointer["path"])) == []


def content(data_dir: Path) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {name: ask(data_dir, query) for name, query in CONTENT.items()}
    found["fetches"] = sorted(fetch.fetch_id for fetch in CaptureStore(data_dir).fetches())
    with open_writer(data_dir) as connection:
        found["loaded"] = sorted(loaded_fetches(connection))
    return found


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_thirty_killed_runs_leave_nothing_half_done(
    tmp_path: Path, chosen: Settings, recorder: Recorder, prefect_server: object
) -> None:
    recording = recorder.keep(FIRST).keep(SECOND).root
    reference = tmp_path / "undisturbed"
    replay(reference, recording, every_step=True)
    generator = random.Random(30)
    killed = 0
    with runs(chosen, recording) as running:
        while killed < KILLS:
            if running.run(generator.uniform(0, LONGEST)) == "killed":
                killed += 1
                assert_whole(chosen.data_dir)
                continue
            assert content(chosen.data_dir) == content(reference)
            shutil.rmtree(chosen.data_dir / "captures")
            shutil.rmtree(chosen.data_dir / "published")
            (chosen.data_dir / "warehouse.duckdb").unlink()
        assert running.run(UNDISTURBED) in {"0", "3"}
    assert content(chosen.data_dir) == content(reference)
