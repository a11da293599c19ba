"""Small captures made by tests, loaded into a real warehouse in any order and split."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows import settings
from flows.load import load
from flows.workspace import Workspace, open_workspace
from models.capture import Capture, Fetch, FetchOutcome, Origin
from models.registry import SOURCES
from spiders.capture_store import CaptureStore
from spiders.fetch_settings import RecordingClock
from warehouse.database import open_writer

if TYPE_CHECKING:
    import duckdb

START = datetime(2026, 8, 1, tzinfo=UTC)
OPENROUTER = "openrouter_models"
AIML = "aiml_models"
PAGE = "aiml_pricing_page"
DEPRECATIONS = "aiml_deprecations"

Said = tuple[str, float, bytes]
"""What a source said: its name, when (hours after START), its body."""


def hours(count: float) -> datetime:
    """A moment that many hours after the start."""
    return START + timedelta(hours=count)


def openrouter(at: float, models: Mapping[str, Mapping[str, Any]]) -> Said:
    """OpenRouter's list: a ``pricing`` object per id; ``#slug`` after an id names its slug."""
    data = [_openrouter_model(name, dict(pricing)) for name, pricing in models.items()]
    return OPENROUTER, at, json.dumps({"data": data}).encode()


def _openrouter_model(name: str, pricing: dict[str, Any]) -> dict[str, Any]:
    model_id, _, slug = name.partition("#")
    return {
        "id": model_id,
        "canonical_slug": slug or model_id.partition(":")[0],
        "name": f"Acme: {model_id}",
        "created": 1,
        "context_length": 4096,
        "architecture": {"input_modalities": ["text"], "output_modalities": ["text"]},
        "pricing": pricing,
        "top_provider": {"context_length": 4096, "max_completion_tokens": 4096},
    }


def aiml(at: float, models: Sequence[tuple[str, Sequence[str], Mapping[str, Any]]]) -> Said:
    """AIML's catalogue: (id, aliases, price in USD per million tokens by origin)."""
    data = [
        {
            "id": model_id,
            "type": "openai/chat-completions",
            "aliases": list(aliases),
            "info": {"name": model_id.partition("/")[2].replace("-", " "), "developer": "Acme"},
            "modalities": {"input": ["text"], "output": ["text"]},
            "pricing": {
                "kind": "fixed",
                "currency": "USD",
                "units": [
                    {"name": "token", "content": "text", "origin": origin, "price": p, "per": 10**6}
                    for origin, p in prices.items()
                ],
            },
        }
        for model_id, aliases, prices in models
    ]
    return AIML, at, json.dumps({"object": "list", "data": data}).encode()


def page(
    at: float, rows: Sequence[tuple[str, str, str]], offers: Mapping[str, str] | None = None
) -> Said:
    """The pricing page: (name, input, output) per million tokens, and in its JSON-LD block the
    input prices by name."""
    block = [
        {
            "name": f"Acme / {name}",
            "priceSpecification": {"price": p, "unitText": "1M input tokens"},
        }
        for name, p in (offers or {}).items()
    ]
    linked = json.dumps({"@type": "WebPage", "about": {"offers": block}})
    items = "\n".join(
        '<div role="listitem" class="total-table-price w-dyn-item">'
        f'<div class="footer-headline break">Acme / {name}</div>'
        f'<div class="context-table">128K</div><div class="input-table">{given}</div>'
        f'<div class="output-table">{taken}</div></div>'
        for name, given, taken in rows
    )
    body = (
        "<!DOCTYPE html><html><head><meta charset='utf-8'><title>Pricing</title>"
        f"<script type='application/ld+json'>{linked}</script></head><body>"
        "<div class='pricing-block'><h2>Text models</h2><p>USD per 1M tokens</p>"
        f"<div class='w-dyn-list'><div role='list' class='w-dyn-items'>{items}</div></div></div>"
        "</body></html>"
    )
    return PAGE, at, body.encode()


def deprecations(
    at: float,
    models: Mapping[str, Sequence[str]],
    *,
    until: float | None = None,
    status: str = "deprecated",
) -> Said:
    """AIML's list of what is to go: aliases by id, and until how many hours after START."""
    shutdown_at = None if until is None else hours(until).isoformat()
    data = [
        {"id": model_id, "aliases": list(aliases), "status": status, "shutdown_at": shutdown_at}
        for model_id, aliases in models.items()
    ]
    return DEPRECATIONS, at, json.dumps({"object": "list", "data": data}).encode()


@dataclass(slots=True)
class World:
    """A data directory, what was stored in it, and ways to load it."""

    data_dir: Path
    origin: Origin = "backfill"
    clock: RecordingClock = field(default_factory=lambda: RecordingClock(hours(0)))

    def workspace(self) -> Workspace:
        """The data directory as a run sees it."""
        chosen = settings.load(self.data_dir)
        return open_workspace(chosen, clock=self.clock, origin=self.origin)

    def store(self, said: Said, outcome: FetchOutcome = FetchOutcome.OK) -> Fetch:
        """Keep what a source said, as if it had been fetched."""
        source, at, body = said
        store = CaptureStore(self.data_dir, durable=False)
        store.put(body)
        kind = "text/html" if source == PAGE else "application/json"
        fetch = Fetch(
            source=source,
            seller=SOURCES[source].seller,
            fetched_at=hours(at),
            finished_at=hours(at),
            origin=self.origin,
            outcome=outcome,
            captures=(
                Capture(
                    source=source,
                    url=SOURCES[source].url,
                    fetched_at=hours(at),
                    http_status=200 if outcome is not FetchOutcome.UNCHANGED else 304,
                    sha256=sha256(body).hexdigest(),
                    size=len(body),
                    origin=self.origin,
                    media_type=kind,
                ),
            ),
        )
        store.record(fetch)
        return fetch

    def load(self, *said: Said) -> None:
        """Store and load in one go."""
        fetches = [self.store(each) for each in said]
        self.clock.at = max([self.clock.at, *(fetch.fetched_at for fetch in fetches)])
        load(self.workspace(), fetches)

    def history(self) -> list[tuple[Any, ...]]:
        """Everything believed of every price now."""
        return self.ask(
            "SELECT price_id, offering_id, meter, conditions, valid_from, valid_to, changed_after,"
            " price_status, unit_price_usd, max_prompt_tokens, is_headline, source,"
            " capture_sha256, locator, raw_text, kind, event_id"
            " FROM price_belief JOIN price_key USING (price_key) JOIN offering_key"
            " USING (offering_key) ORDER BY ALL"
        )

    def lives(self) -> list[tuple[Any, ...]]:
        """Everything believed of every offering's life now."""
        return self.ask(
            "SELECT offering_id, valid_from, valid_to, changed_after, lifecycle, model_id,"
            " listed_by, capture_sha256, kind FROM lifecycle_belief"
            " JOIN offering_key USING (offering_key) ORDER BY ALL"
        )

    def disputes(self) -> list[tuple[Any, ...]]:
        """Everything that is or was in dispute."""
        return self.ask("FROM dispute_now ORDER BY ALL")

    def ask(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Ask the writer's database."""
        with open_writer(self.data_dir) as connection:
            return rows_of(connection, query, values)


def rows_of(
    connection: duckdb.DuckDBPyConnection, query: str, values: Sequence[Any] = ()
) -> list[tuple[Any, ...]]:
    """All rows, with lists as tuples."""
    rows: Iterable[tuple[Any, ...]] = connection.execute(query, list(values)).fetchall()
    return [tuple(tuple(v) if isinstance(v, list) else v for v in row) for row in rows]
