"""Names through the whole pipeline: what means what, and that strangers change nothing of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.load import load
from flows.pipeline import publish
from models.catalogue import Catalogue, same_meaning
from models.identity import CatalogueEntry, load_aliases
from models.reading import Listing
from tests.flows.histories import AIML, START, Said, World, openrouter, page
from tests.flows.pipelines import ask
from tests.models.test_identity_properties import KNOWN, family, names

SOLD = [entry for entry in KNOWN if entry.seller == "aimlapi" and entry.operation == "chat"]
#: Names of the pricing page in late 2025 and mid-2026, with the id each means in AIML API's list
#: of January 2026 (None: the list has no such model).
PRINTED = {
    "OpenAI / GPT\u20115": "openai/gpt-5-2025-08-07",
    "Anthropic / Claude 4 Opus": "claude-opus-4-20250514",
    "Anthropic / Claude Opus 4.5": "claude-opus-4-5-20251101",
    "Anthropic / Claude 4.5 Haiku By Anthropic": "claude-haiku-4-5-20251001",
    "Google / Gemini 2.5 Flash": "google/gemini-2.5-flash",
    "Meta / Llama 3 (70B)": "meta-llama/Llama-3-70b-chat-hf",
    "Alibaba Cloud / Qwen3 Max Instruct": "alibaba/qwen3-max-instruct",
    "Anthropic / Claude 3.5 Sonnet": None,
    "Baidu / Ernie 4.5 0.3b": None,
}
SUGGESTED = {
    "Anthropic / Claude 3.5 Sonnet": "claude-3-7-sonnet-20250219",
    "Baidu / Ernie 4.5 0.3b": "baidu/ernie-4.5-21b-a3b",
}


def listed(at: float, entries: Iterable[CatalogueEntry]) -> Said:
    """AIML API's list with these models, none of them priced."""
    data = [
        {
            "id": entry.model_id,
            "type": "openai/chat-completions",
            "aliases": list(entry.aliases),
            "info": {"name": entry.name or entry.model_id, "developer": entry.developer},
            "modalities": {"input": ["text"], "output": ["text"]},
        }
        for entry in entries
    ]
    return AIML, at, json.dumps({"object": "list", "data": data}).encode()


def printed(at: float, rows: Iterable[str]) -> Said:
    """The pricing page with these names."""
    source, when, body = page(at, [(name, "1", "2") for name in rows])
    return source, when, body.replace(b"Acme / ", b"")


def stranger(model_id: str, name: str) -> CatalogueEntry:
    return CatalogueEntry("aimlapi", model_id, "chat", name, "Zorblax")


STRANGERS = [
    stranger("zorblax/frobnicator-5", "Frobnicator 5"),
    stranger("zorblax/frobnicator-5-2025-08-07", "Frobnicator 5 2025-08-07"),
    stranger("zorblax/haikuist-4.5", "Haikuist 4.5 Opus"),
]
BELIEVED = (
    "SELECT model_id, meter, unit_price_usd, valid_from, valid_to, source FROM price_history"
    " WHERE source = 'aiml_pricing_page' ORDER BY ALL"
)
KEYS = "SELECT model_id, canonical_id FROM models WHERE developer <> 'Zorblax' ORDER BY ALL"


def facts(world: World) -> list[Any]:
    publish(world.workspace())
    return [ask(world.data_dir, query) for query in (BELIEVED, KEYS)]


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path / "data")
    world.load(listed(0, SOLD), printed(1, PRINTED))
    return world


def test_printed_names_price_the_ids_they_mean(world: World) -> None:
    publish(world.workspace())
    priced = "SELECT DISTINCT model_id FROM prices WHERE meter = 'input_token'"
    meant = {model_id for model_id in PRINTED.values() if model_id is not None}
    found = {model_id for (model_id,) in ask(world.data_dir, priced)}
    assert {each for each in found if not each.startswith("page:")} == meant
    assert {each for each in found if each.startswith("page:")} == {
        "page:anthropic/claude-3.5-sonnet",
        "page:baidu/ernie-4.5-0.3b",
    }


def test_the_others_are_page_only_and_suggest_a_relative(world: World) -> None:
    publish(world.workspace())
    found = ask(world.data_dir, "SELECT raw_name, suggestions[1] FROM unmatched")
    assert dict(found) == SUGGESTED
    (told,) = ask(world.data_dir, "SELECT page_only FROM coverage ORDER BY as_of DESC LIMIT 1")
    assert told == (2,)


@pytest.mark.parametrize("when", [0, 2], ids=["from the start", "later"])
def test_a_row_that_resolved_stays_resolved_whoever_comes(
    world: World, tmp_path: Path, when: int
) -> None:
    before = facts(world)
    if when:
        # Strangers of both sellers come later: nothing is derived again, nothing moves.
        loaded = load(world.workspace(), [world.store(listed(2, [*STRANGERS, *SOLD]))])
        assert loaded.rederived == ()
        unknown = openrouter(3, {"zorblax/frobnicator-5": {"prompt": "1", "completion": "1"}})
        world.load(unknown)
        after = facts(world)
    else:
        crowded = World(tmp_path / "crowded")
        crowded.load(listed(0, [*SOLD, *STRANGERS]), printed(1, PRINTED))
        after = facts(crowded)
    listed_now = {row for row in after[1] if not row[0].startswith("zorblax/")}
    assert after[0] == before[0]
    assert listed_now == set(before[1])


def meanings(listings: Sequence[Listing]) -> Catalogue:
    catalogue = Catalogue("aimlapi", load_aliases())
    catalogue.add("aiml_models", listings, START)
    catalogue.settle()
    return catalogue


def as_listing(entry: CatalogueEntry) -> Listing:
    return Listing(
        entry.model_id, entry.name, entry.developer, entry.operation, "", "", entry.aliases
    )


def as_printed(text: str) -> Listing:
    developer, _, name = text.partition(" / ")
    return Listing(None, name, developer, "chat", "", "")


ROWS = [as_printed(text) for text in PRINTED]
RELATED = set[tuple[str, ...]]().union(
    *(family(entry) for entry in SOLD),
    *(family(CatalogueEntry("", row.name, "chat", row.name, row.developer)) for row in ROWS),
)
IDS = {entry.model_id for entry in SOLD}
BASE = [*map(as_listing, SOLD), *ROWS]
ALONE = meanings(BASE)
comers = st.lists(
    st.builds(
        CatalogueEntry,
        st.just("aimlapi"),
        names,
        st.sampled_from(("chat", "image")),
        names,
        st.sampled_from(("openai", "Anthropic", "meta-llama", "acme", "")),
    ),
    max_size=8,
)


@settings(max_examples=40)
@given(comers)
def test_no_unrelated_model_moves_a_name(others: list[CatalogueEntry]) -> None:
    strangers = [e for e in others if not family(e) & RELATED and e.model_id not in IDS]
    crowded = meanings([*map(as_listing, strangers), *BASE])
    assert same_meaning(ALONE.mapping(), crowded.mapping())
    for listing in BASE:
        assert crowded.targets(listing) == ALONE.targets(listing)
