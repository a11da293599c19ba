"""The lines of tables whose head names a column of prices, with what heads and other cells say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from models.reading import Cell
from spiders.sources.page_amounts import has_amount
from spiders.sources.page_dom import Dom, TextNode, ancestors, gone, tag
from spiders.sources.page_labels import Beside
from spiders.sources.page_rows import TABLE, Draft, marked_cells
from spiders.sources.page_words import (
    BOUNDED,
    PRICE_COLUMNS,
    column_of,
    is_name,
    squeezed,
    terms_in,
)

if TYPE_CHECKING:
    from lxml.html import HtmlElement as Element

_MAX_SPAN: Final = 50
_MAX_DIGITS: Final = 9


@dataclass(slots=True)
class _Table:
    """A table with a head: what its columns hold, its lines, and the cells already read."""

    dom: Dom
    titles: list[str]
    columns: list[str]
    lines: list[tuple[Element, list[Element]]]
    heads: dict[int, tuple[str, ...]] = field(default_factory=dict[int, "tuple[str, ...]"])
    """The heads of each column so far, from all lines of heads."""
    title: str = ""
    done: set[Element] = field(default_factory=set["Element"])

    def prices(self, column: int) -> bool:
        """Whether a column, by number, holds prices."""
        return column < len(self.columns) and self.columns[column] in PRICE_COLUMNS

    def is_title(self, line: Sequence[Element]) -> bool:
        """Whether a line is one cell across the table that says what the next lines are for."""
        return len(set(line)) == 1 and not has_amount(self.dom.text_of(line[0]))

    def price_cells(self) -> Iterator[Element]:
        """Every cell of the price columns."""
        for _, line in self.lines:
            for number, cell in enumerate(line):
                is_shown = cell not in self.done and not _is_head(line)
                if self.prices(number) and is_shown and not self.is_title(line):
                    yield cell


def table_rows(dom: Dom) -> list[Draft]:
    """The lines of every table whose head names a column of prices.

    Marks in ``dom.boxes`` the cells of these columns and everything they stand in, and is therefore
    the first to be called.
    """
    tables = [
        table
        for element in dom.spans
        if tag(element) == "table" and (table := _table(dom, element))
    ]
    for table in tables:
        for cell in table.price_cells():
            dom.boxes.update(ancestors(cell))
            dom.read.update(range(*dom.spans[cell]))
    drafts = [draft for table in tables for draft in _rows_of(table)]
    return sorted(drafts, key=lambda draft: draft.position)


def _table(dom: Dom, element: Element) -> _Table | None:
    """A table as lines below a head, None where it has no head or its head no prices."""
    lines = _grid(element)
    first = next((number for number, (_, line) in enumerate(lines) if _is_head(line)), None)
    if first is None:
        return None
    titles = [dom.text_of(cell) for cell in lines[first][1]]
    columns = [column_of(title) for title in titles]
    if not PRICE_COLUMNS & set(columns):
        return None
    if "name" not in columns and "" in columns:  # the models' column is the first for nothing else
        columns[columns.index("")] = "name"
    for _, line in lines:
        if _is_head(line):
            dom.heads.update(index for cell in line for index in range(*dom.spans[cell]))
    table = _Table(dom, titles, columns, lines[first:])
    # A head's cell that spans lines below it is no price of theirs.
    table.done.update(cell for _, line in lines if _is_head(line) for cell in line)
    return table


def _rows_of(table: _Table) -> Iterator[Draft]:
    for row, line in table.lines:
        if _is_head(line):
            _add_heads(table, line)
        elif table.is_title(line):
            table.title = table.dom.text_of(line[0])
        elif line:
            yield _table_row(table, row, line)


def _add_heads(table: _Table, line: Sequence[Element]) -> None:
    """Add a line of heads, which say more of their columns or, further down, something else."""
    for number, cell in enumerate(line):
        title = table.dom.text_of(cell)
        known = table.heads.get(number, ())
        if title and title not in known:
            table.heads[number] = (*known, title)


def _is_head(line: Sequence[Element]) -> bool:
    in_head = any(next(cell.iterancestors("thead"), None) is not None for cell in line)
    return in_head or (len(line) > 1 and all(tag(cell) == "th" for cell in line))


def _table_row(table: _Table, row: Element, line: Sequence[Element]) -> Draft:
    dom = table.dom
    by_column = _by_column(line, table.columns)
    text = {column: dom.text_of(cell) for column, cell in by_column.items()}
    names = _name_nodes(dom, by_column["name"]) if "name" in by_column else []
    around = _around(table, line, names)
    marked = [
        (cell, _beside_marked(table, line, nodes[0], around))
        for cell, nodes in marked_cells(dom, dom.nodes_of(row))
    ]
    found = [*_table_cells(table, line, around), *marked]
    return Draft(
        layout=TABLE,
        element=row,
        position=dom.start_of(row),
        name=" ".join(squeezed(node.text) for node in names),
        cells=tuple(cell for cell, _ in found),
        names=tuple(node.index for node in names),
        developer=text.get("developer", ""),
        context=text.get("context", ""),
        title=table.title,
        work=text.get("work", ""),
        beside=tuple(beside for _, beside in found),
    )


def _around(table: _Table, line: Sequence[Element], names: Sequence[TextNode]) -> Beside:
    """What the other cells of a line say of its prices."""
    dom = table.dom
    named = {node.index for node in names}
    qualifiers: list[str] = []
    near: list[str] = []
    unit = ""
    for number, cell in enumerate(line):
        column = table.columns[number] if number < len(table.columns) else ""
        if column == "qualifier":
            qualifiers.append(dom.text_of(cell))
        elif column == "unit":
            unit = unit or dom.text_of(cell)
        elif column == "context":
            near += [text for text in [dom.text_of(cell)] if BOUNDED.search(text)]
        elif column not in {*PRICE_COLUMNS, "developer", "work"}:
            near += [node.text for node in dom.nodes_of(cell) if node.index not in named]
    texts = tuple(text for text in near if not has_amount(text))
    return Beside((), unit, tuple(qualifiers), texts)


def _beside_marked(
    table: _Table, line: Sequence[Element], node: TextNode, around: Beside
) -> Beside:
    """What stands beside an amount outside of the price columns: the head of its own column too."""
    own = (number for number, cell in enumerate(line) if table.dom.holds(cell, node.index))
    number = next(own, len(table.titles))
    head = table.heads.get(number, ())
    return replace(around, near=(*around.near, *head), gone=gone([node]))


def _by_column(line: Sequence[Element], columns: Sequence[str]) -> dict[str, Element]:
    found: dict[str, Element] = {}
    for column, cell in zip(columns, line, strict=False):
        found.setdefault(column, cell)
    return found


def _table_cells(
    table: _Table, line: Sequence[Element], around: Beside
) -> Iterator[tuple[Cell, Beside]]:
    """The prices of a line; one that spans the columns of input and output has no direction, one
    that spans several lines is the first line's."""
    dom = table.dom
    for cell in dict.fromkeys(cell for cell in line if cell not in table.done):
        table.done.add(cell)
        spanned = [number for number, other in enumerate(line) if other is cell]
        priced = [n for n in spanned if table.prices(n)]
        text = dom.text_of(cell)
        if priced and text:
            word = table.columns[priced[0]] if len(priced) == 1 else "price"
            terms = _terms(around.unit, table.titles[priced[0]])
            heads = tuple(head for number in priced for head in table.heads.get(number, ()))
            beside = replace(
                around, heads=heads, gone=gone(dom.nodes_of(cell)), is_spanning=len(priced) > 1
            )
            yield Cell(dom.locator(cell), text, word, terms), beside


def _terms(unit: str, head: str) -> str:
    """What the unit column of a line or else the head of its price column says a price buys."""
    found = (
        terms_in([unit if "per" in unit or "/" in unit else f"per {unit}"]) if unit else set[str]()
    )
    return " | ".join(sorted(found or terms_in([head])))


def _name_nodes(dom: Dom, cell: Element) -> list[TextNode]:
    """The whole text of the cell where it is a name, else the first text in it that is one."""
    nodes = dom.nodes_of(cell)
    if is_name(dom.text_of(cell)) and len(nodes) <= 1:
        return nodes
    return [node for node in nodes if is_name(node.text)][:1]


def _grid(table: Element) -> list[tuple[Element, list[Element]]]:
    """The lines of a table with cells repeated over the columns and lines they span."""
    lines: list[tuple[Element, list[Element]]] = []
    hanging: dict[int, tuple[Element, int]] = {}
    for row in table.iter("tr"):
        if next(row.iterancestors("table"), None) is not table:
            continue
        held, hanging = (
            hanging,
            {c: (cell, left - 1) for c, (cell, left) in hanging.items() if left > 1},
        )
        line: list[Element] = []
        cells = [child for child in row if tag(child) in ("td", "th")]
        while cells or len(line) in held:
            if len(line) in held:
                line.append(held[len(line)][0])
                continue
            cell = cells.pop(0)
            for _ in range(_span(cell, "colspan")):
                if (left := _span(cell, "rowspan") - 1) > 0:
                    hanging[len(line)] = (cell, left)
                line.append(cell)
        lines.append((row, line))
    return lines


def _span(cell: Element, attribute: str) -> int:
    text = (cell.get(attribute) or "1")[:_MAX_DIGITS]
    return min(int(text), _MAX_SPAN) if text.isascii() and text.isdecimal() and int(text) else 1
