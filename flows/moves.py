"""Price changes in words: one line for each move, and one for what moved together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from statistics import median
from typing import Any, Final

from flows.markdown import escaped
from flows.render import text_table
from flows.tables import Column
from flows.times import readable
from flows.words import amount, factor, quantity, stated_when
from models.money import canonical

Row = Mapping[str, Any]

COLUMNS: Final = (
    Column("when seen", wraps=False),
    Column("model"),
    Column("seller"),
    Column("counted"),
    Column("kind", wraps=False),
    Column("from", align="right"),
    Column("to USD", align="right"),
    Column("per", expendable=2, wraps=False),
    Column("by", align="right", wraps=False),
    Column("cause", expendable=1),
    Column("moved after", expendable=3, wraps=False),
)
_CAUSES: Final = {"change": "", "uniform_repricing": "uniform repricing"}
# Moves of which a model's prices have the same kind at once: one line says it all.
_WHOLE_MODEL: Final = frozenset({"new", "withdrawn", "returned", "conditions", "meter"})
# A source's first sight is hundreds of models; a day with a handful of new ones is not.
_MANY_MODELS: Final = 8


@dataclass(frozen=True, slots=True)
class Move:
    """One line: a change, or several that happened together."""

    rows: tuple[Row, ...]
    quoting: Mapping[str, tuple[str, int]]

    @property
    def first(self) -> Row:
        """The change that speaks for the line."""
        return self.rows[0]


def folded(rows: Sequence[Row], meters: Sequence[Row], *, each: bool = False) -> list[Move]:
    """Lines in the order of the rows; with `each`, one for every row."""
    quoting = {row["meter"]: (row["unit"], row["quoted_per"]) for row in meters}
    many = _first_sights(rows)
    groups: dict[object, list[Row]] = {}
    for number, row in enumerate(rows):
        key: object = number if each else _together(row, many)
        groups.setdefault(key, []).append(row)
    return [Move(tuple(group), quoting) for group in groups.values()]


def changes_text(moves: Sequence[Move]) -> str:
    """One line for each move."""
    return text_table(COLUMNS, [_cells(move) for move in moves])


def changes_markdown(moves: Sequence[Move]) -> str:
    """The same as a table of Markdown; what sellers wrote cannot break out of its cell."""
    titles = [column.title for column in COLUMNS]
    rule = ["--:" if column.align == "right" else "---" for column in COLUMNS]
    lines = [titles, rule, *([escaped(cell) for cell in _cells(move)] for move in moves)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _first_sights(rows: Sequence[Row]) -> set[tuple[datetime, str]]:
    """The times and sellers at which many models were new at once."""
    seen: dict[tuple[datetime, str], set[str]] = {}
    for row in rows:
        if row["kind"] == "new":
            seen.setdefault((row["changed_at"], row["seller"]), set()).add(row["offering_id"])
    return {key for key, offerings in seen.items() if len(offerings) > _MANY_MODELS}


def _together(row: Row, many: set[tuple[datetime, str]]) -> object:
    """What the changes of one line have in common.

    Of a model that is sold in several ways, the same move of the same price is one line too.
    """
    if row["cause"] == "uniform_repricing":
        return (row["changed_at"], row["event_id"])
    at = (row["changed_at"], row["seller"])
    kind = row["kind"]
    if kind == "new" and at in many:
        return (*at, kind)
    if kind in _WHOLE_MODEL:
        return (*at, kind, row["cause"], row["model_id"])
    move = (row["old_unit_price_usd"], row["new_unit_price_usd"], row["new_price_status"])
    return (*at, kind, row["cause"], row["model_id"], row["meter"], row["conditions"], move)


def _cells(move: Move) -> list[str]:
    row = move.first
    alone = len({(each["meter"], each["conditions"]) for each in move.rows}) == 1 and (
        len({each["model_id"] for each in move.rows}) == 1
    )
    unit, quoted_per = move.quoting.get(row["meter"], ("", 1))
    return [
        readable(row["changed_at"]),
        _models(move.rows),
        row["seller"],
        _counted(row) if alone else f"{len(move.rows)} prices",
        row["kind"],
        _quoted(row["old_unit_price_usd"], row["old_price_status"], quoted_per) if alone else "",
        _quoted(row["new_unit_price_usd"], row["new_price_status"], quoted_per) if alone else "",
        quantity(quoted_per, unit) if alone else "",
        factor(_ratio(move.rows)),
        _CAUSES.get(row["cause"], str(row["cause"])),
        readable(row["changed_after"]),
    ]


def _models(rows: Sequence[Row]) -> str:
    models = {row["model_id"] for row in rows}
    return str(rows[0]["model_id"]) if len(models) == 1 else f"{len(models)} models"


def _counted(row: Row) -> str:
    meter = "–" if row["meter"] is None else str(row["meter"]).replace("_", " ")
    condition = stated_when(row["conditions"])
    return f"{meter}, {condition}" if condition else meter


def _quoted(unit_price: Decimal | None, status: str | None, quoted_per: int) -> str:
    if status is None:
        return ""
    return amount(None if unit_price is None else canonical(unit_price * quoted_per), status)


def _ratio(rows: Sequence[Row]) -> Decimal | None:
    ratios = [row["ratio"] for row in rows if row["ratio"] is not None]
    return median(ratios) if ratios else None
