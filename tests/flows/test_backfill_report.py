"""How a backfill ends: what someone should look at is said, and shows in the exit status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flows import running, settings, summary
from flows.errors import NOT_DONE, OK, SHOULD_LOOK
from flows.running import BackfillReport
from spiders.fetch_settings import Clock, RecordingClock
from spiders.replay import open_replay
from tests.flows.histories import aiml, deprecations, hours, openrouter, page

CALM = {f"acme/calm-{n}": {"prompt": "0.000007", "completion": "0.000007"} for n in range(5)}


def recorded(folder: Path, name: str, body: bytes) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)


def listed(prompt: str) -> bytes:
    return openrouter(0, {"acme/a": {"prompt": prompt, "completion": "0"}, **CALM})[2]


def backfilled(tmp_path: Path, clock: Clock | None = None) -> tuple[BackfillReport, str]:
    report = running.run_backfill(
        settings.load(tmp_path / "data"),
        tmp_path / "recording",
        lambda _done, _all: None,
        clock=clock,
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


# A first backfill that brings no price


NO_PRICE = b'{"data": [{"id": "acme/a"}]}'


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"models": []}', b"\x00", NO_PRICE])
def test_a_body_without_a_price_is_a_failure_in_words(tmp_path: Path, body: bytes) -> None:
    recorded(tmp_path / "recording", "openrouter_models/2026-08-01T0000Z.json", body)
    report, text = backfilled(tmp_path)
    assert report.exit_status == NOT_DONE
    assert "failed: openrouter_models 2026-08-01T00:00:00+00:00: " in text
    assert "Nothing was published: no recorded capture could be read." in text


def test_a_source_without_prices_is_published_without_any(tmp_path: Path) -> None:
    body = deprecations(0, {"acme/a": ()})[2]
    recorded(tmp_path / "recording", "aiml_deprecations/2026-08-01T0000Z.json", body)
    report, text = backfilled(tmp_path)
    assert report.exit_status == OK
    assert "0 models of 0 sellers, 0 prices (0 with a number) now, 0 rows of price history." in text


def test_an_empty_folder_says_what_it_lacks(tmp_path: Path) -> None:
    (tmp_path / "recording").mkdir()
    report, text = backfilled(tmp_path)
    assert report.exit_status == NOT_DONE
    assert "the folder holds no recorded capture" in text


# The machine's clock


def test_a_capture_from_the_future_is_named_and_skipped_and_the_rest_loads(tmp_path: Path) -> None:
    folder = tmp_path / "recording"
    for name in ("2026-08-01T0000Z", "2026-08-01T1210Z", "2026-08-01T1211Z", "2098-01-01T0000Z"):
        recorded(folder, f"openrouter_models/{name}.json", listed("0.000001"))
    clock = RecordingClock(hours(12))
    report, text = backfilled(tmp_path, clock)
    assert (report.exit_status, report.loaded) == (SHOULD_LOOK, 2)
    for name in ("2026-08-01T1211Z", "2098-01-01T0000Z"):
        assert f"skipped {folder}/openrouter_models/{name}.json: dated later than this" in text
    clock.at = hours(13)
    assert backfilled(tmp_path, clock)[0].loaded == 1


def test_a_replay_goes_no_further_than_the_machines_clock(tmp_path: Path) -> None:
    folder = tmp_path / "recording"
    for day in (1, 2, 3):
        recorded(folder, f"openrouter_models/2026-08-0{day}T0000Z.json", listed("0.000001"))
    with open_replay(folder, now=hours(30)) as replay:
        assert replay.steps == (hours(0), hours(24))
        assert [each.path.name for each in replay.skipped] == ["2026-08-03T0000Z.json"]


def test_a_folder_of_the_future_alone_brings_nothing(tmp_path: Path) -> None:
    recorded(tmp_path / "recording", "openrouter_models/2098-01-01T0000Z.json", listed("0.000001"))
    report, text = backfilled(tmp_path)
    assert report.exit_status == NOT_DONE
    assert "dated later than this machine's clock" in text
