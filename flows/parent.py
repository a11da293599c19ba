"""Processes that end when the one that started them does, however that ended."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import Final

WATCHED_PARENT: Final = "_PRICEBOOK_PARENT"
"""Set for processes that are to end with the process of this id, which started them."""

_POLL_S: Final = 0.5


def end_with_parent() -> None:
    """When `WATCHED_PARENT` names the parent of this process, end as soon as it is gone.

    A run that is killed leaves nothing half-written, so it is killed outright.
    """
    watched = os.environ.get(WATCHED_PARENT, "")
    if watched == str(os.getppid()):
        threading.Thread(target=_watch, args=(int(watched),), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_POLL_S)
    os.kill(os.getpid(), signal.SIGKILL)
