"""Runs inside this process, against a Prefect server of our own or the one that was named.

Importing this costs nothing of Prefect: it is imported once the environment is ready for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain

from flows.prefect_ready import prefect_ready
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
    with prefect_ready(first.settings) as server:
        from flows import abandoned, refresh  # noqa: PLC0415 # imports Prefect

        server.wait_until_ready()
        if server.is_ours:
            abandoned.close_abandoned()
        try:
            for workspace in chain([first], remaining):
                reports.append(refresh.run_here(workspace))
                on_report(reports[-1])
        finally:
            refresh.settle()
    return reports
