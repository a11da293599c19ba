"""Drift of a capture is counted, and shown in the runs, the status and the run's report."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from flows.cli import app
from flows.report import RunReport, told
from tests.flows.pipelines import ask, replay

START = datetime(2026, 8, 22, 6, tzinfo=UTC)


def model(number: int, pricing: dict[str, str], **more: object) -> dict[str, Any]:
    return {
        "id": f"acme/m{number}",
        "name": f"Acme: M{number}",
        "context_length": 1000,
        "architecture": {"input_modalities": ["text"], "output_modalities": ["text"]},
        "top_provider": {},
        "pricing": pricing,
        **more,
    }


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[RunReport]]:
    recording, data_dir = tmp_path_factory.mktemp("recording"), tmp_path_factory.mktemp("data")
    folder = recording / "openrouter_models"
    folder.mkdir()
    price = {"prompt": "0.000001", "completion": "0.000002"}
    whole = [model(n, price) for n in range(20)]
    renamed = [model(n, {"input": "0.000001"}, surprise=1) for n in range(5)]
    for day, models in enumerate([whole, whole, [*renamed, *whole[5:]]]):
        name = f"{START + timedelta(days=day):%Y-%m-%dT%H%MZ}.json"
        (folder / name).write_text(json.dumps({"data": models}), encoding="utf-8")
    return data_dir, replay(data_dir, recording, every_step=True)


def test_it_is_in_the_runs(shown: tuple[Path, list[RunReport]]) -> None:
    data_dir, _ = shown
    runs = [
        json.loads(row[0]) for row in ask(data_dir, "SELECT drift FROM runs ORDER BY started_at")
    ]
    assert runs[0] == []
    assert runs[1] == []
    last = {(each["kind"], each["what"]): each["count"] for each in runs[2]}
    assert last == {
        ("coverage_fall", "15 of 20 models are priced, 20 of 20 were"): 5,
        ("new_key", "pricing.input"): 5,
        ("new_key", "surprise"): 5,
        ("vanished_field", "pricing.completion"): 5,
        ("vanished_field", "pricing.prompt"): 5,
    }


def test_it_is_in_the_report_of_the_run_and_asks_for_a_look(
    shown: tuple[Path, list[RunReport]],
) -> None:
    _, reports = shown
    assert [report.exit_status for report in reports] == [0, 0, 3]
    (row,) = reports[2].as_table_rows()
    assert row["drift"] == 5
    said = reports[2].as_markdown()
    assert "drift of **openrouter_models**: missing: pricing.prompt (5×)" in said
    assert "fewer prices: 15 of 20 models are priced, 20 of 20 were (5×)" in said
    assert "drift of" not in reports[1].as_markdown()


def test_it_is_in_the_status(shown: tuple[Path, list[RunReport]]) -> None:
    data_dir, _ = shown
    runner = CliRunner()
    text = runner.invoke(app, ["status", "--data-dir", str(data_dir)]).output
    assert "Drift of openrouter_models: new key: surprise (5×)" in text
    done = runner.invoke(app, ["status", "--data-dir", str(data_dir), "--format", "json"])
    by_source = {each["source"]: each for each in json.loads(done.stdout)}
    assert len(by_source["openrouter_models"]["drift"]) == 5
    assert by_source["aiml_models"]["drift"] == []


def test_what_happened_once_has_no_number() -> None:
    stored = '[{"kind":"unknown_type","what":"tts2","count":1}]'
    assert told(stored) == ("unknown type: tts2",)
    assert told("[]") == ()
