"""Whether a scheduled run still has something to do by the time it starts."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterDeploymentId,
    FlowRunFilterStartTime,
)
from prefect.client.schemas.objects import StateType
from prefect.context import FlowRunContext

if TYPE_CHECKING:
    from prefect.client.schemas.objects import FlowRun

OVERTAKEN: Final = "Overtaken"
"""The name of the state that such a run ends in."""


def is_overtaken() -> bool:
    """Whether another run has started since the present one was due.

    That one has fetched what this one was meant to fetch, and later. So runs that had to wait, for
    a long run or for a machine that was asleep, do not ask every site again and again.
    """
    context = FlowRunContext.get()
    run = context.flow_run if context else None
    if run is None or not run.auto_scheduled or run.deployment_id is None:
        return False
    due = run.expected_start_time
    since = FlowRunFilterStartTime.model_validate({"after_": due})
    with get_client(sync_client=True) as client:
        later = client.read_flow_runs(
            flow_run_filter=FlowRunFilter(
                deployment_id=FlowRunFilterDeploymentId(any_=[run.deployment_id]),
                start_time=since,
            )
        )
    return any(other.id != run.id and _has_asked_since(other, due) for other in later)


def _has_asked_since(other: FlowRun, due: datetime | None) -> bool:
    # For the server a run that waits starts when it is due; one that crashed has asked nobody.
    if other.start_time is None or due is None or other.start_time < due:
        return False
    is_idle = other.state_type in {StateType.CRASHED, StateType.CANCELLED}
    return not is_idle and other.state_name != OVERTAKEN
