"""A person says what a name stands for: the entry is kept, history moves, the old belief stays."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from flows.aliases import add_alias, read_aliases
from flows.errors import SettingsError
from flows.load import load
from flows.pipeline import publish
from models.identity import Alias, load_aliases
from tests.flows.conftest import Pricebook
from tests.flows.histories import PAGE, World, aiml, hours, page
from tests.flows.pipelines import ask

ENTRY = Alias(
    "aimlapi",
    "Acme / Bolt Max",
    ("acme/bolt-3",),
    reason="Same heading.",
    evidence="https://example.org/bolt",
    date="2026-11-23",
)
PRICED = (
    "SELECT model_id, source, valid_from, unit_price_usd * 1000000 FROM price_history"
    " WHERE meter = 'input_token' AND source = ? ORDER BY model_id, valid_from"
)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A page that prints a name which means none of the two ids."""
    world = World(tmp_path / "data")
    world.load(
        aiml(0, [("acme/bolt-3", (), {}), ("acme/other", (), {"input": "7"})]),
        page(1, [("Bolt Max", "2", "8"), ("Other", "7", "7")]),
        page(30, [("Bolt Max", "3", "9"), ("Other", "7", "7")]),
    )
    publish(world.workspace())
    return world


def rows(world: World, query: str, *values: Any) -> list[tuple[Any, ...]]:
    return ask(world.data_dir, query, values)


def accept(pricebook: Pricebook, world: World, *arguments: str) -> Any:
    return pricebook("match", "accept", *arguments, "--data-dir", world.data_dir)


def test_accepting_moves_the_history_as_a_correction(world: World, pricebook: Pricebook) -> None:
    before = rows(world, PRICED, PAGE)
    assert [row[0] for row in before] == ["page:acme/bolt-max", "page:acme/bolt-max"]
    ended = accept(
        pricebook, world, "bolt max", "acme/bolt-3", "--reason", "Same heading.", "--rebuild"
    )
    assert (ended.status, ended.err.count("Traceback")) == (0, 0)
    assert "stands for acme/bolt-3" in ended.out
    after = rows(world, PRICED, PAGE)
    assert [row[1:] for row in after] == [row[1:] for row in before]
    assert {row[0] for row in after} == {"acme/bolt-3"}
    assert rows(world, "SELECT count(*) FROM models WHERE model_id LIKE 'page:%'") == [(0,)]
    assert rows(world, "SELECT count(*) FROM unmatched") == [(0,)]


def test_what_was_believed_before_stays_answerable(world: World, pricebook: Pricebook) -> None:
    known_at = rows(world, "SELECT max(recorded_at) FROM price_versions")[0][0]
    accept(pricebook, world, "Bolt Max", "acme/bolt-3", "--reason", "Same.", "--rebuild")
    believed = (
        "SELECT model_id, unit_price_usd * 1000000 FROM prices_as_known(?, ?)"
        " WHERE meter = 'input_token' AND model_id <> 'acme/other'"
    )
    at = hours(31)
    assert rows(world, believed, at, known_at) == [("page:acme/bolt-max", 3)]
    assert rows(world, believed, at, datetime.now(UTC)) == [("acme/bolt-3", 3)]
    why = "SELECT DISTINCT superseded_because FROM price_versions WHERE model_id LIKE 'page:%'"
    assert ("correction",) in rows(world, why)
    shown = pricebook(
        "prices", "--as-known", known_at.isoformat(), "--format", "json",
        "--data-dir", world.data_dir,
    )  # fmt: skip
    assert "page:acme/bolt-max" in {row["model_id"] for row in shown.rows}


def test_without_rebuild_the_next_load_moves_it(world: World, pricebook: Pricebook) -> None:
    ended = accept(pricebook, world, "Bolt Max", "acme/bolt-3", "--reason", "Same.")
    assert "pricebook rebuild" in ended.out
    publish(world.workspace())
    assert rows(world, "SELECT raw_name FROM unmatched") == [("Acme / Bolt Max",)]
    load(world.workspace(), [world.store(page(60, [("Bolt Max", "3", "9"), ("Other", "7", "7")]))])
    publish(world.workspace())
    assert {row[0] for row in rows(world, PRICED, PAGE)} == {"acme/bolt-3"}


def test_a_canonical_model_is_said_of_an_id(world: World, pricebook: Pricebook) -> None:
    known = "SELECT canonical_id FROM models WHERE model_id = 'acme/bolt-3'"
    assert rows(world, known) == [("acme/bolt-3",)]
    said = ("--canonical", "--reason", "One model.", "--rebuild")
    assert accept(pricebook, world, "aimlapi/acme/bolt-3", "acme/other", *said).status == 0
    assert rows(world, known) == [("acme/other",)]
    assert pricebook("rebuild", "--check", "--data-dir", world.data_dir).status == 0


def test_the_entry_says_who_what_why_where_and_when(world: World, pricebook: Pricebook) -> None:
    accept(pricebook, world, "Bolt Max", "acme/bolt-3", "--reason", "Same heading.")
    document = tomllib.loads((world.data_dir / "aliases.toml").read_text("utf-8"))
    assert document["alias"] == [
        {
            "seller": "aimlapi",
            "name": "Acme / Bolt Max",
            "operation": "chat",
            "targets": ["acme/bolt-3"],
            "reason": "Same heading.",
            "evidence": "https://aimlapi.com/ai-ml-api-pricing",
            "date": datetime.now(UTC).date().isoformat(),
        }
    ]


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("Bolt Mix", "acme/bolt-3"), 1, "did you mean Acme / Bolt Max"),
        (("Bolt Max", "acme/bolt-4"), 1, "near it: acme/bolt-3"),
        (("Bolt Max", "acme/bolt-3", "acme/other"), 2, "covers says what"),
        (("Bolt Max", "acme/*"), 2, "covers says what"),
        (("Bolt Max", "acme/bolt-3", "--covers", "all"), 2, "leave it out for one"),
        (("Bolt Max", "acme/bolt-3", "--evidence", "a friend"), 2, "not a public address"),
        (("Other", "acme/bolt-3"), 1, "no open name"),
        (("Bolt Max", "page:acme/bolt-max"), 1, "lists no"),
        (("acme/bolt-9", "acme/other", "--canonical"), 1, "near it: aimlapi/acme/bolt-3"),
        (("acme/bolt-3", "acme/any", "--canonical"), 1, "no model is 'acme/any'"),
        (("acme/bolt-3", "acme/other", "a", "--canonical"), 2, "name one"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_is_written(
    world: World, pricebook: Pricebook, arguments: tuple[str, ...], status: int, said: str
) -> None:
    ended = accept(pricebook, world, *arguments, "--reason", "Because.")
    assert (ended.status, said in ended.err) == (status, True), ended.err
    assert not (world.data_dir / "aliases.toml").exists()


def test_suggestions_say_why_and_are_never_taken(world: World, pricebook: Pricebook) -> None:
    found = pricebook("match", "list", "--format", "json", "--data-dir", world.data_dir).rows
    assert [(row["raw_name"], row["rank"], row["model_id"]) for row in found] == [
        ("Acme / Bolt Max", 1, "acme/bolt-3")
    ]
    assert found[0]["why"] == "shares bolt; lacks max; adds 3"
    assert rows(world, "SELECT suggestions FROM unmatched") == [(["acme/bolt-3"],)]


# --- the file ------------------------------------------------------------------------------------


def test_own_names_stand_beside_the_shipped_ones(tmp_path: Path) -> None:
    path = tmp_path / "own" / "aliases.toml"
    add_alias(path, ENTRY)
    assert read_aliases(path) == (*load_aliases(), ENTRY)
    assert path.stat().st_mode & 0o777 == 0o644
    assert [each.name for each in path.parent.iterdir()] == ["aliases.toml"]


def test_an_own_name_stands_in_place_of_a_shipped_one(tmp_path: Path) -> None:
    path = tmp_path / "aliases.toml"
    shipped = next(alias for alias in load_aliases() if alias.targets)
    own = Alias(
        shipped.seller, shipped.name.upper(), ("acme/x",), shipped.operation,
        reason="r", evidence="https://example.org", date="2026-11-23",
    )  # fmt: skip
    add_alias(path, own)
    found = read_aliases(path)
    assert own in found
    assert shipped not in found


def test_comments_and_entries_that_were_there_stay(tmp_path: Path) -> None:
    path = tmp_path / "aliases.toml"
    path.write_text("# ours\n", encoding="utf-8")
    add_alias(path, ENTRY)
    assert path.read_text("utf-8").startswith("# ours\n\n[[alias]]\n")
    with pytest.raises(SettingsError, match="stands twice"):
        add_alias(path, ENTRY)
    assert read_aliases(path)[-1] == ENTRY


def test_a_link_to_a_file_kept_elsewhere_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "kept.toml").write_text("", encoding="utf-8")
    link = tmp_path / "aliases.toml"
    link.symlink_to(tmp_path / "kept.toml")
    add_alias(link, ENTRY)
    assert link.is_symlink()
    assert read_aliases(tmp_path / "kept.toml")[-1] == ENTRY


@pytest.mark.parametrize("text", ["[[alias", "[[alias]]\nseller = 'x'\n", "\x00"])
def test_a_broken_file_is_named_and_left_alone(
    world: World, pricebook: Pricebook, text: str
) -> None:
    path = world.data_dir / "aliases.toml"
    path.write_text(text, encoding="utf-8")
    for verb in (("rebuild",), ("match", "accept", "Bolt Max", "acme/bolt-3", "--reason", "r")):
        ended = pricebook(*verb, "--data-dir", world.data_dir)
        assert (ended.status, str(path) in ended.err) == (2, True), ended.err
    assert path.read_text("utf-8") == text


def test_the_file_can_lie_elsewhere(
    world: World, pricebook: Pricebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRICEBOOK_ALIASES_FILE", str(tmp_path / "shared.toml"))
    said = ("--reason", "Same.", "--rebuild")
    assert accept(pricebook, world, "Bolt Max", "acme/bolt-3", *said).status == 0
    assert read_aliases(tmp_path / "shared.toml")[-1].name == "Acme / Bolt Max"
    assert not (world.data_dir / "aliases.toml").exists()
    assert rows(world, "SELECT count(*) FROM unmatched") == [(0,)]
