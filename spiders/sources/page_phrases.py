"""Prices printed as phrases: any text that states an amount of money, and the name it belongs to.

Nothing is known of the markup of such a page, so nothing is asked of it. A price belongs to the
nearest name before it within the smallest box that holds one, whatever the box is made of: cards,
list items, definition lists, lines of a table without a head, or one text ("Sora 2 Pro — $0.3 per
second"). A price that no name can be found for is kept apart, as a cell that belongs to no model.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from models.reading import Cell
from spiders.sources.page_amounts import amounts_in, first_amount, has_amount
from spiders.sources.page_dom import (
    Dom,
    TextNode,
    ancestors,
    gone,
    tag,
)
from spiders.sources.page_labels import Beside
from spiders.sources.page_names import DASHES, OUTER, Name, Names, is_section_heading, names_of
from spiders.sources.page_rows import PHRASES, Draft, price_element
from spiders.sources.page_said import is_prose
from spiders.sources.page_words import (
    MAX_LABEL,
    PRICE_COLUMNS,
    column_of,
    is_name,
    is_terms_only,
    is_title,
    squeezed,
    terms_in,
)

if TYPE_CHECKING:
    from lxml.html import HtmlElement as Element

_MAX_NEAR: Final = 40
"""A box of more texts than this is no longer what stands around one price."""
_SEPARATOR: Final = re.compile(r"^[-\u2010-\u2015\u2212:|\u00b7\u2022]\s+")
_SENTENCE: Final = re.compile(r"[.!?]$|[.!?]\s+[A-Z]")
_MAX_WORDS: Final = 20


@dataclass(frozen=True, slots=True)
class _Price:
    """A price on the page: the cell, where its text starts and ends, the element it stands in, the
    box that holds no other amount, and the name where the text begins with one."""

    cell: Cell
    first: int
    last: int
    element: Element
    box: Element
    name: Name | None = None


def phrase_rows(dom: Dom, taken: Collection[int]) -> tuple[list[Draft], list[Cell]]:
    """The rows made of phrases, and the prices without a model; ``taken`` text nodes belong to
    rows that were found by other means."""
    prices = [*_prices(dom, taken)]
    inside = {index for price in prices for index in range(price.first, price.last)}
    names = Names(dom, [*names_of(dom, inside | set(taken))], [price.first for price in prices])
    rows: dict[Name, list[_Price]] = {}
    strays: list[Cell] = []
    for price in prices:
        name = price.name or names.nearest(price.first, price.element)
        if name is None or _is_prose(dom, price):
            strays.append(price.cell)
        else:
            rows.setdefault(name, []).append(price)
    drafts = [_draft(dom, name, found, inside) for name, found in rows.items()]
    return drafts, strays


def _draft(dom: Dom, name: Name, prices: Sequence[_Price], inside: Collection[int]) -> Draft:
    after = _after(dom, name, prices, inside)
    return Draft(
        layout=PHRASES,
        element=prices[0].element,
        position=min(name.index, prices[0].first),
        name=name.text,
        cells=tuple(price.cell for price in prices),
        names=(name.index,),
        prices=tuple(index for price in prices for index in range(price.first, price.last)),
        beside=tuple(replace(_beside(dom, price, name, inside), after=after) for price in prices),
    )


def _after(
    dom: Dom, name: Name, prices: Sequence[_Price], inside: Collection[int]
) -> tuple[str, ...]:
    """The texts after the last of several prices, in the smallest box of all of them and the name,
    unless this box holds prices of other models."""
    if len(prices) < 2:
        return ()
    own = {index for price in prices for index in range(price.first, price.last)}
    ends = (min(name.index, *own), max(name.index, *own))
    owner = dom.texts[name.index].owner
    box = next(box for box in ancestors(owner) if all(dom.holds(box, index) for index in ends))
    first, last = dom.spans[box]
    if tag(box) in OUTER or last - first > _MAX_NEAR:
        return ()
    if any(index in inside and index not in own for index in range(first, last)):
        return ()
    tail = dom.texts[max(own) + 1 : last]
    boxed = [price.box for price in prices if price.box is not price.element]
    return tuple(
        squeezed(node.text) for node in tail if not any(dom.holds(box, node.index) for box in boxed)
    )


def _beside(dom: Dom, price: _Price, name: Name, inside: Collection[int]) -> Beside:
    """The texts around a price but for the model's name: those in its box, and the label before it.

    A price that stands right after another one shares the label before that.
    """
    others = {name.index, *inside}
    near = [node for node in dom.nodes_of(price.box) if node.index not in others]
    at = price.first - 1
    while at > name.index and (at in inside or is_terms_only(dom.texts[at].text)):
        at -= 1
    before = dom.texts[at] if name.index < at < price.first else None
    if before is not None and before not in near:
        near.append(before)
    own = before is not None and before.index == price.first - 1
    heads = [before.text] if before and own and _is_direction(before.text) else []
    return Beside(
        heads=tuple(map(squeezed, heads)),
        near=tuple(squeezed(node.text) for node in near if squeezed(node.text) not in heads),
        gone=gone(dom.texts[price.first : price.last]),
    )


def _is_direction(text: str) -> bool:
    """Whether a text is a label that says which way its price goes."""
    column = column_of(text)
    return column in PRICE_COLUMNS and column != "price" and not is_prose(text)


def _prices(dom: Dom, taken: Collection[int]) -> Iterator[_Price]:
    """Every price, in document order: elements of a price class whole, elsewhere text nodes."""
    done: set[int] = set(taken)
    for node in dom.texts:
        if node.index in done:
            continue
        element = price_element(dom, node.owner)
        if element is not None:
            first, last = dom.spans[element]
            done.update(range(first, last))
            box = _box(dom, element)
            cell = Cell(dom.locator(element), dom.text_of(element), *_around(dom, box, first))
            yield _Price(cell, first, last, element, box)
        elif has_amount(node.text):
            yield _text_price(dom, node)


def _text_price(dom: Dom, node: TextNode) -> _Price:
    """A price in a text of its own, or at the end of one that begins with the model's name."""
    text = squeezed(node.text)
    lead, _ = split_name(text)
    name = Name(node.index, lead, is_strong=True) if lead and not is_section_heading(node) else None
    box = _box(dom, node.owner)
    cell = Cell(dom.locator(node), text, *_around(dom, box, node.index))
    return _Price(cell, node.index, node.index + 1, node.owner, box, name)


def split_name(text: str) -> tuple[str, str]:
    """The model's name that a text begins with, and the price that follows; the name is empty where
    the text begins with the price or with a mere label ("Input: $1")."""
    start = first_amount(text) or 0
    lead = text[:start].strip(DASHES)
    is_label = column_of(lead) in PRICE_COLUMNS or is_title(lead)
    is_named = is_name(lead) and not is_label and not _SENTENCE.search(lead)
    return (lead, text[start:]) if is_named else ("", text)


def price_text(text: str, printed: str) -> str:
    """The part of a phrase that is the price: without the model's name as it is ``printed``, and
    without a dash that only sets it off ("- $1" with a space; "-$1" is a negative price)."""
    lead, price = split_name(text)
    return _SEPARATOR.sub("", price if lead and lead == printed else text)


def _box(dom: Dom, element: Element) -> Element:
    """The widest box around a price that holds this one amount and no other."""
    box = element
    for wider in ancestors(element):
        first_inside, last_inside = dom.spans[wider]
        is_wide = tag(wider) in OUTER or last_inside - first_inside > _MAX_NEAR
        if is_wide or amounts_in(dom.text_of(wider)) > 1:
            break
        box = wider
    return box


def _around(dom: Dom, box: Element, first: int) -> tuple[str, str]:
    """What a label beside a price says of it: the direction, and what it buys.

    A label is looked for in the price's box, and in the text right before the price.
    """
    near = [squeezed(node.text) for node in dom.nodes_of(box)]
    labels = [text for text in near if not is_name(text) and not has_amount(text)]
    before = dom.texts[first - 1].text if first else ""
    if not is_name(before) and not has_amount(before):
        labels.insert(0, squeezed(before))
    columns = [column for text in labels if (column := column_of(text)) in PRICE_COLUMNS]
    text = dom.text_of(box)
    terms = terms_in([text]) if len(text) <= MAX_LABEL else set[str]()
    return columns[0] if columns else "", " | ".join(sorted(terms))


def _is_prose(dom: Dom, price: _Price) -> bool:
    """Whether the text around a price is a sentence that mentions money."""
    if price.name and " / " in price.name.text:
        return False
    first, last = dom.spans[price.element]
    near = last - first <= _MAX_NEAR
    text = dom.text_of(price.element) if near else squeezed(dom.texts[price.first].text)
    return (
        len(text.split()) > _MAX_WORDS
        or bool(_SENTENCE.search(text.removesuffix(".")))
        or (text.endswith(".") and len(text.split()) > 5)
    )
