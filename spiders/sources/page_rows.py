"""Rows that a page marks as such: what all of them have, and the items of its Webflow lists.

The lines of tables are in ``page_tables``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lxml import etree

from models.reading import Cell, ExtractError
from spiders.sources.page_amounts import has_amount
from spiders.sources.page_dom import Dom, TextNode, ancestors, classes, gone
from spiders.sources.page_labels import Beside
from spiders.sources.page_words import BOUNDED, column_of, squeezed

if TYPE_CHECKING:
    from lxml.html import HtmlElement as Element

ROW: Final = "total-table-price"
ITEM: Final = "w-dyn-item"
NAME: Final = "footer-headline"
INPUT: Final = "input-table"
OUTPUT: Final = "output-table"
CONTEXT: Final = "context-table"
PRICE_CLASSES: Final = frozenset(
    {
        *(INPUT, OUTPUT, "input-price", "output-price"),
        *("price", "model-price", "price-value", "price-cell"),
    }
)

WEBFLOW: Final = "webflow"
TABLE: Final = "table"
PHRASES: Final = "phrases"


@dataclass(frozen=True, slots=True)
class Draft:
    """A row as it stands on the page. ``names`` are the text nodes its name was taken from,
    ``prices`` those of its prices where these stand outside its element;
    ``title`` is a line across the table above it, ``work`` what a column says it is for, ``beside``
    the texts around each cell."""

    layout: str
    element: Element
    position: int
    name: str
    cells: tuple[Cell, ...]
    names: tuple[int, ...] = ()
    prices: tuple[int, ...] = ()
    developer: str = ""
    context: str = ""
    title: str = ""
    work: str = ""
    beside: tuple[Beside, ...] = ()


def webflow_rows(dom: Dom, others: Iterable[Draft] = ()) -> list[Draft]:
    """The items of the Webflow lists, in document order, but for those mixed up with ``others``.

    Raises ExtractError when there are items and none has a name, or none has a price, or one of the
    two price columns is gone while the other is there.
    """
    found = {element for element in dom.spans if _is_item(element)}
    rows = {draft.element for draft in others}
    boxes = {box for element in (*found, *rows) for box in element.iterancestors()}
    items = (item for item in found - boxes if rows.isdisjoint(ancestors(item)))
    drafts = [_webflow_row(dom, item) for item in items]
    if drafts and not any(draft.name for draft in drafts):
        raise ExtractError(f".{NAME}", f"none of {len(drafts)} rows has a name")
    if drafts and not any(draft.cells for draft in drafts):
        raise ExtractError(f".{INPUT}", f"none of {len(drafts)} rows has a price")
    _check_columns([draft.element for draft in drafts])
    return sorted(drafts, key=lambda draft: draft.position)


def _check_columns(items: Iterable[Element]) -> None:
    """Half of the prices would else be taken for absent, and end some fetches later."""
    found = {
        name
        for item in items
        for element in item.iterdescendants(etree.Element)
        for name in classes(element)
    }
    for lost, there in ((INPUT, OUTPUT), (OUTPUT, INPUT)):
        if there in found and lost not in found:
            raise ExtractError(f".{lost}", f"no row has this column, though rows have .{there}")


def _is_item(element: Element) -> bool:
    names = classes(element)
    if ROW in names:
        return True
    below = element.iterdescendants(etree.Element)
    return ITEM in names and any(classes(child) & {INPUT, OUTPUT} for child in below)


def price_element(dom: Dom, owner: Element) -> Element | None:
    """The innermost element of a price class around a text; one that holds others is a box."""
    for element in ancestors(owner):
        if classes(element) & PRICE_CLASSES:
            below = element.iterdescendants(etree.Element)
            is_box = element in dom.boxes or any(classes(child) & PRICE_CLASSES for child in below)
            return None if is_box else element
    return None


def _webflow_row(dom: Dom, item: Element) -> Draft:
    parts: dict[str, Element] = {}
    for element in item.iterdescendants(etree.Element):
        for name in classes(element) & {NAME, CONTEXT}:
            parts.setdefault(name, element)
    headline = dom.nodes_of(parts[NAME]) if NAME in parts else []
    marked = [*marked_cells(dom, dom.nodes_of(item))]
    context = dom.text_of(parts[CONTEXT]) if CONTEXT in parts else ""
    known = {index for element in parts.values() for index in range(*dom.spans[element])}
    known |= {node.index for _, nodes in marked for node in nodes}
    near = [node.text for node in dom.nodes_of(item) if node.index not in known]
    near += [context] if BOUNDED.search(context) else []
    return Draft(
        layout=WEBFLOW,
        element=item,
        position=dom.start_of(item),
        name=dom.text_of(parts[NAME]) if NAME in parts else "",
        cells=tuple(cell for cell, _ in marked),
        names=tuple(node.index for node in headline),
        context=context,
        beside=tuple(Beside(near=tuple(near), gone=gone(nodes)) for _, nodes in marked),
    )


def marked_cells(dom: Dom, nodes: Iterable[TextNode]) -> Iterator[tuple[Cell, list[TextNode]]]:
    """The elements of a price class, and the amounts of money that stand beside them, each with the
    texts it is made of."""
    for node in nodes:
        element = price_element(dom, node.owner)
        if node.index in dom.read:
            continue
        if element is None and has_amount(node.text):
            yield Cell(dom.locator(node), squeezed(node.text), ""), [node]
        elif element is not None:
            dom.read.update(range(*dom.spans[element]))
            column = column_of(" ".join(sorted(classes(element) & PRICE_CLASSES)))
            cell = Cell(dom.locator(element), dom.text_of(element), column)
            yield cell, dom.nodes_of(element)
        dom.read.add(node.index)
