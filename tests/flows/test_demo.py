"""The bundled recording, run for real: what its README promises comes out."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from flows import settings
from flows.report import RunReport
from flows.running import run_backfill, run_rebuild
from tests.flows.pipelines import BUNDLED, ask, replay
from warehouse.errors import WarehouseError

Rows = list[tuple[Any, ...]]


class Demo:
    def __init__(self, data_dir: Path, reports: list[RunReport]) -> None:
        self.data_dir = data_dir
        self.reports = reports

    def ask(self, query: str, *values: Any) -> Rows:
        return ask(self.data_dir, query, values)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    data_dir = tmp_path_factory.mktemp("demo")
    return Demo(data_dir, replay(data_dir, BUNDLED))


# USD as the page of late 2025 prints them: per 1M tokens, image, second or 1,000 characters.
LATE_2025 = [
    ("GPT-5", "input_token", "1.3125"),
    ("GPT-5", "output_token", "10.5"),
    ("Claude 4 Opus", "input_token", "15.75"),
    ("Claude 4 Opus", "output_token", "78.75"),
    ("Claude 3.5 Sonnet", "input_token", "3.15"),
    ("Claude 3.5 Sonnet", "output_token", "15.75"),
    ("Gemini 2.5 Flash", "input_token", "0.315"),
    ("Gemini 2.5 Flash", "output_token", "2.625"),
    ("Llama 3 70B chat hf", "input_token", "0.945"),
    ("Llama 3 70B chat hf", "output_token", "0.945"),
    ("DALL-E 3", "output_image", "0.042"),
    ("Stable Diffusion 3.5 Large", "output_image", "0.068"),
    ("Flux.1 Pro", "output_image", "0.053"),
    ("Sora 2 Pro", "output_video_second", "0.315"),
    ("Wan 2.2 Animate", "output_video_second", "0.118"),
    ("Kling Video", "output_video_second", "0.074"),
    ("ElevenLabs Multilingual v2", "input_character", "0.231"),
    ("Aura 2", "input_character", "0.032"),
]


@pytest.mark.parametrize(("name", "meter", "quoted"), LATE_2025)
def test_what_aiml_api_charged_in_late_2025(demo: Demo, name: str, meter: str, quoted: str) -> None:
    found = demo.ask(
        """
        SELECT p.quoted_price_usd, p.conditions
        FROM prices_as_of('2025-12-01') AS p JOIN models AS m USING (offering_id)
        WHERE p.seller = 'aimlapi' AND p.meter = ? AND p.is_headline
            AND (starts_with(m.name, ?) OR contains(lower(m.name), lower(?)) OR p.raw_text = ?)
            AND p.quoted_price_usd = ?
        """,
        meter,
        name,
        name.split(maxsplit=1)[0],
        name,
        Decimal(quoted),
    )
    assert found
    if meter == "output_image":
        assert {conditions for _, conditions in found} == {'{"height":1024,"width":1024}'}


def test_they_differ_today_where_the_page_was_reprinted(demo: Demo) -> None:
    assert demo.ask(
        "SELECT count(*) FROM prices WHERE model_id = 'openai/gpt-5' AND seller = 'aimlapi' "
        "AND meter = 'input_token' AND operation = 'chat' AND quoted_price_usd = 1.71925"
    ) == [(1,)]


def test_every_price_cell_has_one_outcome(demo: Demo) -> None:
    assert not demo.ask(
        "SELECT * FROM runs "
        "WHERE cells <> claim + merged + no_price + superseded_by_window + rejected"
    )
    assert demo.ask("SELECT sum(cells) > 4000, sum(rejected) > 0 FROM runs") == [(True, True)]


def test_a_failing_source_leaves_the_others_published(demo: Demo) -> None:
    [report] = [r for r in demo.reports if f"{r.started_at:%Y-%m-%d}" == "2026-02-27"]
    outcomes = {result.source: str(result.outcome) for result in report.results}
    assert outcomes == {
        "aiml_models": "unchanged",
        "aiml_pricing_page": "http_error",
        "openrouter_models": "ok",
    }
    assert not demo.ask(
        "SELECT * FROM price_changes WHERE source = 'aiml_pricing_page' "
        "AND changed_at::DATE = DATE '2026-02-27'"
    )


def test_vanished_zeros_are_no_change(demo: Demo) -> None:
    moved = demo.ask(
        "SELECT DISTINCT model_id FROM price_changes WHERE changed_at::DATE = DATE '2026-01-13'"
    )
    assert moved == [("deepseek/deepseek-v3.2",)]


def test_a_meter_ends_where_it_was_first_missed_and_comes_back(demo: Demo) -> None:
    found = demo.ask(
        """
        SELECT valid_from::DATE::VARCHAR, price_status FROM price_history
        WHERE model_id = 'deepseek/deepseek-v3.2' AND meter = 'cache_read_token'
            AND valid_from < TIMESTAMPTZ '2026-04-01'
        ORDER BY valid_from
        """
    )
    assert found == [
        ("2025-12-12", "known"),
        ("2026-01-13", "not_offered"),
        ("2026-03-16", "known"),
    ]


def test_a_switch_of_unit_is_a_change_of_meter(demo: Demo) -> None:
    kinds = demo.ask(
        """
        SELECT DISTINCT meter, kind FROM price_changes
        WHERE seller = 'openrouter' AND changed_at::DATE = DATE '2026-01-22'
            AND meter IN ('input_image', 'input_image_token') ORDER BY meter
        """
    )
    assert kinds == [("input_image", "meter"), ("input_image_token", "meter")]


def test_the_reprint_is_one_uniform_repricing(demo: Demo) -> None:
    [(events, moves, low, high)] = demo.ask(
        """
        SELECT count(DISTINCT event_id), count(*), min(ratio), max(ratio) FROM price_changes
        WHERE cause = 'uniform_repricing' AND changed_at::DATE = DATE '2026-05-06'
        """
    )
    assert events == 1
    assert moves > 30
    assert Decimal("1.22") < low <= high < Decimal("1.26")


def test_a_renamed_model_is_one_offering(demo: Demo) -> None:
    found = demo.ask(
        "SELECT model_id, aliases, lifecycle FROM models WHERE model_id LIKE '%reka-edge'"
    )
    assert found == [("rekaai/reka-edge", ["reka/reka-edge"], "listed")]
    kinds = demo.ask("SELECT DISTINCT kind FROM price_changes WHERE model_id LIKE '%reka-edge'")
    assert ("withdrawn",) not in kinds


def test_old_and_new_shape_meet_in_one_offering(demo: Demo) -> None:
    found = demo.ask(
        """
        SELECT count(*) FROM models
        WHERE seller = 'aimlapi' AND lifecycle = 'withdrawn' AND aliases <> []
        """
    )
    assert found == [(0,)]
    [(aliases,)] = demo.ask(
        "SELECT aliases FROM models WHERE model_id = 'deepgram/nova-2' AND seller = 'aimlapi'"
    )
    assert "#g1_nova-2-general" in aliases


@pytest.mark.parametrize(
    ("model", "day", "status"),
    [
        ("~anthropic/claude-opus-latest", "2026-06-09", "dynamic"),
        ("google/lyria-3-pro-preview", "2026-04-03", "unknown"),
    ],
)
def test_what_is_no_number_is_none(demo: Demo, model: str, day: str, status: str) -> None:
    found = demo.ask(
        "SELECT DISTINCT price_status, unit_price_usd FROM prices_as_of(?) "
        "WHERE model_id = ? AND meter IN ('input_token', 'output_token')",
        day,
        model,
    )
    assert found == [(status, None)]


def test_the_hour_of_the_fetch_moves_nothing(demo: Demo) -> None:
    assert not demo.ask(
        "SELECT * FROM price_changes WHERE model_id = 'deepseek/deepseek-v4-pro-0813' "
        "AND changed_at::DATE = DATE '2026-08-16' AND changed_at > TIMESTAMPTZ '2026-08-16 03:00Z'"
    )
    for moment, expected in (("2026-08-16 02:00Z", "1.32"), ("2026-08-16 12:00Z", "0.66")):
        found = demo.ask(
            "SELECT quoted_price_usd FROM price_at('openrouter', 'deepseek/deepseek-v4-pro-0813', "
            "'input_token', ?)",
            moment if moment > "2026-08-16 02:30Z" else "2026-08-16 03:00Z",
        )
        assert found == [(Decimal(expected),)]


def test_windows_come_and_go_as_changes_of_conditions(demo: Demo) -> None:
    found = demo.ask(
        """
        SELECT DISTINCT changed_at::DATE::VARCHAR, kind FROM price_changes
        WHERE model_id = 'deepseek/deepseek-v4-pro-0813' AND meter = 'input_token' ORDER BY ALL
        """
    )
    assert found == [
        ("2026-08-16", "new"),
        ("2026-08-17", "conditions"),
        ("2026-08-20", "conditions"),
    ]


def test_absence_is_not_removal(demo: Demo) -> None:
    assert demo.ask(
        "SELECT count(*) FROM price_changes WHERE model_id = 'z-ai/glm-4.6' "
        "AND changed_at > TIMESTAMPTZ '2026-08-01'"
    ) == [(0,)]
    found = demo.ask(
        """
        SELECT DISTINCT changed_at::DATE::VARCHAR, kind FROM price_changes
        WHERE model_id LIKE 'qwen/qwen3-next%' AND kind IN ('withdrawn', 'returned') ORDER BY ALL
        """
    )
    assert found == [("2026-08-16", "withdrawn"), ("2026-09-15", "returned")]


def test_a_tenth_is_held_until_two_fetches_agree(demo: Demo) -> None:
    found = demo.ask(
        """
        SELECT DISTINCT gate, held_since::DATE::VARCHAR, decision, decided_at::DATE::VARCHAR
        FROM reviews WHERE what LIKE 'openai/gpt-5.6-luna %'
        """
    )
    assert found == [("power_of_ten", "2026-08-16", "agreed", "2026-08-17")]


def test_what_is_refused_says_why_and_leaves_the_old_price(demo: Demo) -> None:
    reasons = {reason for (reason,) in demo.ask("SELECT DISTINCT reason FROM rejections")}
    assert {
        "unit_not_established",
        "conflicting_twin",
        "negative",
        "currency",
        "lower_bound",
    } <= reasons
    found = demo.ask(
        "SELECT quoted_price_usd FROM prices WHERE model_id LIKE '%wan2.2-14b-animate%'"
    )
    assert found == [(Decimal("0.14625"),)]


def test_running_it_again_changes_nothing(demo: Demo) -> None:
    before = (demo.data_dir / "published" / "latest.json").read_bytes()
    stored = sum(1 for _ in (demo.data_dir / "captures").rglob("*.json"))
    reports = replay(demo.data_dir, BUNDLED)
    assert all(not report.load.fetches for report in reports)
    assert reports[-1].snapshot is not None
    assert not reports[-1].snapshot.is_new
    assert (demo.data_dir / "published" / "latest.json").read_bytes() == before
    assert sum(1 for _ in (demo.data_dir / "captures").rglob("*.json")) == stored


def test_history_is_not_rebuilt_from_what_is_left(demo: Demo, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(demo.data_dir, copy, symlinks=True)
    chosen = settings.load(copy)
    report = run_rebuild(chosen, only_check=True)
    assert report.rebuilt.corrections == ()
    assert (report.rebuilt.waiting, report.rebuilt.unread, report.exit_status) == (0, (), 0)
    record = min((copy / "captures" / "fetches").rglob("*.json"))
    record.write_text("{")
    with pytest.raises(WarehouseError, match=r"1 of \d+ fetches .*restore captures"):
        run_rebuild(chosen, only_check=False)


def test_straight_from_disk_it_is_the_same_history(demo: Demo, tmp_path: Path) -> None:
    """Only how a belief came about differs: by a replay it is learned step by step."""
    run_backfill(settings.load(tmp_path), BUNDLED, lambda _done, _all: None)
    for table, learned in (
        ("price_history", ""),
        ("price_changes", "EXCLUDE (recorded_at, cause)"),
    ):
        query = f"SELECT * {learned} FROM {table} ORDER BY ALL"
        assert ask(tmp_path, query) == demo.ask(query)
