"""What was asked where a recording was made is kept with it, and says what silence means."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flows import running, settings
from flows.errors import OK, UsageError
from tests.flows import pipelines
from tests.flows.histories import openrouter

WIDE = "output_modalities=all"
PLAIN_URL = "https://openrouter.ai/api/v1/models"
CHAT = {f"acme/chat-{n}": {"prompt": "0.000001", "completion": "0.000002"} for n in range(9)}
SPEECH = {f"acme/voice-{n}": {"prompt": "0.000003", "completion": "0.000004"} for n in range(9)}
LATER = {"acme/later": {"prompt": "0.000005", "completion": "0.000006"}}


def record(folder: Path, *days: dict[str, Any]) -> Path:
    """Lists of OpenRouter, one a day."""
    source = folder / "openrouter_models"
    source.mkdir(parents=True)
    for day, models in enumerate(days, 1):
        (source / f"2026-08-{day:02}T0000Z.json").write_bytes(openrouter(0, models)[2])
    return folder


def say(folder: Path, text: str) -> None:
    (folder / "openrouter_models" / "requests.txt").write_text(text, encoding="utf-8")


def backfill(folder: Path, data_dir: Path) -> None:
    report = running.run_backfill(settings.load(data_dir), folder, lambda _done, _all: None)
    assert report.exit_status == OK


def replay(folder: Path, data_dir: Path) -> None:
    pipelines.replay(data_dir, folder)


KINDS = (
    "SELECT kind, count(DISTINCT model_id), min(model_id), min(changed_at)::DATE::VARCHAR"
    " FROM price_changes GROUP BY kind ORDER BY kind"
)
ASKED = "SELECT DISTINCT fetched_at::DATE::VARCHAR, scope, url FROM captures ORDER BY ALL"


@pytest.mark.parametrize("load", [backfill, replay])
def test_a_wider_question_makes_no_model_new(tmp_path: Path, load: Any) -> None:
    wide = {**CHAT, **SPEECH}
    folder = record(tmp_path / "recording", CHAT, CHAT, wide, {**wide, **LATER}, CHAT)
    say(folder, f"# Recorded by hand.\n\n2026-08-03T0000Z {WIDE}\n2026-08-05T0000Z default\n")
    load(folder, tmp_path / "data")
    assert pipelines.ask(tmp_path / "data", ASKED) == [
        ("2026-08-01", "default", PLAIN_URL),
        ("2026-08-02", "default", PLAIN_URL),
        ("2026-08-03", WIDE, f"{PLAIN_URL}?{WIDE}"),
        ("2026-08-04", WIDE, f"{PLAIN_URL}?{WIDE}"),
        ("2026-08-05", "default", PLAIN_URL),
    ]
    assert pipelines.ask(tmp_path / "data", KINDS) == [("new", 1, "acme/later", "2026-08-04")]


def test_without_a_word_a_recording_answers_the_plain_address(tmp_path: Path) -> None:
    folder = record(tmp_path / "recording", CHAT, {**CHAT, **LATER})
    backfill(folder, tmp_path / "data")
    assert [row[1:] for row in pipelines.ask(tmp_path / "data", ASKED)] == [
        ("default", PLAIN_URL)
    ] * 2
    assert pipelines.ask(tmp_path / "data", KINDS) == [("new", 1, "acme/later", "2026-08-02")]


def test_a_narrow_answer_ends_nothing_that_only_the_wide_one_shows(tmp_path: Path) -> None:
    wide = {**CHAT, **SPEECH}
    folder = record(tmp_path / "recording", wide, *[CHAT] * 5, wide)
    say(folder, f"2026-08-01T0000Z {WIDE}\n2026-08-02T0000Z default\n2026-08-07T0000Z {WIDE}\n")
    backfill(folder, tmp_path / "data")
    assert pipelines.ask(tmp_path / "data", KINDS) == []


@pytest.mark.parametrize(
    "line",
    ["yesterday default", "2026-08-01T0000Z", "2026-08-01T0000Z q=1", "2026-08-01T0000Z default b"],
)
def test_a_line_that_cannot_be_meant_is_named(tmp_path: Path, line: str) -> None:
    folder = record(tmp_path / "recording", CHAT)
    say(folder, f"2026-08-01T0000Z {WIDE}\n{line}\n")
    for load in (
        lambda: backfill(folder, tmp_path / "data"),
        lambda: running.run_replay(settings.load(tmp_path / "data"), folder, (), lambda _: None),
    ):
        with pytest.raises(UsageError, match=r"requests\.txt, line 2 is no request: write a time"):
            load()
