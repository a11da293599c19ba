"""Where a run works, and what it takes for the outside world."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from flows.aliases import read_aliases
from flows.readings import Readings
from flows.settings import Settings
from flows.stored import withdrawn_in
from models.capture import DEFAULT_SCOPE, Origin
from models.identity import Alias
from models.registry import SOURCES
from spiders.capture_store import CaptureStore
from spiders.fetch_settings import Clock, SystemClock
from spiders.sites import Sites
from spiders.withdrawals import Withdrawals
from warehouse.database import writer_lock


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where a run works, what it takes for the outside (sites and clock), and the checked names."""

    data_dir: Path
    settings: Settings
    store: CaptureStore
    sites: Sites
    clock: Clock
    origin: Origin
    due: tuple[str, ...]
    readings: Readings
    aliases: tuple[Alias, ...]
    scopes: Mapping[str, str] = field(default_factory=dict[str, str])
    """What each source of a recording was asked at this step, where that is no live fetch's."""

    def scope_of(self, source: str) -> str:
        """What a source is asked here."""
        if self.origin == "live":
            return SOURCES[source].scope
        return self.scopes.get(source, DEFAULT_SCOPE)

    @property
    def withdrawals(self) -> Withdrawals:
        """The log of what was withdrawn and restored."""
        return Withdrawals(self.data_dir)

    def withdrawn(self) -> Mapping[str, str]:
        """The ids of the fetches that history must not rest on, each with the reason.

        Raises DamagedDirectoryError when the log of them cannot be read.
        """
        return withdrawn_in(self.data_dir)

    def lock(self) -> AbstractContextManager[None]:
        """Hold the data directory; raises ``LockedError`` when another run does."""
        return writer_lock(self.data_dir)


def open_workspace(
    settings: Settings,
    *,
    sites: Sites | None = None,
    clock: Clock | None = None,
    origin: Origin = "live",
    due: Sequence[str] | None = None,
    readings: Readings | None = None,
    scopes: Mapping[str, str] | None = None,
) -> Workspace:
    """A workspace on the settings' data directory; ``due`` are the sources to read.

    Raises SettingsError when the file of checked names cannot be used.
    """
    data_dir = settings.data_dir
    data_dir.mkdir(parents=True, exist_ok=True)
    store = CaptureStore(data_dir)
    return Workspace(
        data_dir,
        settings,
        store,
        sites or Sites(),
        clock or SystemClock(),
        origin,
        settings.sources if due is None else tuple(due),
        readings or Readings(store),
        read_aliases(settings.own_aliases),
        scopes or {},
    )
