"""Our own Prefect server: its database, its manners, and that it outlives nobody."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from filelock import FileLock

from flows import prefect_server as prefect_server_module
from flows.errors import SettingsError
from flows.prefect_database import DATABASE_FILE, SCHEMA_FILE, ensure_database
from flows.prefect_env import own_environment
from flows.prefect_server import (
    ADDRESS_FILE,
    LOCK_FILE,
    SCHEDULING,
    LocalServer,
    ServerNotStartedError,
    local_server,
)
from tests.flows.on_prefect.processes import is_there, wait_until_gone

if TYPE_CHECKING:
    from pydantic import SecretStr

pytestmark = pytest.mark.prefect

# Starts a server and says its process id, then waits to be killed.
OWNER = """
import os, sys, time
from pathlib import Path
from flows.prefect_env import own_environment
from flows.prefect_server import local_server
home = Path(sys.argv[1])
with local_server(home, lambda *which: own_environment(os.environ, home, *which)) as server:
    print(server.process.pid, flush=True)
    time.sleep(60)
"""


def of(home: Path) -> Callable[[str, SecretStr], Mapping[str, str]]:
    return lambda url, auth: own_environment(os.environ, home, url, auth)


def test_a_second_user_of_the_database_shares_the_server(prefect_server: LocalServer) -> None:
    home = prefect_server.log.parent
    with local_server(home, of(home)) as shared:
        shared.wait_until_ready()
        assert shared == replace(prefect_server, process=None)
    prefect_server.wait_until_ready(2)


def test_a_schedule_never_borrows_a_server_that_schedules_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prefect_server_module, "START_LIMIT_S", 0.1)
    with (
        FileLock(tmp_path / LOCK_FILE),
        pytest.raises(ServerNotStartedError, match="start the schedule again when that run"),
        local_server(tmp_path, of(tmp_path), SCHEDULING),
    ):
        pass


def test_it_answers_no_page_of_another_origin(prefect_server: LocalServer) -> None:
    elsewhere = {"Origin": "https://elsewhere.example"}
    answer = httpx.get(f"{prefect_server.api_url}/health", headers=elsewhere, timeout=20)
    assert answer.is_success
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_port_that_is_taken_is_named_with_its_remedy(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        with (
            pytest.raises(SettingsError, match=f"port {port} .*in use.*PRICEBOOK_PREFECT_PORT"),
            local_server(tmp_path, of(tmp_path), port=port),
        ):
            pass


def test_no_address_of_an_earlier_life_is_left_when_a_server_starts(tmp_path: Path) -> None:
    left = tmp_path / ADDRESS_FILE
    left.write_text("http://127.0.0.1:9/api", encoding="ascii")
    known = of(tmp_path)

    def environment(url: str, auth: SecretStr) -> Mapping[str, str]:
        assert not left.exists()
        return known(url, auth)

    with local_server(tmp_path, environment) as server:
        assert left.read_text(encoding="ascii") == server.api_url


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
        local_server(tmp_path, of(tmp_path)) as server,
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
