from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.reading import (
    CellResult,
    Drift,
    ExtractError,
    Outcome,
    PageReading,
    Row,
    RowReading,
)
from spiders import fixture
from spiders.judge import body_problem
from spiders.read import Discrepancy, Memo, read_body, read_fetch, verify
from spiders.sources import catalogue, openrouter_models

FIXTURES = Path(__file__).parents[2] / "fixtures"
JSON_SOURCES = ("openrouter_models", "aiml_models")
FOLDERS = [
    pytest.param(source, folder, id=f"{source}/{folder.name}")
    for source in JSON_SOURCES
    for folder in sorted((FIXTURES / source).iterdir())
]
RICH = {"openrouter_models": "2026-08-14T0215Z", "aiml_models": "2026-08-30T0900Z"}
NOON = datetime(2026, 8, 14, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(("source", "folder"), FOLDERS)
def test_a_fixture_reads_as_expected(source: str, folder: Path) -> None:
    expected = json.loads((folder / fixture.EXPECTED).read_text(encoding="utf-8"))
    assert fixture.outcome(fixture.load(source, folder)) == expected


@pytest.mark.parametrize(("source", "folder"), FOLDERS)
def test_every_price_cell_of_a_fixture_has_one_outcome(source: str, folder: Path) -> None:
    loaded = fixture.load(source, folder)
    try:
        reading = read_body(source, loaded.body, loaded.url, loaded.fetched_at)
    except ExtractError:
        return
    assert verify(source, [loaded.body], reading) == []


@pytest.mark.parametrize(("source", "folder"), FOLDERS)
def test_claims_carry_a_number_only_when_they_know_one(source: str, folder: Path) -> None:
    for row in json.loads((folder / fixture.EXPECTED).read_text(encoding="utf-8")).get("rows", []):
        for claim in row.get("claims", []):
            has_number = claim["unit_price"] is not None
            assert has_number == (claim["status"] in ("known", "free"))


@pytest.mark.parametrize("source", JSON_SOURCES)
def test_a_saved_fixture_is_the_one_that_is_checked(source: str, tmp_path: Path) -> None:
    folder = FIXTURES / source / RICH[source]
    for name in ("page.json", "meta.toml"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    fixture.save(source, tmp_path)
    expected = (folder / fixture.EXPECTED).read_bytes()
    assert (tmp_path / fixture.EXPECTED).read_bytes() == expected


def rich(source: str) -> tuple[Any, datetime]:
    loaded = fixture.load(source, FIXTURES / source / RICH[source])
    return json.loads(loaded.body), loaded.fetched_at


def read(source: str, document: object, at: datetime) -> PageReading:
    body = json.dumps(document).encode()
    reading = read_body(source, body, "", at)
    assert verify(source, [body], reading) == []
    return reading


def cells_of(reading: PageReading) -> list[CellResult]:
    return [cell for row in reading.rows for cell in row.cells]


Place = tuple[Any, str | int]


def price_places(document: dict[str, Any]) -> Iterator[tuple[int, Place]]:
    """Every spot under pricing that holds a price of a model with an id, as holder and key."""
    for position, model in enumerate(document["data"]):
        if "id" in model:
            yield from ((position, place) for place in _places(model.get("pricing")))


def _places(value: object) -> Iterator[Place]:
    if isinstance(value, dict | list):
        pairs: Any = value.items() if isinstance(value, dict) else enumerate(value)
        for key, child in pairs:
            if key in catalogue.METADATA:
                continue
            if isinstance(child, dict | list):
                yield from _places(child)
            elif isinstance(child, str | int | float):
                yield value, key


@pytest.mark.parametrize("source", JSON_SOURCES)
def test_a_changed_price_changes_its_own_row_and_no_other(source: str) -> None:
    document, at = rich(source)
    before = read(source, document, at).rows
    places = list(price_places(document))
    assert len(places) > 30
    for position, (holder, key) in places:
        old = holder[key]
        holder[key] = "0.123" if isinstance(old, str) else 0.123
        after = read(source, document, at).rows
        holder[key] = old
        model_id = document["data"][position]["id"]
        changed = [row for row, was in zip(after, before, strict=True) if row != was]
        assert len(changed) == 1, (model_id, key)
        assert changed[0].listing.model_id == model_id


@pytest.mark.parametrize("source", JSON_SOURCES)
def test_a_new_number_under_pricing_is_one_more_rejection(source: str) -> None:
    document, at = rich(source)
    before = cells_of(read(source, document, at))
    for model in document["data"]:
        if not isinstance(model.get("pricing"), dict) or "id" not in model:
            continue
        model["pricing"]["surprise"] = 0.5
        after = cells_of(read(source, document, at))
        del model["pricing"]["surprise"]
        added = next(c for c in Counter(after) - Counter(before) if c.raw_text == "0.5")
        assert len(after) == len(before) + 1
        assert (added.outcome, added.reason, added.raw_text) == (
            Outcome.REJECTED,
            "unknown_key",
            "0.5",
        )


@pytest.mark.parametrize("source", JSON_SOURCES)
@pytest.mark.parametrize("key", ["data", "id", "type", "name", "info", "pricing", "architecture"])
def test_a_key_that_goes_is_noticed(source: str, key: str) -> None:
    document, at = rich(source)
    before = read(source, document, at)
    present = key in document or any(key in model for model in document["data"])
    document.pop(key, None)
    for model in document.get("data", []):
        model.pop(key, None)
    if key in ("data", "id") or (source, key) == ("openrouter_models", "pricing"):
        with pytest.raises(ExtractError) as caught:
            read(source, document, at)
        assert key in caught.value.anchor
        return
    after = read(source, document, at)
    vanished = {drift.what for drift in after.drift if drift.kind == "vanished_field"}
    assert (key in vanished) == present
    assert (after == before) == (not present)


@pytest.mark.parametrize("source", JSON_SOURCES)
def test_entries_that_are_no_models_are_counted(source: str) -> None:
    document, at = rich(source)
    before = read(source, document, at)
    document["data"] += [None, "acme/bolt", {"name": "Bolt"}, {"id": ""}]
    after = read(source, document, at)
    assert after.rows == before.rows
    counts = {drift.what: drift.count for drift in before.drift if drift.kind == "vanished_field"}
    more = {drift.what: drift.count for drift in after.drift if drift.kind == "vanished_field"}
    assert more == {**counts, "id": counts.get("id", 0) + 4}


HALVES = [r"\ud83d", r"\ude00", r"\uD83D\ud83d\ude00", r"\\ud83d", r"x\ud83dx", r"\ude00\ud83d"]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "marked"])
@pytest.mark.parametrize("half", HALVES)
def test_half_a_character_costs_no_price(half: str, mark: bytes) -> None:
    pricing = {"prompt": "0.1", "completion": "0.2", "HALF": "0.3"}
    models = [{"id": "acme/bolt HALF", "name": "Acme: HALF", "pricing": pricing}]
    body = mark + json.dumps({"data": models}).replace("HALF", half).encode()
    reading = read_body("openrouter_models", body, "https://openrouter.ai", NOON)
    assert verify("openrouter_models", [body], reading) == []
    assert [claim.raw_text for claim in reading.rows[0].claims] == ["0.1", "0.2"]
    name = reading.rows[0].listing.name
    assert (
        name.encode()
        == json.loads(f'"{half}"')
        .encode("utf-16", "surrogatepass")
        .decode("utf-16", "replace")
        .encode()
    )
    assert body_problem("json", "application/json", body)[1] is None


@pytest.mark.parametrize("source", JSON_SOURCES)
def test_the_order_of_models_and_of_their_keys_means_nothing(source: str) -> None:
    document, at = rich(source)
    before = read(source, document, at)
    document["data"] = [
        {key: model[key] for key in reversed(model)} for model in reversed(document["data"])
    ]
    after = read(source, document, at)
    assert sorted(map(repr, after.rows)) == sorted(map(repr, before.rows))


def test_a_row_read_before_is_not_interpreted_again() -> None:
    source = "openrouter_models"
    document, at = rich(source)
    calls: list[str] = []
    catalogue = openrouter_models.CATALOGUE

    def interpret(row: Row, fetched_at: datetime) -> RowReading:
        calls.append(str(row.model_id))
        return catalogue.interpret(row, fetched_at)

    counting = replace(catalogue, interpret=interpret)
    memo = Memo()

    def read_all(at: datetime) -> list[RowReading]:
        body = json.dumps(document).encode()
        return list(counting.read([(body, "")], at, memo).rows)

    first = read_all(at)
    assert len(calls) == len(first)
    calls.clear()
    assert read_all(at) == first
    assert calls == []
    read_all(at.replace(hour=(at.hour + 5) % 24))
    assert calls == ["deepseek/deepseek-v4-pro-0813", "acme/night-owl"]
    calls.clear()
    document["data"][3]["pricing"]["prompt"] = "0.5"
    read_all(at.replace(hour=(at.hour + 5) % 24))
    assert calls == [document["data"][3]["id"]]


def test_memory_changes_nothing_but_time() -> None:
    memo = Memo()
    for source in JSON_SOURCES:
        for folder in sorted((FIXTURES / source).iterdir()) * 2:
            loaded = fixture.load(source, folder)
            for at in (loaded.fetched_at, loaded.fetched_at.replace(hour=3)):
                assert outcome(source, loaded, at, memo) == outcome(source, loaded, at, None)


def outcome(
    source: str, loaded: fixture.Fixture, at: datetime, memo: Memo | None
) -> PageReading | str:
    try:
        return read_body(source, loaded.body, loaded.url, at, memo)
    except ExtractError as error:
        return str(error)


def page(*models: dict[str, Any]) -> bytes:
    return json.dumps({"data": models}).encode()


def listed(model_id: str, prompt: str, **more: str) -> dict[str, Any]:
    common = {"name": "A: M", "context_length": 1, "architecture": {}, "top_provider": {}}
    return {"id": model_id, **common, "pricing": {"prompt": prompt, "completion": "0.1", **more}}


def test_pages_of_one_fetch_are_read_as_one() -> None:
    bodies = [page(listed("a", "0.2")), page(listed("b", "0.3"), {"mood": 1, "id": "c"})]
    reading = read_fetch("openrouter_models", [(body, "") for body in bodies], NOON)
    assert [row.listing.model_id for row in reading.rows] == ["a", "b", "c"]
    assert verify("openrouter_models", bodies, reading) == []
    assert Drift("new_key", "mood") in reading.drift


def test_a_model_on_two_pages_comes_out_once() -> None:
    bodies = [page(listed("a", "0.2", audio="0.5")), page(listed("a", "0.20", audio="0.6"))]
    reading = read_fetch("openrouter_models", [(body, "") for body in bodies], NOON)
    (row,) = reading.rows
    assert [(claim.meter, claim.unit_price) for claim in row.claims] == [
        ("input_token", Decimal("0.2")),
        ("output_token", Decimal("0.1")),
        ("input_audio_token", None),
    ]
    assert [cell.reason or cell.outcome.value for cell in row.cells] == [
        *("claim", "claim", "conflicting_twin"),
        *("merged", "merged", "conflicting_twin"),
    ]
    assert reading.drift == (Drift("duplicate", "a chat", 2),)
    assert verify("openrouter_models", bodies, reading) == []


def test_drift_is_summed_up() -> None:
    models = [{**listed(name, "0.1"), "mood": 1} for name in "abc"]
    reading = read_fetch("openrouter_models", [(page(*models), "")], NOON)
    assert reading.drift == (Drift("new_key", "mood", 3),)


def test_a_new_key_of_the_envelope_is_noticed() -> None:
    body = json.dumps({"data": [listed("a", "0.1")], "links": {"next": None, "prev": 1}, "x": 2})
    reading = read_body("openrouter_models", body.encode(), "", NOON)
    assert [drift.what for drift in reading.drift] == ["links.prev", "x"]


def test_verify_tells_what_is_wrong() -> None:
    body = page(listed("a", "0.1"))
    reading = read_body("openrouter_models", body, "", NOON)
    (row,) = reading.rows
    prompt, completion = row.cells
    other = replace(prompt, raw_text="0.10")

    def discrepancies(*cells: CellResult) -> list[Discrepancy]:
        changed = replace(reading, rows=(replace(row, cells=cells),))
        return verify("openrouter_models", [body], changed)

    missing = Discrepancy("cell_without_outcome", prompt.locator, "0.1")
    assert discrepancies(prompt, completion) == []
    assert discrepancies(completion) == [missing]
    assert discrepancies(prompt, prompt, completion) == [
        Discrepancy("two_outcomes", prompt.locator, "0.1")
    ]
    assert discrepancies(other, completion) == [
        missing,
        Discrepancy("outcome_without_cell", prompt.locator, "0.10"),
    ]


@given(st.text())
def test_any_id_can_be_quoted_and_read_back(text: str) -> None:
    inside = catalogue.quoted(text)[1:-1]
    assert json.loads('"' + inside.replace("\\'", "'").replace('"', '\\"') + '"') == text


@given(st.text(min_size=1), st.text(min_size=1))
def test_different_ids_have_different_locators(left: str, right: str) -> None:
    assert (catalogue.quoted(left) == catalogue.quoted(right)) == (left == right)


KEYS = (
    *("id", "type", "info", "name", "architecture", "pricing", "pricing_skus", "x", "a b"),
    *("units", "variants", "when", "price", "per", "kind", "unit", "origin"),
    *("overrides", "prompt", "image", "utc_start", "utc_end", "min_prompt_tokens"),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda child: (
        st.lists(child, max_size=3) | st.dictionaries(st.sampled_from(KEYS), child, max_size=4)
    ),
    max_leaves=12,
)


@pytest.mark.parametrize("source", JSON_SOURCES)
@pytest.mark.parametrize("number", [0, 7, 0.5, -1, True])
def test_a_number_in_place_of_an_id_is_no_id(source: str, number: object) -> None:
    entry = {"id": number, "pricing": {"prompt": "0.1"}}
    models = [{"id": "a", "type": number, "name": number, "pricing": {"prompt": "0.1"}}, entry]
    found = read(source, models, NOON)
    assert [row.listing.model_id for row in found.rows] == ["a"]
    assert {(cell.reason, cell.raw_text) for cell in found.extra_cells} == {("no_id", "0.1")}


@pytest.mark.parametrize("source", JSON_SOURCES)
@given(pricing=JSON, extra=JSON)
def test_whatever_stands_under_pricing_every_cell_ends_once(
    source: str, pricing: object, extra: object
) -> None:
    models = [
        {"id": "a", "type": "openai/chat-completions", "info": extra, "pricing": pricing},
        {"id": "b", "type": "openai/image-generations", "architecture": extra, "pricing": extra},
        {"name": extra, "pricing": pricing},
        extra,
    ]
    read(source, models, NOON)


@pytest.mark.parametrize("depth", [100, 400, 900, 5000])
def test_a_body_nested_deeply_is_read_or_refused(depth: int) -> None:
    nested = b"[" * depth + b"1" + b"]" * depth
    body = b'{"data":[{"id":"a","pricing":{"prompt":"1","x":' + nested + b"}}]}"
    try:
        reading = read_body("openrouter_models", body, "", NOON)
    except ExtractError:
        return
    assert [cell.raw_text for cell in cells_of(reading)] == ["1", "1"]
