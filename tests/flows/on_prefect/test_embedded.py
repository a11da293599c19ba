"""A run from the command line: it brings its own server and leaves nothing but its data."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from flows.prefect_env import home_of, own_environment
from flows.prefect_server import local_server
from tests.flows.on_prefect.recordings import FIRST, SECOND, Recorder


@pytest.mark.prefect
def test_a_run_amid_another_prefect_brings_all_it_needs(tmp_path: Path, recorder: Recorder) -> None:
    recorder.keep(FIRST, "openrouter_models").keep(SECOND, "openrouter_models")
    evil = 'PREFECT_API_URL="http://127.0.0.1:9/api"\n'
    (tmp_path / ".env").write_text(evil, encoding="utf-8")
    (tmp_path / "prefect.toml").write_text('[api]\nurl = "http://127.0.0.1:9/api"\n')
    before = sorted(tmp_path.iterdir())
    done = subprocess.run(
        [sys.executable, "-m", "flows", "refresh", "--replay", "recording", "--data-dir", "data"],
        cwd=tmp_path,
        env={
            "PATH": os.environ["PATH"],
            "HOME": "/nonexistent",
            "HTTP_PROXY": "http://127.0.0.1:9",
            "HTTPS_PROXY": "http://127.0.0.1:9",
            "PREFECT_API_URL": "http://127.0.0.1:9/api",
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": "sqlite+aiosqlite:////nonexistent/prefect.db",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "rror" not in done.stderr
    assert f"data directory: {tmp_path / 'data'}" in done.stderr
    assert sorted(tmp_path.iterdir()) == sorted([*before, tmp_path / "data"])
    assert states(tmp_path, "flow_run") == {("COMPLETED", 2)}
    # One fetch, one load and one publish for each: the server heard of all before it ended.
    assert states(tmp_path, "task_run") == {("COMPLETED", 6)}


def states(folder: Path, table: str) -> set[tuple[str, int]]:
    database = folder / "data" / "prefect" / "prefect.db"
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        found = connection.execute(f"SELECT state_type, count(*) FROM {table} GROUP BY state_type")
        return {(str(state), int(count)) for state, count in found}


@pytest.mark.prefect
def test_a_run_beside_a_server_of_ours_reports_to_it(tmp_path: Path, recorder: Recorder) -> None:
    recording = recorder.keep(FIRST, "openrouter_models").root
    home = home_of(tmp_path / "data")
    with local_server(home, lambda *which: own_environment(os.environ, home, *which)) as server:
        server.wait_until_ready()
        done = subprocess.run(
            [sys.executable, "-m", "flows", "refresh", "--replay", str(recording)],
            env={**os.environ, "PRICEBOOK_DATA_DIR": str(tmp_path / "data")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert server.auth.get_secret_value() not in done.stdout + done.stderr
        server.check()
    assert states(tmp_path, "flow_run") == {("COMPLETED", 1)}
