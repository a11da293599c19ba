"""Another reader is no seller's change: the code is edited for real, in a copy, and run again."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.fingerprint import Code, reader_fingerprint
from tests.flows.pipelines import ask

PROJECT = Path(__file__).parents[2]
PARTS = ("flows", "models", "spiders", "warehouse")
READER = "spiders/sources/openrouter_pricing.py"
RIGHT = "        return Claim(meter, rate.conditions, status, unit_price, text, locator, rule)\n"
HALVED = f"""\
        if unit_price and meter == "output_token":
            unit_price /= 2
{RIGHT}"""


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """A copy of the code that a test may edit."""
    target = tmp_path / "code"
    for part in PARTS:
        shutil.copytree(PROJECT / part, target / part, ignore=shutil.ignore_patterns("__pycache__"))
    return target


def edit(code: Path, path: str, old: str, new: str) -> None:
    text = (code / path).read_text(encoding="utf-8")
    assert text.count(old) == 1
    (code / path).write_text(text.replace(old, new), encoding="utf-8")


def pricebook(code: Path, data_dir: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """The command line of the copy, in a process of its own."""
    run = "import sys; from flows.cli import run; sys.exit(run(sys.argv[1:]))"
    command = [sys.executable, "-c", run, *map(str, words), "--data-dir", str(data_dir)]
    environment = {**os.environ, "PYTHONPATH": str(code), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        command, cwd=code, env=environment, capture_output=True, text=True, check=False
    )


def record(folder: Path, day: int, models: Mapping[str, Mapping[str, Any]]) -> Path:
    """A recording of one list of OpenRouter."""
    path = folder / f"day-{day}" / "openrouter_models" / f"2026-08-{day:02}T0600Z.json"
    path.parent.mkdir(parents=True)
    data = [
        {
            "id": name,
            "name": name,
            "context_length": 4096,
            "top_provider": {"context_length": 4096},
            "architecture": {"input_modalities": ["text"], "output_modalities": ["text"]},
            "pricing": pricing,
        }
        for name, pricing in models.items()
    ]
    path.write_text(json.dumps({"data": data}), encoding="utf-8")
    return path.parents[1]


def models(prompt: str) -> dict[str, dict[str, str]]:
    """Nine models of one price, and one that costs ``prompt``."""
    calm = {f"acme/calm-{n}": {"prompt": "0.000007", "completion": "0.000014"} for n in range(9)}
    return {"acme/a": {"prompt": prompt, "completion": "0.000002"}, **calm}


CAUSES = (
    "SELECT cause, kind, count(*), count(DISTINCT event_id), count(DISTINCT recorded_at)"
    " FROM price_changes GROUP BY ALL ORDER BY ALL"
)
SELLERS_MOVE = ("change", "increase", 1, 1, 1)


def entries(data_dir: Path) -> list[Mapping[str, Any]]:
    path = data_dir / "published" / "latest" / "changes.json"
    found: list[Mapping[str, Any]] = json.loads(path.read_bytes())["items"]
    return found


def loaded(code: Path, data_dir: Path, recording: Path) -> None:
    ended = pricebook(code, data_dir, "backfill", recording)
    assert ended.returncode == 0, ended.stderr + ended.stdout


def test_a_halved_meter_is_a_correction_and_so_is_its_undoing(code: Path, tmp_path: Path) -> None:
    data_dir, recordings = tmp_path / "data", tmp_path / "recordings"
    for day, prompt in ((1, "0.000001"), (2, "0.000001")):
        loaded(code, data_dir, record(recordings, day, models(prompt)))
    assert ask(data_dir, CAUSES) == []

    edit(code, READER, RIGHT, HALVED)
    status = pricebook(code, data_dir, "status")
    assert "derived by another reader" in status.stderr
    assert "derived by another reader" in pricebook(code, data_dir, "doctor").stdout
    loaded(code, data_dir, record(recordings, 3, models("0.000003")))
    assert ask(data_dir, CAUSES) == [SELLERS_MOVE, ("correction", "decrease", 10, 1, 1)]
    assert "derived by another reader" not in pricebook(code, data_dir, "status").stderr
    told = [each for each in entries(data_dir) if "correction" in each["tags"]]
    assert [each["title"] for each in told] == ["Corrected: 10 prices of 10 models read otherwise"]
    assert len(entries(data_dir)) == 2
    assert not any("down" in each["title"] for each in entries(data_dir))

    edit(code, READER, HALVED, RIGHT)
    loaded(code, data_dir, record(recordings, 4, models("0.000003")))
    both = [("correction", "decrease", 10, 1, 1), ("correction", "increase", 10, 1, 1)]
    assert ask(data_dir, CAUSES) == [SELLERS_MOVE, *both]
    again = [each["id"] for each in entries(data_dir) if "correction" in each["tags"]]
    assert len(again) == len({*again, *(each["id"] for each in told)}) == 2
    assert len(entries(data_dir)) == 3
    known = "SELECT count(*) FROM price_versions WHERE superseded_because = 'correction'"
    assert ask(data_dir, known) == [(20,)]


def test_what_the_seller_moved_stays_moved_by_the_seller(code: Path, tmp_path: Path) -> None:
    data_dir, recordings = tmp_path / "data", tmp_path / "recordings"
    for day in (1, 2):
        moved = {**models("0.000001"), "acme/b": {"prompt": "0", "completion": f"0.00000{day}"}}
        loaded(code, data_dir, record(recordings, day, moved))
    moves = (
        "SELECT change_id, event_id, kind, cause, ratio, recorded_at, new_unit_price_usd::DOUBLE"
        " FROM price_changes WHERE cause = 'change'"
    )
    [before] = ask(data_dir, moves)
    before_ids = {each["id"] for each in entries(data_dir)}
    for reader in ((RIGHT, HALVED), (HALVED, RIGHT)):
        edit(code, READER, *reader)
        loaded(code, data_dir, recordings / "day-2")
        [after] = ask(data_dir, moves)
        assert after[:-1] == before[:-1]
        assert after[-1] == before[-1] / (2 if reader[1] == HALVED else 1)
    assert ask(data_dir, CAUSES)[1:] == [
        ("correction", "decrease", 11, 1, 1), ("correction", "increase", 11, 1, 1),
    ]  # fmt: skip
    assert len({each["id"] for each in entries(data_dir)} - before_ids) == 2


def test_a_load_without_anything_new_corrects_too(code: Path, tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    recording = record(tmp_path / "recordings", 1, models("0.000001"))
    loaded(code, data_dir, recording)
    edit(code, READER, RIGHT, HALVED)
    loaded(code, data_dir, recording)
    assert ask(data_dir, CAUSES) == [("correction", "decrease", 10, 1, 1)]


def test_a_rebuild_tells_each_row_that_another_reader_corrects(code: Path, tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    loaded(code, data_dir, record(tmp_path / "recordings", 1, models("0.000001")))
    edit(code, READER, RIGHT, HALVED)
    ended = pricebook(code, data_dir, "rebuild")
    assert ended.returncode == 0, ended.stderr
    line = "openrouter acme/a output_token, from 2026-08-01 06:00: USD per unit 0.000002 → 0.000001"
    assert line in ended.stdout
    assert "10 rows of history corrected" in ended.stdout
    assert ask(data_dir, CAUSES) == [("correction", "decrease", 10, 1, 1)]


def test_where_only_the_rule_is_named_otherwise_a_sellers_move_stays_one(
    code: Path, tmp_path: Path
) -> None:
    data_dir, recordings = tmp_path / "data", tmp_path / "recordings"
    for day, prompt in ((1, "0.000001"), (2, "0.000003")):
        loaded(code, data_dir, record(recordings, day, models(prompt)))
    before = ask(data_dir, CAUSES)
    assert before == [SELLERS_MOVE]
    edit(code, READER, RIGHT, RIGHT.replace("rule)", '"copied")'))
    loaded(code, data_dir, record(recordings, 3, models("0.000003")))
    assert ask(data_dir, CAUSES) == before
    assert ask(data_dir, "SELECT DISTINCT rule FROM claims") == [("copied",)]


def test_a_history_derived_before_there_were_fingerprints_is_derived_again(
    code: Path, tmp_path: Path
) -> None:
    data_dir, recordings = tmp_path / "data", tmp_path / "recordings"
    loaded(code, data_dir, record(recordings, 1, models("0.000001")))
    with duckdb.connect(str(data_dir / "warehouse.duckdb")) as connection:
        connection.execute("UPDATE checkpoint_now SET version = '6-0123456789abcdef'")
    ended = pricebook(code, data_dir, "backfill", record(recordings, 2, models("0.000001")))
    assert ended.returncode == 0
    assert ask(data_dir, CAUSES) == []
    with duckdb.connect(str(data_dir / "warehouse.duckdb")) as connection:
        [(version,)] = connection.execute("SELECT version FROM checkpoint_now").fetchall()
    assert code_of(code).fingerprint() in version


# What is part of a reader, and what is not


def code_of(code: Path) -> Code:
    return Code.of({part: code / part for part in ("models", "spiders", "flows")})


def test_the_copy_reads_as_the_original_does(code: Path, tmp_path: Path) -> None:
    assert code_of(code).fingerprint() == reader_fingerprint(tmp_path)
    assert code_of(code).checksum() == code_of(PROJECT).checksum()


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (READER, RIGHT, f"        # Said by the key.\n{RIGHT}"),
        (READER, RIGHT, f"{RIGHT}\n\n\n"),
        ("models/money.py", '"""', '"""In other words: '),
        ("models/sources.toml", "# One place", "# A place"),
        ("spiders/capture_store.py", "_NAMED = 12", "_NAMED = 13"),
        ("spiders/listplan.py", "_MOST_PAGES = 20", "_MOST_PAGES = 21"),
        ("spiders/sources/openrouter_models.py", "?output_modalities=all", "?output_modalities=x"),
        ("flows/load.py", "use another directory", "take another directory"),
    ],
)
def test_what_reads_nothing_has_no_part(code: Path, path: str, old: str, new: str) -> None:
    before = code_of(code)
    reads, says = before.fingerprint(), before.checksum()
    text = (code / path).read_text(encoding="utf-8")
    (code / path).write_text(text.replace(old, new, 1), encoding="utf-8")
    assert code_of(code).checksum() != says
    assert code_of(code).fingerprint() == reads


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (READER, RIGHT, HALVED),
        ("models/money.py", "12", "11"),
        ("models/history/gates.py", " < ", " <= "),
        ("models/history/thresholds.py", " = 3", " = 4"),
        ("models/sources.toml", "precedence = 10", "precedence = 9"),
        ("models/aliases.toml", "[[alias]]", '[[alias]]\nextra = "x"'),
        ("spiders/jsonlist.py", "4096", "4097"),
        ("spiders/walker_json.py", "(models)", "(())"),
        ("flows/derive.py", "<=", "<"),
    ],
)
def test_what_reads_has_a_part(code: Path, path: str, old: str, new: str) -> None:
    before = code_of(code).fingerprint()
    text = (code / path).read_text(encoding="utf-8")
    place = text.index(old, text.index("import")) if path.endswith(".py") else text.index(old)
    (code / path).write_text(text[:place] + new + text[place + len(old) :], encoding="utf-8")
    assert code_of(code).fingerprint() != before


def test_a_module_may_lie_elsewhere_under_another_name(code: Path) -> None:
    before = code_of(code).fingerprint()
    (code / "spiders/extract").mkdir()
    (code / "spiders/extract/__init__.py").touch()
    (code / "models/amounts").mkdir()
    (code / "models/amounts/__init__.py").write_text('"""Money."""')
    moved = {
        "spiders/sources/openrouter_pricing.py": ("spiders.sources.openrouter_pricing", "prices"),
        "spiders/sources/values.py": ("spiders.sources.values", "json_values"),
        "models/money.py": ("models.money", "amounts/money"),
    }
    for path, (name, new) in moved.items():
        target = f"models/{new}" if path.startswith("models") else f"spiders/extract/{new}"
        (code / path).rename(code / f"{target}.py")
        for file in code.rglob("*.py"):
            text = file.read_text(encoding="utf-8")
            file.write_text(text.replace(f"from {name} ", f"from {target.replace('/', '.')} "))
    for file in (code / "spiders").rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        text = re.sub(
            r"from spiders\.sources import (.*, )?values\n",
            lambda found: (
                "from spiders.extract import json_values\n"
                + (f"from spiders.sources import {found[1][:-2]}\n" if found[1] else "")
            ),
            text,
        )
        file.write_text(re.sub(r"(?<!\.)\bvalues\.", "json_values.", text))
    assert code_of(code).fingerprint() == before


def test_a_remembered_fingerprint_saves_the_work_and_is_not_trusted_blindly(
    tmp_path: Path,
) -> None:
    remembered = tmp_path / "reader.json"
    reader = reader_fingerprint(tmp_path)
    stated = json.loads(remembered.read_bytes())
    assert stated["reader"] == reader
    remembered.write_text(json.dumps({**stated, "reader": "0" * 16}), encoding="utf-8")
    assert reader_fingerprint(tmp_path) == "0" * 16
    for damaged in ("", "[]", "{}", json.dumps({**stated, "code": "other", "reader": "0" * 16})):
        remembered.write_text(damaged, encoding="utf-8")
        assert reader_fingerprint(tmp_path) == reader
        assert json.loads(remembered.read_bytes()) == stated
