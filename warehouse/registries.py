"""The registries as public tables: sellers, sources and meters."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from models.registry import METERS, MODALITIES, SELLERS, SOURCES, Meter, Modality, Seller, Source
from warehouse.arrow import FLAG, TEXT, TIME, WHOLE, incoming
from warehouse.statements import sql

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


def fill_registries(connection: duckdb.DuckDBPyConnection, recommended: Mapping[str, str]) -> None:
    """Fill ``sellers``, ``sources`` (with when each was last read), ``meters`` and ``modalities``.

    ``recommended`` holds recommended sellers by modality, in place of the declared ones.
    """
    newest = dict(connection.execute(sql("publish/last_success")).fetchall())
    sellers = [_seller_row(seller) for seller in SELLERS.values()]
    sources = [
        _source_row(source, newest.get(source.inside or source.code)) for source in SOURCES.values()
    ]
    meters = [_meter_row(meter) for meter in METERS.values()]
    _insert(connection, "sellers", sellers, {})
    numbers: Mapping[str, pa.DataType] = {
        "precedence": WHOLE,
        "enabled": FLAG,
        "last_success_at": TIME,
    }
    _insert(connection, "sources", sources, numbers)
    _insert(connection, "meters", meters, {"quoted_per": WHOLE})
    modalities = [_modality_row(modality, recommended) for modality in MODALITIES.values()]
    _insert(connection, "modalities", modalities, {})


def _seller_row(seller: Seller) -> dict[str, Any]:
    elsewhere = {
        f"{catalogue}_name": seller.names_elsewhere.get(catalogue)
        for catalogue in ("litellm", "genai_prices", "models_dev", "llm_prices")
    }
    return {"seller": seller.code, "name": seller.name, "url": seller.url, **elsewhere}


def _source_row(source: Source, last_success_at: datetime | None) -> dict[str, Any]:
    return {
        "source": source.code,
        "seller": source.seller,
        "url": source.url,
        "expected_interval": f"{source.expected_interval_hours} hours",
        "precedence": source.precedence,
        "precedence_reason": source.precedence_reason,
        "enabled": source.enabled,
        "last_success_at": last_success_at,
    }


def _meter_row(meter: Meter) -> dict[str, Any]:
    row = meter.model_dump(exclude={"code", "sources_words"})
    words = json.dumps(meter.sources_words, sort_keys=True)
    otel = meter.otel_attribute or None
    return {"meter": meter.code, **row, "otel_attribute": otel, "sources_words": words}


def _modality_row(modality: Modality, recommended: Mapping[str, str]) -> dict[str, Any]:
    seller = recommended.get(modality.code, modality.recommended_seller)
    return {
        "modality": modality.code,
        "hugging_face_task": modality.hugging_face_task or None,
        "recommended_seller": seller or None,
    }


def _insert(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    rows: Sequence[Mapping[str, Any]],
    types: Mapping[str, pa.DataType],
) -> None:
    """Fill a registry's table; columns are text unless ``types`` says otherwise."""
    with incoming(connection, rows, {name: types.get(name, TEXT) for name in rows[0]}):
        connection.execute(sql(f"publish/registry_{table}"))
