"""OpenRouter's list of video models, priced by ``pricing_skus``: ``{"per-video-second": "0.50"}``.

Documented 2026-08; no body of it was recorded. ``pricing`` is null there. What a price is for is
said by its name only (:mod:`spiders.sources.openrouter_skus`). A price whose name leaves the
resolution or the audio open, beside others that name it, holds for whatever else the model
supports. A zero says nothing: media models are never given away by a zero alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from models.conditions import HAS_AUDIO, Stated
from models.reading import (
    Cell,
    CellError,
    CellResult,
    Claim,
    Outcome,
    PriceStatus,
    Row,
    RowReading,
)
from models.registry import operation_for
from spiders.listplan import list_plan
from spiders.plan import Plan
from spiders.reader import Catalogue, Reader
from spiders.sources import catalogue, values
from spiders.sources.catalogue import SKUS, KeyTree, Listed
from spiders.sources.openrouter_listing import developer_and_name, listing_of
from spiders.sources.openrouter_skus import (
    BOTH,
    RESOLUTION,
    SOURCE,
    VIDEO_INPUT,
    Sku,
    sku_of,
)
from spiders.sources.values import JsonObject
from spiders.sources.variants import (
    RULE_CONTESTED,
    RULE_REST,
    conditions_of,
    contested_of,
    price_of,
    spread,
)
from spiders.twins import Owned, reconcile
from spiders.walker_json import walk_json

URL: Final = "https://openrouter.ai/api/v1/videos/models"
TYPE_WORD: Final = "video"
RULE_CENTS: Final = "price_in_cents"
OUTPUTS: Final = ("video",)

_MODEL_TREE: Final[KeyTree] = dict.fromkeys(
    (
        *("id", "canonical_slug", "name", "created", "description", "hugging_face_id", "pricing"),
        *("supported_resolutions", "supported_durations", "supported_aspect_ratios"),
        *("supported_sizes", "supported_frame_images", "supported_parameters", "generate_audio"),
        *("seed", "allowed_passthrough_parameters", "architecture", "expiration_date"),
        *("creativity", "upscale_factor", "links", SKUS),
    )
)


def openrouter_videos_plan() -> Plan:
    """The list of video models, to its last page."""
    return list_plan(URL)


def listed(body: bytes) -> Listed:
    """The models of one answer; raises ExtractError when it is no list of models with prices."""
    return catalogue.listed(body, SKUS, "prices by name")


def row_of(locator: str, model: JsonObject) -> Row:
    """One model of the list, verbatim."""
    developer, name = developer_and_name(model)
    return Row(
        locator=locator,
        model_id=str(model["id"]),
        source_type=TYPE_WORD,
        name=name,
        developer=developer,
        cells=(*_pricing_cells(model, locator), *_sku_cells(model, locator)),
        facts={key: value for key, value in model.items() if key != SKUS},
        pricing=values.as_object(model.get(SKUS)),
    )


def _pricing_cells(model: JsonObject, locator: str) -> Iterator[Cell]:
    if model.get("pricing") is not None:
        where = f"{locator}.pricing"
        for place, text in catalogue.scalars(model["pricing"], where, catalogue.METADATA):
            yield Cell(place, text, "pricing")


def _sku_cells(model: JsonObject, locator: str) -> Iterator[Cell]:
    skus = values.as_object(model.get(SKUS))
    if skus is None:
        yield from catalogue.sku_cells(model, locator)
        return
    for key, value in skus.items():
        if key in catalogue.METADATA:
            continue
        where = catalogue.member(f"{locator}.{SKUS}", key)
        word = key if values.is_scalar(value) else f"{key}.…"
        for place, text in catalogue.scalars(value, where, catalogue.METADATA):
            yield Cell(place, text, word)


def interpret(row: Row, fetched_at: datetime) -> RowReading:
    """What a row amounts to; the time of the fetch changes nothing."""
    del fetched_at
    listing = listing_of(row, operation_for(SOURCE, row.source_type) or "unspecified")
    reader = _Skus(row)
    claims = reader.read()
    drift = catalogue.drift_of("new_key", catalogue.new_keys(row.facts, _MODEL_TREE))
    if row.pricing is None:
        drift += catalogue.drift_of("vanished_field", [SKUS])
    return RowReading(
        listing=replace(listing, output_modalities=listing.output_modalities or OUTPUTS),
        claims=tuple(claims),
        cells=tuple(reader.results[cell.locator] for cell in row.cells),
        drift=drift,
    )


class _Skus:
    """One row's prices while they are being read."""

    def __init__(self, row: Row) -> None:
        self._row = row
        self.results = {
            cell.locator: catalogue.rejected(cell, "unknown_key", "no price is expected here")
            for cell in row.cells
        }

    def read(self) -> list[Claim]:
        """The claims that stand side by side; every cell has its result afterwards."""
        by_meter: defaultdict[str, list[tuple[Cell, Sku, Decimal]]] = defaultdict(list)
        for cell in self._row.cells:
            if cell.word != "pricing":
                try:
                    sku = sku_of(cell.word)
                    by_meter[sku.meter].append((cell, sku, price_of(cell.raw_text, sku.per_dollar)))
                except CellError as error:
                    self.results[cell.locator] = catalogue.rejected(cell, error.reason, str(error))
        claims = [claim for priced in by_meter.values() for claim in self._claims(priced)]
        kept = [claim for _, claim in reconcile([(0, claim) for claim in claims], self._mark)]
        return [c for c in kept if self.results[c.locator].outcome is Outcome.CLAIM]

    def _claims(self, priced: Sequence[tuple[Cell, Sku, Decimal]]) -> Iterator[Claim]:
        priced = [each for each in priced if self._costs(each)]
        spreads = spread([sku.when for _, sku, _ in priced], _domains(self._row.facts))
        for (cell, sku, value), found in zip(priced, spreads.held, strict=True):
            try:
                sets = conditions_of(found)
            except CellError as error:
                self._settle(cell, Outcome.REJECTED, error.reason, str(error))
                continue
            self._settle(cell, Outcome.CLAIM)
            for conditions in sets:
                rule = RULE_REST if len(conditions.items) > len(sku.when) else ""
                rule = RULE_CENTS if sku.per_dollar != 1 else rule
                known, text = PriceStatus.KNOWN, cell.raw_text
                yield Claim(sku.meter, conditions, known, value, text, cell.locator, rule)
        for conditions in contested_of(spreads):
            (cell, sku, _), unknown = priced[0], PriceStatus.UNKNOWN
            yield Claim(sku.meter, conditions, unknown, None, "", cell.locator, RULE_CONTESTED)

    def _costs(self, priced: tuple[Cell, Sku, Decimal]) -> bool:
        if not priced[2]:
            self._settle(priced[0], Outcome.NO_PRICE)
        return bool(priced[2])

    def _mark(self, owned: Owned, outcome: Outcome, reason: str, detail: str) -> None:
        before = self.results[owned[1].locator]
        self.results[before.locator] = replace(
            before, outcome=outcome, reason=reason, detail=detail
        )

    def _settle(self, cell: Cell, outcome: Outcome, reason: str = "", detail: str = "") -> None:
        self.results[cell.locator] = CellResult(
            cell.locator, cell.raw_text, outcome, reason, detail
        )


def _domains(facts: Mapping[str, object]) -> Mapping[str, Sequence[Stated]]:
    resolutions = values.texts_at(facts, "supported_resolutions")
    return {
        RESOLUTION: tuple(word.lower() for word in resolutions),
        HAS_AUDIO: BOTH,
        VIDEO_INPUT: BOTH,
    }


FETCH: Final = openrouter_videos_plan
READER: Final = Reader(Catalogue(SOURCE, listed, row_of, interpret).read, walk_json)
