"""Which section of a page a row stands in: the titles above it, and what they say of its prices.

A title holds from where it stands to the end of the element it shares with the rows below it, or
to the next title of its rank. What stands between a title and its first row belongs to it as well
("USD per 1M tokens", the heads of columns). Names on the boxes around a row (``id``, the label of a
tab) stand in where no title names a kind of work.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate, chain
from typing import TYPE_CHECKING, Final

from lxml import etree

from spiders.sources.page_dom import (
    Dom,
    TextNode,
    ancestors,
    classes,
    heading_level,
    is_unseen,
    tag,
)
from spiders.sources.page_said import NOTHING, Said, said_of, title_said, together
from spiders.sources.page_words import MAX_LABEL, squeezed, terms_in, work_of

if TYPE_CHECKING:
    from lxml.html import HtmlElement as Element

_BOXES: Final = frozenset({"section", "article", "table", "tbody", "details"})
_TAB: Final = "w-tab-pane"
_BOX_NAMES: Final = ("data-w-tab", "aria-label", "id")
_BOX_LEVEL: Final = 0
_PAGE_LEVEL: Final = -1
"""The page itself: the texts above its first title are its notes."""
_MAX_FOOTNOTE: Final = 12
_MAX_HEADS: Final = 4
_CACHE_HEAD: Final = re.compile(r"cached(?: input)?|cache (?:read|write)s?", re.IGNORECASE)
_LINKS: Final = frozenset({"a", "button", "nav", "header", "footer", "select", "label"})


@dataclass(frozen=True, slots=True)
class Section:
    """Where a row stands. ``work`` is the kind of work its titles name ("" for none, None for
    several), ``terms`` every phrase they use for what a price buys, ``said`` what all titles above
    the row, and the notes under them, say of when its prices apply."""

    title: str = ""
    work: str | None = ""
    terms: tuple[str, ...] = ()
    said: Said = NOTHING


@dataclass(slots=True)
class _Title:
    level: int
    text: str
    first: int
    """Index of the first text node after the title."""
    last: int | None = None
    """Index of the first text node that is no longer the title's own; None while it is open."""
    start: int = 0
    """Index of the first text node of the title itself."""
    until: int | None = None
    """Index of the first text node after the title's section; None where nothing ends it."""
    notes: dict[Element, Said] | None = None
    """What its notes say of prices, by the box whose rows they are about, once looked up."""
    terms: set[str] | None = None
    """What the title and the texts before its first row say that prices buy, once looked up."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A row for this module: the element it starts in, and the index of its first text node."""

    element: Element
    position: int
    title: str = ""
    """A title of the row's own, such as a line across its table."""


@dataclass(slots=True)
class _Scan:
    dom: Dom
    rows: Mapping[Element, list[Anchor]]
    names: frozenset[int]
    prices: frozenset[int]
    positions: frozenset[int]
    holding: frozenset[Element] = frozenset()
    titles: list[_Title] = field(default_factory=list["_Title"])
    every: list[_Title] = field(default_factory=list["_Title"])
    saved: list[list[_Title]] = field(default_factory=list["list[_Title]"])
    inside: int = 0
    above: dict[Anchor, list[_Title]] = field(default_factory=dict["Anchor", "list[_Title]"])
    covered: list[int] = field(default_factory=list[int])
    """For each text node how many sections hold it."""


def sections_of(
    dom: Dom, anchors: Iterable[Anchor], names: Iterable[int], prices: Iterable[int] = ()
) -> dict[Anchor, Section]:
    """The section of every row. ``names`` are the text nodes that name models: a heading that holds
    one is a row's name, not a title. Nor are ``prices``, text nodes too, notes on others."""
    rows: dict[Element, list[Anchor]] = {}
    for anchor in anchors:
        rows.setdefault(anchor.element, []).append(anchor)
    holding = {element for row in rows for element in ancestors(row)}
    positions = frozenset(anchor.position for row in rows.values() for anchor in row)
    scan = _Scan(dom, rows, frozenset(names), frozenset(prices), positions, frozenset(holding))
    scan.titles.append(_Title(_PAGE_LEVEL, "", 0))
    for event, element in etree.iterwalk(dom.root, events=("start", "end")):
        if event == "start":
            _enter(scan, element)
        else:
            _leave(scan, element)
    scan.covered = _covered(scan)
    return {anchor: _section(scan, anchor) for anchor in scan.above}


def _enter(scan: _Scan, element: Element) -> None:
    if element in scan.holding:
        scan.saved.append([*scan.titles])
    if not scan.inside:
        _push(scan, _title(scan, element))
    for anchor in scan.rows.get(element, ()):
        for title in scan.titles:
            title.last = anchor.position if title.last is None else title.last
        scan.above[anchor] = [*scan.titles]
    scan.inside += element in scan.rows


def _leave(scan: _Scan, element: Element) -> None:
    scan.inside -= element in scan.rows
    if element in scan.holding:
        kept = scan.saved.pop()
        _close((title for title in scan.titles if title not in kept), scan.dom.spans[element][1])
        scan.titles = kept


def _title(scan: _Scan, element: Element) -> _Title | None:
    """The title that an element is, or that the name on a box of rows amounts to."""
    if is_unseen(element):
        return None
    first, last = scan.dom.spans[element]
    if element in scan.holding:
        name = _box_name(element)
        return _Title(_BOX_LEVEL, name, first, start=first) if name else None
    level = heading_level(element)
    if level is None or any(index in scan.names for index in range(first, last)):
        return None
    text = scan.dom.text_of(element)
    return _Title(level, text, last, start=first) if 0 < len(text) <= MAX_LABEL else None


def _box_name(element: Element) -> str:
    if tag(element) not in _BOXES and _TAB not in classes(element):
        return ""
    names = [element.get(attribute) or "" for attribute in _BOX_NAMES]
    named = (name for name in names if work_of(name))
    qualified = (name for name in names if title_said(_worded(name)) != NOTHING)
    return next(chain(named, qualified), "")


def _worded(name: str) -> str:
    """The name of a box, which has hyphens for spaces where it is an id."""
    return name if " " in name else name.replace("-", " ").replace("_", " ")


def _push(scan: _Scan, title: _Title | None) -> None:
    if title is None:
        return
    for earlier in scan.titles:
        earlier.last = title.start if earlier.last is None else earlier.last
    _close(scan.titles, title.start)
    if title.level != _BOX_LEVEL:  # the page and the boxes around the row stay
        scan.titles = [above for above in scan.titles if above.level < title.level]
    scan.titles.append(title)
    scan.every.append(title)


def _close(titles: Iterable[_Title], until: int) -> None:
    for title in titles:
        if title.level != _PAGE_LEVEL:
            title.until = until if title.until is None else title.until


def _section(scan: _Scan, anchor: Anchor) -> Section:
    """What the titles say, the nearest that names a kind of work first."""
    titles = [title for title in scan.above[anchor] if title.level != _PAGE_LEVEL]
    if anchor.title:
        titles.append(_Title(9, anchor.title, anchor.position, anchor.position))
    said = together(_said(scan, anchor, titles))
    chosen: list[_Title] = []
    for title in reversed(titles):
        chosen.append(title)
        if work_of(title.text) != "":
            break
    else:
        # No title names a kind of work; only the nearest may still say what a price buys.
        chosen = chosen[:1]
    if not chosen:
        return Section(said=said)
    terms = (_terms(scan.dom, title) for title in chosen)
    return Section(
        title=chosen[-1].text,
        work=work_of(chosen[-1].text),
        terms=tuple(sorted(next((found for found in terms if found), set[str]()))),
        said=said,
    )


def _said(scan: _Scan, anchor: Anchor, titles: Iterable[_Title]) -> Iterator[Said]:
    """What the titles above a row say, and those of their notes that share a box with it."""
    yield from (title_said(_worded(title.text)) for title in titles)
    starts = scan.dom.texts[anchor.position : anchor.position + 1]  # none in an empty last row
    boxes = [box for node in starts for box in ancestors(node.owner)]
    for title in scan.above[anchor]:
        if title.notes is None:
            title.notes = _notes(scan, title)
        yield from (title.notes[box] for box in boxes if box in title.notes)


def _notes(scan: _Scan, title: _Title) -> dict[Element, Said]:
    found: dict[Element, list[Said]] = {}
    for box, said in _noted(scan, title):
        found.setdefault(box, []).append(said)
    return {box: together(said) for box, said in found.items()}


def _noted(scan: _Scan, title: _Title) -> Iterator[tuple[Element, Said]]:
    """What the notes of a title say: the texts before its first row, those right before another
    row, and the short ones after its rows that speak of prices."""
    texts = scan.dom.texts
    own = len(texts) if title.last is None else title.last
    for node in texts[title.first : title.until]:
        if node.index in scan.dom.heads or _is_link(node.owner) or _is_list_head(scan.dom, node):
            continue
        is_after = node.index >= own
        if is_after and (len(node.text.split()) > _MAX_FOOTNOTE or _is_in_row(scan, node)):
            continue
        is_between = is_after and _is_beside_row(scan, node)
        is_apart = is_after and not is_between
        said = said_of(node.text, is_apart=is_apart or title.level == _PAGE_LEVEL)
        if said != NOTHING and not (is_after and _is_of_another(scan, title, node)):
            box = next(box for box in ancestors(node.owner) if box in scan.holding)
            yield box, _unsure(said, node.text) if is_after else said


def _is_beside_row(scan: _Scan, node: TextNode) -> bool:
    """Whether a row starts right after a text, or ends right before it in the same box."""
    before = scan.dom.texts[node.index - 1].owner
    ended = next((box for box in ancestors(before) if box in scan.rows), None)
    is_trailing = ended is not None and ended.getparent() is node.owner.getparent()
    return node.index + 1 in scan.positions or is_trailing


def _unsure(said: Said, text: str) -> Said:
    """What a note says that may be about the prices above it, below it, or both: it is unread."""
    return Said((), squeezed(text), said.reason)


def _is_list_head(dom: Dom, node: TextNode) -> bool:
    """Whether a text is the head of a column of its own above a list: "Cached input" beside "Input"
    and "Output". Its prices stand in elements of their own, or the list does not have them."""
    if not _CACHE_HEAD.fullmatch(squeezed(node.text)):
        return False
    near = dom.texts[max(0, node.index - _MAX_HEADS) : node.index + _MAX_HEADS]
    return {"input", "output"} <= {squeezed(other.text).lower() for other in near}


def _is_of_another(scan: _Scan, page: _Title, node: TextNode) -> bool:
    """Whether a text that is taken for a note of the page stands in the section of a title."""
    if page.level != _PAGE_LEVEL:
        return False
    return scan.covered[node.index] > 0


def _covered(scan: _Scan) -> list[int]:
    steps = [0] * (len(scan.dom.texts) + 1)
    for title in scan.every:
        steps[title.start] += 1
        steps[len(scan.dom.texts) if title.until is None else title.until] -= 1
    return [*accumulate(steps)]


def _is_in_row(scan: _Scan, node: TextNode) -> bool:
    is_own = node.index in scan.names or node.index in scan.prices
    return is_own or any(box in scan.rows for box in ancestors(node.owner))


def _is_link(owner: Element) -> bool:
    return any(tag(element) in _LINKS for element in ancestors(owner))


def _terms(dom: Dom, title: _Title) -> set[str]:
    if title.terms is None:
        nodes = dom.texts[title.first : title.last]
        notes = [squeezed(node.text) for node in nodes if len(node.text) <= MAX_LABEL]
        title.terms = terms_in([title.text, *notes])
    return title.terms
