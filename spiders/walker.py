"""An independent count of the price cells of a body, for the accounting of every run.

Nothing here is shared with the code that reads prices, on purpose: what a reader overlooks, the
walker still finds, because it looks for other things. It knows no models, meters or units.

What counts as a price cell:

JSON
    Every scalar at any depth below ``pricing`` or ``pricing_skus`` of a model, but for members that
    say what a price is for (`METADATA`). ``null`` in place of a whole block is no cell.
HTML
    Every price column's cell that is not empty: elements of the price classes, and table cells
    under a head that speaks of prices. Every other visible text that holds an amount of money.
    Every ``price``, ``lowPrice`` and ``highPrice`` in a JSON-LD block.

Locators, the same as the readers build on their own:

``$.data[?@.id=='openai/gpt-5'].pricing.prompt``
    A JSONPath (RFC 9535) which selects the model by id (``$[?…]`` for a bare list); with
    ``&&@.type=='…'`` where models have types. A model met again under the same key carries an
    ordinal after the filter, ``[1]`` for the second; one without an id its position, ``[3]``.
``/html/body/div[2]/div[1]/div[3]`` and ``…/p/text()[1]``
    The XPath of a price column's cell, or of the text node that holds an amount.
``/html/head/script#/about/offers/0/price``
    The XPath of a JSON-LD block, and the JSON Pointer of the price in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeGuard, cast

from lxml import etree, html

METADATA: Final = frozenset(
    {
        *("kind", "currency", "dimensions", "when", "discount"),
        *("name", "content", "measure", "origin", "unit", "per"),
        *("type", "phase", "author"),
        *("min_prompt_tokens", "utc_start", "utc_end"),
    }
)
"""Members below ``pricing`` that are no prices: conditions, units, and words about them."""
_BLOCKS: Final = ("pricing", "pricing_skus")

_PRICE_CLASSES: Final = frozenset(
    {
        *("input-table", "output-table", "input-price", "output-price"),
        *("price", "model-price", "price-value", "price-cell"),
    }
)
_PRICE_HEAD: Final = re.compile(
    r"\b(?:input|output|prompt|completion|price|pricing|cost|rate|cache)", re.IGNORECASE
)
_OTHER_HEAD: Final = re.compile(r"\b(?:context|window|model|name|type)\b", re.IGNORECASE)
_UNSEEN: Final = frozenset({"script", "style", "head", "template", "noscript", "svg", "title"})
_DIGITS: Final = r"\d[\d.,' \u00a0\u2009\u202f]{0,24}"
_MONEY: Final = re.compile(
    r"[$€£¥₽₹₩¢][ \u00a0]?[-\u2212]?[ ]?\d"
    rf"|{_DIGITS}[€£¥₽₹₩¢]|\d[ \u00a0]?\$(?![ ]?\d)"
    rf"|\b(?:USD|EUR|GBP|CNY|JPY|RUB)[ \u00a0]?\d|{_DIGITS}\b(?:USD|EUR|GBP|CNY|JPY|RUB)\b"
    rf"|{_DIGITS}(?:AI/ML Tokens|credits?)\b"
    rf"|{_DIGITS}(?:per|/) ?(?:\d[\d,. ]{{0,9}}[KM]? ?)?"
    r"(?:tokens?|char\w*|\d+x\d+ image|images?|megapixels?|sec\w*|min\w*|songs?|tracks?|pages?)\b",
    re.IGNORECASE,
)
_LONGEST: Final = 2_000
_WIDEST: Final = 50
_DEEPEST: Final = 80


@dataclass(frozen=True, slots=True)
class WalkedCell:
    """A price cell: where it stands and what is printed there."""

    locator: str
    raw_text: str


def walk_json(body: bytes) -> Iterator[WalkedCell]:
    """Every price cell of a catalogue's answer; none where the body is not JSON."""
    try:
        document: object = json.loads(body, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        return
    root, models = ("$.data", document["data"]) if _has_data(document) else ("$", document)
    seen: dict[str, int] = {}
    for position, model in _members(models):
        named = dict(_members(model))
        where = root + _selector(named, position, seen)
        for block in _BLOCKS:
            if named.get(block) is not None:
                yield from _scalars(named[block], f"{where}.{block}")


def _has_data(document: object) -> TypeGuard[dict[str, object]]:
    return isinstance(document, dict) and "data" in document


def _members(value: object) -> Iterator[tuple[str, object]]:
    """The members of an object by name, the items of a list by position; nothing of a scalar."""
    if isinstance(value, dict):
        yield from cast("dict[str, object]", value).items()
    elif isinstance(value, list):
        items = cast("list[object]", value)
        yield from ((str(index), item) for index, item in enumerate(items))


def _selector(model: dict[str, object], position: str, seen: dict[str, int]) -> str:
    """The filter for one model, with an ordinal when the same filter was used before."""
    if not isinstance(model.get("id"), str) or not model["id"]:
        return f"[{position}]"
    named = [(key, model.get(key)) for key in ("id", "type")]
    tests = [f"@.{key}=={_quote(value)}" for key, value in named if isinstance(value, str)]
    selector = f"[?{'&&'.join(tests)}]"
    seen[selector] = seen.get(selector, -1) + 1
    return selector + (f"[{seen[selector]}]" if seen[selector] else "")


def _quote(text: str) -> str:
    """A string literal of JSONPath: JSON's own escapes, but for which quote needs one."""
    inner = json.dumps(text, ensure_ascii=False)[1:-1].replace('\\"', '"').replace("'", "\\'")
    return f"'{inner}'"


def _scalars(value: object, where: str) -> Iterator[WalkedCell]:
    if not isinstance(value, dict | list):
        yield WalkedCell(where, value if isinstance(value, str) else json.dumps(value))
        return
    for key, child in _members(cast("object", value)):
        if isinstance(value, list):
            yield from _scalars(child, f"{where}[{key}]")
        elif key not in METADATA:
            plain = key.isascii() and key.isidentifier()
            yield from _scalars(child, f"{where}.{key}" if plain else f"{where}[{_quote(key)}]")


def walk_html(body: bytes) -> Iterator[WalkedCell]:
    """Every price cell of a page; none where the body has no element at all."""
    try:
        parser = html.HTMLParser(encoding="utf-8", huge_tree=True)
        root = html.document_fromstring(body, parser=parser)
    except etree.ParserError:  # nothing in it that could be an element
        return
    path = root.getroottree().getpath
    columns = [cell for cell in _column_cells(root) if _visible_text(cell)]
    for cell in columns:
        yield WalkedCell(path(cell), _visible_text(cell))
    counted = set(columns)
    for parent in root.xpath("//*[text()]"):
        boxes = [parent, *parent.iterancestors()]
        if counted.isdisjoint(boxes) and not any(box.tag in _UNSEEN for box in boxes):
            for ordinal, text in enumerate(parent.xpath("text()"), start=1):
                if _MONEY.search(text[:_LONGEST]):
                    yield WalkedCell(f"{path(parent)}/text()[{ordinal}]", " ".join(text.split()))
    yield from _json_ld(root)


def _column_cells(root: html.HtmlElement) -> Iterator[html.HtmlElement]:
    """The innermost elements of a price class, and the cells of tables' price columns."""
    in_tables = {cell for table in root.iter("table") for cell in _table_cells(table)}
    yield from in_tables
    for element in root.iter(etree.Element):
        if set(element.get("class", "").split()) & _PRICE_CLASSES:
            below = element.iterdescendants(etree.Element)
            boxes = {element, *element.iterancestors()}
            is_inner = not any(set(e.get("class", "").split()) & _PRICE_CLASSES for e in below)
            if is_inner and in_tables.isdisjoint(boxes):
                yield element


def _table_cells(table: html.HtmlElement) -> Iterator[html.HtmlElement]:
    """The cells below every head that speaks of prices, counted by columns."""
    priced: set[int] | None = None
    for row in table.iter("tr"):
        columns: dict[int, html.HtmlElement] = {}
        for cell in row:
            if cell.tag in ("td", "th"):
                for _ in range(_width(cell)):
                    columns[len(columns)] = cell
        if priced is None and any(cell.tag == "th" for cell in columns.values()):
            priced = {column for column, cell in columns.items() if _is_price_head(cell)}
        elif priced:
            cells = (cell for column, cell in columns.items() if column in priced)
            across = len(set(columns.values())) == 1 and len(columns) > 1
            yield from () if across else dict.fromkeys(cells)


def _width(cell: html.HtmlElement) -> int:
    wide = cell.get("colspan", "1")
    return min(int(wide), _WIDEST) if wide.isdecimal() else 1


def _is_price_head(cell: html.HtmlElement) -> bool:
    text = _visible_text(cell)
    return bool(_PRICE_HEAD.search(text)) and not _OTHER_HEAD.search(text)


def _visible_text(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def _json_ld(root: html.HtmlElement) -> Iterator[WalkedCell]:
    path = root.getroottree().getpath
    for script in root.iter("script"):
        if "ld+json" in script.get("type", "").lower():
            try:
                block: object = json.loads(script.text or "", parse_float=str, parse_int=str)
            except (ValueError, RecursionError):
                continue
            yield from _offers(block, f"{path(script)}#", 0)


def _offers(value: object, where: str, depth: int) -> Iterator[WalkedCell]:
    if depth > _DEEPEST:
        return
    for key, child in _members(value):
        place = f"{where}/{key.replace('~', '~0').replace('/', '~1')}"
        if key in ("price", "lowPrice", "highPrice") and isinstance(child, str):
            yield WalkedCell(place, child)
        else:
            yield from _offers(child, place, depth + 1)
