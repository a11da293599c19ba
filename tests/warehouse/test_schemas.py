"""JSON Schemas: every JSON file has one, is valid by it, and would not be if it were wrong."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.warehouse.shops import Shop, later
from warehouse.typescript import declarations
from warehouse.verify import faults

OTHERS_OWN = ("formats/litellm", "formats/genai", "formats/llm", "formats/models", "datapackage")
"""Files in the formats of others, whose schemas are theirs."""


def schema_of(book: Shop, name: str) -> dict[str, Any]:
    return book.feed(f"schema/{Path(name).name.partition('.')[0]}.json")


def validator(schema: dict[str, Any]) -> Draft202012Validator:
    checker = Draft202012Validator.FORMAT_CHECKER
    return Draft202012Validator(schema, format_checker=checker)


def json_files(book: Shop) -> list[str]:
    found = [path.relative_to(book.latest).as_posix() for path in book.latest.rglob("*.json")]
    return sorted(p for p in found if not p.startswith(("schema/", *OTHERS_OWN)))


def test_every_json_file_has_a_schema_and_keeps_to_it(book: Shop) -> None:
    names = json_files(book)
    assert {"models.json", "prices.json", "simulator.json", "manifest.json"} <= set(names)
    for name in names:
        schema = schema_of(book, name)
        Draft202012Validator.check_schema(schema)
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert schema["$id"].startswith("urn:pricebook:schema:")
        assert schema["$id"].endswith(":v1")
        assert list(validator(schema).iter_errors(book.feed(name))) == []


def test_the_files_beside_the_snapshots_keep_to_theirs(book: Shop) -> None:
    for name in ("latest.json", "status.json"):
        stated = json.loads((book.published / name).read_bytes())
        assert list(validator(schema_of(book, name)).iter_errors(stated)) == []


def _set(name: str, value: object) -> Callable[[dict[str, Any]], None]:
    return lambda row: row.__setitem__(name, value)


@pytest.mark.parametrize(
    ("file", "rows", "damage"),
    [
        ("prices.json", "prices", _set("unit_price_usd", 0.00000125)),
        ("prices.json", "prices", _set("unit_price_usd", "1e-6")),
        ("prices.json", "prices", _set("seller", None)),
        ("prices.json", "prices", lambda row: row.pop("price_status")),
        ("prices.json", "prices", _set("conditions", {"quality": ["hd"]})),
        ("models.json", "models", _set("modalities", "text-to-text")),
        ("simulator.json", "models", _set("priceStatus", "perhaps")),
        ("simulator.json", "models", lambda row: row["pricing"].update(perImage="1")),
        ("simulator.json", "models", lambda row: row["pricing"].update(perPixel=1)),
        ("simulator.json", "models", lambda row: row.update(isFree=False)
         or row["pricing"].update(perImage=0)),
    ],
)  # fmt: skip
def test_a_schema_refuses_what_is_wrong(
    book: Shop, file: str, rows: str, damage: Callable[[dict[str, Any]], None]
) -> None:
    feed = copy.deepcopy(book.feed(file))
    damage(feed[rows][0])

    assert list(validator(schema_of(book, file)).iter_errors(feed))


def test_verifying_a_snapshot_holds_it_to_its_schemas(shop: Shop) -> None:
    path = shop.latest / "simulator.json"
    content = path.read_bytes()
    wrong = content.replace(b'"currency": "USD"', b'"currency": "EUR"')
    manifest = shop.manifest()
    shop.reseal(path, wrong, manifest)

    found = list(faults(shop.latest))

    assert len(found) == 1
    assert found[0].startswith("simulator.json breaks its schema at $.currency")


def test_unchanged_rows_are_unchanged_bytes(shop: Shop) -> None:
    before = {name: (shop.latest / name).read_text().splitlines() for name in json_files(shop)}
    shop.reprice()  # a rejection: no model and no price
    shop.publish(later(1))

    for name in ("models.json", "prices.json", "simulator.json"):
        after = (shop.latest / name).read_text().splitlines()
        moved = [new for old, new in zip(before[name], after, strict=True) if old != new]
        assert len(moved) == 1
        assert shop.latest.name in moved[0]


def test_a_schema_without_a_form_in_typescript_is_refused() -> None:
    with pytest.raises(ValueError, match="no TypeScript"):
        declarations({"title": "T", "$id": "x", "type": "object", "properties": {"a": {"not": {}}}})


def test_the_types_are_those_of_the_published_schema(book: Shop) -> None:
    path: Path = book.latest / "schema" / "simulator.d.ts"

    assert path.read_text() == declarations(schema_of(book, "simulator.json"))
