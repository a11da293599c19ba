"""The process of our own Prefect server: `python -m flows.prefect_process SOCKET`.

`flows.prefect_server` starts it, with the settings of the server in its environment.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from flows.prefect_env import LOOPBACK

if TYPE_CHECKING:
    import uvicorn
    from fastapi.middleware.trustedhost import TrustedHostMiddleware


def serve(descriptor: int) -> None:
    """Be the server, on the listening socket that was inherited as `descriptor`.

    It ends with its standard input and with nothing else: a signal that is sent to a whole group
    of processes (Ctrl-C, systemd) must not end it before the runs that report to it.
    """
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, signal.SIG_IGN)
    started: list[uvicorn.Server] = []
    threading.Thread(target=_end_with_parent, args=(started,), daemon=True).start()
    import uvicorn  # noqa: PLC0415

    config = uvicorn.Config(
        make_app, factory=True, log_level="error", lifespan="on", timeout_graceful_shutdown=2
    )
    server = uvicorn.Server(config)
    started.append(server)
    # In a thread that is not the main one it leaves signals alone.
    running = threading.Thread(target=server.run, args=([socket.socket(fileno=descriptor)],))
    running.start()
    running.join()
    if not server.started:
        sys.exit(3)


def make_app() -> TrustedHostMiddleware:
    """Prefect's server, for requests that name the loopback interface as their host.

    Prefect 3.8.8 checks the auth string alone. A web site can point its own name at 127.0.0.1 (DNS
    rebinding), and the browser then sends its pages' requests here. They carry that site's name.
    """
    from fastapi.middleware.trustedhost import TrustedHostMiddleware  # noqa: PLC0415
    from prefect.server.api.server import create_app  # noqa: PLC0415 # seconds, for the child only

    return TrustedHostMiddleware(create_app(), allowed_hosts=LOOPBACK)


def _end_with_parent(started: Sequence[uvicorn.Server]) -> None:
    # Not sys.stdin, whose buffer a thread must not hold when the interpreter ends.
    while os.read(0, 1):
        pass
    if not started or not started[0].started:
        os._exit(0)
    started[0].should_exit = True


if __name__ == "__main__":
    serve(int(sys.argv[1]))
