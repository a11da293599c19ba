"""The independent count of price cells for pages; see :mod:`spiders.walker`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from lxml import etree, html

from spiders.walker import Cells, WalkedCell, members_of
from spiders.walker_json import Known

_PRICE_CLASSES: Final = frozenset(
    {
        *("input-table", "output-table", "input-price", "output-price"),
        *("price", "model-price", "price-value", "price-cell"),
    }
)
_PRICE_HEAD: Final = re.compile(
    r"\$|\b(?:cache|cached|inputs?|prompts?|outputs?|completions?|generateds?|prices?|pricing|costs?"
    r"|rates?|amounts?)\b|\bcach",
    re.IGNORECASE,
)
_OTHER_HEAD: Final = re.compile(r"\b(?:context|window)\b", re.IGNORECASE)
_UNSEEN: Final = frozenset({"script", "style", "head", "template", "noscript", "svg", "title"})
_CURRENCIES: Final = r"(?:USD|EUR|GBP|CNY|JPY|RMB|RUB|INR)"
_WORDS: Final = r"(?:dollars?|cents?|euros?|credits?|AI/ML Tokens)"
_BOUGHT: Final = (
    r"(?:\d[\d,. ]{0,12}[KM]? ?|[KM] |million |thousand )?"
    r"(?:(?:input|output|cached|text|image|video|audio|\d{2,5}x\d{2,5}) ){0,2}"
    r"(?:tokens?|char(?:acter)?s?|images?|img|megapixels?|mp|s(?:ec(?:ond)?s?)?|min(?:ute)?s?|hours?"
    r"|songs?|tracks?|pages?|(?:web )?search(?:es)?|query|queries|requests?|videos?)\b"
)
_MONEY: Final = re.compile(
    rf"[$€£¥₽₹₩¢] ?[-\u2212]? ?\d|\b{_CURRENCIES} ?\d"
    rf"|\d ?(?:[$€£¥₽₹₩¢](?! ?\d)|{_CURRENCIES}\b|{_WORDS}\b|per {_BOUGHT})"
    rf"|^\d{{1,12}}(?:[,' ]\d{{3}}){{0,5}}(?:[.,]\d{{1,18}})? ?/ ?{_BOUGHT}",
    re.IGNORECASE | re.ASCII,
)
_LONGEST: Final = 2_000
_WIDEST: Final = 50
_DEEPEST: Final = 60


def walk_html(body: bytes, known: Known | None = None) -> Iterator[Cells]:
    """Every price cell of a page, together; none where the body has no element at all."""
    del known  # of lists of models, which no page is
    yield tuple(_cells(body))


def _cells(body: bytes) -> Iterator[WalkedCell]:
    try:
        parser = html.HTMLParser(encoding="utf-8", huge_tree=True)
        root = html.document_fromstring(body, parser=parser)
    except etree.ParserError:  # nothing in it that could be an element
        return
    path = root.getroottree().getpath
    columns = [cell for cell in _column_cells(root) if _is_seen(cell) and _visible_text(cell)]
    for cell in columns:
        yield WalkedCell(path(cell), _visible_text(cell))
    counted = set(columns)
    for parent in root.xpath("//*[text()]"):
        if counted.isdisjoint([parent, *parent.iterancestors()]) and _is_seen(parent):
            for ordinal, text in enumerate(parent.xpath("text()"), start=1):
                shown = " ".join(text.split())
                if _MONEY.search(shown[:_LONGEST]):
                    yield WalkedCell(f"{path(parent)}/text()[{ordinal}]", shown)
    yield from _json_ld(root)


def _column_cells(root: html.HtmlElement) -> Iterator[html.HtmlElement]:
    """The innermost elements of a price class, and the cells of tables' price columns."""
    in_tables = {cell for table in root.iter("table") for cell in _table_cells(table)}
    yield from in_tables
    for element in root.iter(etree.Element):
        if _is_price_box(element):
            below = [*element.iterdescendants(etree.Element)]
            is_inner = in_tables.isdisjoint(below) and not any(map(_is_price_box, below))
            if is_inner and in_tables.isdisjoint({element, *element.iterancestors()}):
                yield element


def _is_price_box(element: html.HtmlElement) -> bool:
    return not _PRICE_CLASSES.isdisjoint(element.get("class", "").split())


def _table_cells(table: html.HtmlElement) -> Iterator[html.HtmlElement]:
    """The cells below the first head of a table, in the columns whose head speaks of prices; a line
    that is one cell and no amount is a title."""
    lines = [*_lines(table)]
    heads = [line for line in lines if _is_head(line)]
    if not heads:
        return
    priced = {n for n, cell in enumerate(heads[0]) if _is_price_head(cell)}
    in_heads = {cell for line in heads for cell in line}
    for line in lines[lines.index(heads[0]) + 1 :]:
        is_title = len(set(line)) == 1 and not _MONEY.search(_visible_text(line[0])[:_LONGEST])
        if not is_title:
            yield from {cell for n, cell in enumerate(line) if n in priced} - in_heads


def _lines(table: html.HtmlElement) -> Iterator[list[html.HtmlElement]]:
    """The lines of a table, each cell as often as it is columns wide and in every line it spans."""
    spanning: dict[int, list[html.HtmlElement]] = {}
    for row in table.iter("tr"):
        if next(row.iterancestors("table")) is not table:
            continue
        held, spanning = spanning, {n: left[1:] for n, left in spanning.items() if left[1:]}
        line: list[html.HtmlElement] = []
        cells = [cell for cell in row if cell.tag in ("td", "th")]
        while cells or len(line) in held:
            if len(line) in held:
                line.append(held[len(line)][0])
                continue
            cell = cells.pop(0)
            for _ in range(_spans(cell, "colspan")):
                if _spans(cell, "rowspan") > 1:
                    spanning[len(line)] = [cell] * (_spans(cell, "rowspan") - 1)
                line.append(cell)
        yield line


def _spans(cell: html.HtmlElement, attribute: str) -> int:
    wide = cell.get(attribute, "1")[:9]  # Python refuses numbers of thousands of digits
    return max(1, min(int(wide), _WIDEST)) if wide.isascii() and wide.isdecimal() else 1


def _is_head(line: list[html.HtmlElement]) -> bool:
    in_head = any(next(cell.iterancestors("thead"), None) is not None for cell in line)
    return in_head or (len(line) > 1 and all(cell.tag == "th" for cell in line))


def _is_price_head(cell: html.HtmlElement) -> bool:
    text = _visible_text(cell)
    return bool(_PRICE_HEAD.search(text)) and not _OTHER_HEAD.search(text)


def _is_seen(element: html.HtmlElement) -> bool:
    return not any(box.tag in _UNSEEN for box in (element, *element.iterancestors()))


def _visible_text(element: html.HtmlElement) -> str:
    """All texts of an element but those nobody sees, joined by single spaces."""
    texts: list[str] = []
    hidden = 0
    for event, inner in etree.iterwalk(element, events=("start", "end", "comment", "pi")):
        if event == "start":
            hidden += inner.tag in _UNSEEN
            texts.append("" if hidden else inner.text or "")
        else:
            hidden -= event == "end" and inner.tag in _UNSEEN
            texts.append("" if hidden or inner is element else inner.tail or "")
    return " ".join(" ".join(texts).split())


def _json_ld(root: html.HtmlElement) -> Iterator[WalkedCell]:
    path = root.getroottree().getpath
    for script in root.iter("script"):
        if "ld+json" in script.get("type", "").lower():
            try:
                block: object = json.loads(script.text or "", parse_float=str, parse_int=str)
            except (ValueError, RecursionError):
                continue
            yield from _offers(block, f"{path(script)}#")


def _offers(value: object, where: str) -> Iterator[WalkedCell]:
    if where.count("/") > _DEEPEST:
        return
    for key, child in members_of(value):
        place = f"{where}/{key.replace('~', '~0').replace('/', '~1')}"
        if key in ("price", "lowPrice", "highPrice") and isinstance(child, str):
            yield WalkedCell(place, child)
        else:
            yield from _offers(child, place)
