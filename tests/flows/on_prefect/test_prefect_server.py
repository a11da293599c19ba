"""Our own Prefect server: its database, its manners, and that it outlives nobody."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from flows.prefect_database import DATABASE_FILE, SCHEMA_FILE, ensure_database
from flows.prefect_env import own_environment
from flows.prefect_server import LocalServer, ServerNotStartedError, local_server
from tests.flows.on_prefect.processes import is_there, wait_until_gone

pytestmark = pytest.mark.prefect

# Starts a server and says its process id, then waits to be killed.
OWNER = """
import os, sys, time
from pathlib import Path
from flows.prefect_env import own_environment
from flows.prefect_server import local_server
home = Path(sys.argv[1])
with local_server(home, lambda url: own_environment(os.environ, home, url)) as server:
    print(server.process.pid, flush=True)
    time.sleep(60)
"""


def environment(home: Path, url: str) -> Mapping[str, str]:
    return own_environment(os.environ, home, url)


def test_a_second_user_of_the_database_shares_the_server(prefect_server: LocalServer) -> None:
    home = prefect_server.log.parent
    with local_server(home, lambda url: environment(home, url)) as shared:
        shared.wait_until_ready()
        assert (shared.api_url, shared.process) == (prefect_server.api_url, None)
    prefect_server.wait_until_ready(2)


def test_it_answers_no_page_of_another_origin(prefect_server: LocalServer) -> None:
    elsewhere = {"Origin": "https://elsewhere.example"}
    answer = httpx.get(f"{prefect_server.api_url}/health", headers=elsewhere, timeout=20)
    assert answer.is_success
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_it_ends_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout
        server = int(owner.stdout.readline())
        assert is_there(server)
        owner.send_signal(signal.SIGKILL)
    assert wait_until_gone(server)


def test_a_server_that_cannot_start_says_where_to_look(tmp_path: Path) -> None:
    (tmp_path / DATABASE_FILE).write_text("no database at all", encoding="utf-8")
    with (
        local_server(tmp_path, lambda url: environment(tmp_path, url)) as server,
        pytest.raises(ServerNotStartedError, match=r"server\.log says why"),
    ):
        server.wait_until_ready()
    assert "file is not a database" in (tmp_path / "server.log").read_text(encoding="utf-8")


def test_a_database_that_is_there_is_left_alone(tmp_path: Path) -> None:
    ensure_database(tmp_path)
    made = (tmp_path / DATABASE_FILE).stat()
    ensure_database(tmp_path)
    assert (tmp_path / DATABASE_FILE).stat() == made
    assert [path.name for path in tmp_path.iterdir()] == [DATABASE_FILE]


def test_no_migration_is_left_to_do(prefect_server: LocalServer) -> None:
    revision = "SELECT version_num FROM alembic_version"
    with closing(sqlite3.connect(":memory:")) as empty:
        empty.executescript(SCHEMA_FILE.read_text(encoding="utf-8"))
        written = empty.execute(revision).fetchall()
    with closing(sqlite3.connect(prefect_server.log.parent / DATABASE_FILE)) as served:
        assert served.execute(revision).fetchall() == written
