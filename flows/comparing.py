"""Sellers side by side: who lists and prices how much, and who asks less."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any, Final

from flows.render import cut_lines, text_table
from flows.tables import Column
from flows.words import DOUBTED, FOOTNOTE, factor, quantity
from models.money import canonical, plain
from models.registry import MODALITIES

Row = Mapping[str, Any]

_QUANTILES: Final = ("lowest", "tenth", "median", "ninetieth", "highest")


def coverage_text(rows: Sequence[Row]) -> str:
    """A line for each kind of work, a column for each seller: priced of listed."""
    sellers = sorted({row["seller"] for row in rows})
    order = {modality: place for place, modality in enumerate(MODALITIES)}
    rows = sorted(rows, key=lambda row: (order.get(row["modality"], len(order)), row["seller"]))
    columns = (
        Column("work"),
        *(Column(seller, align="right") for seller in sellers),
        Column("ahead"),
        Column("without a price", expendable=1),
        Column("held", align="right", expendable=2),
        Column("page only", align="right", expendable=3),
    )
    lines = [
        _coverage_cells(work, list(group), sellers)
        for work, group in groupby(rows, key=lambda row: row["modality"])
    ]
    total = _coverage_cells("all", rows, sellers)
    day = rows[0]["as_of"]
    footnote = f"Offerings with a price, of those listed, at the end of {day}."
    return f"{text_table(columns, [*lines, total])}\n{footnote}"


def compared(rows: Sequence[Row]) -> list[Row]:
    """The rows of models that more than one seller prices."""
    sellers: dict[str, set[str]] = {}
    for row in rows:
        sellers.setdefault(row["canonical_id"], set()).add(row["seller"])
    return [row for row in rows if len(sellers[row["canonical_id"]]) > 1]


def comparison_text(rows: Sequence[Row], meters: Sequence[Row], limit: int | None = None) -> str:
    """A line for each model and meter, a column for each seller, in quoted prices."""
    if not rows:
        return "No model has two sellers here."
    sellers = sorted({row["seller"] for row in rows})
    quoting = {row["meter"]: (row["unit"], row["quoted_per"]) for row in meters}
    columns = (
        Column("model"),
        Column("counted"),
        *(Column(seller, align="point") for seller in sellers),
        Column("per", wraps=False),
        Column("cheapest"),
        Column("others ask", expendable=1),
    )
    grouped = groupby(rows, key=lambda row: (row["canonical_id"], row["modality"], row["meter"]))
    lines = [_comparison_cells(list(group), sellers, quoting) for _, group in grouped]
    table = text_table(columns, cut_lines(lines, limit))
    doubted = any(line[0].endswith(DOUBTED) for line in lines)
    return f"{table}\n{DOUBTED.strip()}{FOOTNOTE}" if doubted else table


def margins_text(rows: Sequence[Row]) -> str:
    """A line for each month and pair of sellers: how the margins are distributed."""
    columns = (
        Column("month", wraps=False),
        Column("whose prices"),
        Column("models", align="right"),
        Column("prices", align="right"),
        *(Column(name, align="right") for name in ("lowest", "a tenth below", "half below")),
        *(Column(name, align="right") for name in ("nine tenths below", "highest")),
        Column("commonest", align="right", expendable=1),
    )
    lines = [
        [
            f"{row['month']:%Y-%m}",
            f"{row['seller']} over {row['over_seller']}",
            str(row["models"]),
            str(row["prices"]),
            *(_percent(row[name]) for name in _QUANTILES),
            f"{_percent(row['commonest'])} ({row['commonest_prices']})",
        ]
        for row in rows
    ]
    footnote = "Headline prices of the same model and meter, at the end of each month."
    return f"{text_table(columns, lines)}\n{footnote}"


def _percent(margin: Decimal) -> str:
    return f"{margin * 100:+.1f} %"


def _coverage_cells(work: str, rows: Sequence[Row], sellers: Sequence[str]) -> list[str]:
    priced = {seller: _sum(rows, seller, "known", "free") for seller in sellers}
    listed = {seller: _sum(rows, seller, "listed") for seller in sellers}
    most = max(priced.values(), default=0)
    ahead = [seller for seller in sellers if priced[seller] == most and most]
    missing = sum(row["unknown"] + row["dynamic"] for row in rows)
    return [
        work,
        *(f"{priced[s]} of {listed[s]}" if listed[s] else "–" for s in sellers),
        ahead[0] if len(ahead) == 1 else "even" if ahead else "",
        str(missing) if missing else "",
        str(sum(row["held"] for row in rows) or ""),
        str(sum(row["page_only"] for row in rows) or ""),
    ]


def _sum(rows: Sequence[Row], seller: str, *columns: str) -> int:
    return sum(row[column] for row in rows if row["seller"] == seller for column in columns)


def _comparison_cells(
    rows: Sequence[Row], sellers: Sequence[str], quoting: Mapping[str, tuple[str, int]]
) -> list[str]:
    unit, quoted_per = quoting[rows[0]["meter"]]
    # The lowest of a seller that sells the model in several ways; rows come cheapest first.
    prices: dict[str, Row] = {}
    for row in rows:
        prices.setdefault(row["seller"], row)
    cheapest = [seller for seller, row in prices.items() if row["is_cheapest"]]
    ratios = [row["ratio_to_cheapest"] for row in prices.values() if not row["is_cheapest"]]
    is_doubted = any(row.get("is_disputed") for row in prices.values())
    return [
        rows[0]["canonical_id"] + (DOUBTED if is_doubted else ""),
        str(rows[0]["meter"]).replace("_", " "),
        *(_quoted(prices.get(seller), quoted_per) for seller in sellers),
        quantity(quoted_per, unit),
        "all alike" if len(cheapest) == len(prices) > 1 else ", ".join(cheapest),
        ", ".join(factor(ratio) for ratio in ratios if ratio is not None),
    ]


def _quoted(row: Row | None, quoted_per: int) -> str:
    if row is None:
        return ""
    unit_price: Decimal = row["unit_price_usd"]
    return plain(canonical(unit_price * quoted_per)) if unit_price else "free"
