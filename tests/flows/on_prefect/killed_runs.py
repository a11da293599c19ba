"""Runs that are killed: `killed_runs.py DATA_DIR RECORDING`, then a line of seconds per run.

Everything is imported and Prefect is ready before the first run is forked off, so that what a kill
meets is a run's own work. After each run a line says `killed` or how it ended.
"""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from pathlib import Path

from flows import settings
from flows.prefect_ready import prefect_ready
from flows.running import steps_of
from spiders.replay import open_replay


def main(data_dir: Path, recording: Path) -> None:
    chosen = settings.load(data_dir)
    with prefect_ready(chosen):
        from flows.refresh import run_here, settle  # noqa: PLC0415 # imports Prefect

        def run() -> int:
            with open_replay(recording) as replaying:
                reports = [run_here(workspace) for workspace in steps_of(replaying, chosen, ())]
            settle()
            return max(report.exit_status for report in reports)

        for line in sys.stdin:
            child = os.fork()
            if child == 0:
                os._exit(_status_of(run))
            print(_kill_after(child, float(line)), flush=True)  # noqa: T201 # is read


def _status_of(run: object) -> int:
    try:
        return int(run())  # type: ignore[operator]
    except BaseException:  # noqa: BLE001 # a forked process must not go on as its parent
        traceback.print_exc()
        return 99


def _kill_after(child: int, seconds: float) -> str:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return str(os.waitstatus_to_exitcode(status))
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    return "killed" if code == -signal.SIGKILL else str(code)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
