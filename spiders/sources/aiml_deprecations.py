"""AIML API's list of models that are to go or are gone: no prices, only what is said of their end.

Documented 2026-08 (132 entries then); no body of it was recorded. An entry names an id with its
aliases, not what it is called for: it is about every offering of that id. It never lists a model,
it says of one that the catalogue lists that it is deprecated, and until when it is served.

"Once a real retirement date is set, it is dropped from GET /v1/models, but it keeps serving" until
``shutdown_at`` (documented): so ``deprecated`` with a date says that a model which the catalogue
left out is served all the same. ``superseded`` never ends (documented): it names a successor, and
the model goes on serving, listed or not, whatever date stands beside it. What is ``withdrawn`` is
found gone in the catalogue.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from models.reading import ANY_OPERATION, Cell, Listing, Row, RowReading
from spiders.listplan import list_plan
from spiders.plan import Plan
from spiders.reader import Catalogue, Reader
from spiders.sources import catalogue, values
from spiders.sources.catalogue import KeyTree, Listed
from spiders.sources.values import JsonObject
from spiders.walker_json import walk_json

SOURCE: Final = "aiml_deprecations"
URL: Final = "https://api.aimlapi.com/v1/models/deprecations"
DEPRECATED: Final = "deprecated"
SUPERSEDED: Final = "superseded"
WITHOUT_END: Final = "9999-12-31T00:00:00+00:00"
STATUSES: Final = frozenset({DEPRECATED, SUPERSEDED, "withdrawn"})

_TREE: Final[KeyTree] = dict.fromkeys(
    (
        *("id", "aliases", "status", "deprecated_at", "shutdown_at", "replaced_by", "reason"),
        *("type", "info", "name", "developer"),
    )
)


def aiml_deprecations_plan() -> Plan:
    """The list, to its last page."""
    return list_plan(URL)


def listed(body: bytes) -> Listed:
    """The entries of one answer; raises ExtractError when it is no list of models."""
    found, orphans = catalogue.entries(values.parse(body))
    return Listed(tuple(found), tuple(orphans))


def row_of(locator: str, model: JsonObject) -> Row:
    """One entry of the list, verbatim."""
    return Row(
        locator=locator,
        model_id=str(model["id"]),
        source_type=values.text_at(model, "status"),
        name=values.text_at(model, "name") or str(model["id"]),
        cells=tuple(_cells(model, locator)),
        facts=model,
    )


def _cells(model: JsonObject, locator: str) -> Iterator[Cell]:
    for block in (catalogue.PRICING, catalogue.SKUS):
        if model.get(block) is not None:
            place = f"{locator}.{block}"
            for where, text in catalogue.scalars(model[block], place, catalogue.METADATA):
                yield Cell(where, text, block)


def interpret(row: Row, fetched_at: datetime) -> RowReading:
    """What an entry says; the time of the fetch changes nothing."""
    del fetched_at
    status = row.source_type.lower()
    shutdown_at = "" if status == SUPERSEDED else values.text_at(row.facts, "shutdown_at")
    unknown = [] if status in STATUSES else [row.source_type or "(no status)"]
    detail = "the list of deprecations is not known to state prices"
    return RowReading(
        listing=Listing(
            model_id=row.model_id,
            name=row.name,
            developer="",
            operation=ANY_OPERATION,
            source_type=row.source_type,
            locator=row.locator,
            aliases=tuple(dict.fromkeys(values.texts_at(row.facts, "aliases"))),
            expires_on=_day(shutdown_at),
            lifecycle="listed" if unknown else DEPRECATED,
            served_until=_served_until(status, shutdown_at),
        ),
        cells=tuple(catalogue.rejected(cell, "unknown_key", detail) for cell in row.cells),
        drift=(
            *catalogue.drift_of("new_key", catalogue.new_keys(row.facts, _TREE)),
            *catalogue.drift_of("unknown_type", unknown),
        ),
    )


def _served_until(status: str, shutdown_at: str) -> str:
    if status == SUPERSEDED:
        return WITHOUT_END
    return (_moment(shutdown_at) or "") if status == DEPRECATED else ""


def _day(text: str) -> str | None:
    """The day, in UTC, of a date or of a moment; None for what is neither."""
    moment = _moment(text)
    return None if moment is None else moment[:10]


def _moment(text: str) -> str | None:
    """A moment in UTC as ISO 8601; a date is its beginning, and what names no zone is UTC. None for
    what is neither."""
    try:
        stated = datetime.fromisoformat(text)
        moment = stated.replace(tzinfo=stated.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment.isoformat()


FETCH: Final = aiml_deprecations_plan
READER: Final = Reader(Catalogue(SOURCE, listed, row_of, interpret).read, walk_json)
