"""OpenRouter's list of video models, priced by ``pricing_skus``: ``{"duration_seconds": "0.50"}``.

One list of 29 models was recorded (2026-09-24); it has neither ``pricing`` nor ``architecture``.
What a price is for is said by its name only (:mod:`spiders.sources.openrouter_skus`). A price whose
name leaves the resolution or the sound open, beside others that name it, holds for whatever else
the model supports, and for nothing that another name states. A zero says nothing: media models are
never given away by a zero alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from models.conditions import HAS_AUDIO
from models.price_qualifiers import CLOSED, RESOLUTION
from models.pricetext import Reason
from models.reading import Cell, CellError, CellResult, Claim, Outcome, Row, RowReading
from models.registry import operation_for
from spiders.listplan import list_plan
from spiders.plan import Plan
from spiders.reader import Catalogue, Reader
from spiders.sources import catalogue, values
from spiders.sources.catalogue import SKUS, KeyTree, Listed
from spiders.sources.openrouter_listing import developer_and_name, listing_of
from spiders.sources.openrouter_skus import SOURCE, meters_meant_by, sku_of
from spiders.sources.values import JsonObject
from spiders.sources.variants import (
    Variant,
    check_conditions,
    claims_of,
    price_of,
    resolutions_of,
    settled,
    spelled_alike,
    spread,
)
from spiders.walker_json import walk_json

URL: Final = "https://openrouter.ai/api/v1/videos/models"
TYPE_WORD: Final = "video"
RULE_CENTS: Final = "price_in_cents"
OUTPUTS: Final = ("video",)

_EDITS: Final = re.compile(r"\b(?:edit|upscale)r?\b", re.IGNORECASE)

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
    misplaced = sorted(catalogue.METADATA & (row.pricing or {}).keys())
    drift += catalogue.drift_of("new_key", (f"{SKUS}.{key}" for key in misplaced))
    if row.pricing is None:
        drift += catalogue.drift_of("vanished_field", [SKUS])
    return RowReading(
        listing=replace(
            listing,
            input_modalities=listing.input_modalities or _inputs(row),
            output_modalities=listing.output_modalities or OUTPUTS,
        ),
        claims=tuple(claims),
        cells=tuple(reader.results[cell.locator] for cell in row.cells),
        drift=drift,
    )


def _inputs(row: Row) -> tuple[str, ...]:
    """What a model reads, which its row says by what it supports and what it has prices for.

    An upscaler or editor is known by the video it cannot do without; every other model is told in
    words what to make. Empty where the row says nothing.
    """
    names = " ".join(cell.word for cell in row.cells)
    is_editor = row.facts.get("upscale_factor") is not None or bool(_EDITS.search(row.name))
    reads = {
        "text": not is_editor,
        "image": bool(values.as_list(row.facts.get("supported_frame_images")))
        or any(word in names for word in ("image_to_video", "image_input", "reference_image")),
        "video": is_editor
        or any(word in names for word in ("with_video_input", "video_continuation")),
    }
    stated = tuple(word for word, is_read in reads.items() if is_read)
    return () if stated == ("text",) else stated


class _Skus:
    """One row's prices while they are being read."""

    def __init__(self, row: Row) -> None:
        self._row = row
        self._read: list[tuple[str, Variant]] = []
        self._open: list[tuple[frozenset[str], Variant]] = []
        self.results = {
            cell.locator: catalogue.rejected(cell, "unknown_key", "no price is expected here")
            for cell in row.cells
        }

    def read(self) -> list[Claim]:
        """The claims that stand side by side; every cell has its result afterwards."""
        beside = sorted(catalogue.METADATA & (self._row.pricing or {}).keys())
        for cell in self._row.cells:
            if cell.word != "pricing":
                self._read_cell(cell)
                if beside:
                    self._refuse(cell, f"nothing is known of {', '.join(beside)} beside the prices")
        meters = dict.fromkeys(meter for meter, _ in self._read)
        meters |= dict.fromkeys(
            m for fitting, _ in self._open if len(fitting) == 1 for m in fitting
        )
        return [claim for meter in meters for claim in self._claims(meter)]

    def _read_cell(self, cell: Cell) -> None:
        """Read a name and its price, or note what the cell may be of where either is refused."""
        try:
            sku = sku_of(cell.word)
        except CellError as error:
            self._settle(cell, Outcome.REJECTED, error.reason, str(error))
            meters, when = meters_meant_by(cell.word)
            if error.reason != Reason.OTHER_WORK:
                self._open.append((meters, Variant(cell, when, None, is_whole=False)))
            return
        value: Decimal | None = None
        when = sku.when
        try:
            check_conditions(sku.when)
            when = spelled_alike(sku.when, sku.meter, TYPE_WORD)
            value = price_of(cell.raw_text, sku.per) or None
            self._settle(cell, Outcome.CLAIM if value else Outcome.NO_PRICE)
        except CellError as error:
            self._settle(cell, Outcome.REJECTED, error.reason, str(error))
        rule = RULE_CENTS if sku.is_in_cents else ""
        self._read.append((sku.meter, Variant(cell, when, value, rule=rule)))

    def _refuse(self, cell: Cell, detail: str) -> None:
        """Take back a price that was read, for what stands beside it."""
        if self.results[cell.locator].outcome is not Outcome.REJECTED:
            self._settle(cell, Outcome.REJECTED, "unknown_condition", detail)
            meter, variant = self._read.pop()
            unsure = replace(variant, value=None, is_whole=False)
            self._open.append((frozenset({meter}), unsure))

    def _claims(self, meter: str) -> Iterator[Claim]:
        variants = [variant for own, variant in self._read if own == meter]
        variants += [variant for fitting, variant in self._open if meter in fitting]
        if all(self.results[each.cell.locator].outcome is Outcome.NO_PRICE for each in variants):
            return
        supported = values.texts_at(self._row.facts, "supported_resolutions")
        resolutions = resolutions_of(supported, meter, TYPE_WORD)
        found = spread(variants, {**CLOSED, RESOLUTION: resolutions})
        for place, each in enumerate(variants):
            if self.results[each.cell.locator].outcome is Outcome.CLAIM:
                outcome = settled(each, place, found)
                if outcome is not None:
                    self._settle(each.cell, *outcome)
        with_sound = self._row.facts.get("generate_audio")
        # "Defaults to the endpoint's generate_audio capability flag" (the seller's documentation).
        defaults = {HAS_AUDIO: with_sound} if isinstance(with_sound, bool) else {}
        yield from claims_of(meter, variants, found, resolutions, defaults)

    def _settle(self, cell: Cell, outcome: Outcome, reason: str = "", detail: str = "") -> None:
        self.results[cell.locator] = CellResult(
            cell.locator, cell.raw_text, outcome, reason, detail
        )


FETCH: Final = openrouter_videos_plan
READER: Final = Reader(Catalogue(SOURCE, listed, row_of, interpret).read, walk_json)
