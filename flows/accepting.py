"""Keeping what a person has checked, and what follows from it."""

from __future__ import annotations

from flows.aliases import add_alias
from flows.running import run_rebuild
from flows.settings import Settings
from models.identity import Alias
from warehouse.database import writer_lock


def keep(settings: Settings, alias: Alias, *, rebuilding: bool) -> str:
    """Add an entry to the user's file of checked names, and tell what came of it.

    Raises what :func:`flows.aliases.add_alias` raises, and ``LockedError`` while a run is writing:
    it has read the file already.
    """
    path = settings.own_aliases
    with writer_lock(settings.data_dir):
        add_alias(path, alias)
    meant = alias.canonical or ", ".join(alias.targets)
    said = f"{alias.name} stands for {meant}: added to {path}"
    if not rebuilding:
        return f"{said}\nnext: `pricebook rebuild` moves its history; so does the next load"
    report = run_rebuild(settings, only_check=False)
    gone = sum(1 for each in report.rebuilt.corrections if each.believed is not None)
    come = sum(1 for each in report.rebuilt.corrections if each.instead is not None)
    moved = f"{gone} rows of history taken back, {come} in their place"
    snapshot = f", snapshot {report.snapshot.snapshot_id}" if report.snapshot else ""
    return f"{said}\n{moved}{snapshot}"
