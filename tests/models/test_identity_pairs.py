"""The matcher against pairs labelled by hand: nothing wrong, next to nothing missed."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from models.identity import CatalogueEntry, Resolver, canonicalise, load_aliases

FIXTURES = Path(__file__).parents[2] / "fixtures" / "identity"


class Pair(NamedTuple):
    kind: str
    section: str
    left: str
    right: str
    same: bool
    drawn: str


@cache
def pairs() -> tuple[Pair, ...]:
    with (FIXTURES / "pairs.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Pair(r["kind"], r["section"], r["left"], r["right"], r["same"] == "1", r["drawn"])
            for r in csv.DictReader(file)
        )


@cache
def catalogue() -> tuple[CatalogueEntry, ...]:
    with (FIXTURES / "catalogue.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            CatalogueEntry(
                row["seller"],
                row["model_id"],
                row["operation"],
                row["name"],
                row["developer"],
                tuple(row["aliases"].split()),
            )
            for row in csv.DictReader(file)
        )


@cache
def keys() -> dict[tuple[str, str], str | None]:
    found = canonicalise(catalogue())
    return {(seller, model_id): canonical.key for (seller, model_id, _), canonical in found.items()}


@cache
def resolver() -> Resolver:
    return Resolver("aimlapi", catalogue(), load_aliases())


def matched(pair: Pair) -> bool:
    if pair.kind == "page":
        developer, name = pair.left.split(" / ", 1)
        found = resolver().resolve(developer, name, pair.section)
        return pair.right in {model_id for model_id, _ in found.targets}
    other = "openrouter" if pair.kind == "twin" else "aimlapi"
    return keys()["aimlapi", pair.left] == keys()[other, pair.right]


def test_the_sample_is_large_and_half_of_it_are_near_misses() -> None:
    assert len(pairs()) >= 150
    assert 0.45 <= sum(pair.same for pair in pairs()) / len(pairs()) <= 0.55


def test_no_pair_is_labelled_twice() -> None:
    assert len({(pair.section, pair.left, pair.right) for pair in pairs()}) == len(pairs())


def test_precision_is_one() -> None:
    wrong = [pair for pair in pairs() if matched(pair) and not pair.same]
    assert wrong == []


def test_recall_is_at_least_97_percent() -> None:
    same = [pair for pair in pairs() if pair.same]
    missed = [pair for pair in same if not matched(pair)]
    assert 1 - len(missed) / len(same) >= 0.97, missed


@pytest.mark.parametrize("kind", ["twin", "page", "own"])
def test_recall_holds_for_every_kind_of_pair(kind: str) -> None:
    same = [pair for pair in pairs() if pair.same and pair.kind == kind]
    missed = [pair for pair in same if not matched(pair)]
    assert 1 - len(missed) / len(same) >= 0.97, missed
