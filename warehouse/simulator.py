"""``simulator.json`` and ``simulator.parquet``: one record for each offering, for programs.

Six flat numbers are all that a simple simulator reads; they come from headline rates only. Null is
not stated, 0 is free, and ``rates`` holds what six numbers cannot say.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from models.registry import MODALITIES
from warehouse.arrow import FLAG, MONEY, TEXT, WHOLE
from warehouse.built import CURRENCY, Built, iso
from warehouse.schemas import kept_schemas
from warehouse.snapshots import SCHEMA_VERSION, json_bytes

if TYPE_CHECKING:
    from warehouse.offers import Offer, Rate

PER_M_TOKEN: Final = 1_000_000
FLAT: Final[Mapping[str, tuple[tuple[str, ...], int]]] = {
    "inputPerMToken": (("input_token",), PER_M_TOKEN),
    "outputPerMToken": (("output_token",), PER_M_TOKEN),
    "perImage": (("output_image",), 1),
    # The first of these meters that an offering has at all.
    "perSecond": (("output_video_second", "output_audio_second", "input_audio_second"), 1),
    "perCharacter": (("input_character",), 1),
    "perRequest": (("request",), 1),
}
"""The flat numbers: meters that may give one, and how many units it is for."""

IMAGE: Final = "output_image"

_FLATTENED: Final = frozenset(meter for meters, _ in FLAT.values() for meter in meters)


def write_simulator(built: Built, building: Path) -> None:
    """Write both forms."""
    records = [record(offer) for offer in built.offers]
    feed = {
        "schema": f"pricebook/simulator/{SCHEMA_VERSION}",
        "snapshotId": built.identity.snapshot_id,
        "asOf": iso(built.identity.as_of),
        "currency": CURRENCY,
        "modalities": _by_modality(built.offers),
        "models": [_with_numbers(each) for each in records],
    }
    (building / "simulator.json").write_bytes(json_bytes(feed))
    schema = _parquet_schema(built.identity.snapshot_id)
    table = pa.Table.from_pylist([_flattened(each) for each in records], schema=schema)
    pq.write_table(  # pyright: ignore[reportUnknownMemberType] # parts of its stub are untyped
        table, building / "simulator.parquet", compression="zstd"
    )


def column_comments() -> dict[str, str]:
    """What the columns of ``simulator.parquet`` mean, in the words of the JSON form's schema.

    The meaning of a whole row is under "".
    """
    named = kept_schemas()["simulator"]["$defs"]
    comments = {
        name: str(field["description"])
        for each in ("Pricing", "PricingMetadata", "Model")
        for name, field in named[each]["properties"].items()
        if "description" in field
    }
    comments["priceStatus"] = str(named["PriceStatus"]["description"])
    comments[""] = str(named["Model"]["description"])
    return {name: comments[name] for name in ("", *(field.name for field in FIELDS))}


def _parquet_schema(snapshot_id: str) -> pa.Schema:
    comments = column_comments()
    metadata: dict[str | bytes, str | bytes] = {
        "pricebook.snapshot_id": snapshot_id,
        "pricebook.table": "simulator",
        "pricebook.comment": comments.pop(""),
        "pricebook.columns": json.dumps(comments, ensure_ascii=False),
    }
    fields = [field.with_metadata({"comment": comments[field.name]}) for field in FIELDS]
    return pa.schema(fields, metadata)


def _by_modality(offers: Sequence[Offer]) -> dict[str, list[str]]:
    keys: dict[str, list[str]] = {modality: [] for modality in MODALITIES}
    for offer in offers:
        keys.setdefault(offer.modality, []).append(offer.key)
    return {modality: found for modality, found in keys.items() if found}


def record(offer: Offer) -> dict[str, Any]:
    """What a simulator is told of an offering; flat numbers are still exact decimals here."""
    is_free = _is_free(offer)
    chosen = {name: _flat(offer, *of) for name, of in FLAT.items()}
    # 0 says that all of it is free; a free meter beside charged ones is told in `rates`.
    pricing = {
        name: rate.per(FLAT[name][1]) if rate and rate.price is not None and (rate.price or is_free)
        else None
        for name, rate in chosen.items()
    }  # fmt: skip
    per_second = chosen["perSecond"]
    stated = [rate for name, rate in chosen.items() if rate and pricing[name] is not None]
    return {
        "key": offer.key,
        "id": offer.model_id,
        "seller": offer.seller,
        "operation": offer.operation,
        "canonicalId": offer.canonical_id,
        "name": offer.name,
        "developer": offer.developer,
        "modality": offer.modality,
        "pricing": pricing,
        "pricingMetadata": {
            "isBlendedPricing": False,
            "source": _source(offer, stated),
            "note": _note(offer, pricing),
            "perSecondOf": None
            if per_second is None or pricing["perSecond"] is None
            else per_second.meter,
        },
        "isFree": is_free,
        "priceStatus": offer.price_status,
        "isDisputed": any(rate.is_disputed for rate in offer.rates),
        "recommended": offer.is_recommended,
        "contextLength": offer.context_length,
        "maxOutputTokens": offer.max_output_tokens,
        "rates": [_rate(rate) for rate in offer.rates],
    }


def _is_free(offer: Offer) -> bool | None:
    """Whether nothing of it costs anything; None where that cannot be said."""
    if offer.price_status == "known":
        return False
    is_sure = all(rate.price_status == "free" for rate in offer.rates)
    return True if offer.price_status == "free" and is_sure else None


def _flat(offer: Offer, meters: Sequence[str], _units: int) -> Rate | None:
    """The headline rate of the first of ``meters`` that the offering has.

    None for an image that another source prices by the megapixel or the token: what it costs
    depends on its size.
    """
    found = next((rate for meter in meters if (rate := offer.headline(meter))), None)
    is_sized = found is not None and found.meter == IMAGE and IMAGE in offer.rivals
    return None if is_sized else found


def _source(offer: Offer, stated: Sequence[Rate]) -> str:
    """The page that says so: of the first flat number, else of any rate, else of the model."""
    rates = [*stated, *offer.rates]
    found = next((rate.source_url for rate in rates if rate.source_url), offer.source_url)
    return found or offer.seller


def _note(offer: Offer, pricing: Mapping[str, Decimal | None]) -> str | None:
    """What the flat numbers leave out, in words; None when they say it all."""
    beside = sorted({rate.meter for rate in offer.rates} - _FLATTENED - offer.rivals)
    rivals = ", ".join(sorted(offer.rivals))
    disputed = ", ".join(sorted({rate.meter for rate in offer.rates if rate.is_disputed}))
    notes = [
        "" if any(v is not None for v in pricing.values()) else _NO_NUMBER[offer.price_status],
        f"also charged: {', '.join(beside)}; see rates" if beside else "",
        f"one charge, counted differently by two sources: {rivals}; pay one" if rivals else "",
        f"in dispute: {disputed}; another price is stated and held" if disputed else "",
        "varies with conditions; see rates" if any(not r.is_plain for r in offer.rates) else "",
    ]
    return ". ".join(note for note in notes if note) or None


_NO_NUMBER: Final = {
    "known": "no flat number states its price",
    "free": "no flat number states its price",
    "dynamic": "the seller sets the price with each request",
    "unknown": "listed without a readable price",
}


def _rate(rate: Rate) -> dict[str, Any]:
    return {
        "meter": rate.meter,
        "unit": rate.unit,
        "priceStatus": rate.price_status,
        "unitPriceUsd": rate.price,
        "quotedPriceUsd": None if rate.price is None else rate.quoted_price_usd,
        "quotedPer": rate.quoted_per,
        "conditions": rate.conditions,
        "minPromptTokens": rate.min_prompt_tokens,
        "maxPromptTokens": rate.max_prompt_tokens,
        "isHeadline": rate.is_headline,
        "isDisputed": rate.is_disputed,
        "source": rate.source,
    }


def _with_numbers(each: dict[str, Any]) -> dict[str, Any]:
    """Flat prices as JSON numbers: twelve digits, which a double gives back as they are."""
    numbers = {name: None if v is None else float(v) for name, v in each["pricing"].items()}
    return {**each, "pricing": {n: int(v) if v == 0 else v for n, v in numbers.items()}}


def _flattened(each: dict[str, Any]) -> dict[str, Any]:
    rates = [
        {**rate, "conditions": json_bytes(rate["conditions"]).decode().strip()}
        for rate in each["rates"]
    ]
    return {**each, **each["pricing"], **each["pricingMetadata"], "rates": rates}


_RATE: Final = pa.struct(
    [
        pa.field("meter", TEXT),
        pa.field("unit", TEXT),
        pa.field("priceStatus", TEXT),
        pa.field("unitPriceUsd", MONEY),
        pa.field("quotedPriceUsd", MONEY),
        pa.field("quotedPer", WHOLE),
        pa.field("conditions", TEXT),
        pa.field("minPromptTokens", WHOLE),
        pa.field("maxPromptTokens", WHOLE),
        pa.field("isHeadline", FLAG),
        pa.field("isDisputed", FLAG),
        pa.field("source", TEXT),
    ]
)
FIELDS: Final[list[pa.Field[Any]]] = [
    *(pa.field(name, TEXT) for name in ("key", "id", "seller", "operation", "canonicalId")),
    *(pa.field(name, TEXT) for name in ("name", "developer", "modality")),
    *(pa.field(name, MONEY) for name in FLAT),
    pa.field("perSecondOf", TEXT),
    pa.field("isFree", FLAG),
    pa.field("isBlendedPricing", FLAG),
    pa.field("source", TEXT),
    pa.field("note", TEXT),
    pa.field("priceStatus", TEXT),
    pa.field("isDisputed", FLAG),
    pa.field("recommended", FLAG),
    pa.field("contextLength", WHOLE),
    pa.field("maxOutputTokens", WHOLE),
    pa.field("rates", pa.list_(_RATE)),
]
