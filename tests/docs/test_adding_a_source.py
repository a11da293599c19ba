"""The guide to adding a source, followed to the letter in a copy of the code."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STEP = re.compile(
    r"^(?P<verb>Create|Append to|Change) `(?P<path>[^`]+)`:\n\n```\w+\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
FOLDERS = ("models", "spiders", "warehouse", "flows")


def follow(guide: str, copy: Path) -> list[str]:
    """Do what the guide says; returns the paths it names."""
    named: list[str] = []
    for step in STEP.finditer(guide):
        path = copy / step["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        if step["verb"] == "Create":
            path.write_text(step["text"], encoding="utf-8")
        elif step["verb"] == "Append to":
            path.write_text(before + step["text"], encoding="utf-8")
        else:
            path.write_text(changed(before, step["text"]), encoding="utf-8")
        named.append(step["path"])
    return named


def changed(before: str, diff: str) -> str:
    """Replace the lines with a minus, which have to be there once, by those with a plus."""
    parts = {"-": "", "+": ""}
    for line in diff.splitlines(keepends=True):
        parts[line[0]] += line[1:]
    assert before.count(parts["-"]) == 1, parts["-"]
    return before.replace(parts["-"], parts["+"])


def run(copy: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=copy,
        env=environment,
    )
    assert done.returncode in (0, 3), done.stderr
    return done.stdout


def rows(copy: Path, *arguments: str) -> Sequence[dict[str, str]]:
    told = run(copy, "flows", *arguments, "--data-dir", "try-data", "--format", "csv")
    return list(csv.DictReader(io.StringIO(told)))


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the code in which the guide was followed and its recording was loaded."""
    place = tmp_path_factory.mktemp("copy")
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, place / folder, ignore=shutil.ignore_patterns("__pycache__"))
    guide = (ROOT / "docs" / "adding-a-source.md").read_text(encoding="utf-8")
    named = follow(guide, place)
    assert {"models/sellers.toml", "spiders/sources/example_models.py"} <= set(named)
    run(place, "flows", "backfill", "try", "--data-dir", "try-data")
    return place


def test_prices_are_there_under_their_meters_and_nothing_is_inferred(copy: Path) -> None:
    found = {
        (row["model_id"], row["meter"]): row["unit_price_usd"]
        for row in rows(copy, "prices", "--seller", "examplecompute")
    }
    assert found == {
        ("examplelabs/reel-1", "compute_second"): "0.0011",
        ("examplelabs/reel-1", "output_frame"): "0.0004",
        ("examplelabs/reel-1-mini", "compute_second"): "0.0003",
        ("examplelabs/still-2", "compute_second"): "0.0009",
    }


def test_what_is_not_understood_is_refused_and_told(copy: Path) -> None:
    refused = rows(copy, "rejections", "--source", "example_models")
    assert [(row["raw_text"], row["reason"]) for row in refused] == [("0.25", "unknown_key")]
    models = rows(copy, "models", "--seller", "examplecompute")
    assert {row["model_id"]: row["operation"] for row in models}["examplelabs/still-2"] == (
        "unspecified"
    )


def test_every_cell_is_accounted_for(copy: Path) -> None:
    asked = "SELECT cells, claim, no_price, rejected FROM runs"
    (row,) = rows(copy, "sql", asked)
    assert row == {"cells": "6", "claim": "4", "no_price": "1", "rejected": "1"}


def test_the_fixture_reads_as_the_guide_says(copy: Path) -> None:
    folder = "fixtures/example_models/2026-11-01T0000Z"
    run(copy, "spiders.fixture", "example_models", folder)
    expected = json.loads((copy / folder / "expected.json").read_text(encoding="utf-8"))
    assert [len(row["claims"]) for row in expected["rows"]] == [2, 1]
    outcomes = {
        cell["locator"].rpartition(".")[2]: cell["outcome"]
        for row in expected["rows"]
        for cell in row["cells"]
    }
    assert outcomes == {"gpu_second": "claim", "frame": "no_price", "queue_jump": "rejected"}


def test_without_its_key_it_is_skipped_and_says_so(copy: Path) -> None:
    program = (
        "from spiders.sources import how_to_fetch\n"
        "plan = how_to_fetch('example_models')()\n"
        "try:\n    next(plan)\n"
        "except StopIteration as end:\n    print(end.value.outcome, end.value.detail)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy)},
    )
    assert done.stdout.split()[0] == "missing_key"
    assert "PRICEBOOK_EXAMPLECOMPUTE_KEY" in done.stdout
