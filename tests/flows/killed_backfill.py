"""A backfill that kills its own process at the n-th call of a function: run by a test."""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from flows import running, settings


def kill_at(where: str, call: int) -> None:
    """Let the ``call``-th call of ``where`` (``module:function`` or ``module:Class.method``) end
    the process, without any clean-up."""
    module, _, name = where.partition(":")
    owner: Any = import_module(module)
    *path, last = name.split(".")
    for part in path:
        owner = getattr(owner, part)
    right, calls = getattr(owner, last), 0

    def counting(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return right(*args, **kwargs)

    setattr(owner, last, counting)


if __name__ == "__main__":
    data_dir, folder, killed_at, at_call = sys.argv[1:]
    running.BATCH = 4
    kill_at(killed_at, int(at_call))
    running.run_backfill(settings.load(Path(data_dir)), Path(folder), lambda _done, _all: None)
