"""Runs inside this process, against a Prefect server of our own or the one that was named.

Importing this costs nothing of Prefect: it is imported once the environment is ready for it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from importlib import import_module
from itertools import chain

from flows import prefect_env
from flows.prefect_server import local_server
from flows.report import RunReport
from flows.workspace import Workspace


def run_refresh(workspace: Workspace) -> RunReport:
    """One run in `workspace`; raises what loading and publishing raise.

    Changes the environment and the working directory of this process: see `flows.prefect_env`.
    """
    return run_many([workspace], lambda _: None)[0]


def run_many(
    workspaces: Iterable[Workspace], on_report: Callable[[RunReport], None]
) -> list[RunReport]:
    """A run in each workspace, one after the other, all on one data directory.

    A workspace is taken when the run before it has ended and `on_report` has seen its report. The
    first error ends it all. Changes this process like `run_refresh`.
    """
    remaining = iter(workspaces)
    first = next(remaining, None)
    if first is None:
        return []
    with first.lock():
        pass  # Another run is found out before a server is started beside it.
    reports: list[RunReport] = []
    with _prefect(first):
        from flows.refresh import run_here, settle  # noqa: PLC0415 # imports Prefect

        try:
            for workspace in chain([first], remaining):
                reports.append(run_here(workspace))
                on_report(reports[-1])
        finally:
            settle()
    return reports


@contextmanager
def _prefect(workspace: Workspace) -> Generator[None]:
    """Prefect ready for runs on the workspace's data directory."""
    home = prefect_env.home_of(workspace.data_dir)
    named = workspace.settings.prefect_api_url
    before = dict(os.environ)
    if named:
        prefect_env.enter(home, prefect_env.users_environment(before, home, named))
        yield
        return
    with local_server(home, lambda url: prefect_env.own_environment(before, home, url)) as server:
        prefect_env.enter(home, prefect_env.own_environment(before, home, server.api_url))
        import_module("flows.refresh")  # three seconds of Prefect, while the server starts
        server.wait_until_ready()
        if server.process is not None:
            import_module("flows.abandoned").close_abandoned()
        yield
