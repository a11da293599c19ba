"""Running on a schedule: one process that stays, with a Prefect server of its own or a named one.

A run never starts while another one runs: this process runs one at a time, the deployment refuses
a second one wherever it comes from, and the data directory's lock has the last word. Each run is a
process of its own, so that a crash of one is noted and the next one starts as if nothing had been.

Importing this costs nothing of Prefect: `flows.deployment` has what needs it.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import ClassVar, Final, NoReturn

from filelock import FileLock, Timeout

from flows import prefect_env
from flows.errors import HELD_BY_ANOTHER_RUN, PricebookError, UsageError
from flows.parent import WATCHED_PARENT
from flows.places import CONFIG_VARIABLE, settings_file
from flows.plan import Plan
from flows.prefect_auth import auth_file
from flows.prefect_ready import prefect_ready
from flows.prefect_server import SCHEDULING
from flows.running import check_origin
from flows.settings import Settings
from flows.workspace import open_workspace
from warehouse.errors import LockedError

LOCK_FILE: Final = "schedule.lock"


class ScheduleHeldError(PricebookError):
    """Raised when another process runs a schedule on the same data directory."""

    exit_status: ClassVar[int] = HELD_BY_ANOTHER_RUN


def run_schedule(
    settings: Settings, plan: Plan, tell: Callable[[str], None], *, new_auth: bool = False
) -> None:
    """Run on a schedule until SIGTERM or SIGINT; returns once everything it started is gone.

    `tell` gets a line for each thing a person may want to know. `new_auth` first changes the auth
    string of our own Prefect server. Raises UsageError for a cron expression that means nothing and
    for `new_auth` with a server of the user's, SettingsError for a port that cannot be used,
    AuthFileError, MixedOriginsError, ScheduleHeldError, ServerNotStartedError or ServerLostError.
    Changes this process like `flows.embedded.run_refresh`, and what it does on these signals.
    """
    if new_auth and settings.prefect_api_url:
        raise UsageError(
            "--new-auth changes the auth string of pricebook's own Prefect server, and "
            "PRICEBOOK_PREFECT_API_URL names yours: leave one of them out"
        )
    _check_origin(settings)
    more = {**_TALKATIVE, **_for_runs()}
    ready = prefect_ready(settings, SCHEDULING, more, port=settings.prefect_port, new_auth=new_auth)
    with _ending_on_signals(), _only_one(settings.data_dir), ready as server:
        deployment = import_module("flows.deployment")  # three seconds, while the server starts
        schedule = deployment.schedule_of(plan)
        server.wait_until_ready()
        tell(f"Prefect's page: {server.page}")
        if server.is_ours:
            tell(f"its auth string: see {auth_file(prefect_env.home_of(settings.data_dir))}")
        deployment.serve(settings, plan, schedule, server, tell)


_TALKATIVE: Final = {
    # Nobody waits for a schedule's report, so what its runs log is what there is to read.
    "PREFECT_LOGGING_LEVEL": "INFO",
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "INFO",
}


def _check_origin(settings: Settings) -> None:
    """Find out now, not at the first run, that replayed captures are there."""
    workspace = open_workspace(settings)
    with suppress(LockedError), workspace.lock():
        check_origin(workspace)


def _for_runs() -> dict[str, str]:
    """What the processes of single runs have to know: whom to end with, which settings file."""
    file = settings_file().path
    named = {CONFIG_VARIABLE: str(file)} if file else {}
    return {WATCHED_PARENT: str(os.getpid()), **named}


@contextmanager
def _only_one(data_dir: Path) -> Generator[None]:
    home = prefect_env.home_of(data_dir)
    home.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(home / LOCK_FILE, timeout=0):
            yield
    except Timeout as error:
        raise ScheduleHeldError(
            f"a schedule is running on {data_dir} already: stop that one, or use --data-dir"
        ) from error


@contextmanager
def _ending_on_signals() -> Generator[None]:
    """Let SIGTERM and SIGINT end this process in order, with status 0, also while it starts."""
    before = {each: signal.signal(each, _end) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _end(_signal: int, _frame: object) -> NoReturn:
    sys.exit(0)
