"""The steps of a run, wired together: fetch, load, publish. Knows nothing of Prefect.

``extract``, ``normalise`` and ``resolve`` happen inside :func:`flows.load.load`, from stored
captures, so that what a run learns depends on what is on disk and on nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.cycles import no_search_for_cycles
from flows.load import load
from flows.report import PublishSummary, SourceResult
from flows.workspace import Workspace, open_workspace
from models.capture import Fetch
from models.registry import SOURCES
from spiders.sources import RECORDED_KEY, how_to_fetch
from warehouse import beliefs
from warehouse import publish as publishing
from warehouse.database import open_writer
from warehouse.retention import retain
from warehouse.snapshots import write_json
from warehouse.unpublished import end_publish

if TYPE_CHECKING:
    import duckdb

__all__ = ["Workspace", "fetch_one", "load", "open_workspace", "publish", "publish_from"]


def fetch_one(workspace: Workspace, source: str) -> SourceResult:
    """Fetch one source and keep what it answered. Never raises for what a site did.

    A moment of a recording that was fetched before is not fetched again: its captures are there.
    """
    from spiders.fetch import fetch_source  # noqa: PLC0415 # 50 ms for HTTP: a backfill has none

    scope = workspace.scope_of(source)
    known = None if workspace.origin == "live" else _known(workspace, source, scope)
    fetch = known or fetch_source(
        source,
        how_to_fetch(source, _key(workspace, source)),
        sites=workspace.sites,
        store=workspace.store,
        settings=workspace.settings.fetch_settings(),
        clock=workspace.clock,
        origin=workspace.origin,
        scope=scope,
    )
    return SourceResult(source, fetch.outcome, fetch.detail, fetch.fetch_id)


def _key(workspace: Workspace, source: str) -> str | None:
    if workspace.origin != "live":
        return RECORDED_KEY
    return workspace.settings.key_for(SOURCES[source].seller)


def _known(workspace: Workspace, source: str, scope: str) -> Fetch | None:
    at = workspace.clock.now()
    found = workspace.store.fetches(source, scope=scope, since=at)
    return next((f for f in found if f.fetched_at == at and f.origin == workspace.origin), None)


def publish(workspace: Workspace) -> PublishSummary | None:
    """Publish what the warehouse believes; None while it holds nothing.

    ``status.json`` is written anew every time, a snapshot only when more than freshness moved; a
    new one lets go of old ones that need not stay.
    """
    with open_writer(workspace.data_dir) as connection:
        return publish_from(connection, workspace)


@no_search_for_cycles()
def publish_from(
    connection: duckdb.DuckDBPyConnection, workspace: Workspace
) -> PublishSummary | None:
    """Do what :func:`publish` does where the writer's database is open already."""
    published, now = workspace.data_dir / "published", workspace.clock.now()
    recommended = workspace.settings.recommended_sellers
    done = publishing.publish(connection, published, now, recommended)
    if done is None:
        end_publish(workspace.data_dir)
        return None
    status = beliefs.freshness(connection, done.snapshot.snapshot_id)
    write_json(published / "status.json", status)
    end_publish(workspace.data_dir)
    if done.is_new:
        retain(published, workspace.settings.snapshot_keep_days, now)
    return PublishSummary(done.snapshot.snapshot_id, done.snapshot.path, done.is_new, done.mended)
