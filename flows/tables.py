"""Plain text tables: aligned, complete, and quick for thousands of rows.

In a terminal a table is made to fit: the columns that say least are left out first, then long cells
continue on a further line. Piped, nothing is left out or broken, so that grep and awk work.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final, Literal

_GAP: Final = "  "
_NARROWEST_WRAPPED: Final = 12
_STEERING: Final = re.compile(
    "(?!\\n|\x1b\\[[01]m)[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


@dataclass(frozen=True, slots=True)
class Column:
    """How one column is shown.

    `align` is `point` for numbers whose decimal points stand below each other. A column with a
    higher `expendable` is left out earlier where there is no room; 0 is never left out.
    """

    title: str
    align: Literal["left", "right", "point"] = "left"
    expendable: int = 0
    wraps: bool = True


Cells = Sequence[str]


def lay_out(
    columns: Sequence[Column],
    rows: Sequence[Cells],
    *,
    width: int | None = None,
    heading: tuple[str, str] = ("", ""),
    keep_empty: bool = False,
) -> str:
    """The table as text, fitted to `width` terminal cells where one is given.

    `heading` is written around the line of titles: what switches bold on and off. Columns in which
    every cell is empty are left out unless `keep_empty`.
    """
    shown = [[printable(cell) for cell in row] for row in rows]
    kept = [i for i in range(len(columns)) if keep_empty or any(row[i] for row in shown)]
    bodies = {i: _aligned([row[i] for row in shown], columns[i]) for i in kept}
    widths = {i: max(map(cells, (columns[i].title, *bodies[i])), default=0) for i in kept}
    if width is not None:
        kept = _fitting(kept, columns, widths, width)
        _narrow(kept, columns, widths, width)
    titles = _line([columns[i].title for i in kept], kept, columns, widths)
    lines = [f"{heading[0]}{titles}{heading[1]}"]
    for number in range(len(shown)):
        lines += _row([bodies[i][number] for i in kept], kept, columns, widths)
    return "\n".join(lines)


def printable(text: str) -> str:
    """The text with whatever could move the cursor or reorder the line made visible."""
    if text.isprintable():
        return text
    return "".join(_visible(character) for character in text)


def harmless(text: str) -> str:
    """The text with every character escaped that moves the cursor, sets a terminal up or reorders a
    line; line breaks and our own bold stay. Of JSON, what it means stays too."""
    return _STEERING.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def cells(text: str) -> int:
    """How many terminal cells the text takes."""
    if text.isascii():
        return len(text)
    return sum(_cells_of(character) for character in text)


def _visible(character: str) -> str:
    if character.isprintable():
        return character
    if character.isspace():
        return " "
    return character.encode("unicode_escape", "backslashreplace").decode("ascii")


def _cells_of(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _aligned(texts: Sequence[str], column: Column) -> list[str]:
    """Pad numbers behind their point, so that right-aligning them aligns the points."""
    if column.align != "point":
        return list(texts)
    fractions = [len(text.partition(".")[2]) + ("." in text) for text in texts if _number(text)]
    most = max(fractions, default=0)
    return [
        text + " " * (most - len(text.partition(".")[2]) - ("." in text)) if _number(text) else text
        for text in texts
    ]


def _number(text: str) -> bool:
    return bool(text) and text[-1].isdigit()


def _fitting(
    kept: Sequence[int], columns: Sequence[Column], widths: dict[int, int], width: int
) -> list[int]:
    """Leave out expendable columns until the rest fits, or none is left to leave out."""
    remaining = list(kept)
    while _total(remaining, widths) > width:
        candidates = [i for i in remaining if columns[i].expendable]
        if not candidates:
            break
        remaining.remove(max(candidates, key=lambda i: (columns[i].expendable, i)))
    return remaining


def _narrow(
    kept: Sequence[int], columns: Sequence[Column], widths: dict[int, int], width: int
) -> None:
    """Take width from the widest columns that may wrap, until the table fits or they are narrow."""
    while (excess := _total(kept, widths) - width) > 0:
        wrapping = [i for i in kept if columns[i].wraps and columns[i].align == "left"]
        if not wrapping:
            return
        wrapping.sort(key=lambda i: widths[i], reverse=True)
        widest = wrapping[0]
        floor = max(_NARROWEST_WRAPPED, cells(columns[widest].title))
        if widths[widest] <= floor:
            return
        next_width = widths[wrapping[1]] if len(wrapping) > 1 else floor
        target = max(floor, min(next_width, widths[widest] - 1), widths[widest] - excess)
        widths[widest] = target


def _total(kept: Sequence[int], widths: dict[int, int]) -> int:
    return sum(widths[i] for i in kept) + len(_GAP) * (len(kept) - 1)


def _row(
    texts: Cells, kept: Sequence[int], columns: Sequence[Column], widths: dict[int, int]
) -> list[str]:
    if all(cells(text) <= widths[i] for text, i in zip(texts, kept, strict=True)):
        return [_line(texts, kept, columns, widths)]
    parts = [wrapped(text, widths[i]) for text, i in zip(texts, kept, strict=True)]
    return [_line(line, kept, columns, widths) for line in zip_longest(*parts, fillvalue="")]


def _line(
    texts: Cells, kept: Sequence[int], columns: Sequence[Column], widths: dict[int, int]
) -> str:
    padded: list[str] = []
    for text, i in zip(texts, kept, strict=True):
        room = " " * (widths[i] - cells(text))
        padded.append(text + room if columns[i].align == "left" else room + text)
    return _GAP.join(padded).rstrip()


def wrapped(text: str, width: int) -> list[str]:
    """Break text into lines of at most `width` cells, between words where that is possible."""
    lines: list[str] = []
    while cells(text) > width:
        end = _longest(text, width)
        # A space is the best place to break; the others keep ids and lists readable.
        for marks in (" ", "/-_,"):
            best = max(text.rfind(mark, 0, end) for mark in marks)
            if best >= end // 3:
                end = best + 1
                break
        lines.append(text[:end].rstrip())
        text = text[end:].lstrip()
    return [*lines, text]


def _longest(text: str, width: int) -> int:
    """How many characters fit into `width` cells; at least one."""
    taken = 0
    for position, character in enumerate(text):
        taken += _cells_of(character)
        if taken > width:
            return max(position, 1)
    return len(text)
