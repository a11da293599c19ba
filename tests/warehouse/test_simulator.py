"""The feed for simulators: what its numbers mean, and that its own readers can read it."""

from __future__ import annotations

import json
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from models.registry import MODALITIES
from tests.warehouse.elsewhere import node, typescript
from tests.warehouse.shops import Shop
from tests.warehouse.test_formats import offer, rate
from warehouse.simulator import FLAT

PICKER = Path(__file__).with_name("picker.ts")
FLAT_KEYS = {
    "inputPerMToken", "outputPerMToken", "perImage", "perSecond", "perCharacter", "perRequest",
}  # fmt: skip


@pytest.fixture(scope="module")
def feed(book: Shop) -> dict[str, Any]:
    return book.feed("simulator.json")


@pytest.fixture(scope="module")
def by_key(feed: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {record["key"]: record for record in feed["models"]}


def test_the_envelope(book: Shop, feed: dict[str, Any]) -> None:
    assert list(feed) == ["schema", "snapshotId", "asOf", "currency", "modalities", "models"]
    assert feed["schema"] == "pricebook/simulator/v1"
    assert feed["snapshotId"] == book.latest.name
    assert feed["currency"] == "USD"


def test_every_offering_has_one_key(
    book: Shop, feed: dict[str, Any], by_key: dict[str, dict[str, Any]]
) -> None:
    offered = {
        f"{model['seller']}/{model['model_id']}#{model['operation']}"
        for model in book.feed("models.json")["models"]
        if model["lifecycle"] != "withdrawn"
    }
    assert len(by_key) == len(feed["models"])
    assert set(by_key) == offered
    assert all(set(record["pricing"]) == FLAT_KEYS for record in feed["models"])


def test_modalities_list_every_key_once(
    feed: dict[str, Any], by_key: dict[str, dict[str, Any]]
) -> None:
    listed = [(modality, key) for modality, keys in feed["modalities"].items() for key in keys]

    assert sorted(key for _, key in listed) == sorted(by_key)
    assert all(by_key[key]["modality"] == modality for modality, key in listed)
    assert set(feed["modalities"]) <= set(MODALITIES)


def test_flat_numbers_are_headline_prices_and_nothing_else(
    book: Shop, by_key: dict[str, dict[str, Any]]
) -> None:
    headlines = {
        (f"{row['seller']}/{row['model_id']}#{row['operation']}", row["meter"]): row
        for row in book.feed("prices.json")["prices"]
        if row["is_headline"]
    }
    for key, record in by_key.items():
        for name, (meters, units) in FLAT.items():
            meter = next((m for m in meters if (key, m) in headlines), None)
            stated = record["pricing"][name]
            if stated is None:
                continue
            assert meter is not None
            price = Decimal(headlines[key, meter]["unit_price_usd"])
            assert Decimal(str(stated)) == price * units, (key, name)
            if name == "perSecond":
                assert record["pricingMetadata"]["perSecondOf"] == meter


def test_no_known_headline_is_left_out(book: Shop, by_key: dict[str, dict[str, Any]]) -> None:
    names = {"input_token": "inputPerMToken", "output_token": "outputPerMToken",
             "output_image": "perImage", "output_video_second": "perSecond",
             "input_character": "perCharacter", "request": "perRequest"}  # fmt: skip
    for row in book.feed("prices.json")["prices"]:
        if row["is_headline"] and row["price_status"] == "known" and row["meter"] in names:
            key = f"{row['seller']}/{row['model_id']}#{row['operation']}"
            is_told = by_key[key]["pricing"][names[row["meter"]]] is not None
            is_rival = f"{row['meter']}, output_megapixel" in str(
                by_key[key]["pricingMetadata"]["note"]
            )
            assert is_told is not is_rival, (key, row["meter"])


def test_images_that_another_source_prices_by_size_have_no_price_per_image(
    by_key: dict[str, dict[str, Any]],
) -> None:
    record = by_key["aimlapi/blackforestlabs/flux-pro#image"]
    sources = {rate["meter"]: rate["source"] for rate in record["rates"]}

    assert sources == {"output_image": "aiml_pricing_page", "output_megapixel": "aiml_models"}
    assert record["pricing"]["perImage"] is None
    assert record["pricingMetadata"]["note"] == (
        "no flat number states its price. one charge, counted differently by two sources: "
        "output_image, output_megapixel; pay one"
    )


def test_rivals_are_of_different_sources_and_of_one_thing() -> None:
    page, api = {"source": "aiml_pricing_page"}, {"source": "aiml_models"}
    by_piece = rate("output_image", "0.05", **page)

    assert offer(by_piece, rate("output_image_token", "0.00003", **api)).rivals == {
        "output_image",
        "output_image_token",
    }
    # One source that states both charges both; and text is no image.
    assert not offer(by_piece, rate("output_megapixel", "0.05", **page)).rivals
    assert not offer(by_piece, rate("output_token", "0.05", **api)).rivals
    assert not offer(by_piece, rate("input_image", "0.05", **api)).rivals
    # Who states a thing in both units is nobody's rival.
    both = (by_piece, rate("output_megapixel", "0.05", **page))
    quality = {"conditions": {"quality": "hd"}}
    assert not offer(*both, rate("output_image", "0.06", **api, **quality),
                     rate("output_megapixel", "0.06", **api, **quality)).rivals  # fmt: skip


def test_zero_is_free_and_unknown_is_null(by_key: dict[str, dict[str, Any]]) -> None:
    statuses = set()
    for record in by_key.values():
        numbers = [number for number in record["pricing"].values() if number is not None]
        statuses.add((record["priceStatus"], record["isFree"]))
        if 0 in numbers:
            assert record["isFree"] is True
        if record["priceStatus"] in {"unknown", "dynamic"}:
            assert numbers == []
            assert record["isFree"] is None
        if record["isFree"]:
            assert set(numbers) <= {0}
            assert all(rate["priceStatus"] == "free" for rate in record["rates"])
    assert statuses >= {("known", False), ("free", True), ("dynamic", None)}


def test_images_priced_by_token_have_no_price_per_image(
    by_key: dict[str, dict[str, Any]],
) -> None:
    found = [
        record for record in by_key.values()
        if "output_image_token" in {rate["meter"] for rate in record["rates"]}
        and "output_image" not in {rate["meter"] for rate in record["rates"]}
    ]  # fmt: skip

    assert found
    assert all(record["pricing"]["perImage"] is None for record in found)
    assert all("output_image_token" in record["pricingMetadata"]["note"] for record in found)


def test_rates_are_all_current_prices_exact(book: Shop, by_key: dict[str, dict[str, Any]]) -> None:
    stated = [
        (f"{row['seller']}/{row['model_id']}#{row['operation']}", row["meter"],
         json.dumps(row["conditions"], sort_keys=True), row["unit_price_usd"])
        for row in book.feed("prices.json")["prices"]
        if row["meter"] is not None
    ]  # fmt: skip
    found = [
        (key, rate["meter"], json.dumps(rate["conditions"], sort_keys=True), rate["unitPriceUsd"])
        for key, record in by_key.items()
        for rate in record["rates"]
    ]
    assert sorted(map(str, found)) == sorted(map(str, stated))


def test_the_parquet_form_says_the_same(book: Shop, feed: dict[str, Any]) -> None:
    rows = pq.read_table(book.latest / "simulator.parquet").to_pylist()

    assert [row["key"] for row in rows] == [record["key"] for record in feed["models"]]
    for row, record in zip(rows, feed["models"], strict=True):
        for name, number in record["pricing"].items():
            assert (row[name] is None) == (number is None)
            assert number is None or row[name] == Decimal(str(number))
        assert row["note"] == record["pricingMetadata"]["note"]
        assert row["isFree"] == record["isFree"]
        assert [rate["source"] for rate in row["rates"]] == [
            rate["source"] for rate in record["rates"]
        ]


def test_the_parquet_form_says_what_its_columns_mean(book: Shop) -> None:
    schema = pq.read_schema(book.latest / "simulator.parquet")

    comments = json.loads((schema.metadata or {})[b"pricebook.columns"])
    assert list(comments) == schema.names
    assert all(len(comment) > 10 for comment in comments.values())
    assert comments == {field.name: (field.metadata or {})[b"comment"].decode() for field in schema}


@pytest.fixture
def workplace(book: Shop, tmp_path: Path) -> Path:
    shutil.copy(PICKER, tmp_path)
    shutil.copy(book.latest / "schema" / "simulator.d.ts", tmp_path)
    return tmp_path


def test_a_picker_written_against_the_types_runs_in_node(
    book: Shop, workplace: Path, by_key: dict[str, dict[str, Any]]
) -> None:
    ended = subprocess.run(
        [node(), "--no-warnings", "--experimental-strip-types", "picker.ts",
         str(book.latest / "simulator.json")],
        cwd=workplace, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    said = json.loads(ended.stdout)

    assert said["snapshot"] == book.latest.name
    assert by_key[said["pick"]]["modality"] == "text-to-text"
    costs = {key: found[0] for key, found in said["found"].items() if found[0] is not None}
    pricing = by_key["openrouter/openai/gpt-5#chat"]["pricing"]
    expected = (1000 * pricing["inputPerMToken"] + 500 * pricing["outputPerMToken"]) / 1e6
    assert costs["openrouter/openai/gpt-5#chat"] == expected
    assert {of for _, of, _ in said["found"].values() if of is not None for of in [of[0]]} == {
        "output_video_second", "output_audio_second", "input_audio_second",
    }  # fmt: skip


def compiled(workplace: Path) -> str:
    ended = subprocess.run(
        [*typescript(), "--noEmit", "--strict", "--noUncheckedIndexedAccess", "--skipLibCheck",
         "--target", "es2022", "--module", "nodenext", "--types", "", "picker.ts", "node.d.ts"],
        cwd=workplace, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return ended.stdout + ended.stderr


def test_the_picker_is_typed(workplace: Path) -> None:
    (workplace / "node.d.ts").write_text(
        'declare module "node:fs" { function readFileSync(path: string, how: string): string }\n'
        "declare const process: { argv: string[]; stdout: { write(text: string): void } };\n"
    )
    (workplace / "package.json").write_text("{}")
    assert compiled(workplace) == ""

    careless = (
        (workplace / "picker.ts")
        .read_text()
        .replace("if (inputPerMToken === null || outputPerMToken === null) return null;", "")
    )
    (workplace / "picker.ts").write_text(careless)
    assert "is possibly 'null'" in compiled(workplace)
