"""Projections: what is so now, written anew for a seller by each load.

They hold nothing that the logs and captures do not; they are kept so that publishing is one query.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import zstandard

from models.history.disputes import Dispute
from models.history.reviews import Review
from models.ids import price_id
from warehouse.arrow import FLAG, MONEY, TEXT, TEXTS, TIME, WHOLE, incoming
from warehouse.beliefs import frozen
from warehouse.price_log import PriceLog
from warehouse.statements import sql

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class ModelNow:
    """A row of ``model_now``; the columns are those of the public table ``models``.

    ``is_recommended`` is worked out when publishing: it depends on settings and other sellers.
    """

    offering_id: str
    seller: str
    model_id: str
    operation: str
    source_type: str
    variant: str | None
    service_tier: str | None
    canonical_id: str | None
    name: str
    developer: str
    modality: str
    modalities: tuple[str, ...]
    input_modalities: tuple[str, ...]
    output_modalities: tuple[str, ...]
    context_length: int | None
    max_output_tokens: int | None
    aliases: tuple[str, ...]
    lifecycle: str
    listed_by: tuple[str, ...]
    first_seen_at: datetime
    expires_on: date | None
    is_recommended: bool
    source_url: str | None


@dataclass(frozen=True, slots=True)
class ClaimNow:
    """What one source states now of one price. ``meter`` is empty where it names none.

    ``disagreement`` is the id of the review where it differs from the price beyond rounding.
    """

    offering_id: str
    seller: str
    meter: str
    conditions: str
    price_status: str
    unit_price_usd: Decimal | None
    max_prompt_tokens: int | None
    source: str
    precedence: int
    valid_from: datetime
    last_confirmed_at: datetime
    capture_sha256: str
    locator: str
    raw_text: str
    rule: str
    disagreement: str | None = None
    unit_words: str | None = None


@dataclass(frozen=True, slots=True)
class UnmatchedNow:
    """A printed name that resolves to no id of its seller."""

    seller: str
    source: str
    raw_name: str
    offering_id: str
    suggestions: tuple[str, ...]
    first_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What the change rules remember of a seller. ``state`` is JSON, stored compressed."""

    seller: str
    version: str
    through: datetime
    state: bytes


_MODEL: Mapping[str, pa.DataType] = {
    **dict.fromkeys(ModelNow.__slots__, TEXT),
    **dict.fromkeys(
        ("modalities", "input_modalities", "output_modalities", "aliases", "listed_by"), TEXTS
    ),
    "context_length": WHOLE,
    "max_output_tokens": WHOLE,
    "first_seen_at": TIME,
    "expires_on": TEXT,
    "is_recommended": FLAG,
}
_CLAIM: Mapping[str, pa.DataType] = {
    "price_id": TEXT,
    **dict.fromkeys(ClaimNow.__slots__, TEXT),
    "unit_price_usd": MONEY,
    "max_prompt_tokens": WHOLE,
    "precedence": WHOLE,
    "valid_from": TIME,
    "last_confirmed_at": TIME,
}
_UNMATCHED: Mapping[str, pa.DataType] = {
    **dict.fromkeys(UnmatchedNow.__slots__, TEXT),
    "suggestions": TEXTS,
    "first_seen_at": TIME,
}
_DISPUTE: Mapping[str, pa.DataType] = {
    **dict.fromkeys(
        (
            "price_id", "seller", "offering_id", "source", "gate", "review_id", "outcome",
            "capture_sha256",
        ),
        TEXT,
    ),
    "disputed_from": TIME,
    "disputed_to": TIME,
    "value": MONEY,
}  # fmt: skip
_REVIEW: Mapping[str, pa.DataType] = {
    **dict.fromkeys(
        (
            "review_id", "seller", "source", "what", "evidence", "gate", "offering_id", "decision",
        ),
        TEXT,
    ),
    "held_since": TIME,
    "decided_at": TIME,
}  # fmt: skip


def _shallow(row: ModelNow | ClaimNow | UnmatchedNow) -> dict[str, Any]:
    """The fields of a row; ``dataclasses.asdict`` copies every value, which took a tenth of a
    backfill (2026-11)."""
    return {name: getattr(row, name) for name in type(row).__slots__}


def replace_models(connection: duckdb.DuckDBPyConnection, rows: Sequence[ModelNow]) -> None:
    """Write the models of all sellers anew; one that is not among them any more is kept apart."""
    dicts = [{**_shallow(r), "expires_on": r.expires_on and r.expires_on.isoformat()} for r in rows]
    with incoming(connection, dicts, _MODEL):
        connection.execute(sql("load/models_past"))
        connection.execute(sql("load/models_clear"))
        connection.execute(sql("load/models"))


def read_models(connection: duckdb.DuckDBPyConnection) -> list[ModelNow]:
    """The models of all sellers as last written."""
    rows = connection.execute(sql("load/models_read")).fetchall()
    return [_model_of(row) for row in rows]


def _model_of(row: tuple[Any, ...]) -> ModelNow:
    return ModelNow(*frozen(row))


def replace_claims(
    connection: duckdb.DuckDBPyConnection,
    seller: str,
    rows: Sequence[ClaimNow],
    prices: PriceLog,
) -> None:
    """Write the claims of a seller's sources anew."""
    # A claim that loses never becomes a price, but it is the claim of a price that has a name.
    prices.name((row.offering_id, row.meter, row.conditions) for row in rows)
    connection.execute(sql("load/claims_clear"), [seller])
    with incoming(connection, [_claim_row(row) for row in rows], _CLAIM):
        connection.execute(sql("load/claims"))


def _claim_row(row: ClaimNow) -> dict[str, Any]:
    return {
        **_shallow(row),
        "price_id": price_id(row.offering_id, row.meter, row.conditions),
        "meter": row.meter or None,
    }


def replace_unmatched(
    connection: duckdb.DuckDBPyConnection, seller: str, rows: Sequence[UnmatchedNow]
) -> None:
    """Write a seller's unmatched names anew."""
    connection.execute(sql("load/unmatched_clear"), [seller])
    with incoming(connection, [_shallow(row) for row in rows], _UNMATCHED):
        connection.execute(sql("load/unmatched"))


def replace_reviews(
    connection: duckdb.DuckDBPyConnection, seller: str, reviews: Sequence[Review]
) -> None:
    """Write a seller's doubts anew; what a person decided stays in ``decision_log``."""
    connection.execute(sql("load/reviews_clear"), [seller])
    with incoming(connection, [_review_row(seller, review) for review in reviews], _REVIEW):
        connection.execute(sql("load/reviews"))


def _review_row(seller: str, review: Review) -> dict[str, Any]:
    return {
        "review_id": review.review_id,
        "seller": seller,
        "source": review.source,
        "what": review.what,
        "evidence": review.evidence,
        "gate": str(review.gate),
        "held_since": review.since,
        "offering_id": review.offering_id,
        "decision": None if review.decision is None else str(review.decision),
        "decided_at": review.decided_at,
    }


def replace_disputes(
    connection: duckdb.DuckDBPyConnection,
    seller: str,
    disputes: Sequence[Dispute],
    *,
    is_whole: bool,
) -> None:
    """Write a seller's disputes: those that are open anew, and those that ended since the last
    load, or all of them where ``is_whole``."""
    connection.execute(sql("load/disputes_clear"), {"seller": seller, "is_whole": is_whole})
    if disputes:
        with incoming(connection, [_dispute_row(seller, each) for each in disputes], _DISPUTE):
            connection.execute(sql("load/disputes"))


def _dispute_row(seller: str, dispute: Dispute) -> dict[str, Any]:
    return {
        "price_id": price_id(dispute.offering_id, dispute.meter, dispute.conditions),
        "seller": seller,
        "offering_id": dispute.offering_id,
        "source": dispute.source,
        "gate": dispute.gate,
        "review_id": dispute.review_id,
        "disputed_from": dispute.since,
        "disputed_to": dispute.until,
        "value": dispute.value,
        "outcome": None if dispute.outcome is None else str(dispute.outcome),
        "capture_sha256": dispute.capture,
    }


def save_checkpoint(connection: duckdb.DuckDBPyConnection, checkpoint: Checkpoint) -> None:
    """Keep what the change rules remember, in place of what was kept before."""
    state = zstandard.compress(checkpoint.state, 3)
    values = [checkpoint.seller, checkpoint.version, checkpoint.through, state]
    connection.execute(sql("load/checkpoint"), values)


def clear_checkpoint(connection: duckdb.DuckDBPyConnection, seller: str) -> None:
    """Keep nothing of what the change rules remember of a seller."""
    connection.execute(sql("load/checkpoint_clear"), [seller])


def read_checkpoint(connection: duckdb.DuckDBPyConnection, seller: str) -> Checkpoint | None:
    """What was kept for a seller, or None."""
    row = connection.execute(sql("load/checkpoint_read"), [seller]).fetchone()
    if row is None:
        return None
    return Checkpoint(row[0], row[1], row[2], zstandard.decompress(row[3]))
