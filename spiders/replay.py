"""A recording served again: real HTTP on this machine, one server per site, step by step.

::

    with open_replay(Path("fixtures/captures")) as replay:
        for step in replay.steps:
            due = replay.go(step)              # sources that have a file at this step
            fetch_source(…, sites=replay.sites, clock=replay.clock, origin="replay")

The servers listen on the loopback address only, at ports that the system picks, under the sites'
own paths, and answer as the sites did: recorded statuses, ETag and 304, gzip where it is accepted,
further pages, robots.txt (404 unless one is recorded). The time is the recording's: `clock.now()`
and the Date header are the step's, and nobody waits.

Errors: `RecordingError` when there is no such folder. A recorded body that is damaged is served
damaged, so that the fetch fails by its own judgment.
"""

from __future__ import annotations

import gzip
import logging
import sys
from collections.abc import Collection, Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from typing_extensions import override

from models.registry import ASKED, SOURCES
from spiders.blobs import MAX_BODY_BYTES
from spiders.fetch_settings import RecordingClock
from spiders.recorded_site import NOT_FOUND, Pages, Reply, recorded_pages, reply
from spiders.recording import Recording, Skipped, scan
from spiders.sites import Sites

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class _Stage:
    """What the servers answer from; replaced as a whole between steps."""

    at: datetime = _EPOCH
    pages: Mapping[str, Pages] = field(default_factory=dict[str, Pages])


class Replay:
    """A recording being replayed; made by `open_replay`."""

    def __init__(self, recording: Recording, sites: Sites, stage: _Stage) -> None:
        self.steps = recording.steps
        self.skipped: tuple[Skipped, ...] = recording.skipped
        self.sites = sites
        self.clock = RecordingClock(_EPOCH)
        self.scopes: Mapping[str, str] = {}
        self._recording = recording
        self._stage = stage

    def go(self, step: datetime) -> tuple[str, ...]:
        """Go to `step`: serve its answers, set the clock; return the sources that are due."""
        fetches = self._recording.at(step)
        # Where two sources ask the same address, the one that lists what is there has the answer.
        ranked = sorted(fetches, key=lambda fetch: SOURCES[fetch.source].precedence)
        self._stage.pages = {fetch.source: recorded_pages(fetch) for fetch in ranked}
        self._stage.at = self.clock.at = step
        self.scopes = {fetch.source: fetch.scope for fetch in fetches}
        return tuple(fetch.source for fetch in fetches)


@contextmanager
def open_replay(
    root: Path, sources: Collection[str] = ASKED, *, now: datetime | None = None
) -> Generator[Replay]:
    """Serve the recording in `root` for as long as the context lasts; what is dated after `now`,
    the machine's clock, is skipped."""
    recording = scan(root, sources, now)
    stage = _Stage()
    with ExitStack() as stack:
        bases: dict[str, str] = {}
        for host in sorted({SOURCES[source].site for source in sources}):
            robots = _robots_of(recording, host)
            bases[host] = stack.enter_context(_serve(host, stage, robots))
        yield Replay(recording, Sites(bases), stage)


@contextmanager
def _serve(host: str, stage: _Stage, robots: bytes | None) -> Generator[str]:
    handler = partial(_Handler, host, stage, robots)
    server = _Server(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, args=(0.02,), name=f"replay {host}", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _robots_of(recording: Recording, host: str) -> bytes | None:
    for source, path in recording.robots.items():
        if SOURCES[source].site == host:
            return path.read_bytes()[:MAX_BODY_BYTES]
    return None


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    @override
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that hung up, as one does that was ended; log anything else."""
        error = sys.exception()
        if not isinstance(error, ConnectionError):
            logging.getLogger(__name__).error("a replayed answer failed", exc_info=error)


class _Handler(BaseHTTPRequestHandler):
    """Answers for one site. The first three arguments are bound when its server is made."""

    protocol_version = "HTTP/1.1"
    server_version = "recording"
    sys_version = ""

    def __init__(self, host: str, stage: _Stage, robots: bytes | None, *request: object) -> None:
        self._host = host
        self._stage = stage
        self._robots = robots
        super().__init__(*request)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Answer one request from the recording."""
        if self.path == "/robots.txt":
            self._send(Reply(200, "text/plain", self._robots) if self._robots else NOT_FOUND)
            return
        url = f"https://{self._host}{self.path}"
        for source, pages in self._stage.pages.items():
            found = reply(source, pages, url)
            if found:
                self._send(found)
                return
        self._send(NOT_FOUND)

    def _send(self, found: Reply) -> None:
        asked = self.headers.get("If-None-Match", "")
        if found.status == 200 and found.problem is None and found.etag in asked.split(", "):
            self.send_response(304)
            self.send_header("ETag", found.etag)
            self._link(found)
            self.end_headers()
            return
        body, encoding = found.body, ""
        if "gzip" in self.headers.get("Accept-Encoding", "") and len(body) > 1000:
            body, encoding = gzip.compress(body, 1, mtime=0), "gzip"
        self.send_response(found.status)
        self._headers(found, encoding, len(body))
        self.wfile.write(body)

    def _headers(self, found: Reply, encoding: str, size: int) -> None:
        self.send_header("Content-Type", found.content_type)
        self._link(found)
        if encoding:
            self.send_header("Content-Encoding", encoding)
        if found.status == 200 and found.problem is None:
            self.send_header("ETag", found.etag)
        # More than there is: the reader sees the answer stop early, as the recording does.
        self.send_header("Content-Length", str(size if found.problem is None else size + 1))
        if found.problem:
            self.send_header("Connection", "close")
        self.end_headers()

    def _link(self, found: Reply) -> None:
        for name, value in found.link.items():
            self.send_header(name, value)

    @override
    def date_time_string(self, timestamp: float | None = None) -> str:
        """The Date header: the recording's time."""
        return format_datetime(self._stage.at, usegmt=True)

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the fetches tell what was asked."""
