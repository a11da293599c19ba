"""LiteLLM, and tokencost that reads the same, on our prices, by their released packages."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Set
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest

from flows import cli
from tests.warehouse.charging import SHAPES, close, rate_for, records
from tests.warehouse.elsewhere import run_python
from tests.warehouse.litellm_calls import OFFLINE, priced_by_litellm
from tests.warehouse.shops import Shop
from tests.warehouse.test_formats import offer, rate
from warehouse.formats import formats
from warehouse.formats.holding import Shelf
from warehouse.formats.litellm import CHARGED
from warehouse.offers import Offer

PROVIDERS = {"openrouter": "openrouter", "aimlapi": "aiml"}


def token_calls(book: Shop, overlay: dict[str, Any]) -> Iterator[tuple[dict[str, Any], Decimal]]:
    for record in records(book):
        key = f"{PROVIDERS[record['seller']]}/{record['id']}"
        chat = overlay.get(key, {}).get("mode") in {"chat", "responses", "completion"}
        if not chat or record["operation"] not in {"chat", "responses", "completion"}:
            continue
        if overlay[key]["mode"] != record["operation"]:
            continue
        for prompt, completion in SHAPES:
            fresh, written = (rate_for(record, f"{d}_token", prompt) for d in ("input", "output"))
            cached = rate_for(record, "cache_read_token", prompt)
            if fresh is None or written is None:
                continue
            hits = 300 if cached is not None else 0
            call = {"kind": "tokens", "model": key, "prompt": prompt, "completion": completion,
                    "cached": hits}  # fmt: skip
            dollars = (prompt - hits) * fresh + hits * (cached or 0) + completion * written
            yield call, dollars


def media_calls(book: Shop, overlay: dict[str, Any]) -> Iterator[tuple[dict[str, Any], Decimal]]:
    for record in records(book):
        key = f"{PROVIDERS[record['seller']]}/{record['id']}"
        mode = overlay.get(key, {}).get("mode")
        per = {rate["meter"]: Decimal(rate["unitPriceUsd"]) for rate in record["rates"]
               if rate["isHeadline"] and rate["unitPriceUsd"] is not None}  # fmt: skip
        if mode == "image_generation" and "output_image" in per and "input_token" not in per:
            yield {"kind": "image", "model": key, "images": 3}, 3 * per["output_image"]
        if mode == "video_generation" and "output_video_second" in per:
            yield {"kind": "video", "model": key, "seconds": 8}, 8 * per["output_video_second"]
        if mode == "audio_speech" and "input_character" in per:
            yield {"kind": "speech", "model": key, "characters": 999}, 999 * per["input_character"]
        if mode == "audio_transcription" and "input_audio_second" in per:
            dollars = 61 * per["input_audio_second"]
            yield {"kind": "transcription", "model": key, "seconds": 61}, dollars


OUTPUTS = {"output_token", "reasoning_token", "output_audio_token", "output_image_token",
           "output_video_token"}  # fmt: skip


def part_calls(book: Shop, lost: Set[tuple[str, str]]) -> Iterator[tuple[dict[str, Any], Decimal]]:
    """Calls of chat models that use each of their meters, beside the prompt and the answer."""
    for record in records(book):
        prompt, completion, count = 10_000, 5_000, 1_000
        fresh, written = (rate_for(record, f"{d}_token", prompt) for d in ("input", "output"))
        if record["operation"] != "chat" or fresh is None or written is None:
            continue
        for meter in sorted({stated["meter"] for stated in record["rates"]} & CHARGED["chat"]):
            price = rate_for(record, meter, prompt)
            if price is None or meter == "web_search" or (record["key"], meter) in lost:
                continue
            model = f"{PROVIDERS[record['seller']]}/{record['id']}"
            call = {"kind": "parts", "model": model, "meter": meter, "prompt": prompt,
                    "completion": completion, "count": count}  # fmt: skip
            dollars = prompt * fresh + completion * written
            if meter not in {"input_token", "output_token"}:
                is_part = meter.endswith("_token")
                of = (written if meter in OUTPUTS else fresh) if is_part else Decimal(0)
                dollars += count * (price - of)
            yield call, dollars


@pytest.mark.slow
def test_litellm_takes_every_entry_under_its_own_name(book: Shop, tmp_path: Path) -> None:
    """Also a dated name beside the undated one, which `register_model` would take it for."""
    overlay = book.feed("formats/litellm/overlay.json")
    prices = {
        "openai/gpt-9": "0.000002",
        "openai/gpt-9-2031-05-13": "0.000003",
        "openai/gpt-9-mini": "0.000005",
        "openai/gpt-9-mini-2031-05-13": "0.000007",
    }
    offers = [
        offer(rate("input_token", price), rate("output_token", price), model_id=name)
        for name, price in prices.items()
    ]
    made = formats()["litellm"].convert(Shelf(tuple(offers), ())).files["overlay.json"]
    both = tmp_path / "overlay.json"
    both.write_text(json.dumps({**overlay, **dict(cast("dict[str, object]", made))}))
    code = """
import json, litellm, sys
with open(sys.argv[1]) as file:
    ours = json.load(file)
litellm.register_model(ours)
print(json.dumps([
    [key, name] for key, entry in ours.items() for name, value in entry.items()
    if litellm.model_cost.get(key, {}).get(name) != value
]))
"""
    said = run_python("formats", code, str(both), variables=OFFLINE)

    assert json.loads(said.splitlines()[-1]) == []


@pytest.mark.slow
def test_litellm_charges_what_the_book_says(book: Shop, shelf: Shelf) -> None:
    overlay = book.feed("formats/litellm/overlay.json")
    lost = {(each.key, each.meter or "") for each in formats()["litellm"].convert(shelf).lost}
    asked = [
        *token_calls(book, overlay),
        *media_calls(book, overlay),
        *part_calls(book, lost),
    ]

    path = book.latest / "formats" / "litellm" / "overlay.json"
    found = priced_by_litellm(path, [call for call, _ in asked])

    wrong = [
        (call, said, str(expected))
        for (call, expected), said in zip(asked, found, strict=True)
        if not close(said, expected)
    ]
    assert wrong == []
    kinds = {call["kind"] for call, _ in asked}
    assert kinds == {"tokens", "parts", "image", "video", "speech", "transcription"}
    assert len(asked) > 300


CALLED: dict[str, tuple[str, dict[str, Any]]] = {
    "chat": ("chat", {}),
    "embedding": ("embedding", {"as": "embedding"}),
    "audio_speech": ("speech", {"as": "speech"}),
    "audio_transcription": ("transcription", {"as": "transcription"}),
}
COUNTED: dict[str, dict[str, Any]] = {
    "output_image": {"kind": "image", "images": 3},
    "output_video_second": {"kind": "video", "seconds": 3},
    "input_audio_second": {"kind": "transcription", "seconds": 3},
    "input_character": {"kind": "speech", "characters": 3},
    "input_page": {"kind": "pages", "count": 3},
    "search_query": {"kind": "ranking", "count": 3},
    "web_search": {"kind": "search"},
}
TYPICAL = {"image_generation": "image", "video_generation": "video", "ocr": "document",
           "rerank": "rerank", "responses": "responses", "completion": "completion"}  # fmt: skip


def made_up_call(mode: str, meter: str) -> tuple[Offer, dict[str, Any], Decimal]:
    """A model that sells one meter beside text, a call that uses 3 of it, and its price."""
    operation, more = CALLED.get(mode) or (TYPICAL[mode], {})
    model_id = f"maker/{mode}-{meter}".replace("_", "-")
    text = [] if mode in {"image_generation", "video_generation", "ocr", "rerank"} else [
        rate(name, "0.001") for name in ("input_token", "output_token") if name != meter
    ]  # fmt: skip
    alone = COUNTED.get(meter)
    rates = (rate(meter, "0.03125"), *([] if alone and meter != "web_search" else text))
    sold = offer(*rates, model_id=model_id, operation=operation)
    call = {"model": f"openrouter/{model_id}", "meter": meter, "prompt": 3, "completion": 3,
            "kind": "parts", "count": 3, **more, **(alone or {})}  # fmt: skip
    used = Decimal("0.03125") * (1 if meter == "web_search" else 3)
    if alone:
        return sold, call, used
    left = 1 if meter.endswith("_token") else 2
    return sold, call, used + left * 3 * Decimal("0.001")


@pytest.mark.slow
def test_litellm_charges_whatever_counts_as_held(tmp_path: Path) -> None:
    made = [made_up_call(mode, meter) for mode in CHARGED for meter in sorted(CHARGED[mode])]
    shelf = Shelf(tuple(sold for sold, _, _ in made), ())
    done = formats()["litellm"].convert(shelf)
    assert done.lost == ()
    path = tmp_path / "overlay.json"
    path.write_text(json.dumps(done.files["overlay.json"]))

    found = priced_by_litellm(path, [call for _, call, _ in made])

    wrong = [
        (call, said, str(dollars))
        for (_, call, dollars), said in zip(made, found, strict=True)
        if not close(said, dollars)
    ]
    assert wrong == []


def merged_map(book: Shop, folder: Path) -> dict[str, Any]:
    """The map that LiteLLM's package brings, with ours laid over it."""
    where = run_python(
        "formats",
        "import importlib.util as u; print(u.find_spec('litellm').submodule_search_locations[0])",
    ).strip()
    full = Path(where) / "model_prices_and_context_window_backup.json"
    target = folder / "map.json"
    words = ["export", "litellm", "--merge-into", str(full), "--output", str(target)]
    assert cli.run([*words, "--data-dir", str(book.data_dir)]) == 0
    merged: dict[str, Any] = json.loads(target.read_bytes())
    assert set(json.loads(full.read_bytes())) <= set(merged)
    return merged


@pytest.mark.slow
def test_litellm_starts_on_the_merged_map_and_not_on_its_own(
    book: Shop, served: tuple[Path, str]
) -> None:
    folder, address = served
    merged = merged_map(book, folder)
    code = """
import json, litellm, sys
from litellm.litellm_core_utils.get_model_cost_map import get_model_cost_map_source_info as told
ours = json.loads(sys.argv[1])
found = {key: litellm.model_cost.get(key) for key in ours}
source = told()
dollars = sum(litellm.cost_per_token(model="openrouter/openai/gpt-5", prompt_tokens=1000,
    completion_tokens=500))
print(json.dumps([found == ours, source, dollars]))
"""
    ours = {key: merged[key] for key in ("openrouter/openai/gpt-5", "aiml/openai/dall-e-3")}

    said = run_python(
        "formats",
        code,
        json.dumps(ours),
        variables={"LITELLM_MODEL_COST_MAP_URL": f"{address}/map.json"},
    )
    is_ours, source, dollars = json.loads(said.splitlines()[-1])

    assert is_ours
    assert source["source"] == "remote"
    assert source["url"] == f"{address}/map.json"
    price = merged["openrouter/openai/gpt-5"]
    expected = 1000 * price["input_cost_per_token"] + 500 * price["output_cost_per_token"]
    assert math.isclose(dollars, expected, rel_tol=1e-15)


@pytest.mark.slow
def test_tokencost_finds_our_entries(book: Shop, served: tuple[Path, str]) -> None:
    folder, address = served
    merged = merged_map(book, folder)
    code = """
import asyncio, json, sys
import tokencost, tokencost.constants as constants
constants.PRICES_URL = sys.argv[1]
constants.TOKEN_COSTS.clear()
asyncio.run(constants.update_token_costs())
names = json.loads(sys.argv[2])
print(json.dumps([str(tokencost.calculate_cost_by_tokens(1000, name, "input")) for name in names]))
"""
    names = [
        key for key, entry in book.feed("formats/litellm/overlay.json").items()
        if "input_cost_per_token" in entry and key == key.lower()
    ]  # fmt: skip
    said = run_python("formats", code, f"{address}/map.json", json.dumps(names), variables=OFFLINE)
    found = [Decimal(text) for text in json.loads(said.splitlines()[-1])]

    assert len(names) > 40
    assert found == [1000 * Decimal(str(merged[name]["input_cost_per_token"])) for name in names]
