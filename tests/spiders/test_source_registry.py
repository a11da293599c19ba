"""Every registered source is complete: its file, reader, walker, fixtures and description."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from models.registry import ASKED, SELLERS, SOURCES, inside_of
from spiders.pageplan import PageJob
from spiders.sources import SourceFileError, how_to_fetch, reader_of

ROOT = Path(__file__).parents[2]


def missing(source: str) -> list[str]:
    """What a source lacks, each in a few words that say where to put it."""
    found: list[str] = []
    try:
        how: object = how_to_fetch(source, "key")
        if not (callable(how) or isinstance(how, PageJob)):
            found.append(f"a plan or a page to crawl as FETCH in spiders/sources/{source}.py")
    except SourceFileError as error:
        found.append(str(error))
    try:
        reader = reader_of(source)
        parts = ("read", "walk")
        found += [f"{part} of its READER" for part in parts if not callable(getattr(reader, part))]
    except SourceFileError as error:
        found.append(str(error))
    folders = [path for path in (ROOT / "fixtures" / source).glob("*/") if path.is_dir()]
    if not folders:
        found.append(f"a fixture: fixtures/{source}/<time>/page.json or page.html")
    for folder in folders:
        found += [
            f"{folder.relative_to(ROOT)}/{name}"
            for name in ("meta.toml", "expected.json")
            if not (folder / name).is_file()
        ]
    described = (path.read_text(encoding="utf-8") for path in (ROOT / "docs").rglob("*.md"))
    if not any(f"`{source}`" in text for text in described):
        found.append(f"a description: no page of docs/ names `{source}`")
    return found


@pytest.mark.parametrize("source", ASKED)
def test_a_source_is_complete(source: str) -> None:
    assert missing(source) == []


@pytest.mark.parametrize("source", SOURCES)
def test_an_entry_is_sound(source: str) -> None:
    entry = SOURCES[source]
    assert entry.seller in SELLERS
    assert urlsplit(entry.url).scheme == "https"
    assert urlsplit(entry.url).netloc == entry.site


@pytest.mark.parametrize("source", sorted({*SOURCES} - {*ASKED}))
def test_what_stands_inside_another_source_is_read_with_it(source: str) -> None:
    inner = SOURCES[source]
    outer = ASKED[inner.inside]
    assert inside_of(outer.code) == inner
    assert (inner.seller, inner.url, inner.lists) == (outer.seller, outer.url, False)


def test_no_two_sources_of_a_seller_have_one_rank() -> None:
    ranks = Counter((source.seller, source.precedence) for source in SOURCES.values())
    assert max(ranks.values()) == 1


def test_every_source_file_is_registered() -> None:
    written = {
        path.stem
        for path in (ROOT / "spiders" / "sources").glob("*.py")
        if "\nFETCH" in path.read_text(encoding="utf-8")
    }
    assert written == set(ASKED)


def test_every_folder_of_fixtures_is_a_sources() -> None:
    known = {*SOURCES, "captures", "history", "identity"}
    folders = {path.name for path in (ROOT / "fixtures").iterdir() if path.is_dir()}
    assert folders - known == set()


def test_what_is_missing_is_named() -> None:
    assert missing("acme_prices") == [
        "'acme_prices' is not in models/sources.toml",
        "'acme_prices' is not in models/sources.toml",
        "a fixture: fixtures/acme_prices/<time>/page.json or page.html",
        "a description: no page of docs/ names `acme_prices`",
    ]


def test_a_source_without_its_key_asks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    needing = SOURCES["openrouter_models"].model_copy(update={"needs_key": True})
    monkeypatch.setattr("spiders.sources.SOURCES", {**SOURCES, "openrouter_models": needing})
    how = how_to_fetch("openrouter_models", None)
    assert not isinstance(how, PageJob)
    with pytest.raises(StopIteration) as end:
        next(how())
    assert end.value.value.outcome == "missing_key"
    assert "PRICEBOOK_OPENROUTER_KEY" in end.value.value.detail
