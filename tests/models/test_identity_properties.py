"""What must hold for every catalogue: strangers and order change nothing, keys are fixed."""

from __future__ import annotations

import csv
from pathlib import Path
from random import Random

from hypothesis import example, given
from hypothesis import strategies as st

from models.identity import CatalogueEntry, Resolver, canonicalise, key_of, load_aliases
from models.identity.canonical import designation_of
from models.identity.names import is_size, read_id

FIXTURES = Path(__file__).parents[2] / "fixtures" / "identity"


def known() -> list[CatalogueEntry]:
    with (FIXTURES / "catalogue.csv").open(encoding="utf-8", newline="") as file:
        return [
            CatalogueEntry(
                r["seller"],
                r["model_id"],
                r["operation"],
                r["name"],
                r["developer"],
                tuple(r["aliases"].split()),
            )
            for r in csv.DictReader(file)
        ]


KNOWN = known()
DEVELOPERS = (
    "openai",
    "Anthropic",
    "meta-llama",
    "Alibaba Cloud",
    "deepseek",
    "minimax",
    "acme",
    "",
)
BRANDS = (
    "gpt",
    "claude",
    "llama",
    "qwen",
    "deepseek",
    "m2",
    "flux",
    "gemini",
    "kling",
    "wan",
    "nova",
)
WORDS = (
    "opus",
    "pro",
    "mini",
    "turbo",
    "instruct",
    "preview",
    "vl",
    "chat",
    "thinking",
    "video",
    "o1",
)
VERSIONS = ("3", "4", "4.5", "2.0", "v1", "v3.1", "v0.2", "4o", "0", "10", "5-1", "4 5", "2_5")
SIZES = ("7b", "(70B)", "a22b", "8x7b", "e4b", "0.3b", "32k")
MARKS = (
    "2025-08-07",
    "20240513",
    "0905",
    "07-09",
    "2507",
    "08-2024",
    "001",
    "latest",
    "fp8",
    "maas",
)
TAILS = ("", "", "", " by OpenAI", " By Anthropic")

names = st.builds(
    lambda head, rest, tail, glue: glue.join((head, *rest)) + tail,
    st.sampled_from(BRANDS),
    st.lists(st.sampled_from(WORDS + VERSIONS + SIZES + MARKS), max_size=6),
    st.sampled_from(TAILS),
    st.sampled_from(("-", " ", "\u2011", "_")),
)
entries = st.builds(
    CatalogueEntry,
    st.sampled_from(("aimlapi", "openrouter", "third")),
    names,
    st.sampled_from(("chat", "image", "responses")),
    names,
    st.sampled_from(DEVELOPERS),
)
catalogues = st.lists(st.one_of(st.sampled_from(KNOWN), entries), max_size=25)


def family(entry: CatalogueEntry) -> set[tuple[str, ...]]:
    """What relates models: the same words but for sizes, in an id or a printed name."""
    ids = [entry.model_id, *entry.aliases]
    readings = [read_id(entry.developer, model_id) for model_id in ids]
    readings += [
        designation_of(entry),
        read_id(readings[0].developer, entry.name or entry.model_id),
        read_id(readings[0].developer, entry.name.lower().partition(" by ")[0] or entry.model_id),
    ]
    return {
        tuple(word for word in reading.words if not is_size(word) and word != "instruct")
        for reading in readings
    }


@given(st.sampled_from(DEVELOPERS), names)
@example("", "openai/gpt-4o-2024-05-13")
@example("acme", "acme acme 4 5 6")
def test_the_key_of_a_key_is_itself(developer: str, name: str) -> None:
    key = key_of(developer, name)
    assert key_of("", key) == key


def test_every_canonical_key_is_its_own_canonical_key() -> None:
    keys = {
        (seller, canonical.key)
        for (seller, _, _), canonical in canonicalise(KNOWN).items()
        if canonical.key is not None
    }
    again = canonicalise([CatalogueEntry(seller, key, "chat", "", "") for seller, key in keys])
    assert {(seller, canonical.key) for (seller, _, _), canonical in again.items()} == keys
    for seller, key in sorted(keys):
        (alone,) = canonicalise([CatalogueEntry(seller, key, "chat", "", "")]).values()
        assert alone.key == key


@given(catalogues, st.randoms(use_true_random=False))
def test_the_order_of_a_catalogue_is_nothing(
    catalogue: list[CatalogueEntry], random: Random
) -> None:
    unique = list({(e.seller, e.model_id, e.operation): e for e in catalogue}.values())
    shuffled = sorted(unique, key=lambda _: random.random())
    assert canonicalise(unique) == canonicalise(shuffled)
    one, other = (Resolver("aimlapi", list_, load_aliases()) for list_ in (unique, shuffled))
    for entry in unique:
        for name in (entry.name, entry.model_id):
            arguments = (entry.developer, name, entry.operation)
            assert one.resolve(*arguments) == other.resolve(*arguments)


@given(catalogues, catalogues)
def test_strangers_change_no_match(
    catalogue: list[CatalogueEntry], others: list[CatalogueEntry]
) -> None:
    related = set[tuple[str, ...]]().union(*(family(entry) for entry in catalogue))
    ids = {(entry.seller, entry.model_id) for entry in catalogue}
    strangers = [
        entry
        for entry in others
        if not family(entry) & related and (entry.seller, entry.model_id) not in ids
    ]
    before, after = canonicalise(catalogue), canonicalise([*strangers, *catalogue])
    assert {key: after[key] for key in before} == before
    alone = Resolver("aimlapi", catalogue, ())
    crowded = Resolver("aimlapi", [*strangers, *catalogue], ())
    for entry in catalogue:
        arguments = (entry.developer, entry.model_id, entry.operation)
        assert alone.resolve(*arguments) == crowded.resolve(*arguments)


@given(catalogues)
def test_ids_of_one_seller_share_a_key_only_where_it_calls_them_one(
    catalogue: list[CatalogueEntry],
) -> None:
    """Two ids that read differently get one key only through names or aliases of the seller."""
    one_per_id = {(e.seller, e.model_id): e for e in catalogue}.values()
    silent = [CatalogueEntry(e.seller, e.model_id, "chat", "", e.developer) for e in one_per_id]
    found = canonicalise(silent, ())
    read: dict[tuple[str, str | None], set[str]] = {}
    for entry in silent:
        canonical = found[entry.seller, entry.model_id, entry.operation]
        group = read.setdefault((entry.seller, canonical.key), set())
        group.add(read_id(entry.developer, entry.model_id).key)
    assert all(len(group) == 1 for group in read.values())
