"""Rows that a page marks as such: the items of its Webflow lists, and the lines of tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lxml import etree

from models.reading import Cell, ExtractError
from spiders.sources.page_amounts import has_amount
from spiders.sources.page_dom import Dom, TextNode, classes, tag
from spiders.sources.page_words import PRICE_COLUMNS, column_of, is_name, squeezed, terms_in

if TYPE_CHECKING:
    from lxml.html import HtmlElement as Element

ROW: Final = "total-table-price"
ITEM: Final = "w-dyn-item"
NAME: Final = "footer-headline"
INPUT: Final = "input-table"
OUTPUT: Final = "output-table"
CONTEXT: Final = "context-table"
_CELLS: Final = {INPUT: "input", OUTPUT: "output"}
_MAX_SPAN: Final = 50

WEBFLOW: Final = "webflow"
TABLE: Final = "table"
PHRASES: Final = "phrases"


@dataclass(frozen=True, slots=True)
class Draft:
    """A row as it stands on the page. ``names`` are the text nodes its name was taken from;
    ``title`` is a line across the table above it, ``work`` what a column says it is for."""

    layout: str
    element: Element
    position: int
    name: str
    cells: tuple[Cell, ...]
    names: tuple[int, ...] = ()
    developer: str = ""
    context: str = ""
    title: str = ""
    work: str = ""


def webflow_rows(dom: Dom) -> list[Draft]:
    """The items of the Webflow lists, in document order.

    Raises ExtractError when there are items and none has a name, or none has a price.
    """
    items = [element for element in dom.spans if _is_item(element)]
    drafts = [_webflow_row(dom, item) for item in items]
    if drafts and not any(draft.name for draft in drafts):
        raise ExtractError(f".{NAME}", f"none of {len(drafts)} rows has a name")
    if drafts and not any(draft.cells for draft in drafts):
        raise ExtractError(f".{INPUT}", f"none of {len(drafts)} rows has a price")
    return sorted(drafts, key=lambda draft: draft.position)


def _is_item(element: Element) -> bool:
    names = classes(element)
    if ROW in names:
        return True
    return ITEM in names and any(names & {INPUT, OUTPUT} for names in _classes_below(element))


def _classes_below(element: Element) -> Iterator[frozenset[str]]:
    yield from (classes(child) for child in element.iterdescendants(etree.Element))


def _webflow_row(dom: Dom, item: Element) -> Draft:
    parts: dict[str, Element] = {}
    for element in item.iterdescendants(etree.Element):
        for name in classes(element) & {NAME, INPUT, OUTPUT, CONTEXT}:
            parts.setdefault(name, element)
    cells = [
        Cell(dom.locator(element), text, column)
        for marked, column in _CELLS.items()
        if (element := parts.get(marked)) is not None and (text := dom.text_of(element))
    ]
    read = {node.index for mark in _CELLS if mark in parts for node in dom.nodes_of(parts[mark])}
    headline = dom.nodes_of(parts[NAME]) if NAME in parts else []
    stray = (node for node in dom.nodes_of(item) if node.index not in read)
    return Draft(
        layout=WEBFLOW,
        element=item,
        position=dom.start_of(item),
        name=dom.text_of(parts[NAME]) if NAME in parts else "",
        cells=(*cells, *_amounts(dom, stray)),
        names=tuple(node.index for node in headline),
        context=dom.text_of(parts[CONTEXT]) if CONTEXT in parts else "",
    )


def _amounts(dom: Dom, nodes: Iterable[TextNode]) -> Iterator[Cell]:
    """A cell for every amount of money that stands where no price was expected."""
    for node in nodes:
        if has_amount(node.text):
            yield Cell(dom.locator(node), node.text.strip(), "")


def table_rows(dom: Dom) -> list[Draft]:
    """The lines of every table whose head names a column of models and one of prices."""
    drafts: list[Draft] = []
    for table in dom.spans:
        if tag(table) == "table":
            drafts += _rows_of(dom, table)
    return sorted(drafts, key=lambda draft: draft.position)


def _rows_of(dom: Dom, table: Element) -> Iterator[Draft]:
    lines = _grid(table)
    head = next((line for line in lines if line and _is_head(line)), None)
    titles = [dom.text_of(cell) if cell is not None else "" for cell in head or ()]
    columns = [column_of(title) for title in titles]
    if "name" not in columns or not PRICE_COLUMNS & set(columns):
        return
    title = ""
    for line in lines[lines.index(head or []) + 1 :]:
        distinct = [*dict.fromkeys(cell for cell in line if cell is not None)]
        if len(distinct) == 1 and not has_amount(dom.text_of(distinct[0])):
            title = dom.text_of(distinct[0])
        elif distinct and not _is_head(line):
            yield _table_row(dom, line, columns, titles, title)


def _is_head(line: Sequence[Element | None]) -> bool:
    cells = [cell for cell in line if cell is not None]
    in_head = any(
        tag(parent) == "thead" for cell in cells for parent in cell.iterancestors("thead")
    )
    return in_head or (len(cells) > 1 and all(tag(cell) == "th" for cell in cells))


def _table_row(
    dom: Dom,
    line: Sequence[Element | None],
    columns: Sequence[str],
    titles: Sequence[str],
    title: str,
) -> Draft:
    by_column = _by_column(line, columns)
    text = {column: dom.text_of(cell) for column, cell in by_column.items()}
    names = _name_nodes(dom, by_column["name"]) if "name" in by_column else []
    row = next(by_column[next(iter(by_column))].iterancestors("tr"))
    return Draft(
        layout=TABLE,
        element=row,
        position=dom.start_of(row),
        name=" ".join(squeezed(node.text) for node in names),
        cells=tuple(_table_cells(dom, line, columns, titles, text.get("unit", ""))),
        names=tuple(node.index for node in names),
        developer=text.get("developer", ""),
        context=text.get("context", ""),
        title=title,
        work=text.get("work", ""),
    )


def _by_column(line: Sequence[Element | None], columns: Sequence[str]) -> dict[str, Element]:
    found: dict[str, Element] = {}
    for column, cell in zip(columns, line, strict=False):
        if cell is not None:
            found.setdefault(column, cell)
    return found


def _table_cells(
    dom: Dom,
    line: Sequence[Element | None],
    columns: Sequence[str],
    titles: Sequence[str],
    unit: str,
) -> Iterator[Cell]:
    """The prices of a line; one that spans the columns of input and output has no direction."""
    done: set[Element] = set()
    for cell, column, head in zip(line, columns, titles, strict=False):
        if cell is None or cell in done:
            continue
        done.add(cell)
        text = dom.text_of(cell)
        if column in PRICE_COLUMNS and text:
            word = column if line.count(cell) == 1 else "price"
            yield Cell(dom.locator(cell), text, word, _terms(unit, head))
        elif column not in PRICE_COLUMNS and column != "name":
            yield from _amounts(dom, dom.nodes_of(cell))


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


def _grid(table: Element) -> list[list[Element | None]]:
    """The lines of a table with cells repeated over the columns and lines they span."""
    lines: list[list[Element | None]] = []
    hanging: dict[int, tuple[Element, int]] = {}
    for row in table.iter("tr"):
        if next(row.iterancestors("table"), None) is not table:
            continue
        line: list[Element | None] = []
        cells = [child for child in row if tag(child) in ("td", "th")]
        while cells or len(line) in hanging:
            if (held := hanging.pop(len(line), None)) is not None:
                _hang(hanging, len(line), held[0], held[1] - 1)
                line.append(held[0])
                continue
            cell = cells.pop(0)
            for _ in range(_span(cell, "colspan")):
                _hang(hanging, len(line), cell, _span(cell, "rowspan") - 1)
                line.append(cell)
        lines.append(line)
    return lines


def _hang(hanging: dict[int, tuple[Element, int]], column: int, cell: Element, left: int) -> None:
    if left > 0:
        hanging[column] = (cell, left)


def _span(cell: Element, attribute: str) -> int:
    text = cell.get(attribute) or "1"
    return min(int(text), _MAX_SPAN) if text.isascii() and text.isdecimal() and int(text) else 1
