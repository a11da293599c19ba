"""One run as a Prefect flow: every source is a task of its own, then load, then publish.

The steps themselves are in `flows.pipeline` and know nothing of Prefect. A deployment names this
flow by its module, `flows.refresh.refresh`. Importing this module imports Prefect, which reads its
settings while it is imported: `flows.embedded` says what it may find, and calls the flow.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from logging import getLogger
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from anyio import to_thread
from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.events.worker import EventsWorker
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
from prefect.states import Completed, Failed

from flows import artifacts, pipeline, settings
from flows.errors import NOT_DONE, OK, UsageError
from flows.failing import NothingLoadedError, spare_traceback
from flows.overtaken import OVERTAKEN, is_overtaken
from flows.parent import end_with_parent
from flows.report import LoadSummary, PublishSummary, RunReport, SourceResult
from flows.running import check_origin
from flows.workspace import Workspace, open_workspace
from models.capture import FetchOutcome
from models.registry import ASKED
from warehouse.errors import LockedError

if TYPE_CHECKING:
    from prefect.client.schemas.objects import State, TaskRun
    from prefect.futures import PrefectFuture
    from prefect.tasks import Task

FLOW_NAME: Final = "refresh"
RETRIES: Final = 2
RETRY_DELAYS_S: Final = [1.0, 5.0]
SETTLE_LIMIT_S: Final = 5.0
TIMEOUT_MARGIN_S: Final = 60.0
"""What a source's task may take beyond the time that fetching allows itself."""

_workspace: ContextVar[Workspace | None] = ContextVar("workspace", default=None)
"""The workspace of the present run: what it holds does not fit into a flow's parameters."""


def _is_crash(_task: Task[Any, Any], _run: TaskRun, state: State[Any]) -> bool:
    """Whether the task itself broke; what a site did was tried again while fetching.

    A fetch that hung once would hold the others up by as much again.
    """
    return not isinstance(state.data, SourceResult | TimeoutError)


@task(
    name="fetch",
    task_run_name="fetch {source}",
    retries=RETRIES,
    retry_delay_seconds=RETRY_DELAYS_S,
    retry_condition_fn=_is_crash,
    cache_policy=NO_CACHE,
    persist_result=False,
)
async def fetch(source: str) -> State[SourceResult]:
    """Fetch one source; the state is named after the outcome and fails when the source did.

    Prefect cannot end a thread that waits for the network. It can stop waiting for one, and what
    that thread still stores is loaded by the next run.
    """
    result = await to_thread.run_sync(
        pipeline.fetch_one, _present(), source, abandon_on_cancel=True
    )
    name = str(result.outcome).replace("_", " ").capitalize()
    fine = result.outcome.is_healthy or result.outcome.is_skip
    return (Completed if fine else Failed)(name=name, message=result.detail, data=result)


@task(name="load", cache_policy=NO_CACHE, persist_result=False)
def load() -> LoadSummary:
    """Load every stored fetch that the warehouse lacks, in one transaction."""
    return pipeline.load(_present())


@task(name="publish", cache_policy=NO_CACHE, persist_result=False)
def publish() -> PublishSummary | None:
    """Publish what the warehouse believes."""
    return pipeline.publish(_present())


@flow(name=FLOW_NAME, persist_result=False)
def refresh(data_dir: str | None = None, sources: list[str] | None = None) -> State[RunReport]:
    """Fetch what is due, load it and publish; one source's failure leaves the others published.

    `data_dir` defaults to the settings'; `sources` to those that are enabled there. The final
    state fails when nothing could be loaded.
    """
    handed_over = _workspace.get()
    if handed_over is None:
        return _run_of_deployment(data_dir, sources)
    with handed_over.lock():
        return _state_of(_run(handed_over))


def run_here(workspace: Workspace) -> RunReport:
    """One run of the flow in this process, in `workspace`; raises what its steps raise."""
    # A process that ends takes its run with it, so nobody waits for signs of life; the thread
    # that sends them would hold every run up for a second at its end.
    silent = temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None})
    with _working_in(workspace), silent:
        state: State[Any] = refresh(str(workspace.data_dir), list(workspace.due), return_state=True)
    result = state.result(raise_on_failure=False)
    if isinstance(result, NothingLoadedError):
        return result.report
    return result if isinstance(result, RunReport) else state.result()


def settle() -> None:
    """Wait until the server has heard all that runs in this process have told it."""
    EventsWorker.drain_all(timeout=SETTLE_LIMIT_S)
    for handler in getLogger("prefect.flow_runs").handlers:
        handler.flush()


@contextmanager
def _working_in(workspace: Workspace) -> Generator[None]:
    token = _workspace.set(workspace)
    try:
        yield
    finally:
        _workspace.reset(token)


def _present() -> Workspace:
    workspace = _workspace.get()
    assert workspace is not None, "a step of a run was called outside a run"
    return workspace


def _run_of_deployment(data_dir: str | None, sources: Sequence[str] | None) -> State[Any]:
    """A run in a process that Prefect started for it."""
    end_with_parent()
    getLogger("prefect.flow_runs").addFilter(spare_traceback)
    if is_overtaken():
        return Completed(name=OVERTAKEN, message="A run started since this one was due.")
    for source in sources or ():
        if source not in ASKED:
            raise UsageError(f"{source!r} is no source; there are: {', '.join(ASKED)}")
    chosen = settings.load(Path(data_dir) if data_dir else None)
    workspace = open_workspace(chosen, due=sources or None)
    try:
        with _working_in(workspace), workspace.lock():
            check_origin(workspace)
            return _state_of(_run(workspace))
    except LockedError as error:
        return Completed(name="Left to another run", message=str(error))


def _run(workspace: Workspace) -> RunReport:
    started_at = workspace.clock.now()
    progress = artifacts.start_progress()
    results = _fetch_all(workspace)
    artifacts.advance(progress, 70, "fetched; loading")
    loaded = load()
    artifacts.advance(progress, 85, "loaded; publishing")
    snapshot = publish()
    report = RunReport(started_at, tuple(results), loaded, snapshot)
    artifacts.leave(report)
    artifacts.advance(progress, 100, "done")
    return report


def _fetch_all(workspace: Workspace) -> list[SourceResult]:
    """Fetch every source that is due, each in a thread of its own."""
    futures = {source: _submitted(workspace, source) for source in workspace.due}
    return [_result_of(source, future) for source, future in futures.items()]


def _submitted(workspace: Workspace, source: str) -> PrefectFuture[Any]:
    allowed_s = workspace.settings.fetch_settings().time_limit_s(ASKED[source].requests)
    bounded = fetch.with_options(timeout_seconds=allowed_s + TIMEOUT_MARGIN_S)
    return bounded.submit(source)  # pyright: ignore[reportUnknownMemberType] # theirs


def _result_of(source: str, future: PrefectFuture[Any]) -> SourceResult:
    """What a task made of a source, also where the task itself was broken or too slow."""
    future.wait()
    result = future.result(raise_on_failure=False)
    if isinstance(result, SourceResult):
        return result
    get_run_logger().error("fetching %s broke: %s", source, future.state.message)
    slow = future.state.name == "TimedOut"
    outcome = FetchOutcome.TIMEOUT if slow else FetchOutcome.TRANSPORT_ERROR
    return SourceResult(source, outcome, f"the fetch itself broke: {future.state.message}")


def _state_of(report: RunReport) -> State[RunReport]:
    status = report.exit_status
    if status == NOT_DONE:
        error = NothingLoadedError(report)
        return Failed(name="Nothing loaded", message=str(error), data=error)
    return Completed(name="Completed" if status == OK else "Should look", data=report)
