"""Change feeds in the hands of a feed library, and the descriptor of the tables."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import feedparser
import pyarrow.parquet as pq
import pytest
from jsonschema import Draft7Validator

from models.registry import SELLERS
from tests.warehouse.elsewhere import node_package
from tests.warehouse.shops import Shop, later
from warehouse.changes import LINES
from warehouse.datapackage import KEYS
from warehouse.statements import sql

if TYPE_CHECKING:
    import duckdb

FEEDS = ("changes", *(f"changes.{seller}" for seller in SELLERS))


def parsed(book: Shop, name: str) -> Any:
    return feedparser.parse((book.latest / f"{name}.atom.xml").read_bytes())


@pytest.mark.parametrize("name", FEEDS)
def test_a_feed_library_reads_it_without_complaint(book: Shop, name: str) -> None:
    feed = parsed(book, name)

    assert not feed.bozo
    assert feed.version == "atom10"
    assert feed.feed.id == f"urn:pricebook:changes:{name}"
    assert feed.entries
    ids = [entry.id for entry in feed.entries]
    assert len(set(ids)) == len(ids)
    assert all(entry.title and entry.updated_parsed and entry.content for entry in feed.entries)
    moments = [entry.updated for entry in feed.entries]
    assert moments == sorted(moments, reverse=True)
    assert feed.feed.updated == moments[0]


@pytest.mark.parametrize("name", FEEDS)
def test_both_forms_say_the_same(book: Shop, name: str) -> None:
    items = book.feed(f"{name}.json")["items"]
    entries = parsed(book, name).entries

    assert [item["id"] for item in items] == [entry.id for entry in entries]
    assert [item["title"] for item in items] == [entry.title for entry in entries]
    assert [item["date_published"] for item in items] == [entry.updated for entry in entries]


@pytest.mark.parametrize("name", FEEDS)
def test_a_feed_keeps_to_the_schema_of_json_feed(book: Shop, name: str) -> None:
    path = node_package("jsonfeed-schema") / "schema-v1.1.json"
    schema = json.loads(path.read_bytes())
    validator = Draft7Validator(schema, format_checker=Draft7Validator.FORMAT_CHECKER)
    feed = book.feed(f"{name}.json")

    assert list(validator.iter_errors(feed)) == []
    feed["items"][0]["url"] = None
    assert list(validator.iter_errors(feed)) != []


@pytest.mark.parametrize("seller", SELLERS)
def test_a_sellers_feed_has_only_its_own(book: Shop, seller: str) -> None:
    own = book.feed(f"changes.{seller}.json")["items"]
    everything = book.feed("changes.json")["items"]

    assert all(item["_pricebook"]["sellers"] == [seller] for item in own)
    newest = [item for item in everything if item["_pricebook"]["sellers"] == [seller]]
    assert own[: len(newest)] == newest


@pytest.mark.parametrize("held", [1, 7])
def test_of_a_long_history_only_the_newest_events_of_each_seller_are_read(
    database: duckdb.DuckDBPyConnection, held: int
) -> None:
    query = sql("publish/change_events")
    everything = database.execute(query, [10**6]).fetchall()
    events: dict[str, dict[str, None]] = {}
    for event, _, seller, *_ in everything:
        events.setdefault(seller, {})[event] = None
    newest = {event for own in events.values() for event in list(own)[:held]}

    assert set(events) == set(SELLERS)
    assert all(len(own) > held for own in events.values())
    assert database.execute(query, [held]).fetchall() == [e for e in everything if e[0] in newest]


def test_a_uniform_repricing_is_one_entry(book: Shop, database: duckdb.DuckDBPyConnection) -> None:
    moved = database.execute("""
        SELECT count(DISTINCT model_id), count(*) FROM price_changes
        WHERE cause = 'uniform_repricing' GROUP BY event_id
    """).fetchall()
    items = book.feed("changes.json")["items"]
    found = [item for item in items if "uniform_repricing" in item["tags"]]

    assert len(found) == len(moved) == 1
    models, prices = moved[0]
    assert f"repriced {models} models" in found[0]["title"]
    assert len(found[0]["content_text"].splitlines()) == prices


def test_every_change_is_told_once(book: Shop, database: duckdb.DuckDBPyConnection) -> None:
    counted = database.execute("SELECT count(*) FROM price_changes").fetchone()
    lines = [
        line
        for item in book.feed("changes.json")["items"]
        for line in item["content_text"].splitlines()
        if not line.startswith("Learned later")
    ]
    assert counted == (len(lines),)


def test_a_repricing_of_everything_is_an_entry_of_bounded_size(shop: Shop) -> None:
    shop.execute("UPDATE price_log SET event_id = 'evt_all', cause = 'uniform_repricing'")
    shop.publish()
    counted = [item["content_text"].splitlines() for item in shop.feed("changes.json")["items"]]

    assert len(counted) == 1
    assert len(counted[0]) == LINES + 1
    assert counted[0][-1].startswith("… and ")
    assert counted[0][-1].endswith(" more: see price_changes")


def test_new_and_withdrawn_models_are_named(book: Shop) -> None:
    titles = [item["title"] for item in book.feed("changes.json")["items"]]

    assert any(title.endswith(": new") for title in titles)
    assert any(title.endswith(": withdrawn") for title in titles)
    assert any("price up by about" in title for title in titles)


def test_ids_and_bytes_stay_when_nothing_changes(shop: Shop) -> None:
    atom = (shop.latest / "changes.atom.xml").read_text().splitlines()
    shop.reprice()  # a rejection, which is no change of price
    shop.publish(later(1))
    after = (shop.latest / "changes.atom.xml").read_text().splitlines()

    moved = [line for old, line in zip(atom, after, strict=True) if old != line]
    assert len(moved) == 1
    assert shop.latest.name in moved[0]


def test_a_name_from_outside_cannot_break_the_feed(shop: Shop) -> None:
    shop.execute("UPDATE model_now SET name = '<b>&\x08</b> ]]>' || name")
    shop.publish()

    feed = parsed(shop, "changes")

    assert not feed.bozo
    ET.fromstring((shop.latest / "changes.atom.xml").read_bytes())  # noqa: S314 # made by us
    titles = [item["title"] for item in shop.feed("changes.json")["items"]]
    assert any("<b>&\x08</b> ]]>" in title for title in titles)


def test_the_descriptor_tells_of_every_table(
    book: Shop, database: duckdb.DuckDBPyConnection
) -> None:
    package = book.feed("datapackage.json")
    assert package["name"] == "pricebook"
    resources = {resource["path"]: resource for resource in package["resources"]}
    assert set(resources) == {path.name for path in book.latest.glob("*.parquet")}
    kinds = {"string", "number", "integer", "boolean", "date", "datetime", "array"}
    names = {resource["name"] for resource in package["resources"]}
    for path, resource in resources.items():
        content = (book.latest / path).read_bytes()
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        assert resource["bytes"] == len(content)
        fields = resource["schema"]["fields"]
        assert [field["name"] for field in fields] == pq.read_schema(book.latest / path).names
        assert {field["type"] for field in fields} <= kinds
        assert resource["schema"]["missingValues"] == []
        for key in resource["schema"].get("foreignKeys", ()):
            assert key["reference"]["resource"] in names
    for table, key in KEYS.items():
        repeated = f"SELECT {key} FROM main.{table} GROUP BY 1 HAVING count(*) > 1"
        assert database.execute(repeated).fetchall() == []
    json.dumps(package)
