"""OpenRouter's model list: prices as decimal strings, USD per single unit.

Facts the rules rest on, measured over 53 recordings (2024-04 to 2026-08) unless said otherwise:

- every value of ``pricing`` is text, but for the list ``overrides`` (2026-07 on);
- ``-1`` means "set per request" and is no number;
- a zero under ``prompt`` or ``completion`` is a price, unless both are zero on a model whose output
  is not text alone: ``google/lyria-3-*`` show 0/0 and are sold by the song elsewhere;
- a zero under any other key says the same as leaving the key out: 347 of 350 models stated
  ``internal_reasoning: 0`` on 2025-12-18, 267 of 339 on 2026-01-16 and 4 of 344 on 2026-02-27,
  with no price moved; cache keys did likewise (24 cells);
- ``image`` counts tokens where it equals ``prompt`` (995 of 1,118) and images where it is at least
  a hundred times as much (123, the smallest factor being 258); nothing was seen in between.

The list holds models with text output only, unless it is asked for ``output_modalities=all``. What
a model puts out says what it is called for: text among it is a chat, everything else has its own
operation (``models/operations.toml``). An id that ``openrouter_embeddings``, ``…_images`` or
``…_videos`` lists for the same operation is the same offering, and the narrower list counts for
the meters that both state. ``prompt`` and ``completion`` count tokens where text or embeddings come
out; of every other model see :mod:`spiders.sources.openrouter_media`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from models.overrides import CONDITION_KEYS
from models.reading import Cell, Row, RowReading
from spiders.listplan import list_plan
from spiders.plan import Plan
from spiders.reader import Catalogue, Reader
from spiders.sources import catalogue, values
from spiders.sources.catalogue import PRICING, KeyTree, Listed
from spiders.sources.openrouter_listing import (
    MODALITY_KEYS,
    developer_and_name,
    listing_of,
    operation_of,
    type_drift,
    type_word,
)
from spiders.sources.openrouter_price_keys import (
    COMPLETION,
    OVERRIDES,
    PRICE_KEYS,
    PROMPT,
    SOURCE,
)
from spiders.sources.openrouter_pricing import read_pricing
from spiders.sources.values import JsonObject
from spiders.walker_json import walk_json

OPENROUTER_URL: Final = "https://openrouter.ai/api/v1/models?output_modalities=all"

_ALWAYS: Final = ("name", "context_length", "architecture", "top_provider")
# What is no fact of a listing, and would have its model read anew wherever it changes. Benchmarks
# are other people's scores: they made up 2,242 of 2,340 differences between two fetches of one
# model (38 recordings of 2026-08). Of 3,512 models that were read, 363 had changed in nothing but
# the other three (53 recordings).
_LEFT_OUT: Final = frozenset(
    {"pricing", "benchmarks", "description", "supported_parameters", "knowledge_cutoff"}
)


def _leaves(*keys: str) -> KeyTree:
    return dict.fromkeys(keys)


_PRICING_TREE: Final[KeyTree] = {
    **_leaves(*PRICE_KEYS, "discount"),
    OVERRIDES: _leaves(*PRICE_KEYS, *CONDITION_KEYS),
}
# Every key of the 53 recordings; the set grew seven times in eight months.
_MODEL_TREE: Final[KeyTree] = {
    **_leaves("id", "canonical_slug", "name", "created", "description", "context_length"),
    **_leaves("supported_parameters", "expiration_date", "knowledge_cutoff"),
    **_leaves("supported_voices", "hugging_face_id", "pricing", "benchmarks"),
    "architecture": _leaves("modality", "tokenizer", "instruct_type", *MODALITY_KEYS),
    "top_provider": _leaves("context_length", "max_completion_tokens", "is_moderated"),
    "per_request_limits": _leaves("prompt_tokens", "completion_tokens"),
    "alias_target": _leaves("name", "slug"),
    "links": _leaves("details"),
    "reasoning": {
        **_leaves("default_effort", "default_enabled", "mandatory", "supported_efforts"),
        **_leaves("supports_max_tokens"),
    },
    "default_parameters": {
        **_leaves("frequency_penalty", "presence_penalty", "repetition_penalty"),
        **_leaves("temperature", "top_k", "top_p"),
    },
}


def openrouter_models_plan() -> Plan:
    """The list of all models, to its last page."""
    return list_plan(OPENROUTER_URL)


def listed(body: bytes) -> Listed:
    """The models of one answer.

    Raises ExtractError when the body is no list of models, or when no model of it has prices.
    """
    return catalogue.listed(body, PRICING, "prices")


def row_of(locator: str, model: JsonObject) -> Row:
    """One model of the list, verbatim."""
    return typed_row_of(locator, model, type_word(values.object_at(model, "architecture")))


def typed_row_of(locator: str, model: JsonObject, word: str) -> Row:
    """One of OpenRouter's model objects in whatever list, called for as its type word says."""
    developer, name = developer_and_name(model)
    pricing = model.get("pricing")
    return Row(
        locator=locator,
        model_id=str(model["id"]),
        source_type=word,
        name=name,
        developer=developer,
        cells=(*pricing_cells(pricing, f"{locator}.pricing"), *catalogue.sku_cells(model, locator)),
        facts={key: value for key, value in model.items() if key not in _LEFT_OUT or value is None},
        pricing=values.as_object(pricing),
    )


def pricing_cells(pricing: object, locator: str) -> Iterator[Cell]:
    """Every price cell of a ``pricing`` object, or of whatever stands in its place."""
    if pricing is None:
        return
    fields = values.as_object(pricing)
    if fields is None:
        yield from _scalar_cells(pricing, locator, "pricing")
        return
    for key, value in fields.items():
        if key in catalogue.METADATA:
            continue
        where = f"{locator}.{key}" if key in PRICE_KEYS else catalogue.member(locator, key)
        if key == OVERRIDES and (entries := values.as_list(value)) is not None:
            for index, entry in enumerate(entries):
                yield from _override_cells(entry, f"{where}[{index}]")
        elif isinstance(value, str):  # a short way for what nearly every cell is
            yield Cell(where, value, key)
        else:
            yield from _scalar_cells(value, where, key)


def _scalar_cells(
    value: object, locator: str, word: str, when: tuple[tuple[str, str], ...] = ()
) -> Iterator[Cell]:
    for where, text in catalogue.scalars(value, locator, catalogue.METADATA):
        yield Cell(where, text, word, when=when)


def _override_cells(entry: object, locator: str) -> Iterator[Cell]:
    fields = values.as_object(entry)
    if fields is None:
        yield from _scalar_cells(entry, locator, OVERRIDES)
        return
    stated = sorted(CONDITION_KEYS & fields.keys())
    when = tuple((key, values.text_of(fields[key])) for key in stated)
    for key, value in fields.items():
        if key not in catalogue.METADATA:
            yield from _scalar_cells(value, catalogue.member(locator, key), key, when)


def is_time_dependent(row: Row) -> bool:
    """Whether the row's reading depends on the time of day of the fetch (it states windows)."""
    overrides = values.as_list((row.pricing or {}).get(OVERRIDES)) or []
    fields = (values.as_object(entry) or {} for entry in overrides)
    return any("utc_start" in entry or "utc_end" in entry for entry in fields)


def interpret(row: Row, fetched_at: datetime) -> RowReading:
    """What a row amounts to; ``fetched_at`` tells which daily window its top-level prices show."""
    names = catalogue.new_keys(row.facts, _MODEL_TREE)
    names += catalogue.new_keys(row.pricing or {}, _PRICING_TREE, "pricing")
    listing = listing_of(row, operation_of(row.source_type))
    claims, results = read_pricing(row, fetched_at, listing.output_modalities)
    return RowReading(
        listing=listing,
        claims=tuple(claims),
        cells=tuple(results),
        drift=(
            *catalogue.drift_of("new_key", names),
            *catalogue.drift_of("vanished_field", _vanished(row)),
            *type_drift(row),
        ),
    )


def _vanished(row: Row) -> Iterator[str]:
    yield from (key for key in _ALWAYS if key not in row.facts)
    if row.pricing is None:
        yield "pricing"
    else:
        yield from (f"pricing.{key}" for key in (PROMPT, COMPLETION) if key not in row.pricing)


CATALOGUE: Final = Catalogue(SOURCE, listed, row_of, interpret, is_time_dependent)
FETCH: Final = openrouter_models_plan
READER: Final = Reader(CATALOGUE.read, walk_json)
