"""A backfill that is killed anywhere and started again ends as if it had never been killed."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from flows import running, settings
from tests.flows.pipelines import ask

ROOT = Path(__file__).parents[2]
RECORDING = ROOT / "fixtures" / "history" / "away-under-a-day"
TABLES = (
    "price_history",
    "price_changes",
    "price_versions",
    "models",
    "claims",
    "captures",
    "runs",
)

PLACES = [
    ("spiders.capture_store:CaptureStore.put", 3),
    ("spiders.capture_store:CaptureStore.record", 5),
    ("warehouse.load:record_fetches", 2),
    ("warehouse.price_log:PriceLog.append", 1),
    ("warehouse.now:save_checkpoint", 2),
    ("flows.loader:check", 1),
    ("flows.loader:check", 2),
    ("flows.running:publish_from", 1),
    ("warehouse.publish:_comment", 1),
    ("warehouse.publish:install", 1),
    ("flows.pipeline:write_json", 1),
]


def backfilled(data_dir: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Everything published after a backfill that is let run to its end."""
    running.run_backfill(settings.load(data_dir), RECORDING, lambda _done, _all: None)
    return {
        table: ask(
            data_dir, f"SELECT COLUMNS(lambda c: c NOT IN {MOMENTS}) FROM {table} ORDER BY ALL"
        )
        for table in TABLES
    }


MOMENTS = "('recorded_at', 'superseded_at')"
"""When it was learned: a run that was started again learned it later."""


@pytest.fixture(scope="module")
def unharmed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[Any, ...]]]:
    return backfilled(tmp_path_factory.mktemp("unharmed"))


@pytest.mark.parametrize(("where", "call"), PLACES)
def test_it_ends_the_same(
    unharmed: dict[str, list[tuple[Any, ...]]], where: str, call: int, tmp_path: Path
) -> None:
    asked = [str(tmp_path), str(RECORDING), where, str(call)]
    script = [sys.executable, "-m", "tests.flows.killed_backfill", *asked]
    ended = subprocess.run(script, cwd=ROOT, check=False, capture_output=True, timeout=120)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert backfilled(tmp_path) == unharmed
