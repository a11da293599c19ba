"""A site on the loopback address that misbehaves on request, and what is needed to fetch it."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from typing_extensions import override

from models.capture import Fetch
from spiders.capture_store import CaptureStore
from spiders.fetch import fetch_source
from spiders.fetch_settings import FetchSettings
from spiders.pageplan import PageJob
from spiders.plan import PlanMaker
from spiders.sites import Sites

NOON = datetime(2026, 8, 1, 12, tzinfo=UTC)


@dataclass(slots=True)
class Said:
    """One answer: `raw` bytes go to the socket as they are, else a proper answer is made."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    raw: Callable[[BaseHTTPRequestHandler], None] | None = None


@dataclass(slots=True)
class Asked:
    path: str
    headers: dict[str, str]


class Site:
    """Answers by path; a list of answers is used up one by one, its last one stays."""

    def __init__(self) -> None:
        self.answers: dict[str, Said | list[Said]] = {}
        self.asked: list[Asked] = []
        self.base = ""

    def says(self, path: str, *answers: Said) -> None:
        self.answers[path] = list(answers)

    @property
    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        headers = {name.lower(): value for name, value in handler.headers.items()}
        self.asked.append(Asked(handler.path, headers))
        found = self.answers.get(handler.path, Said(b"nothing here", 404))
        if isinstance(found, list):
            found = found.pop(0) if len(found) > 1 else found[0]
        if found.raw:
            found.raw(handler)
            return
        handler.send_response(found.status)
        for name, value in found.headers.items():
            handler.send_header(name, value)
        if "Content-Length" not in found.headers:
            handler.send_header("Content-Length", str(len(found.body)))
        handler.end_headers()
        handler.wfile.write(found.body)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, site: Site, *request: object) -> None:
        self.site = site
        super().__init__(*request)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        self.site.answer(self)

    @override
    def log_message(self, format: str, *args: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    @override
    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up or refuse a certificate are what is tested."""


class TestClock:
    """A clock that stands still but for what is slept on it."""

    __test__ = False

    def __init__(self) -> None:
        self.at = NOON
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)


@dataclass
class Bench:
    """A fetcher of one misbehaving site, which stands for all hosts that sources are at."""

    site: Site
    store: CaptureStore
    clock: TestClock
    sites: Sites
    settings: FetchSettings = field(
        default_factory=lambda: FetchSettings(contact="mailto:ops@example.org", pause_s=0.25)
    )

    def fetch(self, source: str, how: PlanMaker | PageJob) -> Fetch:
        fetch = fetch_source(
            source,
            how,
            sites=self.sites,
            store=self.store,
            settings=self.settings,
            clock=self.clock,
            jitter=lambda: 1.0,
        )
        self.clock.at += timedelta(hours=6)
        return fetch


@contextmanager
def serve(site: Site, tls: ssl.SSLContext | None = None) -> Generator[Site]:
    server = _Server(("127.0.0.1", 0), partial(_Handler, site))
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    site.base = f"http{'s' if tls else ''}://127.0.0.1:{server.server_address[1]}"
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
