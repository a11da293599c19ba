"""What sellers write steers no terminal, no spreadsheet, no page and no feed."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.markdown import escaped
from flows.pipeline import publish
from flows.render import write_csv
from flows.report import LoadSummary, RunReport, SourceLoad, SourceResult
from flows.tables import harmless
from models.capture import FetchOutcome
from tests.flows.histories import OPENROUTER, Said, World
from warehouse.read import Table

if TYPE_CHECKING:
    from tests.flows.conftest import Pricebook

EVIL = "=1+1\x1b]0;owned\x07\x9b2J\u202e<script>alert(1)</script>|[x](javascript:y)\x00\nnext"
STEERS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
FORMULA = re.compile(r"[=+\-@\t\r\n]")


def hostile(at: float, prompt: str) -> Said:
    model = {
        "id": "=acme/<b>|one",
        "canonical_slug": EVIL,
        "name": f"{EVIL}: {EVIL}",
        "architecture": {"input_modalities": ["text"], "output_modalities": ["text", "=x|y"]},
        "pricing": {"prompt": prompt, "completion": EVIL, EVIL: "1"},
        EVIL: EVIL,
    }
    steering = {**model, "id": EVIL}
    return OPENROUTER, at, json.dumps({"data": [model, steering]}).encode()


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book of one model whose every text is made to do harm, with a new price."""
    world = World(tmp_path_factory.mktemp("hostile"))
    for at, prompt in ((0, "0.000001"), (6, "0.0000011")):
        world.load(hostile(at, prompt))
    publish(world.workspace())
    return world.data_dir


VERBS = ["models", "prices", "changes", "rejections", "status", "captures", "coverage"]


@pytest.mark.parametrize("verb", [*VERBS, "history =acme/<b>|one", "explain =acme/<b>|one"])
@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_no_verb_steers_a_terminal_or_a_spreadsheet(
    pricebook: Pricebook, shown: Path, verb: str, form: str
) -> None:
    said = pricebook(*verb.split(" "), "--format", form, "--data-dir", shown)

    assert said.status in (0, 3), said.err
    if form == "csv":
        cells = [cell for row in csv.reader(io.StringIO(said.out)) for cell in row]
        harmful = [cell for cell in cells if FORMULA.match(cell)]
        assert [cell for cell in harmful if not re.fullmatch(r"[+-]\d+(\.\d+)?", cell)] == []
    else:
        assert STEERS.search(said.out) is None
    if form == "json":
        assert isinstance(json.loads(said.out), dict | list)
    assert STEERS.search(said.err) is None


def test_what_names_no_such_thing_is_said_harmlessly(pricebook: Pricebook, shown: Path) -> None:
    said = pricebook("history", "no\x1b]0;such\x07\u202e", "--data-dir", shown)

    assert said.status == 1
    assert STEERS.search(said.err) is None


def test_every_published_text_is_well_formed(shown: Path) -> None:
    latest = shown / "published" / "latest"
    feeds = sorted(latest.glob("*.atom.xml"))
    assert feeds
    for feed in feeds:
        assert ET.fromstring(feed.read_bytes()).tag.endswith("feed")  # noqa: S314 # our own file
    for document in latest.rglob("*.json"):
        json.loads(document.read_bytes())


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+x", "'+x"),
        ("-2+3", "'-2+3"),
        ("@sum", "'@sum"),
        ("\tx", "'\tx"),
        ("-1", "-1"),
        ("+1.5", "+1.5"),
        ("a=b", "a=b"),
        (["=a", "b"], "'=a|b"),
        (-1, "-1"),
        (None, ""),
    ],
)
def test_a_cell_of_text_is_no_formula(
    capsys: pytest.CaptureFixture[str], value: object, written: str
) -> None:
    write_csv(Table(("column",), ((value,),)))

    assert list(csv.reader(io.StringIO(capsys.readouterr().out)))[1:] in ([[written]], [[]])


@given(st.text())
def test_nothing_harmful_is_left_of_a_text(text: str) -> None:
    plain = text.replace("\x1b", "")
    assert STEERS.search(harmless(plain)) is None
    assert json.loads(harmless(json.dumps(plain, ensure_ascii=False))) == plain


def test_a_report_takes_no_markup_from_a_source() -> None:
    now = datetime(2026, 8, 1, tzinfo=UTC)
    loaded = SourceLoad("x", now, "ok", EVIL, drift=(f"new key: {EVIL}",))
    result = SourceResult("x", FetchOutcome.OK, EVIL)
    report = RunReport(now, (result,), LoadSummary((loaded,), new_kinds=(EVIL,)), None)

    said = report.as_markdown()

    assert re.search(r"(?<!\\)[<|\[]", said) is None
    assert len(said.splitlines()) == 2 + 3
    assert escaped("a|b") == r"a\|b"
