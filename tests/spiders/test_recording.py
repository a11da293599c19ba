"""A folder of recorded captures is read tolerantly: what fits is used, the rest is named."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from models.capture import FetchOutcome
from spiders.problem import FetchProblemError
from spiders.recording import RecordedPage, Recording, RecordingError, read_page, scan

SOURCES = ("openrouter_models", "aiml_models", "aiml_pricing_page")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def recording(root: Path, *names: str) -> Recording:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"[]")
    return scan(root, SOURCES)


def skipped(found: Recording) -> dict[str, str]:
    return {str(skip.path.relative_to(found.root)): skip.reason for skip in found.skipped}


def test_names_state_time_status_page_kind_and_packing(tmp_path: Path) -> None:
    found = recording(
        tmp_path,
        "openrouter_models/2026-08-01T0323Z.json",
        "openrouter_models/2026-08-01T0323Z.p2.json.gz",
        "openrouter_models/2026-08-01T092415Z.503.json.zst",
        "aiml_pricing_page/2026-08-01T0323Z.html",
        "aiml_pricing_page/2026-08-01T0323Z.404.p2.html",
        "aiml_pricing_page/2026-08-01T0323Z.p3.500.html",
    )
    assert found.skipped == ()
    assert found.steps == (at("2026-08-01T03:23"), at("2026-08-01T09:24:15"))
    page, models, later = found.fetches
    assert (page.source, models.source, later.source) == (
        "aiml_pricing_page",
        "openrouter_models",
        "openrouter_models",
    )
    assert [(p.page, p.status, p.kind) for p in page.pages] == [
        (1, 200, "html"),
        (2, 404, "html"),
        (3, 500, "html"),
    ]
    assert [(p.page, p.status, p.path.suffix) for p in models.pages] == [
        (1, 200, ".json"),
        (2, 200, ".gz"),
    ]
    assert [(p.page, p.status) for p in later.pages] == [(1, 503)]


def test_a_source_without_a_file_at_a_step_is_not_due(tmp_path: Path) -> None:
    found = recording(
        tmp_path,
        "openrouter_models/2026-08-01T0323Z.json",
        "aiml_models/2026-08-02T0323Z.json",
    )
    assert [fetch.source for fetch in found.at(found.steps[0])] == ["openrouter_models"]
    assert [fetch.source for fetch in found.at(found.steps[1])] == ["aiml_models"]


@pytest.mark.parametrize(
    "name",
    [
        "notes.json",
        "2026-08-01.json",
        "2026-08-01T0323.json",
        "2026-13-01T0323Z.json",
        "2026-08-01T2560Z.json",
        "2026-08-01T0323Z.json.bz2",
        "2026-08-01T0323Z.xml",
        "2026-08-01T0323Z.json.json",
        "2026-08-01T0323Z.99.json",
        "2026-08-01T0323Z.700.json",
        "2026-08-01T0323Z.503.404.json",
        "2026-08-01T0323Z.p0.json",
        "0001-08-01T0323Z.json",
        "٢٠٢٦-08-01T0323Z.json",
        ".gitkeep",
    ],
)
def test_a_file_whose_name_does_not_fit_is_named_and_skipped(tmp_path: Path, name: str) -> None:
    found = recording(tmp_path, f"aiml_models/{name}", "aiml_models/2026-08-01T0323Z.json")
    assert list(skipped(found)) == [f"aiml_models/{name}"]
    assert "name" in skipped(found)[f"aiml_models/{name}"]
    assert len(found.fetches) == 1


def test_folders_of_unknown_sources_are_named_and_files_beside_them_are_not(tmp_path: Path) -> None:
    found = recording(tmp_path, "elsewhere/2026-08-01T0323Z.json", "README.md")
    assert skipped(found) == {"elsewhere": "no source of this name is known"}
    assert found.steps == ()


def test_a_page_needs_all_pages_before_it(tmp_path: Path) -> None:
    found = recording(
        tmp_path,
        "aiml_pricing_page/2026-08-01T0323Z.html",
        "aiml_pricing_page/2026-08-01T0323Z.p3.html",
        "aiml_pricing_page/2026-08-02T0323Z.p2.html",
    )
    assert [(fetch.at.day, len(fetch.pages)) for fetch in found.fetches] == [(1, 1)]
    assert skipped(found) == {
        "aiml_pricing_page/2026-08-01T0323Z.p3.html": "page 2 is missing before it",
        "aiml_pricing_page/2026-08-02T0323Z.p2.html": "page 1 is missing before it",
    }


def test_two_files_for_one_page_are_not_mixed(tmp_path: Path) -> None:
    found = recording(
        tmp_path,
        "aiml_models/2026-08-01T0323Z.json",
        "aiml_models/2026-08-01T0323Z.json.gz",
        "aiml_models/2026-08-01T032300Z.503.json",
    )
    [fetch] = found.fetches
    assert fetch.pages[0].path.name == "2026-08-01T032300Z.503.json"
    assert set(skipped(found).values()) == {"a second file for page 1"}


def test_links_that_lead_out_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "2026-08-01T0323Z.json").write_text("[]")
    inside = tmp_path / "in"
    (inside / "aiml_models").mkdir(parents=True)
    (inside / "openrouter_models").symlink_to(outside)
    (inside / "aiml_models" / "2026-08-01T0323Z.json").symlink_to(outside / "2026-08-01T0323Z.json")
    (inside / "aiml_models" / "2026-08-02T0323Z.json").mkdir()
    (inside / "aiml_models" / "2026-08-03T0323Z.json").symlink_to(inside / "nowhere")
    found = scan(inside, SOURCES)
    assert found.fetches == ()
    assert skipped(found) == {
        "openrouter_models": "leads out of the recording",
        "aiml_models/2026-08-01T0323Z.json": "leads out of the recording",
        "aiml_models/2026-08-02T0323Z.json": "not a file",
        "aiml_models/2026-08-03T0323Z.json": "not a file",
    }


def test_robots_txt_is_kept_apart(tmp_path: Path) -> None:
    found = recording(tmp_path, "aiml_pricing_page/robots.txt")
    assert found.robots == {"aiml_pricing_page": tmp_path / "aiml_pricing_page" / "robots.txt"}
    assert found.skipped == ()


def test_no_such_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="no such folder"):
        scan(tmp_path / "missing", SOURCES)


def test_bodies_are_unpacked(tmp_path: Path) -> None:
    body = b'{"data": []}'
    packings = {
        "a.json": body,
        "b.json.gz": gzip.compress(body),
        "c.json.zst": zstandard.ZstdCompressor().compress(body),
    }
    for name, data in packings.items():
        (tmp_path / name).write_bytes(data)
        assert read_page(RecordedPage(tmp_path / name, "json")) == body


@pytest.mark.parametrize(
    ("name", "data", "outcome"),
    [
        ("a.json", bytes(30_000), FetchOutcome.TOO_LARGE),
        ("a.json.gz", gzip.compress(bytes(1_000_000), mtime=0), FetchOutcome.DECOMPRESSION_BOMB),
        ("a.json.gz", gzip.compress(b"abc", mtime=0)[:-4], FetchOutcome.TRUNCATED),
        ("a.json.gz", b"", FetchOutcome.TRUNCATED),
        ("a.json.gz", b"junk", FetchOutcome.TRUNCATED),
        ("a.json.zst", zstandard.ZstdCompressor().compress(bytes(30_000)), FetchOutcome.TOO_LARGE),
        ("a.json.zst", b"junk", FetchOutcome.TRUNCATED),
        ("missing.json", None, FetchOutcome.TRUNCATED),
    ],
)
def test_a_body_that_cannot_be_unpacked_says_why(
    tmp_path: Path, name: str, data: bytes | None, outcome: FetchOutcome
) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(FetchProblemError, match=name) as raised:
        read_page(RecordedPage(tmp_path / name, "json"), max_bytes=20_000)
    assert raised.value.problem.outcome == outcome


@given(
    st.lists(
        st.text(st.characters(exclude_characters="/\0", codec="utf-8"), min_size=1, max_size=60)
    )
)
def test_no_file_name_breaks_the_scan(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    root = tmp_path_factory.mktemp("recording")
    (root / "aiml_models").mkdir()
    made: set[str] = set()
    for name in names:
        if name not in {".", ".."}:
            (root / "aiml_models" / name).touch()
            made.add(name)
    found = scan(root, SOURCES)
    named = [skip.path.name for skip in found.skipped]
    used = [page.path.name for fetch in found.fetches for page in fetch.pages]
    assert sorted(named + used) == sorted(made)


def test_real_shaped_names_of_a_whole_history(tmp_path: Path) -> None:
    names = [
        f"openrouter_models/2026-08-{day:02}T{hour:02}15Z.json"
        for day in range(1, 29)
        for hour in (1, 7)
    ]
    found = recording(tmp_path, *reversed(names))
    assert len(found.steps) == len(names)
    assert [fetch.at for fetch in found.fetches] == list(found.steps)
