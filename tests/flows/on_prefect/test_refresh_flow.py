"""Runs as a flow: what a server is told, and that one source's trouble stays its own."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest
from typing_extensions import override

from flows.embedded import run_many, run_refresh
from flows.report import RunReport
from flows.running import steps_of
from flows.settings import Settings
from flows.workspace import Workspace, open_workspace
from models.capture import FetchOutcome
from spiders.replay import open_replay
from spiders.sites import Sites
from tests.flows.on_prefect.recordings import FIRST, SECOND, Recorder
from tests.spiders.loopback import Said, Site, TestClock, serve
from warehouse.database import writer_lock
from warehouse.errors import LockedError

if TYPE_CHECKING:
    from prefect.client.schemas.objects import Artifact, FlowRun, TaskRun

pytestmark = pytest.mark.prefect


class Told:
    """What the server knows of the newest run."""

    def __init__(self, run: FlowRun, tasks: list[TaskRun], artifacts: list[Artifact]) -> None:
        self.run = run
        self.states = {t.name.split("-")[0]: t.state.name for t in tasks if t.state}
        fetches = [name for name in self.states if name.startswith("fetch ")]
        is_final = all(task.state and task.state.is_final() for task in tasks)
        self.is_settled = is_final and len(fetches) == len(run.parameters["sources"])
        self.artifacts = {artifact.key: artifact for artifact in artifacts}


async def _ask() -> Told:
    # Only here is Prefect ready to be imported.
    from prefect.client.orchestration import get_client  # noqa: PLC0415
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId  # noqa: PLC0415
    from prefect.client.schemas.sorting import FlowRunSort  # noqa: PLC0415

    async with get_client() as client:
        [run] = await client.read_flow_runs(sort=FlowRunSort.START_TIME_DESC, limit=1)
        mine = FlowRunFilter(id=FlowRunFilterId(any_=[run.id]))
        tasks = await client.read_task_runs(flow_run_filter=mine)
        artifacts = await client.read_artifacts(flow_run_filter=mine)
    return Told(run, tasks, artifacts)


def told() -> Told:
    """What the server knows, once it has written all of it down (it does so in batches)."""
    deadline = time.monotonic() + 15
    while True:
        known = asyncio.run(_ask())
        if {"load", "publish"} <= known.states.keys() and known.is_settled:
            return known
        assert time.monotonic() < deadline, known.states
        time.sleep(0.1)


def replay(chosen: Settings, recording: Path) -> list[RunReport]:
    with open_replay(recording) as replaying:
        return run_many(steps_of(replaying, chosen, ()), lambda _: None)


def test_each_source_is_a_task_with_its_own_outcome(chosen: Settings, recorder: Recorder) -> None:
    recorder.keep(FIRST).keep(SECOND, "openrouter_models").fail(SECOND, "aiml_pricing_page", 503)
    reports = replay(chosen, recorder.root)
    assert [report.exit_status for report in reports] == [3, 3]
    assert all(report.snapshot and report.snapshot.is_new for report in reports)

    known = told()
    assert known.states == {
        "fetch openrouter_models": "Ok",
        "fetch aiml_pricing_page": "Http error",
        "load": "Completed",
        "publish": "Completed",
    }
    assert known.run.state
    assert (known.run.state.type.value, known.run.state.name) == ("COMPLETED", "Should look")
    assert known.run.parameters["sources"] == ["aiml_pricing_page", "openrouter_models"]


def test_a_run_leaves_a_table_words_and_its_progress(chosen: Settings, recorder: Recorder) -> None:
    recorder.keep(FIRST, "openrouter_models").keep(SECOND, "openrouter_models")
    _, report = replay(chosen, recorder.root)
    left = told().artifacts
    assert {key: artifact.type for key, artifact in left.items()} == {
        "refresh-progress": "progress",
        "refresh-run": "table",
        "price-changes": "markdown",
    }
    assert left["refresh-progress"].data == 100
    words = str(left["price-changes"].data)
    assert words.startswith(report.as_markdown())
    assert "z-ai/glm-4.6 | openrouter | output token | decrease | 1.75 | 1.5 |" in words
    assert "openrouter_models" in str(left["refresh-run"].data)


def test_nothing_loaded_fails_the_run_and_still_gives_its_report(
    chosen: Settings, recorder: Recorder
) -> None:
    [report] = replay(chosen, recorder.fail(FIRST, "openrouter_models", 500).root)
    assert (report.exit_status, report.snapshot) == (1, None)
    state = told().run.state
    assert state
    assert (state.type.value, state.name) == ("FAILED", "Nothing loaded")
    assert "openrouter_models http_error" in str(state.message)


def test_a_fetch_that_breaks_is_tried_again_and_then_told(
    chosen: Settings, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A file where a folder has to be: storing breaks, in whatever source comes first.
    blocked = chosen.data_dir / "captures" / "fetches"
    recorder.keep(FIRST, "openrouter_models")
    with open_replay(recorder.root) as replaying:
        replaying.go(replaying.steps[0])
        workspace = at_hand(chosen, sites=replaying.sites, due=("openrouter_models",))
        blocked.mkdir(parents=True)
        (blocked / "openrouter_models").write_text("in the way", encoding="utf-8")
        _quicker(monkeypatch)
        report = run_refresh(workspace)
    [result] = report.results
    assert "the fetch itself broke" in result.detail
    assert report.exit_status == 1
    known = told()
    assert known.states["fetch openrouter_models"] == "Failed"


def test_a_fetch_that_hangs_is_given_up(chosen: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stuck(TestClock):
        @override
        def sleep(self, seconds: float) -> None:
            never.wait(20)

    never = Event()
    monkeypatch.setattr("flows.refresh.TIMEOUT_MARGIN_S", 0.5 - chosen.source_timeout_s)
    with serve(site := Site()):
        site.says("/api/v1/models?output_modalities=all", Said(status=503))
        workspace = replace(
            at_hand(chosen, sites=Sites({"openrouter.ai": site.base}), due=("openrouter_models",)),
            clock=Stuck(),
        )
        report = run_refresh(workspace)
        never.set()
    assert [result.outcome for result in report.results] == [FetchOutcome.TIMEOUT]
    assert told().states["fetch openrouter_models"] == "TimedOut"


def test_errors_of_loading_come_out_as_they_are(chosen: Settings) -> None:
    workspace = at_hand(chosen, due=())
    with writer_lock(chosen.data_dir), pytest.raises(LockedError):
        run_refresh(workspace)


def test_no_workspace_is_no_run() -> None:
    assert run_many([], lambda _: None) == []


def at_hand(chosen: Settings, **outside: Any) -> Workspace:
    return open_workspace(chosen, **outside)


def _quicker(monkeypatch: pytest.MonkeyPatch) -> None:
    from flows import refresh  # noqa: PLC0415

    monkeypatch.setattr(refresh.fetch, "retry_delay_seconds", [0.0])
