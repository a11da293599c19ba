"""Each drop-in format in the hands of its own project's released package."""

from __future__ import annotations

import json
import math
import re
import subprocess
import threading
from collections.abc import Iterator, Set
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest

from flows import cli
from flows.serving import make_server
from tests.warehouse.elsewhere import node, node_package, run_python, typescript
from tests.warehouse.shops import Shop
from tests.warehouse.test_formats import offer, rate
from warehouse.formats import formats
from warehouse.formats.genai_prices import KEYS, NEEDS
from warehouse.formats.holding import Shelf
from warehouse.formats.litellm import CHARGED
from warehouse.offers import Offer

CALLS = """
import json
import sys

import litellm
from litellm.cost_calculator import cost_per_token, default_video_cost_calculator
from litellm.llms.base_llm.ocr.transformation import OCRResponse, OCRUsageInfo
from litellm.types.utils import (
    CacheCreationTokenDetails,
    Choices,
    CompletionTokensDetailsWrapper,
    ImageObject,
    ImageResponse,
    Message,
    ModelResponse,
    PromptTokensDetailsWrapper,
    Usage,
)


def tokens(call):
    cached = call.get("cached", 0)
    usage = Usage(
        prompt_tokens=call["prompt"],
        completion_tokens=call["completion"],
        total_tokens=call["prompt"] + call["completion"],
        prompt_tokens_details=PromptTokensDetailsWrapper(cached_tokens=cached),
    )
    return sum(cost_per_token(model=call["model"], usage_object=usage))


def image(call):
    made = ImageResponse(data=[ImageObject(url="https://example.org/1.png")] * call["images"])
    return litellm.completion_cost(
        completion_response=made, model=call["model"], call_type="image_generation"
    )


def video(call):
    return default_video_cost_calculator(
        model=call["model"],
        duration_seconds=call["seconds"],
        custom_llm_provider=call["model"].partition("/")[0],
        video_resolution=call.get("resolution"),
    )


def speech(call):
    return sum(
        cost_per_token(
            model=call["model"], call_type="speech", prompt_characters=call["characters"]
        )
    )


def transcription(call):
    return sum(
        cost_per_token(
            model=call["model"],
            call_type="transcription",
            audio_transcription_file_duration=call["seconds"],
        )
    )


def parts(call):
    # Of the prompt and the answer, so many of a kind; each kind is counted in its own way.
    count = call["count"]
    fresh = call["prompt"] - count
    one_hour = CacheCreationTokenDetails(
        ephemeral_5m_input_tokens=0, ephemeral_1h_input_tokens=count
    )
    prompts = {
        "cache_read_token": {"cached_tokens": count},
        "cache_write_token": {"cache_creation_tokens": count},
        "cache_write_1h_token": {
            "cache_creation_tokens": count, "cache_creation_token_details": one_hour
        },
        "input_audio_token": {"audio_tokens": count, "text_tokens": fresh},
        "input_image_token": {"image_tokens": count, "text_tokens": fresh},
        "input_video_token": {"video_tokens": count, "text_tokens": fresh},
        "cache_read_audio_token": {
            "cached_tokens": count, "audio_tokens": count, "text_tokens": fresh,
            "cached_tokens_details": {"audio_tokens": count, "text_tokens": 0},
        },
        "input_image": {"image_count": count, "text_tokens": call["prompt"]},
        "input_video_second": {"video_length_seconds": count, "text_tokens": call["prompt"]},
    }
    answers = {
        "reasoning_token": "reasoning_tokens",
        "output_audio_token": "audio_tokens",
        "output_image_token": "image_tokens",
        "output_video_token": "video_tokens",
    }
    prompt, answer = prompts.get(call["meter"]), answers.get(call["meter"])
    left = call["completion"] - count
    usage = Usage(
        prompt_tokens=call["prompt"],
        completion_tokens=call["completion"],
        total_tokens=call["prompt"] + call["completion"],
        prompt_tokens_details=prompt and PromptTokensDetailsWrapper(**prompt),
        completion_tokens_details=answer
        and CompletionTokensDetailsWrapper(**{answer: count, "text_tokens": left}),
    )
    return sum(
        cost_per_token(
            model=call["model"], usage_object=usage, call_type=call.get("as", "completion")
        )
    )


def search(call):
    found = Message(content="found", annotations=[{"type": "url_citation"}])
    usage = Usage(prompt_tokens=0, completion_tokens=0, total_tokens=0)
    made = ModelResponse(model=call["model"], choices=[Choices(message=found)], usage=usage)
    return litellm.completion_cost(completion_response=made, model=call["model"])


def pages(call):
    read = OCRResponse(
        pages=[], model="x", usage_info=OCRUsageInfo(pages_processed=call["count"])
    )
    return sum(cost_per_token(model=call["model"], call_type="ocr", response=read))


def ranking(call):
    billed = {"search_units": call["count"]}
    return sum(
        cost_per_token(model=call["model"], call_type="rerank", rerank_billed_units=billed)
    )


KINDS = {
    "tokens": tokens,
    "parts": parts,
    "search": search,
    "pages": pages,
    "ranking": ranking,
    "image": image,
    "video": video,
    "speech": speech,
    "transcription": transcription,
}

with open(sys.argv[1]) as file:
    litellm.register_model(json.load(file))
print(json.dumps([KINDS[call["kind"]](call) for call in json.load(sys.stdin)]))
"""
"""Prices calls, as JSON on stdin, by LiteLLM's own functions from an overlay of ours."""

OFFLINE = {"LITELLM_LOCAL_MODEL_COST_MAP": "True"}
PROVIDERS = {"openrouter": "openrouter", "aimlapi": "aiml"}
ULPS = 4
"""Sums of products of floats: off by a few of the last digits a float has, at most."""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder and its address, as `pricebook serve` gives it."""
    server = make_server(tmp_path, 0)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield tmp_path, f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def close(found: float, expected: Decimal) -> bool:
    return abs(found - float(expected)) <= ULPS * math.ulp(float(expected))


def records(book: Shop) -> list[dict[str, Any]]:
    return list(book.feed("simulator.json")["models"])


def rate_for(record: dict[str, Any], meter: str, prompt: int) -> Decimal | None:
    for stated in record["rates"]:
        end = stated["maxPromptTokens"]
        within = stated["minPromptTokens"] < prompt or not stated["minPromptTokens"]
        if stated["meter"] == meter and within and (end is None or prompt <= end):
            price = stated["unitPriceUsd"]
            return None if price is None else Decimal(price)
    return None


SHAPES = ((1_000, 0), (1_000, 500), (32_001, 7), (200_000, 500), (200_001, 500), (300_000, 9))


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


def priced_by_litellm(overlay: Path, calls: list[dict[str, Any]]) -> list[float]:
    said = run_python("formats", CALLS, str(overlay), stdin=json.dumps(calls), variables=OFFLINE)
    return list(json.loads(said.splitlines()[-1]))


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


def halves(now: datetime) -> tuple[dict[str, int], dict[str, int]]:
    """A window of an hour around a time, and the rest of that day, as minutes; none passes 48 h."""
    minute = now.hour * 60 + now.minute
    start = (minute - 30) % 1440
    return (
        {"utc_from_minute": start, "utc_to_minute": start + 60},
        {"utc_from_minute": (start + 60) % 1440, "utc_to_minute": (start + 60) % 1440 + 1380},
    )


@pytest.mark.slow
def test_a_time_of_day_decides_what_is_charged(served: tuple[Path, str]) -> None:
    folder, address = served
    moments = {"now": datetime.now(UTC)}
    moments["later"] = moments["now"] + timedelta(hours=6)
    made: list[Offer] = []
    for name, moment in moments.items():
        around, rest = halves(moment)
        text = [
            rate(meter, price, conditions=conditions, is_headline=price == "0.004")
            for meter in ("input_token", "output_token")
            for price, conditions in (("0.001", around), ("0.004", rest))
        ]
        made.append(offer(*text, model_id=f"maker/{name}"))
    overlay, data = (
        formats()[name].convert(Shelf(tuple(made), ())) for name in ("litellm", "genai-prices")
    )
    assert overlay.lost == data.lost == ()
    (folder / "overlay.json").write_text(json.dumps(overlay.files["overlay.json"]))
    (folder / "data.json").write_text(json.dumps(data.files["data.json"]))
    calls = [
        {"kind": "tokens", "model": f"openrouter/maker/{name}", "prompt": 1000, "completion": 1000}
        for name in moments
    ]
    assert priced_by_litellm(folder / "overlay.json", calls) == [2, 8]
    code = """
import sys
from datetime import datetime
from genai_prices import Usage, calc_price, UpdatePrices
from genai_prices.data_snapshot import set_custom_snapshot
set_custom_snapshot(UpdatePrices(url=sys.argv[1]).fetch())
usage = Usage(input_tokens=1000, output_tokens=1000)
for model in ("maker/now", "maker/later"):
    price = calc_price(usage, model_ref=model, provider_id="openrouter",
        genai_request_timestamp=datetime.fromisoformat(sys.argv[2]))
    print(price.total_price)
"""
    said = run_python("formats", code, f"{address}/data.json", moments["now"].isoformat())
    assert [Decimal(line) for line in said.split()] == [2, 8]


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


READER = """
import { readFileSync } from "node:fs";
import type { ModelCatalog } from "@tokenlens/core";
import { getContext, getTokenCosts } from "@tokenlens/helpers";

const api: ModelCatalog = JSON.parse(readFileSync(process.argv[2]!, "utf8"));
const usage = { input_tokens: 2e6, output_tokens: 3e6, reasoning_tokens: 1e6 };
const found: Record<string, unknown> = {};
for (const [key, provider] of Object.entries(api)) {
  for (const id of Object.keys(provider.models)) {
    const name = `${key}:${id}`;
    found[name] = { ...getTokenCosts(name, usage, provider), ...getContext(name, provider) };
  }
}
process.stdout.write(JSON.stringify(found));
"""
"""Prices all models of models.dev's catalogue with a released reader of it."""


@pytest.mark.slow
def test_a_reader_of_models_dev_finds_our_prices(book: Shop, tmp_path: Path) -> None:
    (tmp_path / "node_modules").symlink_to(node_package("@tokenlens").parent)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "reader.ts").write_text(READER)
    path = book.latest / "formats" / "models-dev" / "api.json"
    ended = subprocess.run(
        [node(), "--no-warnings", "--experimental-strip-types", "reader.ts", str(path)],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)

    usage = {"input_token": (2, "inputUSD"), "output_token": (3, "outputUSD"),
             "reasoning_token": (1, "reasoningUSD")}  # fmt: skip
    compared = 0
    for record in records(book):
        said = found.get(f"{record['seller']}:{record['id']}".lower())
        if said is None or "inputUSD" not in said or record["operation"] != "chat":
            continue
        for stated in record["rates"]:
            if stated["isHeadline"] and stated["meter"] in usage:
                millions, field = usage[stated["meter"]]
                dollars = millions * 1_000_000 * Decimal(stated["unitPriceUsd"])
                assert close(said[field], dollars), (record["key"], field)
                compared += 1
        if record["contextLength"] is not None:
            assert said["combinedMax"] == record["contextLength"]
    assert compared > 100


@pytest.mark.slow
def test_models_dev_is_of_the_type_that_its_reader_declares(book: Shop, tmp_path: Path) -> None:
    api = book.feed("formats/models-dev/api.json")
    (tmp_path / "node_modules").symlink_to(node_package("@tokenlens").parent)
    (tmp_path / "package.json").write_text('{"type": "module"}')

    def compiled(catalogue: dict[str, Any]) -> str:
        (tmp_path / "catalogue.ts").write_text(
            'import type { ModelCatalog } from "@tokenlens/core";\n'
            f"export const api: ModelCatalog = {json.dumps(catalogue)};\n"
        )
        ended = subprocess.run(
            [*typescript(), "--noEmit", "--strict", "--skipLibCheck", "--target", "es2022",
             "--module", "nodenext", "--types", "", "catalogue.ts"],
            cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        return ended.stdout

    known = {"id", "name", "attachment", "reasoning", "temperature", "tool_call", "release_date",
             "last_updated", "modalities", "open_weights", "limit", "cost"}  # fmt: skip
    money = {"input", "output", "reasoning", "cache_read", "cache_write"}
    for provider in api.values():
        for model in provider["models"].values():
            # What models.dev has gained since: a type of it refuses what it does not know.
            for name in model.keys() - known:
                del model[name]
            if "cost" in model:
                model["cost"] = {k: v for k, v in model["cost"].items() if k in money}
    assert compiled(api) == ""
    first = next(iter(api["openrouter"]["models"].values()))
    first["limit"]["context"] = "long"
    assert "is not assignable to type 'number'" in compiled(api)


@pytest.mark.slow
def test_genai_prices_charges_whatever_counts_as_held(served: tuple[Path, str]) -> None:
    folder, address = served
    offers = [
        offer(
            rate(meter, "0.03125"),
            *(rate(needed, "0.001") for needed in NEEDS.get(meter, ())),
            model_id=f"maker/{meter}",
        )
        for meter in KEYS
    ]
    done = formats()["genai-prices"].convert(Shelf(tuple(offers), ()))
    assert done.lost == ()
    (folder / "data.json").write_text(json.dumps(done.files["data.json"]))
    code = """
import json, sys
from genai_prices import Usage, calc_price, UpdatePrices
from genai_prices.data_snapshot import set_custom_snapshot
from genai_prices.units import _get_registry as registry
set_custom_snapshot(UpdatePrices(url=sys.argv[1]).fetch())
units = {unit.price_key: unit.usage_key for unit in registry().units.values()}
found = {}
for model, key in json.load(sys.stdin).items():
    # 1,000 of what is counted, which is all there is of whatever it is a part of.
    whole = registry()._ancestor_usage_keys[units[key]]
    usage = Usage(**{name: 1000 for name in {units[key], *whole}})
    price = calc_price(usage, model_ref=model, provider_id="openrouter")
    found[model] = str(price.total_price)
print(json.dumps(found))
"""
    asked = {f"maker/{meter}": key for meter, (key, _) in KEYS.items()}
    said = run_python("formats", code, f"{address}/data.json", stdin=json.dumps(asked))
    found = {name: Decimal(text) for name, text in json.loads(said).items()}

    expected = dict.fromkeys(asked, Decimal("31.25"))
    expected["maker/request"] = Decimal("0.03125")  # a calculation is of one request
    expected["maker/input_megapixel"] = Decimal("0.00003125")  # it counts 1,000 single pixels
    assert found == expected


GENAI_PROVIDER = {"id", "name", "api_pattern", "pricing_urls", "models"}
GENAI_MODEL = {"id", "name", "match", "context_window", "prices", "deprecated"}


def test_genai_prices_data_keeps_to_the_published_schema(book: Shop) -> None:
    for provider in book.feed_list("formats/genai-prices/data.json"):
        assert set(provider) == GENAI_PROVIDER
        ids = [model["id"] for model in provider["models"]]
        assert len(set(ids)) == len(ids)
        for model in provider["models"]:
            assert {"id", "match", "prices"} <= set(model) <= GENAI_MODEL
            assert re.fullmatch(r"\S{1,100}", model["id"])
            assert len(model["name"]) <= 100
            assert set(model["match"]) == {"equals"}
            several = model["prices"] if isinstance(model["prices"], list) else None
            assert several is None or sum("constraint" not in each for each in several) == 1
            for prices in [each["prices"] for each in several or [model]]:
                assert prices
                for key, price in prices.items():
                    is_tiered = isinstance(price, dict)
                    assert not is_tiered or set(price) == {"base", "tiers"}
                    assert not is_tiered or key.endswith("_mtok")


@pytest.mark.slow
def test_genai_prices_charges_what_the_book_says(book: Shop, served: tuple[Path, str]) -> None:
    folder, address = served
    data = book.latest / "formats" / "genai-prices" / "data.json"
    (folder / "data.json").write_bytes(data.read_bytes())
    providers = {provider["id"]: provider for provider in json.loads(data.read_bytes())}
    held = {(name, m["id"]) for name, provider in providers.items() for m in provider["models"]}
    asked: list[tuple[dict[str, Any], Decimal]] = []
    for record in records(book):
        is_first = record["operation"] in {"chat", "completion"}
        if (record["seller"], record["id"]) not in held or not is_first:
            continue
        for prompt, completion in SHAPES:
            fresh, written = (rate_for(record, f"{d}_token", prompt) for d in ("input", "output"))
            cached = rate_for(record, "cache_read_token", prompt)
            asked_once = rate_for(record, "request", prompt) or 0
            if fresh is None or written is None:
                continue
            hits = 300 if cached is not None else 0
            dollars = (prompt - hits) * fresh + hits * (cached or 0) + completion * written
            call = {"provider": record["seller"], "model": record["id"], "prompt": prompt,
                    "completion": completion, "cached": hits}  # fmt: skip
            asked.append((call, dollars + asked_once))
    code = """
import json, sys
from genai_prices import Usage, calc_price, UpdatePrices
from genai_prices.data_snapshot import set_custom_snapshot
from genai_prices.units import _get_registry as registry
from genai_prices.validation import validate_model_price
snapshot = UpdatePrices(url=sys.argv[1]).fetch()
set_custom_snapshot(snapshot)
for provider in snapshot.providers:
    for model in provider.models:
        each = model.prices if isinstance(model.prices, list) else [model.prices]
        for prices in each:
            keys = {k for k, v in vars(getattr(prices, "prices", prices)).items() if v is not None}
            validate_model_price(keys, registry())
found = []
for call in json.load(sys.stdin):
    usage = Usage(input_tokens=call["prompt"], output_tokens=call["completion"],
        cache_read_tokens=call["cached"])
    price = calc_price(usage, model_ref=call["model"], provider_id=call["provider"])
    found.append(str(price.total_price))
print(json.dumps(found))
"""
    said = run_python(
        "formats", code, f"{address}/data.json", stdin=json.dumps([call for call, _ in asked])
    )
    found = [Decimal(text) for text in json.loads(said)]

    assert len(asked) > 200
    assert [
        (call, str(said), str(expected))
        for (call, expected), said in zip(asked, found, strict=True)
        if said != expected
    ] == []
