"""Processes that a test starts, and sites on this machine for whatever they fetch."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from spiders.replay import open_replay

# What every Python does first that finds this on its path: the sites are on this machine.
_LOOPBACK = """
import json, os
from spiders.sites import Sites
Sites.__init__.__defaults__ = (json.loads(os.environ["LOOPBACK_SITES"]),)
"""


@contextmanager
def sites_at_hand(recording: Path, folder: Path) -> Generator[dict[str, str]]:
    """An environment in which live runs, in any process, ask the first step of a recording."""
    folder.mkdir(parents=True)
    (folder / "sitecustomize.py").write_text(_LOOPBACK, encoding="utf-8")
    with open_replay(recording) as replaying:
        replaying.go(replaying.steps[0])
        yield {
            **os.environ,
            "PYTHONPATH": str(folder),
            "LOOPBACK_SITES": json.dumps(replaying.sites.bases),
            "PRICEBOOK_PAUSE_S": "0",
        }


def free_port() -> int:
    """A port of this machine that nothing listens on at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def is_there(pid: int) -> bool:
    """Whether a process is alive; one that only waits to be reaped is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").split(") ")[1][0] != "Z"
    except FileNotFoundError:
        return False


def wait_until_gone(*pids: int, limit_s: float = 20) -> bool:
    """Wait for processes to end; False when one is still there after `limit_s` seconds."""
    deadline = time.monotonic() + limit_s
    while any(map(is_there, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not any(map(is_there, pids))


def children(parent: int, word: str = "") -> list[int]:
    """Ids of the processes that `parent` started whose command line has `word` in it."""
    listed = subprocess.run(
        ["ps", "-o", "pid=,args=", "--ppid", str(parent)],
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line.split(maxsplit=1) for line in listed.stdout.splitlines()]
    return [int(pid) for pid, command in lines if word in command]


def descendants(parent: int) -> list[int]:
    """Ids of the processes that `parent` started, and that those started in turn."""
    found = children(parent)
    return [*found, *(below for each in found for below in descendants(each))]


def command_line(pid: int) -> str:
    """What a process was started with, as everybody on the machine may see it; empty if gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").replace("\0", " ")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def run(*command: str, env: Mapping[str, str], cwd: Path, limit_s: float = 120) -> str:
    """Run a command to its end; its output when it succeeds, an assertion with it when not."""
    done = subprocess.run(
        command, env=env, cwd=cwd, capture_output=True, text=True, check=False, timeout=limit_s
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr
