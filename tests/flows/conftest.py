"""A small published snapshot with the real public schema, for whatever reads one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.cli import run
from models.conditions import Conditions
from models.ids import offering_id, price_id
from models.registry import METERS, SELLERS, SOURCES
from warehouse.snapshots import point_to
from warehouse.statements import sql

STEP_1 = datetime(2025, 11, 28, 6, tzinfo=UTC)
STEP_2 = datetime(2026, 5, 6, 6, tzinfo=UTC)
STEP_3 = datetime(2026, 10, 12, 6, tzinfo=UTC)
SHA_OLD = "a" * 64
SHA_NEW = "b" * 64
SNAPSHOT_ID = "20261012T060000Z-00000000"


class BookMaker:
    """Fills the public tables row by row; what a row does not say has a plain default."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def insert(self, table: str, **values: Any) -> None:
        names = ", ".join(values)
        marks = ", ".join("?" * len(values))
        self.connection.execute(
            f"INSERT INTO {table} ({names}) VALUES ({marks})", list(values.values())
        )

    def registries(self) -> None:
        for seller in SELLERS.values():
            self.insert("sellers", seller=seller.code, name=seller.name, url=seller.url)
        for source in SOURCES.values():
            self.insert(
                "sources",
                source=source.code,
                seller=source.seller,
                url=source.url,
                expected_interval=f"{source.expected_interval_hours} hours",
                precedence=source.precedence,
                precedence_reason=source.precedence_reason,
                enabled=True,
                last_success_at=STEP_3,
            )
        for meter in METERS.values():
            self.insert(
                "meters",
                **meter.model_dump(exclude={"code", "sources_words"}),
                meter=meter.code,
                sources_words=json.dumps(meter.sources_words),
            )

    def model(self, seller: str, model_id: str, name: str, **values: Any) -> str:
        operation = values.pop("operation", "chat")
        identity = offering_id(seller, model_id, operation)
        defaults: dict[str, Any] = {
            "source_type": operation,
            "developer": model_id.partition("/")[0],
            "modality": "text-to-text",
            "modalities": ["text-to-text"],
            "input_modalities": ["text"],
            "output_modalities": ["text"],
            "aliases": [],
            "lifecycle": "listed",
            "listed_by": ["openrouter_models" if seller == "openrouter" else "aiml_models"],
            "first_seen_at": STEP_1,
            "is_recommended": False,
        }
        keys = {"offering_id": identity, "seller": seller, "model_id": model_id}
        self.insert(
            "stored.models", **keys, operation=operation, name=name, **{**defaults, **values}
        )
        return identity

    def price(
        self,
        offering: str,
        meter: str | None,
        quoted: str | None = None,
        *,
        status: str = "known",
        conditions: dict[str, Any] | None = None,
        since: datetime = STEP_1,
        until: datetime | None = None,
        changed_after: datetime | None = None,
        known_until: datetime | None = None,
        superseded_because: str | None = None,
        **values: Any,
    ) -> str:
        """One interval of one price, as history and versions hold it, and as current if it is."""
        canonical = Conditions.of(conditions or {})
        of = METERS[meter] if meter else None
        per_unit = None if quoted is None or of is None else Decimal(quoted) / of.quoted_per
        model = self._model(offering)
        source = "openrouter_models" if model["seller"] == "openrouter" else "aiml_models"
        row = {
            **model,
            "price_id": price_id(offering, meter, canonical.to_json()),
            "meter": meter,
            "unit": of.unit if of else None,
            "unit_price_usd": per_unit,
            "quoted_price_usd": None if quoted is None else Decimal(quoted),
            "quoted_per": of.quoted_per if of else None,
            "price_status": status,
            "conditions": canonical.to_json(),
            **canonical.typed(),
            "is_headline": not conditions,
            "valid_from": since,
            "source": source,
            "source_url": SOURCES[source].url,
            "capture_sha256": SHA_OLD if since < STEP_2 else SHA_NEW,
            "locator": f"$.data[?@.id=='{model['model_id']}'].pricing",
            "raw_text": quoted or "",
            **values,
        }
        history = {
            **row,
            "valid_to": until,
            "changed_after": changed_after,
            "was_disputed": False,
        }
        belief = {
            "recorded_at": since,
            "superseded_at": known_until,
            "superseded_because": superseded_because,
        }
        self.insert("price_versions", **history, **belief)
        if superseded_because is not None:
            return str(row["price_id"])
        self.insert("price_history", **history)
        if until is None and status != "not_offered":
            self.insert("stored.prices", **row, is_disputed=False)
            confirmed = {"price_id": row["price_id"], "last_confirmed_at": STEP_3}
            self.insert("stored.confirmations", **confirmed)
            self.claim(row)
        return str(row["price_id"])

    def claim(self, price: dict[str, Any], **values: Any) -> None:
        """A claim like this price, which stands unless `values` say otherwise."""
        row = {k: v for k, v in price.items() if k != "is_headline"}
        self.insert(
            "claims", **{**row, "is_price": True, "rule": "", "is_disagreement": False, **values}
        )

    def change(self, offering: str, meter: str, kind: str, **values: Any) -> None:
        number = self.connection.execute("SELECT count(*) FROM price_changes").fetchone()
        assert number is not None
        old, new = values.pop("old", None), values.pop("new", None)
        row = {
            **self._model(offering),
            "change_id": f"chg_{number[0]}",
            "event_id": f"evt_{number[0]}",
            "changed_at": STEP_2,
            "recorded_at": STEP_2,
            "price_id": price_id(offering, meter, "{}"),
            "meter": meter,
            "unit": METERS[meter].unit,
            "conditions": "{}",
            "kind": kind,
            "cause": "change",
            "old_price_status": None if old is None else "known",
            "new_price_status": "known" if new is not None else "not_offered",
            "old_unit_price_usd": old if old is None else Decimal(old),
            "new_unit_price_usd": new if new is None else Decimal(new),
            "ratio": None if old is None or new is None else Decimal(new) / Decimal(old),
            "source": "aiml_models",
            "capture_sha256": SHA_NEW,
        }
        self.insert("price_changes", **{**row, **values})

    def _model(self, offering: str) -> dict[str, Any]:
        names = ("offering_id", "seller", "model_id", "operation", "canonical_id", "modality")
        found = self.connection.execute(
            f"SELECT {', '.join(names)} FROM stored.models WHERE offering_id = ?", [offering]
        ).fetchone()
        assert found is not None
        return dict(zip(names, found, strict=True))


def fill(book: BookMaker) -> None:
    """A few offerings with every kind of price, a history, doubts and refusals."""
    book.registries()
    gpt = {"canonical_id": "openai/gpt-5"}
    at_openrouter = book.model("openrouter", "openai/gpt-5", "OpenAI: GPT-5", **gpt)
    at_aimlapi = book.model("aimlapi", "openai/gpt-5", "GPT-5", aliases=["gpt-5-2025-08-07"], **gpt)
    book.price(at_openrouter, "input_token", "1.25")
    book.price(at_openrouter, "output_token", "10")
    for meter, early, late in (
        ("input_token", "1.3125", "1.625"),
        ("output_token", "10.5", "13"),
    ):
        book.price(at_aimlapi, meter, early, until=STEP_2)
        book.price(at_aimlapi, meter, early, known_until=STEP_2, superseded_because="change")
        book.price(at_aimlapi, meter, late, since=STEP_2, changed_after=STEP_1)
        old, new = Decimal(early) / 1000000, Decimal(late) / 1000000
        repricing = {"cause": "uniform_repricing", "event_id": "evt_all"}
        book.change(at_aimlapi, meter, "increase", old=str(old), new=str(new), **repricing)
    _losing_claim(book, at_aimlapi)
    _media(book)
    _oddities(book)
    _facts(book)


def _losing_claim(book: BookMaker, offering: str) -> None:
    """What the page says of GPT-5 for short prompts, beside a price for prompts of any length."""
    found = book.connection.execute(
        "SELECT * FROM claims WHERE offering_id = ? AND meter = 'input_token'", [offering]
    )
    names = [column[0] for column in found.description or ()]
    row = found.fetchone()
    assert row is not None
    conditions = '{"resolution":"short"}'
    stated = {"price_id": price_id(offering, "input_token", conditions), "conditions": conditions}
    printed = {"source": "aiml_pricing_page", "raw_text": "$1.71", "rule": "section unit"}
    amounts = {"quoted_price_usd": Decimal("1.71"), "ratio_to_price": Decimal("1.052307692308")}
    lost = {"is_price": False, "lost_because": "a page comes after an interface"}
    book.insert(
        "claims",
        **{**dict(zip(names, row, strict=True)), **stated, **printed, **amounts, **lost},
    )


def _media(book: BookMaker) -> None:
    image = {
        "operation": "image",
        "modality": "text-to-image",
        "modalities": ["text-to-image"],
        "output_modalities": ["image"],
    }
    dalle = book.model("aimlapi", "dall-e-3", "DALL‑E 3", **image)
    book.price(
        dalle, "output_image", "0.042", conditions={"resolution": "1024x1024"}, is_headline=True
    )
    book.price(
        dalle, "output_image", "0.084", conditions={"resolution": "1024x1792", "quality": "hd"}
    )
    voice = {"operation": "speech", "modality": "text-to-speech"}
    aura = book.model("aimlapi", "#g1_aura-2", "Aura 2", **voice)
    book.price(aura, "input_character", "0.231")
    video = {"operation": "video", "modality": "text-to-video"}
    sora = book.model("aimlapi", "page:openai/sora-2-pro", "Sora 2 Pro", **video)
    book.price(sora, "output_video_second", "0.315", until=STEP_3)
    book.price(sora, "output_video_second", status="not_offered", since=STEP_3)


def _oddities(book: BookMaker) -> None:
    tiers = book.model("openrouter", "google/gemini-3-pro", "Google: Gemini 3 Pro")
    book.price(tiers, "input_token", "2", max_prompt_tokens=200_000)
    book.price(tiers, "input_token", "4", conditions={"min_prompt_tokens": 200_000})
    windows = book.model("openrouter", "deepseek/deepseek-v4-pro-0813", "DeepSeek: V4 Pro")
    for start, end, quoted in ((60, 240, "1.32"), (240, 1500, "0.66")):
        window = {"utc_from_minute": start, "utc_to_minute": end}
        book.price(windows, "input_token", quoted, conditions=window, is_headline=start == 240)
    router = book.model("openrouter", "openrouter/auto", "Auto Router")
    book.price(router, "input_token", status="dynamic")
    free = book.model("openrouter", "openai/gpt-oss-20b:free", "OpenAI: gpt-oss-20b (free)")
    book.price(free, "input_token", "0", status="free")
    silent = book.model("openrouter", "google/lyria-3", "Google: Lyria 3")
    book.price(silent, None, status="unknown")


def _facts(book: BookMaker) -> None:
    book.insert(
        "snapshot",
        snapshot_id=SNAPSHOT_ID,
        as_of=STEP_3,
        created_at=STEP_3,
        schema_version="v1",
        origin="replay",
    )
    for source, sha in (("openrouter_models", SHA_OLD), ("aiml_models", SHA_NEW)):
        fact = {"source": source, "origin": "replay", "outcome": "ok"}
        place = {"url": SOURCES[source].url, "scope": "default", "http_status": 200}
        book.insert("captures", capture_sha256=sha, fetched_at=STEP_3, bytes=9, **fact, **place)
    counts = dict.fromkeys(
        ("claim", "merged", "no_price", "superseded_by_window", "new", "changed", "held"), 0
    )
    for source in SOURCES:
        book.insert(
            "runs",
            run_id="run_1",
            source=source,
            started_at=STEP_3,
            finished_at=STEP_3,
            outcome="ok",
            detail="",
            cells=3,
            rejected=1,
            drift="[]",
            **counts,
        )
    book.insert(
        "rejections",
        capture_sha256=SHA_NEW,
        source="aiml_pricing_page",
        locator="/html/body/div[3]",
        raw_text="€ 0.04",
        reason="currency",
        detail="EUR: GPT-5 is priced in euros, and no rate is configured",
        first_seen_at=STEP_2,
    )
    book.insert(
        "reviews",
        review_id="rev_1",
        source="aiml_models",
        what="openai/gpt-5 input_token",
        evidence="1.625 stands, 16.25 would",
        gate="lone_jump",
        held_since=STEP_3,
    )
    book.insert(
        "unmatched",
        source="aiml_pricing_page",
        raw_name="OpenAI / Sora 2 Pro",
        offering_id=offering_id("aimlapi", "page:openai/sora-2-pro", "video"),
        price="0.315 per second",
        suggestions=["openai/sora-2-pro", "openai/sora-2"],
        first_seen_at=STEP_1,
    )
    listed = {"listed": 1, "known": 1, "free": 0, "dynamic": 0, "unknown": 0, "held": 0}
    for seller, modality, count in (
        ("aimlapi", "text-to-image", 1),
        ("aimlapi", "text-to-text", 1),
        ("openrouter", "text-to-text", 6),
    ):
        counts = {**listed, "listed": count, "page_only": 0}
        book.insert(
            "coverage", as_of=date(2026, 10, 12), seller=seller, modality=modality, **counts
        )
    _comparison(book)


def _comparison(book: BookMaker) -> None:
    """GPT-5 at both sellers: 1.25 beside 1.625 per 1M input tokens, since step 2."""
    for seller, unit_price in (("openrouter", "0.00000125"), ("aimlapi", "0.000001625")):
        row = {
            "canonical_id": "openai/gpt-5",
            "modality": "text-to-text",
            "meter": "input_token",
            "seller": seller,
            "offering_id": offering_id(seller, "openai/gpt-5", "chat"),
            "unit_price_usd": Decimal(unit_price),
            "cheapest_unit_price_usd": Decimal("0.00000125"),
            "ratio_to_cheapest": Decimal(unit_price) / Decimal("0.00000125"),
            "is_cheapest": seller == "openrouter",
        }
        book.insert("comparison", **row, is_disputed=False)
        book.insert("comparison_history", **row, valid_from=STEP_2)


@contextmanager
def building(data_dir: Path) -> Iterator[BookMaker]:
    """A snapshot under construction; it is published when the block ends."""
    directory = data_dir / "published" / "snapshots" / SNAPSHOT_ID
    directory.mkdir(parents=True)
    with duckdb.connect(":memory:") as connection:
        database = directory / "pricebook.duckdb"
        connection.execute(f"ATTACH '{database}' AS pricebook; USE pricebook")
        connection.execute(sql("public/schema"))
        connection.execute(sql("public/views"))
        yield BookMaker(connection)
    _manifest(directory)
    point_to(data_dir / "published", SNAPSHOT_ID)


def _manifest(directory: Path) -> None:
    files = [
        {
            "path": path.name,
            "bytes": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        for path in sorted(directory.iterdir())
    ]
    stated = {
        "snapshot_id": SNAPSHOT_ID,
        "created_at": "2026-10-12T06:00:00Z",
        "as_of": "2026-10-12T06:00:00Z",
        "schema_version": "v1",
        "origin": "replay",
        "files": files,
    }
    (directory / "manifest.json").write_text(json.dumps(stated), encoding="utf-8")


@pytest.fixture(scope="session")
def book_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with a published snapshot; nobody may change it."""
    data_dir = tmp_path_factory.mktemp("book")
    with building(data_dir) as book:
        fill(book)
    return data_dir


@pytest.fixture
def empty_dir(tmp_path: Path) -> Path:
    """A data directory in which nothing was published."""
    return tmp_path / "empty"


@dataclass(frozen=True)
class Ended:
    """How a command line ended, and what it wrote."""

    status: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """What it wrote as JSON."""
        found: list[dict[str, Any]] = json.loads(self.out)
        return found

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


Pricebook = Callable[..., Ended]


@pytest.fixture
def pricebook(capsys: pytest.CaptureFixture[str]) -> Pricebook:
    """The command line in this process."""

    def call(*arguments: str | Path) -> Ended:
        capsys.readouterr()
        status = run([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Ended(status, said.out, said.err)

    return call


@pytest.fixture
def ask(pricebook: Pricebook, book_dir: Path) -> Pricebook:
    """The command line on the published book."""
    return lambda *arguments: pricebook(*arguments, "--data-dir", book_dir)
