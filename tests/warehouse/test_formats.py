"""Drop-in formats: every price is read back from the file as it was, or the loss report says so."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from flows import cli
from models.registry import METERS, SELLERS
from tests.warehouse.shops import NOW, Shop
from warehouse.formats import formats
from warehouse.formats.holding import REASONS, Converted, Shelf
from warehouse.formats.litellm import merge
from warehouse.offers import Offer, Rate

M = 1_000_000


def rate(meter: str, price: str | None, **more: Any) -> Rate:
    conditions = more.pop("conditions", {})
    unit = None if price is None else Decimal(price)
    per = METERS[meter].quoted_per
    defaults: dict[str, Any] = {
        "unit": METERS[meter].unit, "quoted_per": per, "unit_price_usd": unit,
        "quoted_price_usd": None if unit is None else unit * per,
        "price_status": "dynamic" if unit is None else "known" if unit else "free",
        "conditions": conditions, "min_prompt_tokens": conditions.get("min_prompt_tokens", 0),
        "max_prompt_tokens": None, "utc_from_minute": conditions.get("utc_from_minute"),
        "utc_to_minute": conditions.get("utc_to_minute"),
        "resolution": conditions.get("resolution"), "quality": None, "width": None,
        "height": None, "duration_s": None, "has_audio": None,
        "service_tier": conditions.get("service_tier"), "is_headline": not conditions,
        "valid_from": NOW, "source": "openrouter_models", "source_url": "https://example.org/prices",
        "is_disputed": False,
    }  # fmt: skip
    return Rate(meter=meter, **{**defaults, **more})


def offer(*rates: Rate, model_id: str = "maker/model", **more: Any) -> Offer:
    statuses = {each.price_status for each in rates}
    status = next((s for s in ("known", "free", "dynamic") if s in statuses), "unknown")
    defaults: dict[str, Any] = {
        "offering_id": f"off_{model_id}_{more.get('operation')}", "seller": "openrouter",
        "operation": "chat", "service_tier": None, "variant": None, "canonical_id": None,
        "name": "Model", "developer": "Maker", "modality": "text-to-text",
        "input_modalities": ("text",), "output_modalities": ("text",), "context_length": 1000000,
        "max_output_tokens": 4096, "lifecycle": "listed", "first_seen_at": NOW, "expires_on": None,
        "is_recommended": False, "source_url": None,
    }  # fmt: skip
    return Offer(**{**defaults, **more}, model_id=model_id, rates=rates, price_status=status)


def converted(name: str, *offers: Offer) -> tuple[Any, Counter[str]]:
    done = formats()[name].convert(Shelf(offers, ()))
    return next(iter(done.files.values())), Counter(each.reason for each in done.lost)


# --- reading back: what a reader of the format would charge, by tables of this test's own ---

LITELLM = {
    "input_token": "input_cost_per_token", "output_token": "output_cost_per_token",
    "cache_read_token": "cache_read_input_token_cost",
    "cache_write_token": "cache_creation_input_token_cost",
    "cache_write_1h_token": "cache_creation_input_token_cost_above_1hr",
    "reasoning_token": "output_cost_per_reasoning_token",
    "input_audio_token": "input_cost_per_audio_token",
    "output_audio_token": "output_cost_per_audio_token",
    "cache_read_audio_token": "cache_read_input_audio_token_cost",
    "input_image_token": "input_cost_per_image_token",
    "output_image_token": "output_cost_per_image_token", "output_image": "output_cost_per_image",
    "output_video_second": "output_cost_per_second",
    "output_audio_second": "output_cost_per_second",
    "input_audio_second": "input_cost_per_second", "input_character": "input_cost_per_character",
    "input_page": "ocr_cost_per_page", "search_query": "input_cost_per_query",
    "request": "input_cost_per_request",
}  # fmt: skip


def from_litellm(files: Any, one: Offer, price: Rate) -> Decimal | None:
    provider = {"openrouter": "openrouter", "aimlapi": "aiml"}[one.seller]
    entry = files["overlay.json"][f"{provider}/{one.model_id}"]
    if price.meter == "web_search":
        return Decimal(repr(entry["search_context_cost_per_query"]["search_context_size_medium"]))
    key = LITELLM[price.meter]
    above = f"{key}_above_{price.min_prompt_tokens // 1000}k_tokens"
    resolution = f"{key}_{price.resolution}"
    if price.min_prompt_tokens and above in entry:
        return Decimal(repr(entry[above]))
    if price.min_prompt_tokens:
        tokens = price.min_prompt_tokens + 1
        tiers = [t for t in entry["tiered_pricing"] if t["range"][0] < tokens <= t["range"][1]]
        return Decimal(repr(tiers[0][key]))
    return Decimal(repr(entry[resolution if resolution in entry else key]))


GENAI = {
    "input_token": ("input_mtok", M), "output_token": ("output_mtok", M),
    "cache_read_token": ("cache_read_mtok", M), "cache_write_token": ("cache_write_mtok", M),
    "cache_write_1h_token": ("cache_write_1h_mtok", M),
    "reasoning_token": ("output_reasoning_mtok", M), "input_image_token": ("input_image_mtok", M),
    "output_image_token": ("output_image_mtok", M), "input_audio_token": ("input_audio_mtok", M),
    "output_audio_token": ("output_audio_mtok", M),
    "cache_read_audio_token": ("cache_audio_read_mtok", M), "input_character": ("input_mchars", M),
    "input_page": ("input_document_kpages", 1000), "request": ("requests_kcount", 1000),
    "web_search": ("web_searches_kcount", 1000), "search_query": ("rerank_searches_kcount", 1000),
    "input_audio_second": ("audio_hours", 3600),
}  # fmt: skip


def from_genai_prices(files: Any, one: Offer, price: Rate) -> Decimal | None:
    provider = next(p for p in files["data.json"] if p["name"] == SELLERS[one.seller].name)
    model = next(m for m in provider["models"] if m["match"] == {"equals": one.model_id})
    key, per = GENAI[price.meter]
    value = model["prices"][key]
    if isinstance(value, dict):
        steps = {0: value["base"], **{tier["start"]: tier["price"] for tier in value["tiers"]}}
        value = steps[price.min_prompt_tokens]
    return Decimal(repr(value)) / per


def from_llm_prices(files: Any, one: Offer, price: Rate) -> Decimal | None:
    tier = f"-over-{price.min_prompt_tokens}" if price.min_prompt_tokens else ""
    row = next(
        row
        for row in files["current-v1.json"]["prices"]
        if (row["vendor"], row["id"]) == (one.seller, f"{one.model_id}{tier}")
    )
    fields = {"input_token": "input", "output_token": "output", "cache_read_token": "input_cached"}
    return Decimal(repr(row[fields[price.meter]])) / M


def from_models_dev(files: Any, one: Offer, price: Rate) -> Decimal | None:
    cost = files["api.json"][one.seller]["models"][one.model_id]["cost"]
    if price.min_prompt_tokens:
        cost = next(t for t in cost["tiers"] if t["tier"]["size"] == price.min_prompt_tokens)
    fields = {
        "input_token": "input", "output_token": "output", "cache_read_token": "cache_read",
        "cache_write_token": "cache_write", "reasoning_token": "reasoning",
        "input_audio_token": "input_audio", "output_audio_token": "output_audio",
    }  # fmt: skip
    return Decimal(repr(cost[fields[price.meter]])) / M


READERS: dict[str, Callable[[Any, Offer, Rate], Decimal | None]] = {
    "litellm": from_litellm,
    "genai-prices": from_genai_prices,
    "llm-prices": from_llm_prices,
    "models-dev": from_models_dev,
}


def lost_rates(done: Converted) -> set[tuple[str, str | None, str]]:
    return {
        (each.key, each.meter, json.dumps(dict(each.conditions), sort_keys=True))
        for each in done.lost
    }


@pytest.mark.parametrize("name", READERS)
def test_every_price_comes_back_as_it_was_or_is_reported(shelf: Shelf, name: str) -> None:
    done = formats()[name].convert(shelf)
    files = json.loads(json.dumps(dict(done.files)))
    lost = lost_rates(done)
    held = 0
    for one in shelf.offers:
        for price in one.rates:
            about = (one.key, price.meter, json.dumps(dict(price.conditions), sort_keys=True))
            if about in lost:
                continue
            held += 1
            assert READERS[name](files, one, price) == price.price, about
    assert held > 100
    assert held == done.prices - len(done.lost)


@pytest.mark.parametrize("name", READERS)
def test_the_published_report_counts_what_the_function_lost(
    book: Shop, shelf: Shelf, name: str
) -> None:
    done = formats()[name].convert(shelf)
    told = book.feed("formats/loss-report.json")["formats"][name]

    assert told["prices"] == done.prices == sum(max(1, len(one.rates)) for one in shelf.offers)
    assert (told["held"], told["lost"]) == (done.prices - len(done.lost), len(done.lost))
    counts = {each["reason"]: each["count"] for each in told["reasons"]}
    assert counts == Counter(each.reason for each in done.lost)
    assert sum(counts.values()) == told["lost"]
    assert set(counts) <= set(REASONS)


@pytest.mark.parametrize("name", READERS)
def test_unknown_is_never_read_as_zero(name: str) -> None:
    half = offer(rate("input_token", "0.000001"), rate("output_token", None))
    nothing = offer(model_id="maker/nothing")
    content, reasons = converted(name, half, nothing)

    assert "cost" not in json.dumps(content)
    assert '"input' not in json.dumps(content).replace('"input": ["text"]', "")
    assert reasons == {"incomplete": 1, "no_number": 1, "no_price": 1}


@pytest.mark.parametrize("name", READERS)
def test_free_is_a_price_of_zero(name: str) -> None:
    free = offer(rate("input_token", "0"), rate("output_token", "0"))
    done = formats()[name].convert(Shelf((free,), ()))

    assert done.lost == ()
    assert READERS[name](json.loads(json.dumps(dict(done.files))), free, free.rates[0]) == 0


@pytest.mark.parametrize("name", READERS)
def test_a_model_that_only_a_page_names_is_left_out(name: str) -> None:
    paged = offer(rate("input_token", "1"), rate("output_token", "1"), model_id="page:maker/model")

    assert converted(name, paged)[1] == {"no_id": 2}


@pytest.mark.parametrize("name", READERS)
def test_an_id_sold_for_two_operations_stands_once(name: str) -> None:
    two = (rate("input_token", "0.000001"), rate("output_token", "0.000002"))
    other = (rate("input_token", "0.000001"), rate("output_token", "0.000003"))
    _, reasons = converted(name, offer(*two), offer(*other, operation="responses"))

    assert reasons == {"duplicate": 1}


def test_litellm_tiers_take_keys_where_it_has_them_and_a_table_where_not() -> None:
    def tiered(limit: int) -> Any:
        more = {"conditions": {"min_prompt_tokens": limit}}
        content, reasons = converted(
            "litellm",
            offer(
                rate("input_token", "0.000001", max_prompt_tokens=limit),
                rate("input_token", "0.000002", **more),
                rate("output_token", "0.000003"),
            ),
        )
        assert not reasons
        return content["openrouter/maker/model"]

    assert tiered(200_000)["input_cost_per_token_above_200k_tokens"] == 0.000002
    table = tiered(32_000)["tiered_pricing"]
    assert [tier["range"][0] for tier in table] == [0, 32_000]
    assert [tier["input_cost_per_token"] for tier in table] == [0.000001, 0.000002]
    assert [tier["output_cost_per_token"] for tier in table] == [0.000003, 0.000003]


HALVES = (
    {"utc_from_minute": 30, "utc_to_minute": 990},
    {"utc_from_minute": 990, "utc_to_minute": 1470},
)


def test_two_halves_of_the_day_are_held_where_the_format_has_windows() -> None:
    timed = offer(
        rate("input_token", "0.000002", conditions=HALVES[0], is_headline=True),
        rate("input_token", "0.000001", conditions=HALVES[1]),
        rate("output_token", "0.000004"),
    )
    entry, reasons = converted("litellm", timed)
    assert not reasons
    assert entry["openrouter/maker/model"]["input_cost_per_token"] == 0.000002
    assert entry["openrouter/maker/model"]["off_peak_pricing"] == {
        "hours_utc": "16:30-00:30",
        "input_cost_per_token": 0.000001,
    }
    content, reasons = converted("genai-prices", timed)
    assert not reasons
    base, first, second = content[0]["models"][0]["prices"]
    assert base == {"prices": {"output_mtok": 4, "input_mtok": 2}}
    assert first["constraint"] == {"start_time": "00:30:00Z", "end_time": "16:30:00Z"}
    assert second["constraint"] == {"start_time": "16:30:00Z", "end_time": "00:30:00Z"}
    assert second["prices"] == {"output_mtok": 4, "input_mtok": 1}
    assert converted("llm-prices", timed)[1] == {"incomplete": 3}
    assert converted("models-dev", timed)[1] == {"incomplete": 3}


def test_what_a_headline_depends_on_is_reported() -> None:
    conditions = {"resolution": "720p", "has_audio": "true"}
    other = {"resolution": "4k", "has_audio": "true"}
    content, reasons = converted(
        "litellm",
        offer(
            rate("output_video_second", "0.1", conditions=conditions, is_headline=True),
            rate("output_video_second", "0.4", conditions=other),
            operation="video",
        ),
    )
    assert content["openrouter/maker/model"]["output_cost_per_second"] == 0.1
    assert reasons == {"headline_only": 1, "condition": 1}


def test_what_litellm_does_not_charge_is_reported() -> None:
    text = (rate("input_token", "0.000001"), rate("output_token", "0.000002"))
    content, reasons = converted("litellm", offer(*text, rate("request", "0.01")))
    assert content["openrouter/maker/model"]["input_cost_per_request"] == 0.01
    assert reasons == {"uncharged": 1}

    # Images by the token, tracks by the second: with an entry they would cost nothing at all.
    by_token = offer(rate("output_image_token", "0.00003"), *text, operation="image")
    assert converted("litellm", by_token) == ({}, {"unit": 3})
    by_second = offer(rate("output_audio_second", "0.001"), operation="audio")
    assert converted("litellm", by_second) == ({}, {"unit": 1})


def test_laying_ours_over_a_full_map_keeps_what_is_not_a_price() -> None:
    full = {
        "sample_spec": {"mode": "chat"},
        "openrouter/a/b": {"input_cost_per_token": 9, "supports_vision": True, "mode": "chat"},
        "other": {"input_cost_per_token": 1},
    }
    merged = merge(
        full, {"openrouter/a/b": {"output_cost_per_token": 2}, "aiml/x": {"mode": "ocr"}}
    )

    assert list(merged) == ["sample_spec", "openrouter/a/b", "other", "aiml/x"]
    assert merged["openrouter/a/b"] == {
        "supports_vision": True,
        "mode": "chat",
        "output_cost_per_token": 2,
    }
    assert full["openrouter/a/b"] == {"input_cost_per_token": 9, "supports_vision": True,
                                      "mode": "chat"}  # fmt: skip


def test_history_in_whole_days_says_what_the_history_says(book: Shop, shelf: Shelf) -> None:
    done = formats()["llm-prices-historical"].convert(shelf)
    rows: Any = json.loads(json.dumps(dict(done.files)))["historical-v1.json"]["prices"]
    assert rows == sorted(rows, key=lambda r: (r["vendor"], r["id"], r["to_date"] is not None))
    spans = [(r["vendor"], r["id"], r["from_date"]) for r in rows]
    assert len(set(spans)) == len(spans)
    current = json.loads(json.dumps(dict(formats()["llm-prices"].convert(shelf).files)))
    now = {(r["vendor"], r["id"]): r for r in current["current-v1.json"]["prices"]}
    for row in rows:
        assert (
            row["from_date"] is None or row["to_date"] is None or row["from_date"] < row["to_date"]
        )
        found = now.get((row["vendor"], row["id"]))
        if row["to_date"] is None and found is not None:
            assert {k: row[k] for k in ("input", "output")} == {
                k: found[k] for k in ("input", "output")
            }
    lost = {(each.key, each.meter) for each in done.lost}
    with duckdb.connect(str(book.latest / "pricebook.duckdb"), read_only=True) as database:
        database.execute("SET TimeZone = 'UTC'")
        for row in rows[::7]:
            first = datetime.fromisoformat(row["from_date"] or row["to_date"] or "2026-10-12")
            noon = first.replace(tzinfo=UTC) + timedelta(days=1 if row["from_date"] else -1)
            if "-over-" in row["id"] or (
                row["to_date"] and noon.date().isoformat() >= row["to_date"]
            ):
                continue
            key = f"{row['vendor']}/{row['id']}#chat"
            said = database.execute(
                "SELECT quoted_price_usd FROM price_at(?, ?, 'input_token', ?) "
                "WHERE operation = 'chat' AND min_prompt_tokens = 0",
                [row["vendor"], row["id"], noon.isoformat()],
            ).fetchall()
            if said and (key, "input_token") not in lost:
                assert Decimal(repr(row["input"])) == said[0][0], row


def test_history_holds_every_price_that_is_not_reported(shelf: Shelf) -> None:
    done = formats()["llm-prices-historical"].convert(shelf)
    rows: Any = json.loads(json.dumps(dict(done.files)))["historical-v1.json"]["prices"]
    fields = {"input_token": "input", "output_token": "output", "cache_read_token": "input_cached"}
    lost = Counter((each.key, each.meter, each.reason) for each in done.lost)
    stated = Counter((each.key, each.meter) for each in shelf.periods)
    whole = {key for key in stated if not any(lost[(*key, reason)] for reason in REASONS)}
    held = 0
    for period in shelf.periods:
        if (period.key, period.meter) not in whole:
            continue
        tier = f"-over-{period.min_prompt_tokens}" if period.min_prompt_tokens else ""
        first = "" if period.from_day is None else period.from_day.isoformat()
        assert period.unit_price_usd is not None
        assert any(
            (row["vendor"], row["id"]) == (period.seller, f"{period.model_id}{tier}")
            and row[fields[period.meter]] is not None
            and Decimal(repr(row[fields[period.meter]])) / M == period.unit_price_usd
            and (row["from_date"] or "") >= first
            for row in rows
        ), period
        held += 1
    assert held > 250
    embedding = "openrouter/openai/text-embedding-3-small#embedding"
    assert lost[embedding, "input_token", "incomplete"] == 1


MODELS_DEV_COST = {
    "input", "output", "reasoning", "cache_read", "cache_write", "input_audio", "output_audio",
}  # fmt: skip


def test_models_dev_entries_have_all_and_only_its_fields(book: Shop) -> None:
    api = book.feed("formats/models-dev/api.json")
    required = {
        "id", "name", "attachment", "reasoning", "tool_call", "release_date", "last_updated",
        "modalities", "open_weights", "limit",
    }  # fmt: skip
    words = {"text", "audio", "image", "video", "pdf"}
    for name, provider in api.items():
        assert set(provider) == {"id", "env", "npm", "api", "name", "doc", "models"}
        assert provider["id"] == name
        assert provider["env"]
        for key, model in provider["models"].items():
            assert model["id"] == key
            assert model["name"]
            assert required <= set(model) <= required | {"cost", "status"}
            assert set(model["modalities"]["input"] + model["modalities"]["output"]) <= words
            assert set(model["limit"]) == {"context", "output"}
            cost = model.get("cost", {"input": 0, "output": 0})
            assert {"input", "output"} <= set(cost)
            assert set(cost) <= MODELS_DEV_COST | {"tiers", "context_over_200k"}
            assert "reasoning" not in cost or model["reasoning"]
            for tier in cost.get("tiers", []):
                assert set(tier) <= MODELS_DEV_COST | {"tier"}
                assert tier["tier"]["type"] == "context"
    told = book.feed("formats/loss-report.json")["formats"]["models-dev"]["filled_in"]
    assert {"reasoning", "tool_call", "open_weights", "release_date"} <= set(told)


def run_export(shop: Shop, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    status = cli.run(["export", *words, "--data-dir", str(shop.data_dir)])
    said = capsys.readouterr()
    return status, said.out, said.err


@pytest.mark.parametrize("name", list(formats()))
def test_exporting_gives_the_published_file(
    book: Shop, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    status, out, err = run_export(book, capsys, name)

    chosen = formats()[name]
    published = book.latest / "formats" / chosen.folder / chosen.main_file
    assert status == 0
    assert json.loads(out) == json.loads(published.read_bytes())
    assert "left out" in err


def test_exporting_over_a_full_map(
    book: Shop, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    full, target = tmp_path / "full.json", tmp_path / "map.json"
    full.write_text('{"gpt-x": {"mode": "chat"}}')

    status, out, _ = run_export(
        book, capsys, "litellm", "--merge-into", str(full), "--output", str(target)
    )

    assert (status, out) == (0, "")
    assert full.read_text() == '{"gpt-x": {"mode": "chat"}}'
    merged = json.loads(target.read_bytes())
    overlay = book.feed("formats/litellm/overlay.json")
    assert set(merged) == {"gpt-x", *overlay}
    for words, expected in (
        (["nothing"], 1), (["llm-prices", "--merge-into", str(full)], 2),
        (["litellm", "--merge-into", str(tmp_path / "none")], 2),
    ):  # fmt: skip
        assert run_export(book, capsys, *words)[0] == expected
