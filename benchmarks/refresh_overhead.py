"""What a run costs beside its slowest fetch: tasks, capture, loading, publishing, Prefect's pages.

A step of the bundled recording is refreshed in a warm process with a Prefect server running; its
pricing page is fetched once more by the same child process, without any of the rest.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.report import Measured
from flows import settings
from flows.pipeline import fetch_one
from flows.prefect_ready import prefect_ready
from flows.running import steps_of
from flows.workspace import Workspace, open_workspace
from models.registry import SOURCES
from spiders.replay import Replay, open_replay

BUNDLED = Path(__file__).parent.parent / "fixtures" / "captures"
PAGE = "aiml_pricing_page"
SAMPLE = 5


def measure() -> Iterator[Measured]:
    """A refresh of one step, against the step's spider alone: medians over several steps."""
    with tempfile.TemporaryDirectory() as ours, tempfile.TemporaryDirectory() as other:
        chosen = settings.load(Path(ours))
        with open_replay(BUNDLED) as replaying, prefect_ready(chosen) as server:
            from flows.refresh import run_here, settle  # noqa: PLC0415 # imports Prefect

            server.wait_until_ready()
            whole: list[float] = []
            alone: list[float] = []
            for workspace in steps_of(replaying, chosen, ()):
                began = time.perf_counter()
                run_here(workspace)
                taken = time.perf_counter() - began
                if PAGE in workspace.due:
                    whole.append(taken)
                    alone.append(_alone(replaying, Path(other)))
                if len(whole) > SAMPLE:
                    break
            settle()
    # The first one creates the warehouse and is not a run like the others.
    yield Measured(
        "refresh of one step",
        statistics.median(whole[1:]),
        "its spider alone, by the same child process",
        statistics.median(alone[1:]),
        "at most 3",
    )


def _alone(replaying: Replay, folder: Path) -> float:
    workspace: Workspace = open_workspace(
        settings.load(folder),
        sites=replaying.sites,
        clock=replaying.clock,
        origin="replay",
        due=[SOURCES[PAGE].code],
    )
    began = time.perf_counter()
    fetch_one(workspace, PAGE)
    return time.perf_counter() - began
