"""Models and prices as tables for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flows.render import cut_lines, text_table
from flows.tables import Column
from flows.times import readable
from flows.words import DOUBTED, FOOTNOTE, counted, dispute, per, price, quoted, when

Rows = Sequence[Mapping[str, Any]]

MODEL_COLUMNS: Final = (
    Column("model"),
    Column("seller"),
    Column("name", expendable=3),
    Column("operation"),
    Column("work"),
    Column("context", align="right", expendable=4),
    Column("lifecycle", expendable=1),
    Column("first seen", expendable=2, wraps=False),
)
PRICE_COLUMNS: Final = (
    Column("model"),
    Column("seller"),
    Column("for"),
    Column("name", expendable=3),
    Column("counted"),
    Column("USD", align="point"),
    Column("per", wraps=False),
    Column("when"),
    Column("since", expendable=2, wraps=False),
    Column("in doubt"),
)
WIDE: Final = {
    "input_token": "input",
    "output_token": "output",
    "cache_read_token": "cache read",
    "cache_write_token": "cache write",
}
WIDE_COLUMNS: Final = (
    Column("model"),
    Column("seller"),
    Column("for"),
    *(Column(title, align="point") for title in WIDE.values()),
    Column("other prices"),
)


def models_text(rows: Rows) -> str:
    """One line for each offering."""
    return text_table(MODEL_COLUMNS, [_model_cells(row) for row in rows])


def prices_text(rows: Rows, names: Mapping[str, str]) -> str:
    """One line for each price, in the units in which people quote it."""
    several = _sold_in_several_ways(rows)
    return text_table(PRICE_COLUMNS, [_price_cells(row, names, several) for row in rows])


def wide_text(rows: Rows, limit: int | None = None) -> str:
    """One line for each offering: token prices per 1M side by side, the others in words.

    Only headline rates have a place; a star marks an offering that has further rates, a question
    mark one that has a price in dispute.
    """
    offerings: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        offerings.setdefault(row["offering_id"], []).append(row)
    several = _sold_in_several_ways(rows)
    lines = [_wide_cells(group, several) for group in offerings.values()]
    lines = list(cut_lines(lines, limit))
    table = text_table(WIDE_COLUMNS, lines)
    footnote = "\nInput, output and caches in USD per 1M tokens."
    starred = any(" *" in line[0] for line in lines)
    doubted = any(line[0].endswith(DOUBTED) for line in lines)
    return (
        table
        + footnote
        + (" * has further rates under conditions." if starred else "")
        + (f"{DOUBTED}{FOOTNOTE}" if doubted else "")
    )


def _sold_in_several_ways(rows: Rows) -> set[tuple[str, str]]:
    """Models of which one line cannot be told from another without what they are called for."""
    ways: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        ways.setdefault((row["seller"], row["model_id"]), set()).add(row["operation"])
    return {model for model, operations in ways.items() if len(operations) > 1}


def _way(row: Mapping[str, Any], several: set[tuple[str, str]]) -> str:
    return row["operation"] if (row["seller"], row["model_id"]) in several else ""


def _model_cells(row: Mapping[str, Any]) -> list[str]:
    context = row["context_length"]
    return [
        row["model_id"],
        row["seller"],
        row["name"],
        row["operation"],
        row["modality"],
        f"{context:,}" if context else "",
        row["lifecycle"],
        readable(row["first_seen_at"]),
    ]


def _price_cells(
    row: Mapping[str, Any], names: Mapping[str, str], several: set[tuple[str, str]]
) -> list[str]:
    return [
        row["model_id"],
        row["seller"],
        _way(row, several),
        names.get(row["offering_id"], ""),
        counted(row),
        price(row),
        per(row),
        when(row),
        readable(row["valid_from"]),
        dispute(row),
    ]


def _wide_cells(group: Rows, several: set[tuple[str, str]]) -> list[str]:
    headlines = {row["meter"]: row for row in group if row["is_headline"] or row["meter"] is None}
    first = group[0]
    more = len(group) > len(headlines)
    doubted = any(row.get("is_disputed") for row in group)
    others = [
        quoted(row) if meter is None else f"{counted(row)} {quoted(row)}"
        for meter, row in headlines.items()
        if meter not in WIDE
    ]
    return [
        first["model_id"] + (" *" if more else "") + (DOUBTED if doubted else ""),
        first["seller"],
        _way(first, several),
        *(price(headlines[meter]) if meter in headlines else "" for meter in WIDE),
        ", ".join(others),
    ]
