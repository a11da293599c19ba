"""How a backfill ends: what someone should look at is said, and shows in the exit status."""

from __future__ import annotations

import json
from pathlib import Path

from flows import running, settings, summary
from flows.errors import OK, SHOULD_LOOK
from flows.running import BackfillReport
from tests.flows.histories import aiml, openrouter, page

CALM = {f"acme/calm-{n}": {"prompt": "0.000007", "completion": "0.000007"} for n in range(5)}


def recorded(folder: Path, name: str, body: bytes) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)


def listed(prompt: str) -> bytes:
    return openrouter(0, {"acme/a": {"prompt": prompt, "completion": "0"}, **CALM})[2]


def backfilled(tmp_path: Path) -> tuple[BackfillReport, str]:
    report = running.run_backfill(
        settings.load(tmp_path / "data"), tmp_path / "recording", lambda _done, _all: None
    )
    return report, summary.of_backfill(report, tmp_path / "data")


def test_what_is_newly_held_is_told_once(tmp_path: Path) -> None:
    recording = tmp_path / "recording"
    recorded(recording, "openrouter_models/2026-08-01T0000Z.json", listed("0.000001"))
    recorded(recording, "openrouter_models/2026-08-01T0600Z.json", listed("0.001"))
    report, text = backfilled(tmp_path)
    assert (report.exit_status, report.held) == (SHOULD_LOOK, 1)
    assert "1 price or fetch is held, see `pricebook review list`" in text
    report, _ = backfilled(tmp_path)
    assert (report.exit_status, report.held) == (OK, 0)


def test_a_doubt_that_settled_itself_is_nothing_to_look_at(tmp_path: Path) -> None:
    recording = tmp_path / "recording"
    for hour, prompt in (("00", "0.000001"), ("06", "0.001"), ("12", "0.000001")):
        recorded(recording, f"openrouter_models/2026-08-01T{hour}00Z.json", listed(prompt))
    report, _ = backfilled(tmp_path)
    assert report.exit_status == OK


def test_a_body_that_cannot_be_read_is_a_failure(tmp_path: Path) -> None:
    recording = tmp_path / "recording"
    recorded(recording, "openrouter_models/2026-08-01T0000Z.json", listed("0.000001"))
    recorded(recording, "openrouter_models/2026-08-01T0600Z.json", b'{"models": []}')
    report, text = backfilled(tmp_path)
    assert report.exit_status == SHOULD_LOOK
    assert "failed: openrouter_models 2026-08-01T06:00:00+00:00: " in text


def test_a_disagreement_holds_nothing(tmp_path: Path) -> None:
    recording = tmp_path / "recording"
    catalogue = aiml(0, [("acme/fox-1", (), {"provided": 1, "generated": 2})])[2]
    recorded(recording, "aiml_models/2026-08-01T0000Z.json", catalogue)
    printed = page(0, [("Fox 1", "1.3", "2")])[2]
    recorded(recording, "aiml_pricing_page/2026-08-01T0600Z.html", printed)
    report, _ = backfilled(tmp_path)
    assert (report.exit_status, report.held) == (OK, 0)
    status = json.loads((tmp_path / "data" / "published" / "status.json").read_bytes())
    assert (status["held"], status["held_since"]) == (0, None)
