"""Captures, refused cells, open names and doubts as tables for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flows.render import text_table
from flows.stored import SHORT_ID
from flows.tables import Column
from flows.times import readable

Rows = Sequence[Mapping[str, Any]]

_SHORT_SHA: Final = 12
_LONGEST_TEXT: Final = 60

CAPTURE_COLUMNS: Final = (
    Column("fetched", wraps=False),
    Column("fetch", wraps=False),
    Column("source"),
    Column("outcome"),
    Column("status", align="right", expendable=2),
    Column("bytes", align="right"),
    Column("origin", expendable=3),
    Column("sha256", wraps=False),
    Column("url", expendable=4),
    Column("scope", expendable=5),
)
REJECTION_COLUMNS: Final = (
    Column("first seen", wraps=False),
    Column("source"),
    Column("text"),
    Column("reason"),
    Column("what is wrong", expendable=0),
    Column("where", expendable=2),
)
UNMATCHED_COLUMNS: Final = (
    Column("source"),
    Column("name"),
    Column("price"),
    Column("may be"),
    Column("first seen", expendable=1, wraps=False),
)
MATCH_COLUMNS: Final = (
    Column("name"),
    Column("printed under", expendable=2),
    Column("may be"),
    Column("likeness", align="right", expendable=1),
    Column("because", expendable=0),
)
REVIEW_COLUMNS: Final = (
    Column("review", wraps=False),
    Column("held since", wraps=False),
    Column("source", expendable=2),
    Column("what"),
    Column("why held"),
    Column("evidence", expendable=1),
    Column("decision"),
)


def captures_text(rows: Rows) -> str:
    """One line for each body, or for each fetch that failed."""
    return text_table(CAPTURE_COLUMNS, [_capture(row) for row in rows])


def rejections_text(rows: Rows) -> str:
    """One line for each refused cell."""
    return text_table(REJECTION_COLUMNS, [_rejection(row) for row in rows])


def unmatched_text(rows: Rows) -> str:
    """One line for each name that means no id of its seller."""
    lines = [
        [
            row["source"],
            row["raw_name"],
            row["price"],
            ", ".join(row["suggestions"][:3]),
            readable(row["first_seen_at"]),
        ]
        for row in rows
    ]
    return text_table(UNMATCHED_COLUMNS, lines)


def matches_text(rows: Rows) -> str:
    """One line for each id that a name may stand for, the likest first."""
    lines = [
        [
            row["raw_name"],
            row["operation"],
            row["model_id"] or "",
            "" if row["score"] is None else str(row["score"]),
            row["why"],
        ]
        for row in rows
    ]
    return text_table(MATCH_COLUMNS, lines)


def reviews_text(rows: Rows) -> str:
    """One line for each doubt."""
    return text_table(REVIEW_COLUMNS, [_review(row) for row in rows])


def _capture(row: Mapping[str, Any]) -> list[str]:
    size, status = row["bytes"], row["http_status"]
    return [
        readable(row["fetched_at"]),
        (row["fetch_id"] or "")[:SHORT_ID],
        row["source"],
        row["outcome"],
        "" if status is None else str(status),
        "" if size is None else f"{size:,}",
        row["origin"],
        (row["capture_sha256"] or "")[:_SHORT_SHA],
        row["url"] or "",
        row["scope"],
    ]


def _rejection(row: Mapping[str, Any]) -> list[str]:
    text = row["raw_text"]
    shown = text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"
    return [
        readable(row["first_seen_at"]),
        row["source"],
        shown,
        row["reason"],
        row["detail"],
        row["locator"],
    ]


def _review(row: Mapping[str, Any]) -> list[str]:
    decided = f"{row['decision']} {readable(row['decided_at'])}" if row["decision"] else "open"
    return [
        row["review_id"],
        readable(row["held_since"]),
        row["source"],
        row["what"],
        row["gate"],
        row["evidence"],
        decided,
    ]
