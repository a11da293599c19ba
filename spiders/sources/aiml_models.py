"""AIML API's catalogue, in the two shapes it has had.

- **Old shape** (one recording, 2026-01-14, 440 models; gone by 2026-05): ``type`` is a word like
  ``chat-completion``, ``features`` and ``endpoints`` are listed, there is no price at all. ``url``
  is empty for 279 of 440, ``contextLength`` absent for 277.
- **New shape** (seen from 2026-05, documented 2026-08): ``type`` is an interface
  (``openai/chat-completions``), ``aliases`` name the former ids, and ``include=pricing,modalities``
  adds prices as JSON numbers with their unit and divisor. One id stands under several types (91 ids
  in 2026-09), so that only id and type together tell a model.

The newer one is served at ``/v1/models``, with prices only when asked by ``include``, where a
misspelled word loses a section silently; the older one was at ``/models``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from models.capture import FetchOutcome
from models.reading import Cell, Listing, Row, RowReading
from models.registry import OPERATIONS, operation_for
from spiders.listplan import Rows, field, no_list, rows_of
from spiders.plan import Answer, Plan, Request, Verdict, failed
from spiders.reader import Catalogue, Reader
from spiders.sources import catalogue, values
from spiders.sources.aiml_pricing import priced, read_pricing
from spiders.sources.aiml_units import SOURCE
from spiders.sources.catalogue import KeyTree, Listed
from spiders.sources.values import JsonObject
from spiders.walker_json import walk_json

AIML_URL: Final = "https://api.aimlapi.com/v1/models?include=pricing,modalities,capabilities"
AIML_PLAIN_URL: Final = "https://api.aimlapi.com/models"
UNSPECIFIED: Final = "unspecified"
# What a type says of all prices of its models.
AROUND: Final = {"anthropic/batches": {"service_tier": "batch"}}
# Calls that belong to another type's work, and make no model one can buy.
NO_OFFERING: Final = frozenset({"anthropic/batches-cancel"})


def _leaves(*keys: str) -> KeyTree:
    return dict.fromkeys(keys)


_PRICE_TREE: Final[KeyTree] = _leaves("price", *catalogue.METADATA)
_MODEL_TREE: Final[KeyTree] = {
    **_leaves("id", "type", "aliases", "tags", "capabilities", "providers"),
    **_leaves("features", "endpoints"),
    "info": {
        **_leaves("name", "developer", "description", "contextLength", "maxTokens", "outputMax"),
        **_leaves("url", "docs_url", "docsUrl", "docsJson", "releasedAt", "cutoffAt", "isHottest"),
    },
    "modalities": _leaves("input", "output"),
    "pricing": {**_PRICE_TREE, "units": _PRICE_TREE, "variants": _PRICE_TREE},
}
ENVELOPE_TREE: Final[KeyTree] = {"object": None, "data": None}


def aiml_models_plan() -> Plan:
    """The catalogue with its sections, or, where there is none, the older one without prices."""
    full = yield Request(AIML_URL)
    if full.problem and full.status not in {404, 410}:
        return failed(full)
    rows = rows_of(full.document)
    if rows is None and not full.problem:
        return no_list(full)
    if rows is not None and (not rows or _has_prices(rows)):
        return _listed(full, rows)
    plain = yield Request(AIML_PLAIN_URL)
    return _without_prices(full, rows, plain)


def _without_prices(full: Answer, full_rows: Rows | None, plain: Answer) -> Verdict:
    """Judge the plain list: the older shape has no prices to lose, the newer one lost them."""
    rows = rows_of(plain.document)
    if rows and _has_prices(rows):
        return _listed(plain, rows)
    if full_rows is not None and is_newer_aiml_shape(full_rows):
        return _sections_missing((full, plain))
    if plain.problem:
        return failed(plain)
    if rows is None:
        return no_list(plain)
    if is_newer_aiml_shape(rows):
        return _sections_missing((full, plain))
    return _listed(plain, rows)


def _has_prices(rows: Rows) -> bool:
    return any(field(row, "pricing") for row in rows)


def _sections_missing(answers: tuple[Answer, ...]) -> Verdict:
    detail = "no row has `pricing`, though the rows are of the shape that has it"
    return Verdict(FetchOutcome.SECTIONS_MISSING, answers, detail)


def _listed(answer: Answer, rows: Rows) -> Verdict:
    if not rows:
        return Verdict(FetchOutcome.EMPTY, (answer,), "the list has no rows")
    return Verdict(FetchOutcome.OK, (answer,))


def is_newer_aiml_shape(rows: Rows) -> bool:
    """Whether any row bears a mark of the catalogue seen from 2026-05 on, which states prices.

    The marks: a type with a slash (`openai/chat-completions`), `aliases`, or `info.docsUrl`, where
    the older one had `chat-completion`, `endpoints` and `info.docs_url`.
    """
    return any(_is_newer(row) for row in rows)


def _is_newer(row: object) -> bool:
    kind, info = field(row, "type"), field(row, "info")
    has_slash = isinstance(kind, str) and "/" in kind
    return has_slash or _has(row, "aliases") or _has(info, "docsUrl")


def _has(value: object, name: str) -> bool:
    return isinstance(value, dict) and name in value


def listed(body: bytes) -> Listed:
    """The models of one answer; raises ExtractError when it is no list of models."""
    document = values.parse(body)
    found, orphans = catalogue.entries(document)
    drift = catalogue.list_drift(document, ENVELOPE_TREE, len(found))
    sold = [entry for entry in found if values.text_at(entry.model, "type") not in NO_OFFERING]
    for entry in found:
        if values.text_at(entry.model, "type") in NO_OFFERING:
            detail = "the type is a call about others and sells nothing itself"
            orphans += catalogue.refused_cells(entry.model, entry.locator, "no_offering", detail)
    return Listed(tuple(sold), tuple(orphans), drift)


def row_of(locator: str, model: JsonObject) -> Row:
    """One model of the list, verbatim."""
    info = values.object_at(model, "info")
    pricing = model.get("pricing")
    return Row(
        locator=locator,
        model_id=str(model["id"]),
        source_type=values.text_at(model, "type"),
        name=values.text_at(info, "name") or str(model["id"]),
        developer=values.text_at(info, "developer"),
        cells=(*_cells(pricing, f"{locator}.pricing"), *catalogue.sku_cells(model, locator)),
        facts={key: value for key, value in model.items() if key != "pricing" or value is None},
        pricing=values.as_object(pricing),
    )


def _cells(pricing: object, locator: str) -> Iterator[Cell]:
    if pricing is not None:
        yield from (statement.cell for statement in priced(pricing, locator))


def interpret(row: Row, fetched_at: datetime) -> RowReading:
    """What a row amounts to. The time of the fetch, which some sources need, changes nothing."""
    operation = operation_for(SOURCE, row.source_type) or UNSPECIFIED
    listing = _listing(row, operation)
    outputs = listing.output_modalities or tuple(OPERATIONS[operation].output)
    around = AROUND.get(row.source_type)
    claims, results, dimensions = read_pricing(row, operation, outputs, around)
    names = catalogue.new_keys(row.facts, _MODEL_TREE)
    names += catalogue.new_keys({"pricing": row.pricing}, _MODEL_TREE)
    unknown_type = operation_for(SOURCE, row.source_type) is None and row.source_type
    return RowReading(
        listing=listing,
        claims=tuple(claims),
        cells=tuple(results),
        drift=(
            *catalogue.drift_of("new_key", names),
            *catalogue.drift_of("unknown_type", [row.source_type] if unknown_type else []),
            *catalogue.drift_of("unknown_dimension", dimensions),
            *catalogue.drift_of(
                "number_among_words", catalogue.numbers_among_words(row.pricing, "pricing")
            ),
            *catalogue.drift_of("vanished_field", _vanished(row)),
        ),
    )


def _vanished(row: Row) -> Iterator[str]:
    info = values.object_at(row.facts, "info")
    yield from (key for key in ("type", "info") if key not in row.facts)
    yield from (f"info.{key}" for key in ("name", "developer") if key not in info)
    is_old_shape = "features" in row.facts or "endpoints" in row.facts
    if row.pricing is None and "pricing" not in row.facts and not is_old_shape:
        # A misspelt include is not refused, the section is simply not there; null is an answer.
        yield "pricing"


def _listing(row: Row, operation: str) -> Listing:
    info = values.object_at(row.facts, "info")
    modalities = values.object_at(row.facts, "modalities")
    return Listing(
        model_id=row.model_id,
        name=row.name,
        developer=row.developer,
        operation=operation,
        source_type=row.source_type,
        locator=row.locator,
        aliases=tuple(dict.fromkeys(values.texts_at(row.facts, "aliases"))),
        context_length=values.count_at(info, "contextLength"),
        max_output_tokens=values.count_at(info, "outputMax") or values.count_at(info, "maxTokens"),
        input_modalities=catalogue.modalities_of(values.texts_at(modalities, "input")),
        output_modalities=catalogue.modalities_of(values.texts_at(modalities, "output")),
        source_url=values.text_at(info, "url") or None,
    )


CATALOGUE: Final = Catalogue(SOURCE, listed, row_of, interpret)
FETCH: Final = aiml_models_plan
READER: Final = Reader(CATALOGUE.read, walk_json)
