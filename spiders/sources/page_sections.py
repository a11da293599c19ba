"""Which section of a page a row stands in: the titles above it, and what they say of its prices.

A title holds from where it stands to the end of the element it shares with the rows below it, or
to the next title of its rank. What stands between a title and its first row belongs to it as well
("USD per 1M tokens", the heads of columns). Names on the boxes around a row (``id``, the label of a
tab) stand in where no title names a kind of work.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from lxml import etree

from spiders.sources.page_dom import Dom, ancestors, classes, heading_level, is_unseen, tag
from spiders.sources.page_words import MAX_LABEL, squeezed, terms_in, work_of

if TYPE_CHECKING:
    from lxml.html import HtmlElement as Element

_BOXES: Final = frozenset({"section", "article", "table", "tbody", "details"})
_TAB: Final = "w-tab-pane"
_BOX_NAMES: Final = ("data-w-tab", "aria-label", "id")
_BOX_LEVEL: Final = 0


@dataclass(frozen=True, slots=True)
class Section:
    """Where a row stands. ``work`` is the kind of work its titles name ("" for none, None for
    several), ``terms`` every phrase they use for what a price buys."""

    title: str = ""
    work: str | None = ""
    terms: tuple[str, ...] = ()


@dataclass(slots=True)
class _Title:
    level: int
    text: str
    first: int
    """Index of the first text node after the title."""
    last: int | None = None
    """Index of the first text node that is no longer the title's own; None while it is open."""


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
    holding: frozenset[Element] = frozenset()
    titles: list[_Title] = field(default_factory=list["_Title"])
    saved: list[list[_Title]] = field(default_factory=list["list[_Title]"])
    inside: int = 0
    found: dict[Anchor, Section] = field(default_factory=dict["Anchor", "Section"])


def sections_of(dom: Dom, anchors: Iterable[Anchor], names: Iterable[int]) -> dict[Anchor, Section]:
    """The section of every row. ``names`` are the text nodes that name models: a heading that holds
    one is a row's name, not a title."""
    rows: dict[Element, list[Anchor]] = {}
    for anchor in anchors:
        rows.setdefault(anchor.element, []).append(anchor)
    holding = {element for row in rows for element in ancestors(row)}
    scan = _Scan(dom, rows, frozenset(names), frozenset(holding))
    for event, element in etree.iterwalk(dom.root, events=("start", "end")):
        if event == "start":
            _enter(scan, element)
        else:
            _leave(scan, element)
    return scan.found


def _enter(scan: _Scan, element: Element) -> None:
    if element in scan.holding:
        scan.saved.append([*scan.titles])
    if not scan.inside:
        _push(scan, _title(scan, element))
    for anchor in scan.rows.get(element, ()):
        for title in scan.titles:
            title.last = anchor.position if title.last is None else title.last
        scan.found[anchor] = _section(scan, anchor)
    scan.inside += element in scan.rows


def _leave(scan: _Scan, element: Element) -> None:
    scan.inside -= element in scan.rows
    if element in scan.holding:
        scan.titles = scan.saved.pop()


def _title(scan: _Scan, element: Element) -> _Title | None:
    """The title that an element is, or that the name on a box of rows amounts to."""
    if is_unseen(element):
        return None
    first, last = scan.dom.spans[element]
    if element in scan.holding:
        name = _box_name(element)
        return _Title(_BOX_LEVEL, name, first) if name else None
    level = heading_level(element)
    if level is None or any(first <= index < last for index in scan.names):
        return None
    text = scan.dom.text_of(element)
    return _Title(level, text, last) if 0 < len(text) <= MAX_LABEL else None


def _box_name(element: Element) -> str:
    if tag(element) not in _BOXES and _TAB not in classes(element):
        return ""
    names = (element.get(attribute) or "" for attribute in _BOX_NAMES)
    return next((name for name in names if work_of(name)), "")


def _push(scan: _Scan, title: _Title | None) -> None:
    if title is None:
        return
    for earlier in scan.titles:
        earlier.last = title.first if earlier.last is None else earlier.last
    if title.level != _BOX_LEVEL:
        scan.titles = [above for above in scan.titles if above.level < title.level]
    scan.titles.append(title)


def _section(scan: _Scan, anchor: Anchor) -> Section:
    """What the titles say, the nearest that names a kind of work first."""
    titles = [*scan.titles]
    if anchor.title:
        titles.append(_Title(9, anchor.title, anchor.position, anchor.position))
    chosen: list[_Title] = []
    for title in reversed(titles):
        chosen.append(title)
        if work_of(title.text) != "":
            break
    else:
        # No title names a kind of work; only the nearest may still say what a price buys.
        chosen = chosen[:1]
    if not chosen:
        return Section()
    terms = (terms_in([title.text, *_notes(scan.dom, title)]) for title in chosen)
    return Section(
        title=chosen[-1].text,
        work=work_of(chosen[-1].text),
        terms=tuple(sorted(next((found for found in terms if found), set[str]()))),
    )


def _notes(dom: Dom, title: _Title) -> list[str]:
    nodes = dom.texts[title.first : title.last]
    return [squeezed(node.text) for node in nodes if len(node.text) <= MAX_LABEL]
