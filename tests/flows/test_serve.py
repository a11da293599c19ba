"""The published directory over HTTP, asked by a real client over a real socket."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.errors import UsageError
from flows.serving import make_server

SECRET = "not for anybody"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A published directory beside things that nobody may read."""
    published = tmp_path / "published"
    snapshot = published / "snapshots" / "20260101T000000Z-aaaaaaaa"
    (snapshot / "schema").mkdir(parents=True)
    for name in ("prices.parquet", "prices.json", "pricebook.duckdb", "changes.atom.xml"):
        (snapshot / name).write_bytes(f"body of {name}".encode())
    (snapshot / "schema" / "prices.json").write_text("{}", encoding="utf-8")
    files = [{"path": "prices.json", "bytes": 19, "sha256": "0" * 64}]
    (snapshot / "manifest.json").write_text(json.dumps({"files": files}), encoding="utf-8")
    (published / "latest").symlink_to("snapshots/20260101T000000Z-aaaaaaaa")
    latest = {"snapshot_id": "20260101T000000Z-aaaaaaaa", "manifest_sha256": ""}
    latest["path"] = "snapshots/20260101T000000Z-aaaaaaaa"
    (published / "latest.json").write_text(json.dumps(latest), encoding="utf-8")
    (published / ".latest.json.123").write_text(SECRET, encoding="utf-8")
    (published / "snapshots" / ".building-7").mkdir()
    (published / "snapshots" / ".building-7" / "prices.json").write_text(SECRET, encoding="utf-8")
    (tmp_path / "warehouse.duckdb").write_text(SECRET, encoding="utf-8")
    (published / "link").symlink_to(tmp_path / "warehouse.duckdb")
    return published


@pytest.fixture
def client(site: Path) -> Iterator[http.client.HTTPConnection]:
    """A connection to a server that runs in this process."""
    server = make_server(site, 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=10)
    try:
        yield connection
    finally:
        connection.close()
        server.shutdown()
        thread.join()
        server.server_close()


def ask(
    client: http.client.HTTPConnection, path: str, method: str = "GET", **headers: str
) -> tuple[http.client.HTTPResponse, bytes]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    client.request(method, path, headers=named)
    answer = client.getresponse()
    return answer, answer.read()


@pytest.mark.parametrize(
    ("path", "kind", "caching"),
    [
        ("/latest.json", "application/json", "no-cache"),
        ("/latest/prices.parquet", "application/vnd.apache.parquet", "no-cache"),
        ("/latest/pricebook.duckdb", "application/vnd.duckdb", "no-cache"),
        ("/latest/changes.atom.xml", "application/xml", "no-cache"),
        (
            "/snapshots/20260101T000000Z-aaaaaaaa/schema/prices.json",
            "application/json",
            "public, max-age=31536000, immutable",
        ),
    ],
)
def test_a_file_comes_with_its_type_its_digest_and_how_long_it_keeps(
    client: http.client.HTTPConnection, site: Path, path: str, kind: str, caching: str
) -> None:
    answer, body = ask(client, path)

    assert answer.status == 200
    assert body == (site / path.lstrip("/")).read_bytes()
    assert answer.headers["Content-Type"] == kind
    assert answer.headers["Content-Length"] == str(len(body))
    assert answer.headers["Cache-Control"] == caching
    assert answer.headers["ETag"] == f'"{hashlib.sha256(body).hexdigest()}"'
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_who_has_it_already_is_told_so(client: http.client.HTTPConnection) -> None:
    etag = str(ask(client, "/latest.json")[0].headers["ETag"])

    for known in (etag, f'"other", W/{etag}', "*"):
        answer, body = ask(client, "/latest.json", If_None_Match=known)
        assert (answer.status, body) == (304, b"")
        assert answer.headers["ETag"] == etag
    assert ask(client, "/latest.json", If_None_Match='"other"')[0].status == 200


def test_a_file_that_was_replaced_has_another_digest_at_once(
    client: http.client.HTTPConnection, site: Path
) -> None:
    before = str(ask(client, "/latest.json")[0].headers["ETag"])
    (site / "next").write_text("{}", encoding="utf-8")
    (site / "next").replace(site / "latest.json")

    answer, body = ask(client, "/latest.json", If_None_Match=before)

    assert (answer.status, body) == (200, b"{}")


def test_head_says_the_same_without_a_body(client: http.client.HTTPConnection) -> None:
    full, _ = ask(client, "/latest/prices.parquet")
    head, body = ask(client, "/latest/prices.parquet", "HEAD")

    assert (head.status, body) == (200, b"")
    for name in ("ETag", "Content-Length", "Content-Type"):
        assert head.headers[name] == full.headers[name]
    missing, nothing = ask(client, "/none", "HEAD")
    assert (missing.status, nothing) == (404, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/../warehouse.duckdb",
        "/%2e%2e/warehouse.duckdb",
        "/snapshots/../../warehouse.duckdb",
        "/snapshots/%2e%2e%2f%2e%2e%2fwarehouse.duckdb",
        "/..\\warehouse.duckdb",
        "//etc/passwd",
        "/link",
        "/.latest.json.123",
        "/snapshots/.building-7/prices.json",
        "/snapshots",
        "/snapshots/",
        "/latest",
        "/%00",
        "/latest.json%00.txt",
        "/" + "a" * 5000,
        "/none",
    ],
)
def test_nothing_else_of_the_machine_can_be_read_or_listed(
    client: http.client.HTTPConnection, path: str
) -> None:
    answer, body = ask(client, path)

    assert answer.status == 404
    assert SECRET.encode() not in body


def test_a_path_in_no_known_encoding_is_refused(client: http.client.HTTPConnection) -> None:
    assert ask(client, "/%ff%fe")[0].status == 400


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_it_only_serves(client: http.client.HTTPConnection, method: str) -> None:
    answer, _ = ask(client, "/latest.json", method)

    assert answer.status == 405
    assert answer.headers["Allow"] == "GET, HEAD"


def test_a_page_of_another_origin_may_ask_conditionally(
    client: http.client.HTTPConnection,
) -> None:
    answer, _ = ask(client, "/latest.json", "OPTIONS", Origin="https://simulator.example")

    assert answer.status == 204
    assert "If-None-Match" in str(answer.headers["Access-Control-Allow-Headers"])
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_the_index_names_the_newest_files_for_programs_and_people(
    client: http.client.HTTPConnection,
) -> None:
    answer, body = ask(client, "/")
    index = json.loads(body)
    page, html = ask(client, "/", Accept="text/html")

    assert index["latest"]["snapshot_id"] == "20260101T000000Z-aaaaaaaa"
    assert ask(client, index["files"][0]["url"])[1] == b"body of prices.json"
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert b'href="/snapshots/20260101T000000Z-aaaaaaaa/prices.json"' in html
    assert ask(client, "/", If_None_Match=str(answer.headers["ETag"]))[0].status == 304


def test_before_anything_is_published_there_is_an_index_and_nothing_else(tmp_path: Path) -> None:
    server = make_server(tmp_path / "published", 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=10)
    try:
        assert json.loads(ask(connection, "/")[1]) == {"latest": None, "files": []}
        assert ask(connection, "/latest.json")[0].status == 404
    finally:
        connection.close()
        server.shutdown()
        thread.join()
        server.server_close()


def test_it_listens_on_this_machine_only_and_says_when_a_port_is_taken(site: Path) -> None:
    server = make_server(site, 0)
    try:
        assert server.server_address[0] == "127.0.0.1"
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            with pytest.raises(UsageError, match=f"port {port} cannot be used.*--port"):
                make_server(site, port)
    finally:
        server.server_close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly_when_asked_to(book_dir: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "flows", "serve", "--port", "0", "--data-dir", str(book_dir)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        connection = http.client.HTTPConnection(url.split("/")[2], timeout=10)
        connection.request("GET", "/latest.json")
        snapshot = json.loads(connection.getresponse().read())["snapshot_id"]

        # A client that keeps its connection open must not hold it up.
        process.send_signal(number)
        _, said = process.communicate(timeout=10)
        connection.close()

    assert process.returncode == 0
    assert snapshot.startswith("20261012T060000Z")
    assert str(book_dir / "published") in said
    assert "Traceback" not in said
