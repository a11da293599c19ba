"""Deployments: `prefect.yaml` to a work pool by the module's name, and when a schedule is due."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from flows import prefect_env
from flows.errors import UsageError
from flows.plan import DEFAULT_CRON, Plan
from flows.prefect_server import LocalServer
from flows.schedule import run_schedule
from flows.settings import Settings
from tests.flows.on_prefect.processes import run, sites_at_hand
from tests.flows.on_prefect.recordings import FIRST, Recorder

pytestmark = pytest.mark.prefect

CHECKOUT = Path(__file__).parents[3]
PREFECT = str(Path(sys.executable).with_name("prefect"))
ONE_SOURCE = 'sources=["openrouter_models"]'


@pytest.mark.slow
def test_a_worker_runs_what_the_file_deploys(
    tmp_path: Path, recorder: Recorder, prefect_server: LocalServer
) -> None:
    recording = recorder.keep(FIRST, "openrouter_models").root
    data_dir = tmp_path / "data"
    with sites_at_hand(recording, tmp_path / "path") as environment:
        home = tmp_path / "worker"
        theirs = {
            **prefect_env.own_environment(
                environment, home, prefect_server.api_url, prefect_server.auth
            ),
            "PREFECT_LOGGING_LEVEL": "INFO",
            "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "INFO",
            "PRICEBOOK_DATA_DIR": str(data_dir),
        }

        def prefect(*words: str) -> str:
            return run(PREFECT, "--no-prompt", *words, env=theirs, cwd=CHECKOUT)

        prefect("work-pool", "create", "pricebook", "--type", "process")
        assert "'refresh/pricebook'" in prefect("deploy", "--all").replace("\n", " ")
        prefect("deployment", "run", "refresh/pricebook", "--param", ONE_SOURCE)
        told = prefect("worker", "start", "--pool", "pricebook", "--run-once")
    assert "Finished in state Completed()" in told
    assert (data_dir / "published" / "latest.json").is_file()


def test_a_cron_expression_that_means_nothing_is_a_usage_error(chosen: Settings) -> None:
    with pytest.raises(UsageError, match="'every day' is no cron expression"):
        run_schedule(chosen, Plan(cron="every day"), print)


def test_the_default_is_every_six_hours_and_not_on_the_hour(as_it_was: None) -> None:
    from flows.deployment import schedule_of  # noqa: PLC0415 # imports Prefect

    schedule = schedule_of(Plan())
    assert (schedule.cron, schedule.timezone) == (DEFAULT_CRON, "UTC") == ("17 */6 * * *", "UTC")
