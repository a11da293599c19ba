"""Whether what was loaded last is published: a small file that stands between the two.

Loading writes it before anything else, publishing removes it after everything else. A process that
dies or fails in between leaves it, so that readers learn that they see older prices than are known.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from warehouse.errors import LockedError, SnapshotError
from warehouse.snapshots import read_json, write_json

if TYPE_CHECKING:
    from pathlib import Path

UNPUBLISHED: Final = "unpublished.json"
_LOADED_AT: Final = "loaded_at"


def begin_load(data_dir: Path, at: datetime) -> None:
    """Note that history is about to move; the oldest load that was not published stays noted."""
    path = data_dir / UNPUBLISHED
    if not path.exists():
        write_json(path, {_LOADED_AT: at})


def end_publish(data_dir: Path) -> None:
    """Note that readers see all that is known."""
    (data_dir / UNPUBLISHED).unlink(missing_ok=True)


def unpublished_since(data_dir: Path) -> str | None:
    """Since when something was loaded and not published, as ISO 8601; None where all is published.

    None also while another process holds the data directory: it may be about to publish.
    """
    path = data_dir / UNPUBLISHED
    if not path.exists() or _is_in_use(data_dir):
        return None
    try:
        return str(read_json(path).get(_LOADED_AT) or "an unknown time")
    except SnapshotError:
        # Removed since by a run that ended, or cut off while it was written.
        return "an unknown time" if path.exists() else None


def _is_in_use(data_dir: Path) -> bool:
    from warehouse.database import writer_lock  # noqa: PLC0415 # only where something may be wrong

    try:
        with writer_lock(data_dir):
            return False
    except (LockedError, OSError):
        return True
