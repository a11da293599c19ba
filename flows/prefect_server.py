"""A Prefect server of our own, for as long as this process lives.

Prefect can start one by itself, but waits for it before doing anything else, gives up after twenty
seconds (not enough on a busy machine), and leaves it running for ever when its parent is killed.
This one is started before Prefect is even imported (2026-11: three seconds of import beside eight
of server start), is known by a socket that listens from the first moment, so that no port can be
taken in between, and ends when its parent does.

It answers only requests that carry the auth string of its data directory (`flows.prefect_auth`)
and name the loopback interface as their host (`flows.prefect_process`, which the child runs).
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from filelock import FileLock, Timeout

from flows.errors import PricebookError, SettingsError
from flows.prefect_auth import (
    AuthFileError,
    auth_file,
    basic_header,
    ensure_auth,
    read_auth,
    renew_auth,
)
from flows.prefect_database import ensure_database
from flows.prefect_env import LOOPBACK

if TYPE_CHECKING:
    from pydantic import SecretStr

START_LIMIT_S: Final = 120.0
"""How long a start may take: 6 s of computing were measured (2026-11), 30 s on a busy machine."""
STOP_LIMIT_S: Final = 5.0
LOG_FILE: Final = "server.log"
LOCK_FILE: Final = "server.lock"
ADDRESS_FILE: Final = "server.address"

_NOT_ALONE: Final = (
    "SCHEDULER", "LATE_RUNS", "FOREMAN", "REPOSSESSOR", "TRIGGERS", "PAUSE_EXPIRATIONS",
    "CANCELLATION_CLEANUP", "CLEANUP_RECONCILER", "EVENT_PERSISTER",
)  # fmt: skip
"""Services that a server with one flow run at a time, started by hand, has no use for."""

_ALWAYS: Final[Mapping[str, str]] = {
    # Task runs written one by one collide in SQLite with the next call, which then waits 2 s before
    # it is tried again: 2.4 s for a flow that takes 0.4 s otherwise (2026-11, Prefect 3.8.8).
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "50",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "50",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "2",
    # Its console is its log file.
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "WARNING",
}
EMBEDDED: Final[Mapping[str, str]] = {
    **_ALWAYS,
    **{f"PREFECT_SERVER_SERVICES_{name}_ENABLED": "false" for name in _NOT_ALONE},
    "PREFECT_UI_ENABLED": "false",
    "PREFECT_API_BLOCKS_REGISTER_ON_START": "false",
    "PREFECT__SERVER_EPHEMERAL": "1",
    "PREFECT__SERVER_FINAL": "1",
}
"""Settings of a server that one command uses for itself."""
SCHEDULING: Final[Mapping[str, str]] = {
    **_ALWAYS,
    # A run that is due is started within seconds, and old runs do not fill the disk.
    "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "20",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT__SERVER_FINAL": "1",
}
"""Settings of a server that lives as long as a schedule does."""


class ServerNotStartedError(PricebookError):
    """Raised when our Prefect server does not start; the message names its log."""


class ServerLostError(PricebookError):
    """Raised when our Prefect server ended while it was needed; the message names its log."""


@dataclass(frozen=True)
class LocalServer:
    """A Prefect server on the loopback interface; `api_url` is valid before it is ready.

    It answers requests that carry `auth`. `process` is None when it belongs to another process of
    ours, such as a running schedule.
    """

    api_url: str
    auth: SecretStr
    process: subprocess.Popen[bytes] | None
    log: Path

    def wait_until_ready(self, limit_s: float = START_LIMIT_S) -> None:
        """Return once the server answers.

        Raises ServerNotStartedError after `limit_s` seconds, AuthFileError when it refuses `auth`.
        """
        deadline = time.monotonic() + limit_s
        while not self._answers(min(5.0, limit_s)):
            if self.process is not None and self.process.poll() is not None:
                raise ServerNotStartedError(
                    f"Prefect's server ended with status {self.process.returncode}; {self.log} "
                    f"says why (if its database is at fault: move {self.log.parent} away)"
                )
            if time.monotonic() > deadline:
                raise ServerNotStartedError(
                    f"Prefect's server gave no answer within {limit_s:.0f} s; see {self.log}"
                )
            time.sleep(0.05)

    def _answers(self, limit_s: float) -> bool:
        # Our own loopback address, so neither a proxy nor another scheme is in question.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        asked = urllib.request.Request(  # noqa: S310
            f"{self.api_url}/admin/version", headers=basic_header(self.auth)
        )
        try:
            with opener.open(asked, timeout=limit_s) as response:
                return bool(response.status == HTTPStatus.OK)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == HTTPStatus.UNAUTHORIZED:
                raise AuthFileError(
                    f"Prefect's server at {self.api_url} refuses what "
                    f"{auth_file(self.log.parent)} holds: it was started with another string, so "
                    "stop the process that started it, then start again"
                ) from error
            return False
        except OSError:
            return False

    def check(self) -> None:
        """Do nothing while it runs; raises ServerLostError once a server of ours has ended."""
        if self.process is not None and self.process.poll() is not None:
            raise ServerLostError(
                f"Prefect's server ended with status {self.process.returncode}; see {self.log}"
            )


@contextmanager
def local_server(
    home: Path,
    environment: Callable[[str, SecretStr], Mapping[str, str]],
    services: Mapping[str, str] = EMBEDDED,
    *,
    port: int = 0,
    new_auth: bool = False,
) -> Generator[LocalServer]:
    """Start a server whose database lies in `home`, and stop it at the end.

    Two servers on one SQLite file get in each other's way. When another process of ours serves
    that database already, an `EMBEDDED` one is not needed, and that server is used and left alone;
    a `SCHEDULING` one waits until the other ends. `environment` says, given the server's address
    and auth string, what the server is to know of this machine. Port 0 is any free one; `new_auth`
    changes the auth string first. It is not ready yet: `LocalServer.wait_until_ready`.

    Raises SettingsError when the port cannot be used, AuthFileError when the auth string cannot,
    ServerNotStartedError when a `SCHEDULING` one waited in vain.
    """
    home.mkdir(parents=True, exist_ok=True)
    lock = FileLock(home / LOCK_FILE)
    try:
        lock.acquire(timeout=START_LIMIT_S if services is SCHEDULING else 0)
    except Timeout as error:
        if services is SCHEDULING:
            raise ServerNotStartedError(
                f"another run has kept {home / LOCK_FILE} for {START_LIMIT_S:.0f} s: start the "
                "schedule again when that run has ended"
            ) from error
        yield _server_of_other(home)
        return
    try:
        auth = renew_auth(home) if new_auth else ensure_auth(home)
        with _own_server(home, environment, services, auth, port) as server:
            yield server
    finally:
        lock.release()


@contextmanager
def _own_server(
    home: Path,
    environment: Callable[[str, SecretStr], Mapping[str, str]],
    services: Mapping[str, str],
    auth: SecretStr,
    port: int,
) -> Generator[LocalServer]:
    log, address = home / LOG_FILE, home / ADDRESS_FILE
    # The port that a killed owner left here may be another program's by now, which must not be
    # sent the auth string.
    address.unlink(missing_ok=True)
    ensure_database(home)
    with _listener(port) as listener, log.open("ab") as output:
        port = int(listener.getsockname()[1])
        api_url = f"http://{LOOPBACK[0]}:{port}/api"
        known = {
            **environment(api_url, auth),
            **services,
            "PREFECT_SERVER_API_AUTH_STRING": auth.get_secret_value(),
            "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": ",".join(
                f"http://{host}:{port}" for host in LOOPBACK
            ),
            # Without it the page asks another address, and calls the auth string invalid.
            "PREFECT_UI_API_URL": api_url,
            # Its pages are copied before they are served; by default to where Prefect is installed.
            "PREFECT_UI_STATIC_DIRECTORY": str(home / "ui"),
        }
        process = _start(listener, output, known, home)
    try:
        address.write_text(api_url, encoding="ascii")
        yield LocalServer(api_url, auth, process, log)
    finally:
        address.unlink(missing_ok=True)
        _stop(process)


def _listener(port: int) -> socket.socket:
    try:
        return socket.create_server((LOOPBACK[0], port), backlog=128)
    except OSError as error:
        raise SettingsError(
            f"port {port} for Prefect's page cannot be used ({error.strerror}): stop the program "
            "that has it or set PRICEBOOK_PREFECT_PORT to another; 0 takes a free one"
        ) from error


def _server_of_other(home: Path) -> LocalServer:
    # The address first: whoever serves there has written the auth string before.
    address = _address_of_other(home)
    return LocalServer(address, read_auth(home), None, home / LOG_FILE)


def _address_of_other(home: Path) -> str:
    address = home / ADDRESS_FILE
    for _ in range(50):
        with suppress(FileNotFoundError):
            if url := address.read_text(encoding="ascii"):
                return url
        time.sleep(0.1)
    raise ServerNotStartedError(
        f"another process holds {home / LOCK_FILE} but serves nothing: wait until it ends"
    )


def _start(
    listener: socket.socket, output: IO[bytes], environment: Mapping[str, str], home: Path
) -> subprocess.Popen[bytes]:
    descriptor = listener.fileno()
    return subprocess.Popen(  # noqa: S603 # a module of ours
        [sys.executable, "-m", "flows.prefect_process", str(descriptor)],
        # The child reads its end of this pipe, which closes when we stop it or end, however we end.
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=output,
        pass_fds=(descriptor,),
        env=dict(environment),
        cwd=home,
        # Ctrl-C reaches us alone; we stop the server after the runs that report to it.
        start_new_session=True,
    )


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(timeout=STOP_LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
