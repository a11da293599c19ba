"""Runs that a server still takes for running although the process that ran them is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType
from prefect.states import Crashed

from flows.refresh import FLOW_NAME

if TYPE_CHECKING:
    from uuid import UUID

    from prefect.client.schemas.objects import State

KILLED: Final = "The process that ran it ended without a word."
STOPPED: Final = "The schedule that ran it was stopped."

_UNDER_WAY: Final = FlowRunFilterState(
    type=FlowRunFilterStateType(any_=[StateType.PENDING, StateType.RUNNING, StateType.CANCELLING])
)


def close_abandoned(because: str = KILLED, deployment_id: UUID | None = None) -> int:
    """Note of every run that seems to be under way that it is not; returns how many there were.

    Without `deployment_id` it is for whoever holds a server of ours: runs report to it alone, so
    what it knows from an earlier life was killed with it. With it, for whoever holds the schedule.
    Such a run would otherwise run for ever, and keep the next ones of its deployment from starting.
    """
    theirs = None
    if deployment_id is not None:
        theirs = DeploymentFilter(id=DeploymentFilterId(any_=[deployment_id]))
    ended: State[None] = Crashed(message=because)
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(
            flow_filter=FlowFilter(name=FlowFilterName(any_=[FLOW_NAME])),
            flow_run_filter=FlowRunFilter(state=_UNDER_WAY),
            deployment_filter=theirs,
        )
        for run in runs:
            client.set_flow_run_state(run.id, ended, force=True)
    return len(runs)
