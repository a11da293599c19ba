"""A backfill that is killed anywhere and started again ends as if it had never been killed."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from flows import running, settings
from tests.flows.histories import OPENROUTER, openrouter
from tests.flows.pipelines import ask

ROOT = Path(__file__).parents[2]
RECORDING = ROOT / "fixtures" / "history" / "away-under-a-day"
TABLES = (
    "price_history",
    "price_changes",
    "price_versions",
    "models",
    "claims",
    "disputes",
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


def backfilled(data_dir: Path, recording: Path = RECORDING) -> dict[str, list[tuple[Any, ...]]]:
    """Everything published after a backfill that is let run to its end."""
    running.run_backfill(settings.load(data_dir), recording, lambda _done, _all: None)
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
    killed(tmp_path, RECORDING, where, call)
    assert backfilled(tmp_path) == unharmed


def killed(data_dir: Path, recording: Path, where: str, call: int) -> None:
    """A backfill that ends at the ``call``-th call of ``where``."""
    asked = [str(data_dir), str(recording), where, str(call)]
    script = [sys.executable, "-m", "tests.flows.killed_backfill", *asked]
    ended = subprocess.run(script, cwd=ROOT, check=False, capture_output=True, timeout=120)
    assert ended.returncode == -signal.SIGKILL, ended.stderr


@pytest.mark.parametrize("call", [1, 2, 3])
def test_disputes_end_the_same(call: int, tmp_path: Path) -> None:
    """What is held in one batch, held on in the next and settled in the third."""
    recording = tmp_path / "recording" / OPENROUTER
    recording.mkdir(parents=True)
    for n, prompt in enumerate(["0.000001", "0.001", *["0.001"] * 5, *["0.000001"] * 3, "0"]):
        _, _, body = openrouter(6 * n, {f"acme/m-{m}": {"prompt": prompt} for m in range(9)})
        (recording / f"2026-08-{n + 1:02d}T0000Z.json").write_bytes(body)
    killed(tmp_path / "killed", recording.parent, "warehouse.now:replace_disputes", call)
    found = backfilled(tmp_path / "killed", recording.parent)
    assert found == backfilled(tmp_path / "whole", recording.parent)
    assert len(found["disputes"]) == 18
