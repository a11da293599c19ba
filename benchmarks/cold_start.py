"""What a reading verb costs from a cold start: a new process, no Prefect, no Scrapy."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.report import Measured, seconds
from flows import running, settings

BUNDLED = Path(__file__).parent.parent / "fixtures" / "captures"


def measure() -> Iterator[Measured]:
    """`pricebook prices` on the bundled recording, against a bare interpreter with DuckDB."""
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder)
        running.run_backfill(settings.load(data_dir), BUNDLED, lambda _done, _total: None)
        verb = [sys.executable, "-m", "flows", "prices", "--data-dir", folder]
        bare = [sys.executable, "-c", "import duckdb"]
        ours = seconds(lambda: subprocess.run(verb, check=True, capture_output=True))
        other = seconds(lambda: subprocess.run(bare, check=True, capture_output=True))
    yield Measured(
        "pricebook prices", ours, "a bare interpreter that imports duckdb", other, "under 0.5 s"
    )
