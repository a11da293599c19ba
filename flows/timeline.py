"""The history of some offerings: a table of intervals for each, and what moved as step lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from flows.plot import Step, step_plot
from flows.render import terminal_width, text_table
from flows.tables import Column, printable
from flows.times import readable
from flows.words import counted, dispute, per, price, when

Rows = Sequence[Mapping[str, Any]]

COLUMNS: Final = (
    Column("counted"),
    Column("USD", align="point"),
    Column("per", wraps=False),
    Column("when"),
    Column("from", wraps=False),
    Column("until", wraps=False),
    Column("moved after", expendable=1, wraps=False),
    Column("source", expendable=2, wraps=False),
    Column("in doubt"),
)
_MOST_PLOTS: Final = 4
_PLOT_WIDTH: Final = 80


def history_text(
    rows: Rows, names: Mapping[str, str], until: datetime, *, draw: bool = True
) -> str:
    """A block for each offering; `until` is where open intervals end on the plots."""
    blocks: list[str] = []
    for offering, group in groupby(rows, key=lambda row: row["offering_id"]):
        intervals = [row for row in group if not _is_nothing(row)]
        if not intervals:
            continue
        title = _title(intervals[-1], names.get(offering, ""))
        blocks.append(f"{title}\n{text_table(COLUMNS, [_cells(row) for row in intervals])}")
        if draw:
            blocks += _plots(intervals, until)
    return "\n\n".join(blocks)


def _is_nothing(row: Mapping[str, Any]) -> bool:
    """The end of "no price is known", which the prices that came instead tell better."""
    return row["meter"] is None and row["price_status"] == "not_offered"


def _title(row: Mapping[str, Any], name: str) -> str:
    parts = (row["model_id"], row["seller"], row["operation"], name)
    return printable(" · ".join(part for part in parts if part))


def _cells(row: Mapping[str, Any]) -> list[str]:
    return [
        counted(row),
        price(row),
        per(row),
        when(row),
        readable(row["valid_from"]),
        readable(row["valid_to"]) or "now",
        readable(row["changed_after"]),
        row["source"],
        dispute(row),
    ]


def _plots(rows: Rows, until: datetime) -> list[str]:
    """A step line for each price that has had more than one number."""
    moved: list[list[Mapping[str, Any]]] = []
    for _, group in groupby(rows, key=lambda row: row["price_id"]):
        intervals = list(group)
        if len({row["quoted_price_usd"] for row in intervals} - {None}) > 1:
            moved.append(intervals)
    drawn = [_plot(intervals, until) for intervals in moved[:_MOST_PLOTS]]
    if len(moved) > _MOST_PLOTS:
        drawn.append(
            f"{len(moved) - _MOST_PLOTS} more prices moved; --meter chooses which to draw."
        )
    return drawn


def _plot(intervals: Rows, until: datetime) -> str:
    steps = [
        Step(
            row["valid_from"],
            max(row["valid_to"] or until, row["valid_from"]),
            row["quoted_price_usd"],
        )
        for row in intervals
    ]
    last = intervals[-1]
    quoted_per = next(filter(None, (per(row) for row in reversed(intervals))), "")
    title = f"{counted(last)}, USD per {quoted_per}"
    condition = when(last)
    heading = printable(f"{title} ({condition})" if condition else title)
    return f"{heading}\n{step_plot(steps, min(terminal_width() or _PLOT_WIDTH, 100))}"
