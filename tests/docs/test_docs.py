"""The documentation says what is so: links lead somewhere, queries run, names are all explained."""

from __future__ import annotations

import ast
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.generate import generated
from docs.generators.cli_page import Command, commands
from docs.generators.examples import Examples, with_results
from docs.generators.tables_page import public_columns
from flows.settings import Settings
from models.capture import FetchOutcome
from models.history.gates import Gate
from models.history.timeline import Cause, Kind
from models.identity import parse_aliases
from models.price_words import Reason
from models.reading import Outcome
from models.registry import ASKED, METERS, MODALITIES, OPERATIONS, SOURCES
from spiders.sources import reader_of
from tests.docs.pages import BLOCK, GUIDES, PAGES, ROOT, RUN_ELSEWHERE, blocks, name_of, text_of

LINK = re.compile(r"\]\(([^)\s]+)\)")
# What a public document must not hold: one machine's places, where packages come from, tools.
FORBIDDEN = re.compile(
    r"/(?:home|root|work|tmp)/|pypi\.|files\.pythonhosted|registry\.npmjs|artifactory|\bTODO\b",
    re.IGNORECASE,
)


# --- links, words ---------------------------------------------------------------------------------


def anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", BLOCK.sub("", text), re.MULTILINE)
    bare = (re.sub(r"[^\w\- ]", "", re.sub(r"\]\([^)]*\)", "", h).lower()) for h in headings)
    return {heading.strip().replace(" ", "-") for heading in bare}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    broken: list[str] = []
    for link in LINK.findall(BLOCK.sub("", page.read_text(encoding="utf-8"))):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        target, _, anchor = link.partition("#")
        path = (page.parent / target).resolve() if target else page
        if not path.exists() or (
            anchor and anchor not in anchors(path.read_text(encoding="utf-8"))
        ):
            broken.append(link)
    assert not broken


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_nothing_of_one_machine_is_said(page: Path) -> None:
    assert not FORBIDDEN.findall(page.read_text(encoding="utf-8"))


def test_the_first_line_says_what_the_machine_needs() -> None:
    first = text_of("README.md").splitlines()[0]
    assert all(word in first for word in ("Python 3.11", "apt-get install", "python3-venv", "make"))


# --- generated pages ------------------------------------------------------------------------------


def test_generated_pages_and_results_are_current(examples: Examples) -> None:
    pages = generated(examples)
    stale = [path for path, text in pages.items() if path.read_text(encoding="utf-8") != text]
    assert list(map(name_of, stale)) == [], "run `make docs`"


def test_a_stale_page_is_named(examples: Examples) -> None:
    text = "```sql\nSELECT 'is' AS so;\n```\n\n```text\nwrong\n```\n"
    assert with_results(text, examples) == text.replace("wrong", "so\nis")


def test_every_verb_and_option_has_its_place_in_the_reference() -> None:
    page = text_of("docs/reference/cli.md")
    for name, command in commands():
        if name:
            assert f"### pricebook {name}\n" in page
            opts = [o for param in command.params for o in param.opts if o.startswith("-")]
            assert [opt for opt in opts if f"`{opt}" not in page] == []


def test_every_table_and_column_is_in_the_reference_with_its_meaning() -> None:
    page = text_of("docs/reference/tables.md")
    for table, columns in public_columns().items():
        section = re.split(r"^## ", page, flags=re.MULTILINE)
        (found,) = [part for part in section if part.startswith(f"{table}\n")]
        rows = {line.split("`")[1]: line for line in found.splitlines() if line.startswith("| `")}
        assert list(rows) == columns
        for column, line in rows.items():
            is_explained = bool(line.rstrip(" |").split("|")[-1].strip(" `"))
            assert is_explained, f"{table}.{column} has no comment"


def test_every_table_has_a_query_in_the_guide_for_analysts() -> None:
    queries = "\n".join(body for page, body in blocks("sql") if page == "docs/analyst.md")
    missing = [table for table in public_columns() if not re.search(rf"\b{table}\b", queries)]
    # These are asked through the macro that is made for them.
    assert set(missing) <= {"price_versions"}


# --- words of the product -------------------------------------------------------------------------


def explained(page: str, heading: str) -> set[str]:
    """The codes in the first column of the table below a heading."""
    _, _, rest = text_of(page).partition(f"{heading}\n")
    section = re.split(r"^#+ ", rest, maxsplit=1, flags=re.MULTILINE)[0]
    cells = (line.split("|")[1] for line in section.splitlines() if line.startswith("|"))
    return {word for cell in cells for word in re.findall(r"`([^`]+)`", cell)}


def sources_of(*folders: str) -> Iterator[ast.Module]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield ast.parse(path.read_text(encoding="utf-8"))


REASON_AT = {"CellError": 0, "MoneyError": 0, "OverrideError": 1, "rejected": 1, "CellResult": 3}


def constants() -> dict[str, str]:
    """Module constants that hold a text, by name."""
    found: dict[str, str] = {}
    for module in sources_of("models", "spiders"):
        for node in module.body:
            target = node.target if isinstance(node, ast.AnnAssign) else None
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                target = node.targets[0]
            value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
            if isinstance(target, ast.Name) and isinstance(value, ast.Constant):
                found[target.id] = str(value.value)
    return found


def reasons_in_code() -> set[str]:
    """Every reason that a call in the code names, by a text or a constant."""
    named = constants()
    found = {str(reason) for reason in Reason}
    for module in sources_of("models", "spiders"):
        for node in ast.walk(module):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            given = [k.value for k in node.keywords if k.arg == "reason"]
            given += node.args[REASON_AT[name] : REASON_AT[name] + 1] if name in REASON_AT else []
            for value in given:
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    found.add(value.value)
                elif isinstance(value, ast.Name) and value.id in named:
                    found.add(named[value.id])
    return found


def texts_in_code() -> set[str]:
    """Every text there is in the code."""
    found = (node for module in sources_of("models", "spiders") for node in ast.walk(module))
    return {n.value for n in found if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def rules_in_code() -> set[str]:
    """Every reading rule: constants called so, and what the page's reader gives as its rule."""
    found = {value for name, value in constants().items() if re.match(r"RULE(_|$)", name)}
    for module in sources_of("spiders"):
        for node in ast.walk(module):
            if isinstance(node, ast.FunctionDef) and node.name == "_with_unit":
                returned = (each.value for each in ast.walk(node) if isinstance(each, ast.Return))
                pairs = (value.elts for value in returned if isinstance(value, ast.Tuple))
                found |= {str(r.value) for _, r in pairs if isinstance(r, ast.Constant)}
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and getattr(node.func.value, "id", "") == "rules"
                and isinstance(node.args[0], ast.Constant)
            ):
                found.add(str(node.args[0].value))
    return found - {""}


def test_every_reason_for_a_rejection_is_explained(examples: Examples) -> None:
    told = explained("docs/sources.md", "## Reasons for a rejection")
    asked = "SELECT DISTINCT reason FROM rejections"
    seen = set(examples.answer("sql", asked).splitlines()[1:])
    assert reasons_in_code() | seen <= told
    assert told <= texts_in_code(), "explained and never given"


def test_every_reading_rule_is_explained(examples: Examples) -> None:
    told = explained("docs/sources.md", "## Reading rules")
    asked = "SELECT DISTINCT rule FROM claims WHERE rule <> ''"
    seen = {
        word for line in examples.answer("sql", asked).splitlines()[1:] for word in line.split()
    }
    assert len(rules_in_code()) > 8
    assert rules_in_code() | seen <= told
    assert told <= texts_in_code(), "explained and never applied"


@pytest.mark.parametrize("source", ASKED)
def test_every_source_is_complete(source: str) -> None:
    """It has its file, its fixtures, and a section that tells how it is read."""
    assert callable(reader_of(source).walk), f"spiders/sources/{source}.py"
    assert list((ROOT / "fixtures" / source).glob("*/expected.json")), f"fixtures/{source}/"
    assert f"## {source}\n" in text_of("docs/sources.md")


def test_every_outcome_of_a_fetch_has_its_remedy() -> None:
    told = explained("docs/operator.md", "### Outcomes of a fetch")
    assert {str(outcome) for outcome in FetchOutcome} <= told


def test_gates_kinds_causes_and_outcomes_are_explained() -> None:
    assert explained("docs/operator.md", "## The review queue") >= {str(gate) for gate in Gate}
    analyst = text_of("docs/analyst.md")
    words = [*Kind, *Cause, *Outcome]
    # A baseline is what stood there at first: never published as a change.
    missing = [word for word in words if f"`{word}`" not in analyst and word is not Kind.BASELINE]
    assert missing == []


def test_vocabularies_are_complete() -> None:
    page = text_of("docs/reference/meters.md")
    words = [*METERS, *OPERATIONS, *MODALITIES, *SOURCES]
    assert [word for word in words if f"`{word}`" not in page] == []


# --- blocks that run ------------------------------------------------------------------------------


@pytest.mark.parametrize(("page", "query"), blocks("sql"))
def test_queries_run_and_find_something(page: str, query: str, examples: Examples) -> None:
    assert examples.answer("sql", query) != "No rows.", page


OTHERWISE = {"docs/adding-a-source.md", *RUN_ELSEWHERE}
PROGRAMS = [(page, body) for page, body in blocks("python") if page not in OTHERWISE]


@pytest.mark.parametrize(("page", "program"), PROGRAMS)
def test_programs_run(page: str, program: str, examples: Examples, address: str) -> None:
    program = program.replace("http://127.0.0.1:8377", address)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        check=False,
        cwd=examples.data_dir.parent,
        env={name: value for name, value in os.environ.items() if "proxy" not in name.lower()},
    )
    assert done.returncode == 0, f"{page}: {done.stderr}"
    assert done.stdout.strip(), f"{page}: says nothing"


def command_lines() -> Iterator[tuple[str, list[str]]]:
    for page, body in blocks("console"):
        for line in body.splitlines():
            words = shlex.split(line.partition(" | ")[0])
            if words and words[0].endswith("pricebook"):
                yield page, words[1:]


def test_command_lines_name_verbs_and_options_that_there_are() -> None:
    known: dict[str, Command] = dict(commands())
    found = list(command_lines())
    assert len(found) > 10
    for page, words in found:
        two, one = " ".join(words[:2]), words[0]
        assert two in known or one in known, f"{page}: pricebook {' '.join(words)}"
        params = known.get(two, known.get(one, known[""])).params
        options = {opt for param in params for opt in (*param.opts, *param.secondary_opts)}
        used = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert used <= options | {"--debug", "--help"}, f"{page}: pricebook {' '.join(words)}"


def test_settings_and_aliases_that_are_shown_can_be_used() -> None:
    shown = [body for page, body in blocks("toml") if page == "docs/operator.md"]
    settings, aliases = shown
    assert set(tomllib.loads(settings)) <= set(Settings.model_fields)
    (alias,) = parse_aliases(aliases)
    assert alias.targets


def test_make_targets_that_are_named_exist() -> None:
    targets = set(re.findall(r"^([a-z]+)(?= |:)", text_of("Makefile"), re.MULTILINE))
    targets |= {
        word
        for line in re.findall(r"^([a-z ]+):", text_of("Makefile"), re.MULTILINE)
        for word in line.split()
    }
    named = {
        (name_of(p), t) for p in GUIDES for t in re.findall(r"`make ([a-z]+)[^`]*`", p.read_text())
    }
    assert {(page, target) for page, target in named if target not in targets} == set()
