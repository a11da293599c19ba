"""The published directory over loopback HTTP: reading only, for programs on the same machine.

Answers carry an ETag that is the file's SHA-256, so that whoever asks again with it gets a 304, and
allow pages of every origin to read them. Files of a snapshot never change and say so; everything
else has to be asked for again.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import threading
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, unquote, urlsplit

from typing_extensions import override

from flows.errors import UsageError
from warehouse.errors import SnapshotError
from warehouse.read import latest

if TYPE_CHECKING:
    from collections.abc import Generator

HOST: Final = "127.0.0.1"
_TYPES: Final = {
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".duckdb": "application/vnd.duckdb",
    ".xml": "application/xml",
    ".html": "text/html; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".ts": "text/plain; charset=utf-8",
    ".md": "text/markdown; charset=utf-8",
}
_FOREVER: Final = "public, max-age=31536000, immutable"
_ASK_AGAIN: Final = "no-cache"
_PIECE: Final = 1 << 16
# A client that says nothing for so long has gone; its thread should go too.
_PATIENCE_S: Final = 30


@dataclass(frozen=True, slots=True)
class Site:
    """What is served: everything below `published`, and nothing else."""

    published: Path

    @contextmanager
    def file(self, path: str) -> Generator[BufferedReader | None]:
        """Open the file that a request's path names; None when it names none that may be read."""
        try:
            target = self._target(path)
            handle = None if target is None else target.open("rb")
        except OSError:
            # Gone meanwhile, not readable, or no name that a file could have.
            handle = None
        if handle is None:
            yield None
            return
        with handle:
            yield handle

    def _target(self, path: str) -> Path | None:
        parts = unquote(path, errors="strict").strip("/").split("/")
        # A hidden name is a file that is still being written.
        if any(not part or part.startswith(".") or {"\\", "\0"} & set(part) for part in parts):
            return None
        root = self.published.resolve()
        target = root.joinpath(*parts).resolve()
        return target if target.is_relative_to(root) and target.is_file() else None

    def index(self) -> dict[str, Any]:
        """What there is: the newest snapshot, its files, and where to look for the next one."""
        pointer = latest(self.published)
        if pointer is None:
            return {"latest": None, "files": []}
        manifest: dict[str, Any] = json.loads((pointer.directory / "manifest.json").read_bytes())
        where = pointer.directory.relative_to(self.published.resolve()).as_posix()
        files = [{**file, "url": f"/{where}/{file['path']}"} for file in manifest["files"]]
        return {
            "latest": {"snapshot_id": pointer.snapshot_id, "url": "/latest.json"},
            "status": {"url": "/status.json"},
            "manifest": {"url": f"/{where}/manifest.json"},
            "files": files,
        }


class _Handler(BaseHTTPRequestHandler):
    """Answers GET, HEAD and a browser's OPTIONS."""

    protocol_version = "HTTP/1.1"
    server_version = "pricebook"
    sys_version = ""
    timeout = _PATIENCE_S

    def __init__(self, site: Site, *args: Any) -> None:  # noqa: ANN401 # the library's own
        self.site = site
        super().__init__(*args)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_OPTIONS(self) -> None:
        """Let pages of other origins ask conditionally."""
        self.send_response(HTTPStatus.NO_CONTENT)
        self.send_header("Access-Control-Allow-Methods", "GET, HEAD")
        self.send_header("Access-Control-Allow-Headers", "If-None-Match")
        self.send_header("Access-Control-Max-Age", "86400")
        self.end_headers()

    def _refuse_method(self) -> None:
        self._send_text(
            HTTPStatus.METHOD_NOT_ALLOWED, "This only serves: GET and HEAD.", {"Allow": "GET, HEAD"}
        )
        self.close_connection = True

    do_POST = do_PUT = do_PATCH = do_DELETE = _refuse_method  # noqa: N815

    @override
    def end_headers(self) -> None:
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Access-Control-Expose-Headers", "ETag")
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: who reads what on one's own machine is no news."""

    def _answer(self, *, with_body: bool) -> None:
        path = urlsplit(self.path).path
        try:
            if path == "/":
                self._send_index(with_body=with_body)
                return
            with self.site.file(path) as handle:
                if handle is None:
                    self._send_text(HTTPStatus.NOT_FOUND, "There is no such file.", {})
                else:
                    self._send_file(path, handle, with_body=with_body)
        except UnicodeDecodeError:
            self._send_text(HTTPStatus.BAD_REQUEST, "That path is not UTF-8.", {})
        except SnapshotError as error:
            self._send_text(HTTPStatus.INTERNAL_SERVER_ERROR, str(error), {})

    def _send_file(self, path: str, handle: BufferedReader, *, with_body: bool) -> None:
        # Everything is asked of the open file: the name may lead to another one by now.
        size = os.fstat(handle.fileno()).st_size
        etag = f'"{_sha256(handle)}"'
        immutable = path.lstrip("/").startswith("snapshots/")
        headers = {
            "ETag": etag,
            "Cache-Control": _FOREVER if immutable else _ASK_AGAIN,
            "Accept-Ranges": "none",
        }
        if self._has(etag):
            self._send_head(HTTPStatus.NOT_MODIFIED, headers)
            return
        kind = _TYPES.get(Path(path).suffix, "application/octet-stream")
        more = {"Content-Type": kind, "Content-Length": str(size)}
        self._send_head(HTTPStatus.OK, {**headers, **more})
        if with_body:
            while piece := handle.read(_PIECE):
                self.wfile.write(piece)

    def _has(self, etag: str) -> bool:
        stated = self.headers.get("If-None-Match", "")
        known = [each.strip().removeprefix("W/") for each in stated.split(",")]
        return etag in known or known == ["*"]

    def _send_index(self, *, with_body: bool) -> None:
        index = self.site.index()
        if "text/html" in self.headers.get("Accept", ""):
            body, kind = _index_page(index).encode(), "text/html; charset=utf-8"
        else:
            body, kind = (json.dumps(index, indent=1) + "\n").encode(), "application/json"
        etag = f'"{hashlib.sha256(body).hexdigest()}"'
        headers = {"ETag": etag, "Cache-Control": _ASK_AGAIN, "Vary": "Accept"}
        if self._has(etag):
            self._send_head(HTTPStatus.NOT_MODIFIED, headers)
            return
        more = {"Content-Type": kind, "Content-Length": str(len(body))}
        self._send_head(HTTPStatus.OK, {**headers, **more})
        if with_body:
            self.wfile.write(body)

    def _send_text(self, status: HTTPStatus, text: str, headers: dict[str, str]) -> None:
        body = f"{text}\n".encode()
        more = {"Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(body))}
        self._send_head(status, {**headers, **more})
        if self.command != "HEAD":
            self.wfile.write(body)

    def _send_head(self, status: HTTPStatus, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    @override
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: a client that went away in mid-answer is no fault of ours."""


def make_server(published: Path, port: int) -> ThreadingHTTPServer:
    """A server that is bound but not yet running; port 0 takes any that is free.

    Raises UsageError when the port cannot be had.
    """
    try:
        return _Server((HOST, port), partial(_Handler, Site(published)))
    except (OSError, OverflowError) as error:
        raise UsageError(
            f"port {port} cannot be used ({error}): choose another with --port, 0 for any"
        ) from error


def serve_until_stopped(server: ThreadingHTTPServer, ready: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT, then stop accepting and return."""

    def stop(*_: object) -> None:
        # shutdown() waits for the loop that this very thread is running.
        threading.Thread(target=server.shutdown, daemon=True).start()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        with server:
            ready()
            server.serve_forever(poll_interval=0.1)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _sha256(handle: BufferedReader) -> str:
    """The digest of an open file, remembered for as long as it is the same file."""
    stat = os.fstat(handle.fileno())
    digest = _remembered(stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns)
    if not digest:
        digest.append(hashlib.file_digest(handle, "sha256").hexdigest())
        handle.seek(0)
    return digest[0]


@lru_cache(maxsize=4096)
def _remembered(device: int, inode: int, size: int, changed_ns: int) -> list[str]:
    return []


def _index_page(index: dict[str, Any]) -> str:
    links = [("/latest.json", ""), ("/status.json", "")]
    links += [(file["url"], f"{file['bytes']:,} bytes") for file in index["files"]]
    items = "\n".join(
        f'<li><a href="{escape(quote(url))}">{escape(url)}</a> {escape(note)}</li>'
        for url, note in links
    )
    newest = index["latest"]["snapshot_id"] if index["latest"] else "nothing published yet"
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>pricebook</title>'
        f"<h1>pricebook</h1><p>Newest snapshot: {escape(newest)}</p><ul>\n{items}\n</ul></html>\n"
    )
