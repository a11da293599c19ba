"""Taking a stored fetch out of the derivation and back: remembered, derived so, published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from getpass import getuser
from typing import Literal

from flows.errors import NoSuchThingError, UsageError
from flows.load import load_into
from flows.pipeline import publish_from
from flows.report import PublishSummary
from flows.settings import Settings
from flows.times import readable
from flows.workspace import Workspace, open_workspace
from models.capture import Fetch
from spiders.fetch_settings import Clock
from spiders.withdrawals import Withdrawal
from warehouse.database import open_writer

Action = Literal["withdraw", "restore"]


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Which fetch was taken out or back, how many prices moved, and what readers see now."""

    fetch: Fetch
    changes: int
    snapshot: PublishSummary | None


def change(
    settings: Settings, fetch: str, action: Action, reason: str, *, clock: Clock | None = None
) -> Withdrawn:
    """Take a fetch out of the derivation or back into it, derive history so, and publish.

    ``fetch`` is its id or the beginning of it. Raises NoSuchThingError for one that is not stored,
    and UsageError for one that several begin like, that is so already, or without a reason.
    """
    if not reason.strip():
        raise UsageError("--reason is empty: say why, for whoever looks at it later")
    # Whatever the captures' origin, they are in this directory already: nothing can mix.
    workspace = open_workspace(settings, origin="backfill", clock=clock)
    with workspace.lock():
        found = _found(workspace, fetch)
        if (found.fetch_id in workspace.withdrawn()) == (action == "withdraw"):
            state = "withdrawn already" if action == "withdraw" else "not withdrawn"
            raise UsageError(f"{found.fetch_id} is {state}: nothing to do")
        entry = Withdrawal(
            fetch_id=found.fetch_id,
            action=action,
            at=workspace.clock.now(),
            by=getuser(),
            reason=reason,
        )
        return _applied(workspace, found, entry)


def _applied(workspace: Workspace, fetch: Fetch, entry: Withdrawal) -> Withdrawn:
    with open_writer(workspace.data_dir) as connection:
        # Where the code moved since the last run, that is corrected apart from this.
        load_into(connection, workspace, fetches=())
        workspace.withdrawals.add(entry)
        done = load_into(connection, workspace)
        return Withdrawn(fetch, done.changes, publish_from(connection, workspace))


def _found(workspace: Workspace, fetch: str) -> Fetch:
    asked = fetch.strip().lower()
    near = [each for each in workspace.store.fetches() if each.fetch_id.startswith(asked)]
    if not asked or not near:
        raise NoSuchThingError(
            f"no stored fetch is called {fetch!r}: `pricebook captures` shows the id of each"
        )
    if len(near) > 1:
        raise UsageError(f"{fetch!r} begins {len(near)} ids: {_shown(near)}")
    return near[0]


def _shown(fetches: Sequence[Fetch]) -> str:
    first = [f"{f.fetch_id} ({f.source} {readable(f.fetched_at)})" for f in fetches[:3]]
    return "; ".join(first) + (" …" if len(fetches) > len(first) else "")
