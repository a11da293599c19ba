"""A price over time as a step line in a terminal, drawn with box characters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from models.money import plain

HEIGHT: Final = 6
# Room for two dates on the axis.
NARROWEST: Final = 21


@dataclass(frozen=True, slots=True)
class Step:
    """A stretch of time with one price; None where there was no number."""

    start: datetime
    end: datetime
    value: Decimal | None


def step_plot(steps: Sequence[Step], width: int) -> str:
    """Draw steps in order of time, `width` cells wide with the labels.

    Levels are labelled with their exact prices; a stretch too short for a cell of its own is the
    one shown where several fall into one cell, if it is the last of them.
    """
    values = [step.value for step in steps if step.value is not None]
    if not values:
        return ""
    levels = _levels(values)
    labels = _labels(levels)
    gutter = max(map(len, labels.values()))
    columns = max(width - gutter - 2, NARROWEST)
    rows = _draw([None if v is None else levels[v] for v in _sampled(steps, columns)])
    lines = [
        f"{labels.get(row, ''):>{gutter}} {'┤' if row in labels else '│'}{rows[row]}".rstrip()
        for row in range(HEIGHT)
    ]
    return "\n".join([*lines, _axis(steps, gutter, columns)])


def _levels(values: Sequence[Decimal]) -> dict[Decimal, int]:
    """The row of each price, counted from the top; highest and lowest use the whole height."""
    low, high = min(values), max(values)
    if low == high:
        return dict.fromkeys(values, HEIGHT // 2)
    scale = Decimal(HEIGHT - 1) / (high - low)
    return {value: int(((high - value) * scale).to_integral_value()) for value in values}


def _labels(levels: dict[Decimal, int]) -> dict[int, str]:
    """A price for each row that has one; the highest and the lowest before any near them."""
    low, high = min(levels), max(levels)
    labels = {levels[low]: plain(low), levels[high]: plain(high)}
    for value, row in sorted(levels.items()):
        labels.setdefault(row, plain(value))
    return labels


def _sampled(steps: Sequence[Step], columns: int) -> list[Decimal | None]:
    """The price in each cell: that of the last stretch that begins in it, or else still holds."""
    start, end = steps[0].start, max(step.end for step in steps)
    span = max(end - start, timedelta(seconds=1))
    cells: list[Decimal | None] = [None] * columns
    for step in steps:
        first = _cell(step.start - start, span, columns)
        last = _cell(step.end - start, span, columns)
        for cell in range(first, max(first, last - (step.end < end)) + 1):
            cells[cell] = step.value
    return cells


def _cell(offset: timedelta, span: timedelta, columns: int) -> int:
    return min(int(offset / span * columns), columns - 1)


def _draw(line: Sequence[int | None]) -> list[str]:
    grid = [[" "] * len(line) for _ in range(HEIGHT)]
    before: int | None = None
    for column, row in enumerate(line):
        if row is not None:
            grid[row][column] = "─"
            if before is not None and before != row:
                _riser(grid, column, before, row)
        before = row
    return ["".join(row) for row in grid]


def _riser(grid: list[list[str]], column: int, old: int, new: int) -> None:
    """The upright stroke between two levels; rows count downwards."""
    rising = new < old
    for row in range(min(old, new) + 1, max(old, new)):
        grid[row][column] = "│"
    grid[old][column] = "╯" if rising else "╮"
    grid[new][column] = "╭" if rising else "╰"


def _axis(steps: Sequence[Step], gutter: int, columns: int) -> str:
    start, end = steps[0].start, max(step.end for step in steps)
    left, right = f"{start:%Y-%m-%d}", f"{end:%Y-%m-%d}"
    room = max(columns - len(left) - len(right), 1)
    return f"{'':>{gutter}} └{'─' * columns}\n{'':>{gutter}}  {left}{' ' * room}{right}"
