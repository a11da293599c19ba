"""Whether a scheduled run still has something to do by the time it starts."""

from __future__ import annotations

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterDeploymentId,
    FlowRunFilterStartTime,
)
from prefect.context import FlowRunContext


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
    # A run that has not started counts for the server as started when it is due.
    others = [other for other in later if other.id != run.id and other.start_time]
    return any(other.start_time >= due for other in others if other.start_time and due)
