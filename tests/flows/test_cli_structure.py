"""How the command line is put together: quick, documented, and never at a loss for a sentence."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.main import get_command

from flows import cli

if TYPE_CHECKING:
    from tests.flows.conftest import Pricebook

# Each of these takes longer to import than a reading verb may take in all, or is of no use to one.
SLOW = {"prefect", "scrapy", "httpx", "pyarrow", "numpy", "polars", "fastapi", "pydantic_settings"}


def verbs() -> list[str]:
    """Every verb of today, groups with their own verbs."""
    root: Any = get_command(cli.app)
    found: list[str] = []
    for name in root.list_commands(None):
        command = root.get_command(None, name)
        below = getattr(command, "commands", {})
        found += [f"{name} {each}" for each in below] if below else [name]
    return found


def modules_after(code: str, *arguments: str) -> set[str]:
    program = f"{code}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    ended = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True
    )
    return set(json.loads(ended.stdout.splitlines()[-1]))


def test_importing_the_command_line_imports_nothing_slow() -> None:
    assert not modules_after("import flows.cli") & SLOW


@pytest.mark.parametrize(
    ("verb", "needed"),
    [
        ("prices", set[str]()),
        ("models", set[str]()),
        ("history gpt-5", set[str]()),
        # How long something may be held before someone should look is a setting.
        ("status", {"pydantic_settings"}),
    ],
)
def test_a_reading_verb_imports_nothing_slow(book_dir: Path, verb: str, needed: set[str]) -> None:
    code = "import sys\nfrom flows import cli\ncli.run(sys.argv[1:])"

    assert modules_after(code, *verb.split(), "--data-dir", str(book_dir)) & SLOW == needed


def test_loading_from_disk_imports_nothing_that_only_fetching_needs() -> None:
    assert not modules_after("import flows.running") & {"httpx", "parsel", "scrapy", "prefect"}


def test_listing_all_verbs_imports_nothing_slow() -> None:
    code = "import sys\nfrom flows import cli\ncli.run(['--help'])"

    assert not modules_after(code) & SLOW


def test_every_verb_has_its_module() -> None:
    missing = {verb for verb, module in cli.VERBS.items() if find_spec(module) is None}

    assert missing <= {"schedule"}
    assert set(cli.VERBS) - missing - {"export"} <= {verb.split()[0] for verb in verbs()}


@pytest.mark.parametrize("verb", verbs())
def test_every_verb_has_a_help_with_an_example_that_is_really_it(
    pricebook: Pricebook, verb: str
) -> None:
    ended = pricebook(*verb.split(), "--help")

    assert ended.status == 0
    assert re.search(r"\bExamples?\b", ended.out)
    assert f"pricebook {verb}" in ended.out
    assert "--data-dir" in ended.out


@pytest.mark.parametrize("verb", verbs())
def test_no_option_or_argument_is_without_a_word_of_help(verb: str) -> None:
    command: Any = get_command(cli.app)
    for name in verb.split():
        command = command.get_command(None, name)

    assert [each.name for each in command.params if not each.help] == []


def test_the_general_help_is_grouped_and_in_order(pricebook: Pricebook) -> None:
    out = pricebook("--help").out

    places = [out.index(title) for title in ("Look things up", "What needs", "Run", "Is all well")]
    assert places == sorted(places)
    assert out.index(" models ") < out.index(" prices ") < out.index(" history ")


def test_the_version_is_that_of_the_package(pricebook: Pricebook) -> None:
    assert pricebook("--version").out == f"pricebook {version('pricebook')}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("price",),
        ("prices", "--nonsense"),
        ("prices", "--at", "someday"),
        ("prices", "--status", "cheap"),
        ("prices", "--format", "xml"),
        ("prices", "--limit", "-1"),
        ("history",),
        ("changes", "--kind", "up"),
        ("captures", "--outcome", "bad"),
        ("serve", "--port", "99999"),
        (),
    ],
)
def test_what_cannot_be_meant_ends_with_2(
    pricebook: Pricebook, book_dir: Path, arguments: tuple[str, ...]
) -> None:
    ended = pricebook(*arguments, *(("--data-dir", book_dir) if arguments else ()))

    assert ended.status == 2
    assert ended.out + ended.err
    assert "Traceback" not in ended.err


def test_a_mistyped_verb_is_answered_with_the_verb(pricebook: Pricebook) -> None:
    assert "Did you mean 'prices'" in pricebook("price").err


def test_an_error_shows_its_traceback_only_when_asked(
    pricebook: Pricebook, empty_dir: Path
) -> None:
    plain = pricebook("prices", "--data-dir", empty_dir)
    debugged = pricebook("prices", "--data-dir", empty_dir, "--debug")

    assert "Traceback" not in plain.err
    assert plain.err.startswith("pricebook: nothing is published")
    assert "Traceback" in debugged.err
    assert plain.status == debugged.status == 1


@pytest.mark.parametrize(
    ("latest", "complaint"),
    [
        ("not json", "cannot be understood"),
        ('{"snapshot_id": "x"}', "cannot be understood"),
        ('{"snapshot_id":"x","path":"snapshots/gone","manifest_sha256":""}', "not there"),
        ('{"snapshot_id":"x","path":"../..","manifest_sha256":""}', "not there"),
        ('{"snapshot_id":"x","path":"snapshots/bad","manifest_sha256":""}', "cannot be opened"),
    ],
)
def test_a_damaged_snapshot_is_said_in_a_sentence(
    pricebook: Pricebook, tmp_path: Path, latest: str, complaint: str
) -> None:
    published = tmp_path / "published"
    bad = published / "snapshots" / "bad"
    bad.mkdir(parents=True)
    (bad / "pricebook.duckdb").write_bytes(b"this is no database at all")
    (published / "latest.json").write_text(latest)

    ended = pricebook("prices", "--data-dir", tmp_path)

    assert ended.status == 1
    assert complaint in ended.err
    assert "Traceback" not in ended.err


def test_the_data_directory_is_not_the_working_directorys(tmp_path: Path) -> None:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PRICEBOOK_")}
    ended = subprocess.run(
        [sys.executable, "-c", "from flows.places import data_dir; print(data_dir())"],
        cwd=tmp_path,
        env=clean,
        capture_output=True,
        text=True,
        check=True,
    )

    assert ended.stdout.strip() == str(Path(cli.__file__).parent.parent / "data")
