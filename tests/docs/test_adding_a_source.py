"""The guide to adding a source, followed to the letter in a copy of the project."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).parents[2]
GUIDE = "docs/adding-a-source.md"
SOURCE = "example_models"
COPIED = ("flows", "models", "spiders", "warehouse", "tests", "docs", "pyproject.toml")
_STEP = re.compile(
    r"^(?P<what>Append to|Change|Create) `(?P<path>[^`]+)`:\n\n```\w*\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_COMMANDS = re.compile(r"^```console\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)

# Answers as the made-up seller gives them, to whoever has the key.
SERVED = """
import json, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, unquote, urlsplit

from flows import settings
from flows.workspace import open_workspace
from spiders.sites import Sites
from tests.flows.pipelines import run_once

rows = {}
for page in sorted(Path("try/example_models").glob("*.p[23].json")):
    for row in json.loads(page.read_text())["data"]:
        rows[row["id"]] = row
asked = []


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        asked.append(unquote(self.path))
        url = urlsplit(self.path)
        status, said = 200, {"data": [{"id": name} for name in rows]}
        if self.headers.get("Authorization") != "Bearer s3cret":
            status, said = 401, {"error": "no key"}
        elif url.path == "/v1/prices":
            names = parse_qs(url.query)["ids"][0].split(",")
            said = {"data": [rows[name] for name in names]}
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
Thread(target=server.serve_forever, daemon=True).start()
sites = Sites({"api.compute.example": f"http://127.0.0.1:{server.server_address[1]}"})
workspace = open_workspace(settings.load(Path(sys.argv[1])), sites=sites, due=["example_models"])
report = run_once(workspace)
outcomes = [[result.source, str(result.outcome), result.detail] for result in report.results]
print(json.dumps({"outcomes": outcomes, "asked": asked}))
"""


def steps_of(guide: str) -> Iterator[re.Match[str]]:
    return _STEP.finditer(guide)


def follow(step: re.Match[str], project: Path) -> None:
    path, text = project / step["path"], step["text"]
    path.parent.mkdir(parents=True, exist_ok=True)
    if step["what"] == "Create":
        path.write_text(text, encoding="utf-8")
        return
    before = path.read_text(encoding="utf-8")
    if step["what"] == "Append to":
        path.write_text(before + text, encoding="utf-8")
        return
    gone = "\n".join(line[1:] for line in text.splitlines() if line.startswith("-"))
    come = "\n".join(line[1:] for line in text.splitlines() if line.startswith("+"))
    assert before.count(f"\n{gone}\n") == 1, (step["path"], gone)
    path.write_text(before.replace(f"\n{gone}\n", f"\n{come}\n"), encoding="utf-8")


class Project:
    """A copy of the project in which the guide has been followed."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def run(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        ours = {k: v for k, v in os.environ.items() if not k.startswith("PRICEBOOK_")}
        done = subprocess.run(
            [sys.executable, *command],
            cwd=self.root,
            env={**ours, "PYTHONPATH": str(self.root), **environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode in (0, 3), done.stderr
        return done

    def ask(self, data_dir: str, query: str) -> list[tuple[object, ...]]:
        database = self.root / data_dir / "published" / "latest" / "pricebook.duckdb"
        with duckdb.connect(str(database), read_only=True) as connection:
            return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    root = tmp_path_factory.mktemp("copy")
    unwanted = shutil.ignore_patterns("__pycache__", "img")
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, root / name, ignore=unwanted)
        else:
            shutil.copy(ROOT / name, root / name)
    for step in steps_of((ROOT / GUIDE).read_text(encoding="utf-8")):
        follow(step, root)
    with (root / "docs" / "sources.md").open("a", encoding="utf-8") as page:
        page.write(f"\n## {SOURCE}\n\nWhat `{SOURCE}` says, and what becomes of it.\n")
    return Project(root)


@pytest.fixture(scope="module")
def tried(project: Project) -> Project:
    """The commands of the guide that need no network, as they are written."""
    guide = (ROOT / GUIDE).read_text(encoding="utf-8")
    written = [line for block in _COMMANDS.finditer(guide) for line in block["text"].splitlines()]
    assert len(written) == 5
    for line in written[:-1]:
        program, *arguments = line.split()
        if program == "pricebook":
            project.run("-m", "flows", *arguments)
        else:
            project.run(*arguments)
    return project


def test_the_guide_has_every_step() -> None:
    steps = [(s["what"], s["path"]) for s in steps_of((ROOT / GUIDE).read_text(encoding="utf-8"))]
    assert [path for _, path in steps][:5] == [
        "models/sellers.toml",
        "models/sources.toml",
        "models/meters.toml",
        "models/meters.toml",
        "models/operations.toml",
    ]
    assert ("Create", f"spiders/sources/{SOURCE}.py") in steps


def test_the_fixture_reads_as_the_guide_says(tried: Project) -> None:
    folder = tried.root / "fixtures" / SOURCE / "2026-11-01T0000Z"
    rows = json.loads((folder / "expected.json").read_text(encoding="utf-8"))["rows"]
    assert [len(row["claims"]) for row in rows] == [2, 1]
    ended = [(cell["outcome"], cell.get("reason")) for row in rows for cell in row["cells"]]
    assert ("rejected", "unknown_key") in ended
    assert ("no_price", None) in ended


PRICES = "SELECT model_id, operation, meter, unit, unit_price_usd FROM prices ORDER BY ALL"
EXPECTED = [
    ("examplelabs/reel-1", "video", "compute_second", "second", Decimal("0.0011")),
    ("examplelabs/reel-1", "video", "output_frame", "frame", Decimal("0.0004")),
    ("examplelabs/reel-1-mini", "video", "compute_second", "second", Decimal("0.0003")),
    ("examplelabs/still-2", "unspecified", "compute_second", "second", Decimal("0.0009")),
]


def test_its_prices_are_published_and_none_is_inferred(tried: Project) -> None:
    assert tried.ask("try-data", PRICES) == EXPECTED
    refused = tried.ask("try-data", "SELECT source, raw_text, reason FROM rejections")
    assert refused == [(SOURCE, "0.25", "unknown_key")]
    meters = tried.ask("try-data", "SELECT unit FROM meters WHERE meter = 'output_frame'")
    assert meters == [("frame",)]
    sellers = tried.ask("try-data", "SELECT name FROM sellers WHERE seller = 'examplecompute'")
    assert sellers == [("Example Compute",)]


def test_it_is_asked_with_its_key_in_batches(tried: Project) -> None:
    key = {"PRICEBOOK_EXAMPLECOMPUTE_KEY": "s3cret", "PRICEBOOK_PAUSE_S": "0"}
    said = json.loads(tried.run("-c", SERVED, "live-data", **key).stdout)
    assert [outcome[:2] for outcome in said["outcomes"]] == [[SOURCE, "ok"]]
    assert said["asked"] == [
        "/v1/models",
        "/v1/prices?ids=examplelabs/reel-1,examplelabs/reel-1-mini",
        "/v1/prices?ids=examplelabs/still-2",
    ]
    assert tried.ask("live-data", PRICES) == EXPECTED
    kept = (tried.root / "live-data").rglob("*")
    assert not any(b"s3cret" in path.read_bytes() for path in kept if path.is_file())


def test_without_its_key_it_is_skipped_and_says_so(tried: Project) -> None:
    said = json.loads(tried.run("-c", SERVED, "keyless-data").stdout)
    ((source, outcome, detail),) = said["outcomes"]
    assert (source, outcome) == (SOURCE, "missing_key")
    assert "PRICEBOOK_EXAMPLECOMPUTE_KEY" in detail
    assert said["asked"] == []


def test_nothing_is_missing_then(tried: Project) -> None:
    done = tried.run(
        *("-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", SOURCE),
        "tests/spiders/test_source_registry.py",
    )
    assert "2 passed" in done.stdout
