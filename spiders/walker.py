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
from functools import lru_cache
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


@dataclass(frozen=True, slots=True)
class WalkedCell:
    """A price cell: where it stands and what is printed there."""

    locator: str
    raw_text: str


def walk_json(body: bytes) -> Iterator[WalkedCell]:
    """Every price cell of a catalogue's answer; none where the body is not JSON."""
    document = parsed(body)
    root, models = ("$.data", document["data"]) if _has_data(document) else ("$", document)
    seen: dict[str, int] = {}
    for position, model in _members(models):
        named = dict(_members(model))
        where = root + _selector(named, position, seen)
        for block in _BLOCKS:
            if named.get(block) is not None:
                yield from _scalars(named[block], f"{where}.{block}")


def parsed(body: bytes) -> object:
    """The JSON of a body with every number as it was printed; None where it is no JSON."""
    try:
        document: object = json.loads(body, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        return None
    return _whole(document) if b"\\ud" in body.lower() else document


def _whole(value: object) -> object:
    """The value with U+FFFD for every half of a character that an escape left behind."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        members = cast("dict[str, object]", value).items()
        return {cast("str", _whole(key)): _whole(child) for key, child in members}
    return [*map(_whole, cast("list[object]", value))] if isinstance(value, list) else value


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
            place = f"{where}[{key}]"
        elif key in METADATA:
            continue
        else:
            place = where + _step(key)
        if isinstance(child, str):
            # Nearly every price: worth not descending once more for each.
            yield WalkedCell(place, child)
        else:
            yield from _scalars(child, place)


@lru_cache(maxsize=1024)
def _step(key: str) -> str:
    """How a JSONPath goes on to a member of that name."""
    return f".{key}" if key.isascii() and key.isidentifier() else f"[{_quote(key)}]"


def walk_html(body: bytes) -> Iterator[WalkedCell]:
    """Every price cell of a page; none where the body has no element at all."""
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
    wide = cell.get(attribute, "1")
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
    for key, child in _members(value):
        place = f"{where}/{key.replace('~', '~0').replace('/', '~1')}"
        if key in ("price", "lowPrice", "highPrice") and isinstance(child, str):
            yield WalkedCell(place, child)
        else:
            yield from _offers(child, place)
