"""The flow on a schedule, as Prefect sees it: its deployment, its leftovers, the loop that runs it.

Runs that were due while nothing was here are dropped, not made up for: a price list of the past
cannot be fetched any more. Importing this module imports Prefect.
"""

from __future__ import annotations

import asyncio
import hashlib
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import (
    ConcurrencyLimitConfig,
    ConcurrencyLimitStrategy,
    StateType,
)
from prefect.client.schemas.sorting import FlowRunSort
from prefect.runner import Runner
from prefect.schedules import Cron, Interval, Schedule
from prefect.types.entrypoint import EntrypointType

from flows.abandoned import STOPPED, close_abandoned
from flows.errors import UsageError
from flows.plan import Plan
from flows.prefect_ready import Server
from flows.refresh import refresh
from flows.settings import Settings

if TYPE_CHECKING:
    from uuid import UUID

    from prefect.client.schemas.objects import FlowRun
    from prefect.deployments.runner import RunnerDeployment

NAME: Final = "schedule"
POLL_S: Final = 5.0
HEARTBEAT_S: Final = 30
STOP_LIMIT_S: Final = 4.0
"""How long a run that is under way may take to end when the schedule is stopped."""
SHOWN: Final = 3
"""How many of the next runs are told."""

_SCHEDULED: Final = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED]))


def schedule_of(plan: Plan) -> Schedule:
    """When to run, in UTC. Raises UsageError for a cron expression that means nothing."""
    if plan.every is not None:
        return Interval(plan.every, timezone="UTC")
    try:
        return Cron(plan.cron, timezone="UTC")
    except ValueError as error:
        raise UsageError(
            f"{plan.cron!r} is no cron expression: give minute, hour, day of month, month and "
            "day of week, such as '17 */6 * * *'"
        ) from error


def serve(
    settings: Settings,
    plan: Plan,
    schedule: Schedule,
    server: Server,
    tell: Callable[[str], None],
) -> None:
    """Run `plan` by its `schedule` until SIGTERM or SIGINT; `tell` gets a line now and then.

    Raises ServerLostError when a server of ours ends meanwhile.
    """
    asyncio.run(_serve(settings, plan, schedule, server, tell))


async def _serve(
    settings: Settings,
    plan: Plan,
    schedule: Schedule,
    server: Server,
    tell: Callable[[str], None],
) -> None:
    is_own = settings.prefect_api_url is None
    # On our own server nothing is scheduled while we are gone; a named one would go on.
    runner = Runner(
        "pricebook",
        limit=1,
        query_seconds=POLL_S,
        heartbeat_seconds=HEARTBEAT_S,
        pause_on_shutdown=not is_own,
    )
    async with get_client() as client:
        deployment = await _deployment(settings, plan, schedule)
        deployment_id = await runner.aadd_deployment(deployment)
        ours = None if is_own else deployment_id
        abandoned = await asyncio.to_thread(close_abandoned, deployment_id=ours)
        if abandoned:
            tell(f"{abandoned} earlier run(s) ended without a word; the next one goes on")
        await _drop_missed(client, deployment_id)
        next_runs = asyncio.create_task(_tell_next(client, deployment_id, tell))
        try:
            await _run_until_stopped(runner, server)
        finally:
            next_runs.cancel()
        await asyncio.to_thread(close_abandoned, STOPPED, ours)


async def _run_until_stopped(runner: Runner, server: Server) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(runner.start())
    while not runner.started and not running.done():  # noqa: ASYNC110
        await asyncio.sleep(0.05)  # it has no event to wait for
    # The runner's own handler, set while it starts, ends this process without waiting for it.
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    waiting = {
        running,
        asyncio.create_task(stop.wait()),
        asyncio.create_task(_watch(server)),
    }
    ended, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    if stop.is_set():
        # What does not end within the limit ends with this process: see `flows.parent`.
        with suppress(TimeoutError):
            await asyncio.wait_for(runner.astop(), STOP_LIMIT_S)
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting, timeout=1.0)
    if not stop.is_set():
        for task in ended:
            task.result()


async def _watch(server: Server) -> None:
    """Raise ServerLostError once the server is gone; otherwise never return."""
    while True:
        server.check()
        await asyncio.sleep(1.0)


async def _deployment(settings: Settings, plan: Plan, schedule: Schedule) -> RunnerDeployment:
    is_own = settings.prefect_api_url is None
    return await refresh.ato_deployment(
        name=NAME if is_own else f"{NAME}-{_fingerprint(settings)}",
        description=f"pricebook refresh on {settings.data_dir}",
        schedule=schedule,
        parameters={"data_dir": str(settings.data_dir), "sources": list(plan.sources) or None},
        concurrency_limit=ConcurrencyLimitConfig(
            limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW
        ),
        paused=False,
        entrypoint_type=EntrypointType.MODULE_PATH,
    )


def _fingerprint(settings: Settings) -> str:
    """Tells this data directory from others that report to the same server."""
    place = f"{socket.gethostname()}:{settings.data_dir}"
    return hashlib.sha256(place.encode()).hexdigest()[:8]


async def _drop_missed(client: PrefectClient, deployment_id: UUID) -> None:
    past = FlowRunFilterExpectedStartTime.model_validate({"before_": datetime.now(UTC)})
    for run in await _scheduled(client, deployment_id, past):
        await client.delete_flow_run(run.id)


async def _scheduled(
    client: PrefectClient,
    deployment_id: UUID,
    when: FlowRunFilterExpectedStartTime | None = None,
) -> list[FlowRun]:
    return await client.read_flow_runs(
        deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[deployment_id])),
        flow_run_filter=FlowRunFilter(state=_SCHEDULED, expected_start_time=when),
        sort=FlowRunSort.EXPECTED_START_TIME_ASC,
    )


async def _tell_next(
    client: PrefectClient, deployment_id: UUID, tell: Callable[[str], None]
) -> None:
    """Tell when the next runs are, once the server has made them."""
    runs: list[FlowRun] = []
    while not runs:
        await asyncio.sleep(0.5)
        runs = await _scheduled(client, deployment_id)
    times = [run.expected_start_time for run in runs[:SHOWN] if run.expected_start_time]
    told = ", ".join(f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S}" for time in times)
    tell(f"next runs (UTC): {told}")
