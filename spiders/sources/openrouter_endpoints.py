"""Who serves OpenRouter's models, and at what price each of them does.

One question per model of the catalogue, hundreds in all, so that the source is off by default. The
seller chooses which provider serves a request, and its catalogue states the price; what is read
here are claims under the condition ``provider``, beside the price and never in its place. Where an
endpoint has them, ``quantization`` and ``discount`` (what was taken off already) stand beside it.
The body is documented (2026-08); none was recorded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from models.conditions import Conditions, Stated
from models.reading import (
    CellResult,
    Claim,
    Drift,
    ExtractError,
    Outcome,
    PageReading,
    Row,
    RowReading,
)
from spiders.listplan import list_plan
from spiders.plan import Plan, Verdict
from spiders.reader import Body, Memo, Reader, summed
from spiders.sources import catalogue, values
from spiders.sources.catalogue import KeyTree
from spiders.sources.endpoint_bodies import (
    Endpoint,
    Endpoints,
    address,
    ask_each,
    endpoints_of,
    ids_of,
)
from spiders.sources.openrouter_listing import (
    developer_and_name,
    listing_of,
    modalities,
    operation_of,
    type_drift,
    type_word,
)
from spiders.sources.openrouter_models import pricing_cells
from spiders.sources.openrouter_pricing import read_pricing
from spiders.twins import Owned, reconcile
from spiders.walker_endpoints import walk_endpoints

SOURCE: Final = "openrouter_endpoints"
BASE: Final = "https://openrouter.ai/api/v1/models"
LIST_URL: Final = f"{BASE}?output_modalities=all"
NOTED: Final = ("quantization", "discount")

_ENDPOINT_TREE: Final[KeyTree] = dict.fromkeys(
    (
        *("name", "model_id", "model_name", "context_length", "pricing", "provider_name", "tag"),
        *("quantization", "max_completion_tokens", "max_prompt_tokens", "supported_parameters"),
        *("status", "uptime_last_30m", "uptime_last_5m", "uptime_last_1d", "native_tools"),
        *("supports_implicit_caching", "supports_tool_choice", "latency_last_30m"),
        *("throughput_last_30m", "supports_voice_cloning", "supports_image_reference"),
    )
)


def openrouter_endpoints_plan() -> Plan:
    """The list of all models, for their ids, then the endpoints of each."""
    listed = yield from list_plan(LIST_URL)
    if not listed.outcome.is_healthy:
        return listed
    urls = [address(BASE, model_id) for model_id in ids_of(listed.pages)]
    answers, broken = yield from ask_each(urls)
    return broken or Verdict(listed.outcome, tuple(answers))


def read(bodies: Sequence[Body], fetched_at: datetime, memo: Memo) -> PageReading:
    """Read all endpoints of one fetch; raises ExtractError when a body lists none."""
    del memo  # which minute it is counts where windows are, and hundreds of bodies weigh
    rows = [_reading(body, fetched_at) for body, _ in bodies]
    found = [(page, row) for page, (row, _) in enumerate(rows) if row.listing.model_id]
    return PageReading(
        tuple(row for _, row in found),
        tuple(cell for _, cells in rows for cell in cells),
        summed(each for row, _ in rows for each in row.drift),
        tuple(page for page, _ in found),
    )


def _reading(body: bytes, fetched_at: datetime) -> tuple[RowReading, tuple[CellResult, ...]]:
    """What one model's body amounts to, and its cells where it names no model."""
    stated = endpoints_of(values.parse(body))
    if stated is None:
        raise ExtractError("$.data.endpoints", "no list of endpoints")
    model = {**stated.model, "id": stated.model_id or ""}
    developer, name = developer_and_name(model)
    word = type_word(values.object_at(stated.model, "architecture"))
    row = Row("$.data", stated.model_id, word, name, developer, (), model)
    claims, cells, drift = _claims(stated, word, fetched_at)
    drift = (*drift, *type_drift(row))
    listing = listing_of(row, operation_of(word))
    if stated.model_id is None:
        refused = tuple(_without_model(cell) for cell in cells)
        return RowReading(listing), refused
    return RowReading(listing, tuple(claims), tuple(cells), drift), ()


def _without_model(cell: CellResult) -> CellResult:
    detail = "the body does not say which model it is about"
    return replace(cell, outcome=Outcome.REJECTED, reason="no_id", detail=detail)


def _claims(
    stated: Endpoints, word: str, fetched_at: datetime
) -> tuple[list[Claim], list[CellResult], tuple[Drift, ...]]:
    outputs = modalities(values.object_at(stated.model, "architecture"), 1)
    results: dict[str, CellResult] = {}
    found: list[Claim] = []
    names: list[str] = []
    for number, endpoint in enumerate(stated.endpoints):
        names += catalogue.new_keys(endpoint.fields, _ENDPOINT_TREE, "endpoints[]")
        row = _endpoint_row(endpoint, stated.model_id, word)
        claims, cells = read_pricing(row, fetched_at, outputs)
        results.update((cell.locator, cell) for cell in cells)
        noted = dict(_noted(endpoint, number))
        found += [_under(claim, noted) for claim in claims]

    def mark(owned: Owned, outcome: Outcome, reason: str, detail: str) -> None:
        before = results.get(owned[1].locator)
        if before is not None:
            after = replace(before, outcome=outcome, reason=reason, detail=detail)
            results[before.locator] = after

    kept = [claim for _, claim in reconcile([(0, claim) for claim in found], mark)]
    return kept, list(results.values()), catalogue.drift_of("new_key", names)


def _endpoint_row(endpoint: Endpoint, model_id: str | None, word: str) -> Row:
    pricing = endpoint.fields.get("pricing")
    return Row(
        locator=endpoint.locator,
        model_id=model_id,
        source_type=word,
        name=endpoint.provider,
        cells=tuple(pricing_cells(pricing, f"{endpoint.locator}.pricing")),
        pricing=values.as_object(pricing),
    )


def _noted(endpoint: Endpoint, number: int) -> Iterator[tuple[str, Stated]]:
    """Who serves, how coarsely rounded the model is there, and what was taken off the price."""
    yield "provider", endpoint.provider[:100] or f"endpoint {number + 1}"
    quantization = values.text_at(endpoint.fields, "quantization")
    if quantization and quantization != "unknown":
        yield "quantization", quantization[:100]
    discount = values.object_at(endpoint.fields, "pricing").get("discount")
    if isinstance(discount, str | int) and values.text_of(discount).strip("0.") != "":
        yield "discount", values.text_of(discount)[:100]


def _under(claim: Claim, noted: dict[str, Stated]) -> Claim:
    return replace(claim, conditions=Conditions.of({**dict(claim.conditions.items), **noted}))


FETCH: Final = openrouter_endpoints_plan
READER: Final = Reader(read, walk_endpoints)
