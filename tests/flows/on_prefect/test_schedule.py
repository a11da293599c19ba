"""A schedule that really runs: its own server, its own process, runs that start by themselves."""

from __future__ import annotations

import base64
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from filelock import FileLock

from flows import settings
from flows.plan import Plan
from flows.prefect_auth import AUTH_FILE, auth_file, read_auth
from flows.prefect_env import home_of
from flows.prefect_ready import prefect_ready
from flows.prefect_server import LocalServer
from flows.schedule import LOCK_FILE, ScheduleHeldError, run_schedule
from flows.settings import Settings
from tests.flows.conftest import Pricebook
from tests.flows.on_prefect.processes import (
    children,
    command_line,
    descendants,
    free_port,
    sites_at_hand,
    wait_until_gone,
)
from tests.flows.on_prefect.recordings import FIRST, Recorder

# `pricebook schedule`, but every few seconds instead of by a cron expression.
SCHEDULE = """
import sys
from datetime import timedelta
from pathlib import Path
from flows import settings
from flows.plan import Plan
from flows.schedule import run_schedule
chosen = settings.load(Path(sys.argv[1]))
plan = Plan(every=timedelta(seconds=6), sources=("openrouter_models", "aiml_models"))
run_schedule(chosen, plan, lambda line: print(line, flush=True), new_auth="new" in sys.argv)
"""
FETCHED = "Task run 'fetch .*Finished in state"
ENDED_WELL = r"Flow run .*Finished in state Completed\(\)"
LIMIT_S = 120


class Life:
    """A schedule's process, from its start to its end."""

    def __init__(
        self, data_dir: Path, log: Path, environment: Mapping[str, str], *words: str
    ) -> None:
        self.log = log
        with log.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", SCHEDULE, str(data_dir), *words],
                env=environment,
                stdout=output,
                stderr=output,
            )

    @property
    def text(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def count(self, pattern: str) -> int:
        return len(re.findall(pattern, self.text))

    def says(self, pattern: str, times: int = 1) -> None:
        """Wait until so many lines of the log match."""
        deadline = time.monotonic() + LIMIT_S
        while self.count(pattern) < times:
            assert self.process.poll() is None, self.text
            assert time.monotonic() < deadline, self.text
            time.sleep(0.05)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


@dataclass
class Story:
    """What two schedules on one data directory left behind, and what was seen meanwhile."""

    data_dir: Path
    port: int
    auths: list[str] = field(default_factory=list)
    seen: str = ""
    orders: list[int] = field(default_factory=list)
    published_by_first: bool = False
    orphans_gone: bool = False
    missed: set[str] = field(default_factory=set)
    second_said: str = ""
    status: int | None = None
    took_s: float = 0.0
    left_behind: bool = False

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        database = home_of(self.data_dir) / "prefect.db"
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            return connection.execute(query).fetchall()

    def due(self) -> set[str]:
        found = self.ask("SELECT id FROM flow_run WHERE state_type = 'SCHEDULED'")
        return {str(run_id) for (run_id,) in found}

    def look(self, life: Life) -> None:
        """Note the auth string, and all that is to be seen without the right to read it."""
        self.auths.append(read_auth(home_of(self.data_dir)).get_secret_value())
        started = [life.process.pid, *descendants(life.process.pid)]
        self.seen += "\n".join([*map(command_line, started), life.text])

    def give_orders(self) -> None:
        """Ask the running schedule for another command and for a run, without its auth string."""
        [[flow_id, deployment_id]] = self.ask("SELECT flow_id, id FROM deployment")
        script = f"touch {self.data_dir}.ordered"
        step = {"prefect.deployments.steps.run_shell_script": {"script": script}}
        body = {"name": "schedule", "flow_id": flow_id, "pull_steps": [step]}
        site = f"http://127.0.0.1:{self.port}/api/deployments"
        for path, order in (("/", body), (f"/{deployment_id}/create_flow_run", {})):
            self.orders.append(httpx.post(site + path, json=order, timeout=30).status_code)

    def ends(self) -> list[tuple[str, str]]:
        """Type and name of the state of each run that did something, oldest first."""
        return self.ask(
            "SELECT state_type, state_name FROM flow_run WHERE auto_scheduled "
            "AND state_type NOT IN ('SCHEDULED', 'CANCELLED') AND state_name <> 'Overtaken' "
            "ORDER BY start_time"
        )


def _first_life(story: Story, life: Life) -> None:
    """One run ends well; during the next one the whole schedule is killed."""
    life.says(ENDED_WELL)
    story.published_by_first = (story.data_dir / "published" / "latest.json").is_file()
    story.look(life)
    # The first source is fetched: the next one, loading and publishing are still to come.
    life.says(FETCHED, life.count(FETCHED) + 1)
    started = children(life.process.pid)
    life.end()
    story.orphans_gone = wait_until_gone(*started)


def _second_life(story: Story, life: Life) -> None:
    """One run is killed, the next one ends well; then the schedule is asked to stop."""
    life.says(r"next runs \(UTC\)")
    story.give_orders()
    life.says("Beginning flow run")
    [run] = children(life.process.pid, "prefect")[-1:]
    subprocess.run(["kill", "-9", str(run)], check=True)
    life.says("as crashed")
    life.says("Beginning flow run", 2)
    story.look(life)
    life.says(ENDED_WELL)
    started = children(life.process.pid)
    asked = time.monotonic()
    life.process.send_signal(signal.SIGTERM)
    story.status = life.process.wait(LIMIT_S)
    story.took_s = time.monotonic() - asked
    story.left_behind = not wait_until_gone(*started, limit_s=2)
    story.second_said = life.text


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("schedule")
    recording = Recorder(folder / "recording").keep(FIRST, "openrouter_models", "aiml_models").root
    told = Story(folder / "data", free_port())
    with sites_at_hand(recording, folder / "path") as environment:
        environment["PRICEBOOK_PREFECT_PORT"] = str(told.port)
        first = Life(told.data_dir, folder / "first.log", environment)
        try:
            _first_life(told, first)
        finally:
            first.end()
        told.missed = told.due()
        time.sleep(1)
        second = Life(told.data_dir, folder / "second.log", environment, "new")
        try:
            _second_life(told, second)
        finally:
            second.end()
    return told


pytestmark = pytest.mark.prefect


def test_a_scheduled_run_starts_by_itself_and_publishes(story: Story) -> None:
    assert story.ends()[0] == ("COMPLETED", "Completed")
    assert story.published_by_first


def test_what_a_killed_schedule_had_started_ends_with_it(story: Story) -> None:
    assert story.orphans_gone


def test_killed_runs_are_noted_and_the_next_one_goes_on(story: Story) -> None:
    assert "1 earlier run(s) ended without a word" in story.second_said
    first, killed_with_all, *second = story.ends()
    assert killed_with_all == second[0] == ("CRASHED", "Crashed")
    assert first in second


def test_missed_runs_are_dropped_not_made_up_for(story: Story) -> None:
    assert story.missed
    listed = ",".join(f"'{run_id}'" for run_id in story.missed)
    # The server itself may have cancelled some of them by then; a run that ran has an end to show.
    left = story.ask(f"SELECT state_name FROM flow_run WHERE id IN ({listed})")
    assert {name for (name,) in left} <= {"Cancelled"}


def test_it_tells_when_it_runs_next_and_where_to_look(story: Story) -> None:
    assert f"Prefect's page: http://127.0.0.1:{story.port}\n" in story.second_said
    assert f"its auth string: see {story.data_dir}/prefect/auth\n" in story.second_said
    assert "next runs (UTC): 2" in story.second_said


def test_it_stops_within_seconds_and_leaves_nothing_running(story: Story) -> None:
    assert story.status == 0
    assert story.took_s < 10
    assert not story.left_behind


def test_a_schedule_takes_no_orders_from_a_stranger(story: Story) -> None:
    assert story.orders == [401, 401]
    assert not story.data_dir.with_name("data.ordered").exists()


def test_its_auth_string_is_changed_when_asked_for_and_runs_go_on(story: Story) -> None:
    first, second = story.auths
    assert first != second
    assert story.ends()[-1] == ("COMPLETED", "Completed")


def test_its_auth_string_is_nowhere_but_in_its_file(story: Story) -> None:
    stored = [path for path in story.data_dir.rglob("*") if path.is_file()]
    for auth, holders in zip(story.auths, ([], [AUTH_FILE]), strict=True):
        for form in (auth.encode(), base64.b64encode(auth.encode())):
            assert form not in (story.seen + story.second_said).encode()
        found = [path.name for path in stored if auth.encode() in path.read_bytes()]
        assert found == holders


def test_a_port_that_is_taken_is_a_fault_of_the_settings(
    tmp_path: Path, pricebook: Pricebook, monkeypatch: pytest.MonkeyPatch, as_it_was: None
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        monkeypatch.setenv("PRICEBOOK_PREFECT_PORT", str(port))
        ended = pricebook("schedule", "--data-dir", tmp_path, "--debug")
    assert ended.status == 2
    assert re.search(f"port {port} .*PRICEBOOK_PREFECT_PORT", ended.err)
    assert "Traceback" in ended.err
    assert read_auth(home_of(tmp_path)).get_secret_value() not in ended.out + ended.err


def test_a_server_of_the_users_own_is_left_to_the_user(
    chosen: Settings, prefect_server: LocalServer, pricebook: Pricebook
) -> None:
    ended = pricebook("schedule", "--new-auth", "--data-dir", chosen.data_dir)
    assert ended.status == 2
    assert "PRICEBOOK_PREFECT_API_URL names yours" in ended.err
    with prefect_ready(chosen):
        theirs = prefect_server.auth.get_secret_value()
        assert os.environ["PREFECT_API_AUTH_STRING"] == theirs
    assert not auth_file(home_of(chosen.data_dir)).exists()


def test_a_second_schedule_is_refused(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    home.mkdir()
    with FileLock(home / LOCK_FILE), pytest.raises(ScheduleHeldError, match="already") as refused:
        run_schedule(settings.load(tmp_path), Plan(), print)
    assert refused.value.exit_status == 4
