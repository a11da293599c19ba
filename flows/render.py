"""Results to stdout as a table for people, or as JSON or CSV for programs; remarks to stderr.

JSON is a list of objects with the public column names: money as exact decimal strings, times as ISO
8601 with a Z, `conditions` as an object. CSV has the same columns; lists in it are joined by `|`.
"""

from __future__ import annotations

import csv
import json
import math
import os
import re
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, TypeVar, cast
from uuid import UUID

from flows.tables import Cells, Column, harmless, lay_out, printable
from flows.times import exact
from models.money import MoneyError, plain
from warehouse.read import Table

Line = TypeVar("Line")

# Columns that hold JSON text: in JSON they are what they say.
_JSON_COLUMNS: Final = frozenset({"conditions", "sources_words", "drift"})
# How text begins that Excel, LibreOffice or Google Sheets take for a formula.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?")


class Format(StrEnum):
    """How a result is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def show(
    table: Table,
    form: Format,
    draw: Callable[[list[dict[str, Any]]], str],
    *,
    empty: str,
    limit: int | None = None,
    cuts_itself: bool = False,
) -> None:
    """Write a result: `draw(rows)` for people, or the rows themselves for programs.

    An empty result is said in words: on stdout in place of a table, else beside it on stderr. When
    `limit` leaves rows out, stderr says how many. `cuts_itself` is for tables whose lines stand for
    several rows: `draw` gets all rows, and counts its own lines.
    """
    if not table.rows:
        if form is Format.TABLE:
            out(empty)
            return
        note(empty)
    is_whole = not limit or (cuts_itself and form is Format.TABLE)
    cut = table if is_whole else table.head(limit or 0)
    if form is Format.JSON:
        write_json(cut)
    elif form is Format.CSV:
        write_csv(cut)
    else:
        out(draw(cut.records()))
    if not is_whole:
        note_cut(len(cut.rows), len(table.rows))


def note_cut(shown: int, found: int) -> None:
    """Say that there is more than was shown, if there is."""
    if shown < found:
        note(f"{found - shown:,} more of {found:,}; --limit 0 shows all.")


def cut_lines(lines: Sequence[Line], limit: int | None) -> Sequence[Line]:
    """At most `limit` lines of a table that cuts itself; says how many are left out."""
    if not limit:
        return lines
    note_cut(min(limit, len(lines)), len(lines))
    return lines[:limit]


def out(text: str) -> None:
    """Write result lines to stdout; nothing in them steers the terminal."""
    sys.stdout.write(harmless(text) + "\n")


def note(text: str) -> None:
    """Write a remark to stderr, as harmless as a result."""
    sys.stderr.write(harmless(text) + "\n")


def write_json(table: Table) -> None:
    """Write rows as a list of objects."""
    write_objects(table.records())


def write_objects(records: Sequence[Mapping[str, Any]]) -> None:
    """Write any objects as JSON, their values made exact."""
    made = [{key: _for_json(key, value) for key, value in each.items()} for each in records]
    out(json.dumps(made, ensure_ascii=False, indent=1, allow_nan=False))


def write_table(records: Sequence[Mapping[str, Any]], form: Format) -> None:
    """Write records of ours, which all have the same keys, as JSON or CSV."""
    if form is Format.JSON:
        write_objects(records)
    else:
        columns = tuple(records[0]) if records else ()
        write_csv(Table(columns, tuple(tuple(each.values()) for each in records)))


def write_csv(table: Table) -> None:
    """Write rows with a line of column names; an absent value is an empty field.

    Text that a spreadsheet would run as a formula is written behind an apostrophe, which it takes
    for "this is text"; a plain number in a column of text stays as it is.
    """
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(table.columns)
    for row in table.rows:
        writer.writerow([_for_csv(value) for value in row])


def text_table(
    columns: Sequence[Column], rows: Sequence[Cells], *, keep_empty: bool = False
) -> str:
    """A table for stdout as it is: fitted and with bold titles in a terminal, whole elsewhere."""
    bold = ("\x1b[1m", "\x1b[0m") if coloured() else ("", "")
    return lay_out(columns, rows, width=terminal_width(), heading=bold, keep_empty=keep_empty)


def terminal_width() -> int | None:
    """The width to fit, None where stdout is no terminal."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def coloured() -> bool:
    """Whether stdout is a terminal whose user has not asked for plain text."""
    plainly = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return sys.stdout.isatty() and not plainly


def _for_json(name: str, value: object) -> object:
    if isinstance(value, str) and name in _JSON_COLUMNS:
        return _parsed(value)
    return exact_value(value)


def exact_value(value: object) -> object:
    """A value of the database as JSON can hold it without losing anything."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, (list, tuple)):
        return [exact_value(each) for each in cast("Sequence[object]", value)]
    if isinstance(value, dict):
        return {str(k): exact_value(v) for k, v in cast("Mapping[object, object]", value).items()}
    return _as_text(value)


def _as_text(value: object) -> str:
    if isinstance(value, Decimal):
        return _exact_decimal(value)
    if isinstance(value, datetime):
        return exact(value) if value.tzinfo else value.isoformat()
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return str(value) if isinstance(value, (UUID, timedelta)) else repr(value)


def _exact_decimal(value: Decimal) -> str:
    try:
        return plain(value)
    except MoneyError:
        return str(value)


def _parsed(text: str) -> object:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text


def _for_csv(value: object) -> object:
    made = exact_value(value)
    if isinstance(made, list):
        return _no_formula("|".join(str(each) for each in cast("list[object]", made)))
    if isinstance(made, dict):
        return json.dumps(made, ensure_ascii=False)
    if isinstance(made, bool):
        return str(made).lower()
    return _no_formula(value) if isinstance(value, str) else made


def _no_formula(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text


def cell(value: object) -> str:
    """Any value as one cell of a text table; nothing for an absent one."""
    made = exact_value(value)
    if made is None:
        return ""
    if isinstance(made, (list, dict)):
        return json.dumps(made, ensure_ascii=False)
    return printable(str(made).lower() if isinstance(made, bool) else str(made))
