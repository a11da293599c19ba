"""The other drop-in formats in the hands of their projects' released packages, or a reader's."""

from __future__ import annotations

import json
import re
import subprocess
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.warehouse.charging import SHAPES, close, rate_for, records
from tests.warehouse.elsewhere import node, node_package, run_python, typescript
from tests.warehouse.litellm_calls import priced_by_litellm
from tests.warehouse.shops import Shop
from tests.warehouse.test_formats import offer, rate
from warehouse.formats import formats
from warehouse.formats.genai_prices import KEYS, NEEDS
from warehouse.formats.holding import Shelf
from warehouse.offers import Offer


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
