"""OpenRouter's image models: the list, then for each model its endpoints, which state the prices.

An endpoint prices ``{billable: output_image, unit: image, cost_usd: 0.04, variant: "2k"}``
(documented 2026-08; no body of it was recorded). ``billable`` and ``unit`` together name the meter,
in USD for one unit. A ``variant`` is a resolution, a quality or both ("low_1k") where it is made of
such words, else a condition under its own name.

Several endpoints serve a model. Where all of them state the same of a meter, that is its price.
Where they differ, each price stands under the condition ``provider``: which of them serves a
request is the seller's to choose, and nobody can say beforehand. Zeros beside other prices say
nothing; a model with nothing but zeros may be free or unpriced, which is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from models.reading import (
    CellResult,
    ExtractError,
    Outcome,
    PageReading,
    Row,
    RowReading,
)
from models.registry import operation_for
from spiders.listplan import list_plan
from spiders.plan import Plan, Verdict
from spiders.reader import Body, Memo, Reader, folded, summed
from spiders.sources import catalogue, values
from spiders.sources.catalogue import KeyTree
from spiders.sources.endpoint_bodies import Endpoints, address, ask_each, endpoints_of, ids_of
from spiders.sources.openrouter_image_prices import SOURCE, cells_of, read_endpoints
from spiders.sources.openrouter_listing import developer_and_name, listing_of
from spiders.sources.values import JsonObject
from spiders.walker_endpoints import walk_image_endpoints

URL: Final = "https://openrouter.ai/api/v1/images/models"
TYPE_WORD: Final = "image"

_MODEL_TREE: Final[KeyTree] = dict.fromkeys(
    (
        *("id", "canonical_slug", "name", "created", "description", "architecture", "links"),
        *("supported_parameters", "supports_streaming", "endpoints", "expiration_date"),
    )
)


def openrouter_images_plan() -> Plan:
    """The list, then the endpoints of every model of it, one after the other."""
    listed = yield from list_plan(URL)
    if not listed.outcome.is_healthy:
        return listed
    urls = [address(URL, model_id) for model_id in ids_of(listed.pages)]
    answers, broken = yield from ask_each(urls)
    return broken or Verdict(listed.outcome, (*listed.pages, *answers))


def read(bodies: Sequence[Body], fetched_at: datetime, memo: Memo) -> PageReading:
    """Read the list and all endpoints of one fetch as one; the time changes nothing.

    Raises ExtractError when there is no list of models, or no endpoints of any of them.
    """
    del fetched_at
    return memo.page(SOURCE, bodies, lambda: _read(bodies))


def _read(bodies: Sequence[Body]) -> PageReading:
    documents = [values.parse(body) for body, _ in bodies]
    stated = {page: found for page, body in enumerate(documents) if (found := endpoints_of(body))}
    if not stated:
        raise ExtractError("endpoints", "no model's endpoints were answered")
    rows: list[RowReading] = []
    extra: list[CellResult] = []
    where: list[int] = []
    by_model: dict[str | None, int] = {}
    for page, found in stated.items():
        if found.model_id is not None:
            by_model.setdefault(found.model_id, page)
    unlisted = set(stated)
    for page, document in enumerate(documents):
        if page in stated:
            continue
        entries, orphans = catalogue.entries(document)
        extra += orphans
        for entry in entries:
            row = _row(entry.locator, entry.model)
            own = by_model.pop(row.model_id, None)
            rows.append(_reading(row, stated[own] if own is not None else None))
            where.append(page if own is None else own)
            unlisted.discard(where[-1])
    for page in sorted(unlisted):
        extra += _unlisted(stated[page])
    kept, duplicates = folded(rows)
    drift = [each for row in rows for each in row.drift]
    pages = tuple(where) if len(kept) == len(rows) else ()
    return PageReading(tuple(kept), tuple(extra), (*summed(drift), *duplicates), pages)


def _row(locator: str, model: JsonObject) -> Row:
    developer, name = developer_and_name(model)
    return Row(locator, str(model["id"]), TYPE_WORD, name, developer, (), model)


def _reading(row: Row, stated: Endpoints | None) -> RowReading:
    listing = listing_of(row, operation_for(SOURCE, row.source_type) or "unspecified")
    claims, cells, variants = read_endpoints(stated) if stated else ([], [], [])
    gone: list[str] = [] if stated else ["endpoints"]
    return RowReading(
        listing=listing,
        claims=tuple(claims),
        cells=(*cells, *_list_prices(row)),
        drift=(
            *catalogue.drift_of("new_key", catalogue.new_keys(row.facts, _MODEL_TREE)),
            *catalogue.drift_of("unknown_dimension", variants),
            *catalogue.drift_of("vanished_field", gone),
        ),
    )


def _list_prices(row: Row) -> Iterator[CellResult]:
    """The list states no prices; should it come to, they are refused until somebody looks."""
    for block in (catalogue.PRICING, catalogue.SKUS):
        if row.facts.get(block) is not None:
            place = f"{row.locator}.{block}"
            for where, text in catalogue.scalars(row.facts[block], place, catalogue.METADATA):
                detail = "the list of image models is not known to state prices"
                yield CellResult(where, text, Outcome.REJECTED, "unknown_key", detail)


def _unlisted(stated: Endpoints) -> Iterator[CellResult]:
    for cell in cells_of(stated):
        detail = "the list names no such model, or another answer is about it too"
        yield CellResult(cell.locator, cell.raw_text, Outcome.REJECTED, "no_model", detail)


FETCH: Final = openrouter_images_plan
READER: Final = Reader(read, walk_image_endpoints)
