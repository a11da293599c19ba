"""Recorded sequences: what must not look like a change, and what is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from flows import running, settings
from models.conditions import Conditions
from models.history import absence, judging, statement
from models.windows import Resolution, ResolvedRate
from spiders.sources import openrouter_pricing
from spiders.sources.openrouter_price_keys import PRICE_KEYS
from tests.flows.pipelines import ask

SEQUENCES = Path(__file__).parent.parent.parent / "fixtures" / "history"


def changes(data_dir: Path, name: str) -> list[tuple[Any, ...]]:
    running.run_backfill(settings.load(data_dir), SEQUENCES / name, lambda _done, _all: None)
    return ask(
        data_dir,
        "SELECT model_id, meter, kind, changed_after, changed_at FROM price_changes"
        " ORDER BY model_id, meter, changed_at, conditions",
    )


@pytest.mark.parametrize(
    "name", ["windows", "away-under-a-day", "away-two-fetches", "zero-or-absent", "residue"]
)
def test_it_is_no_change(name: str, tmp_path: Path) -> None:
    assert changes(tmp_path, name) == []


def test_every_minute_of_a_windowed_day_has_one_price(tmp_path: Path) -> None:
    changes(tmp_path, "windows")
    counts = ask(
        tmp_path,
        "SELECT model, meter, count(DISTINCT unit_price_usd), min(found), max(found) FROM ("
        " SELECT asked.model, asked.meter, minute, unit_price_usd, count(*) OVER"
        "  (PARTITION BY asked.model, asked.meter, minute) AS found"
        " FROM (VALUES ('acme/all-day-in-windows', 'input_token'),"
        "  ('acme/one-window', 'input_token')) AS asked(model, meter), range(0, 1440) AS m(minute),"
        "  price_at('openrouter', asked.model, asked.meter,"
        "   TIMESTAMP '2026-08-15 00:00' + INTERVAL 1 MINUTE * minute))"
        " GROUP BY ALL ORDER BY ALL",
    )
    assert counts == [
        ("acme/all-day-in-windows", "input_token", 2, 1, 1),
        ("acme/one-window", "input_token", 2, 1, 1),
    ]


def test_what_is_gone_ends_where_it_was_first_missing(tmp_path: Path) -> None:
    found = [(row[0], row[1], row[2], f"{row[3]:%d %H}", f"{row[4]:%d %H}")
             for row in changes(tmp_path, "gone")]  # fmt: skip
    assert found == [
        ("acme/gone", "input_token", "withdrawn", "16 12", "16 18"),
        ("acme/gone", "output_token", "withdrawn", "16 12", "16 18"),
        ("acme/meter-gone", "cache_read_token", "meter", "16 12", "16 18"),
    ]


def _top_level_only(
    base: Mapping[str, str], _overrides: Sequence[object], _at: int, _price_keys: frozenset[str]
) -> Resolution:
    always = Conditions()
    return Resolution({key: (ResolvedRate(always, text, None),) for key, text in base.items()})


def test_without_windows_the_hour_of_the_fetch_would_be_a_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openrouter_pricing, "resolve_overrides", _top_level_only)
    monkeypatch.setattr("flows.readings.verify", lambda *_: [])
    found = changes(tmp_path, "windows")
    assert {row[0] for row in found} == {"acme/all-day-in-windows", "acme/one-window"}
    assert len(found) > 20


def test_without_the_rule_for_gaps_the_price_between_windows_would_come_and_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "as_seen_from_windows", lambda _standing, new: new)
    changes(tmp_path, "windows")
    flips = ask(tmp_path, "SELECT count(*) FROM price_history WHERE model_id = 'acme/one-window'")
    assert flips[0][0] > 8


@pytest.mark.parametrize("name", ["away-under-a-day", "away-two-fetches"])
def test_without_the_rule_of_absence_it_would_be_withdrawn(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(absence, "is_over", lambda *_: True)
    kinds = {row[2] for row in changes(tmp_path, name)}
    assert kinds == {"withdrawn", "returned", "meter"}


def test_without_the_rule_of_zeros_they_would_come_and_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def all_keys(*, is_embedding: bool) -> frozenset[str]:
        assert not is_embedding
        return PRICE_KEYS

    monkeypatch.setattr(openrouter_pricing, "priced_at_zero", all_keys)
    found = changes(tmp_path, "zero-or-absent")
    assert {row[0] for row in found} == {"acme/loses-zeros", "acme/gains-zeros"}
    assert {row[2] for row in found} == {"meter", "returned"}


def test_without_the_rules_of_residue_it_would_be_a_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two rules see to it: twelve digits at reading, one part in a million at comparing."""

    def equal(left: Decimal, right: Decimal) -> bool:
        return left == right

    with monkeypatch.context() as without:
        without.setattr(statement, "same_price", equal)
        assert {row[1] for row in changes(tmp_path / "one", "residue")} == {"cache_write_token"}
        without.setattr(openrouter_pricing, "price_of_text", Decimal)
        found = changes(tmp_path / "both", "residue")
    meters = {"input_token", "output_token", "cache_read_token", "cache_write_token"}
    assert {row[1] for row in found} == meters
    assert {row[2] for row in found} == {"increase", "decrease"}


UNIT_SWITCH = [
    ("acme/switches", "input_image", "meter"),
    ("acme/switches", "input_image_token", "meter"),
]


def test_a_cell_that_switches_its_unit_is_no_decrease(tmp_path: Path) -> None:
    found = changes(tmp_path, "image-unit")
    assert [row[:3] for row in found] == UNIT_SWITCH
    assert {(f"{row[3]:%d %H}", f"{row[4]:%d %H}") for row in found} == {("14 06", "14 12")}


def test_without_the_rule_of_units_it_would_be_a_decrease(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openrouter_pricing, "image_meter", lambda *_: ("input_image", ""))
    found = changes(tmp_path, "image-unit")
    assert [row[:3] for row in found] == [("acme/switches", "input_image", "decrease")]
