"""A page as elements and text nodes in document order, each with its XPath from the root."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from lxml import etree
from lxml.html import HtmlElement as Element
from parsel import Selector

from models.reading import ExtractError
from spiders.sources.page_words import squeezed

_UNSEEN: Final = frozenset({"script", "style", "head", "template", "noscript", "svg", "title"})
HEADINGS: Final = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6, "caption": 7, "summary": 7}
STRUCK_OUT: Final = "struck_out"
HIDDEN: Final = "hidden"
PARTLY_GONE: Final = "partly_struck_out"
_STRUCK: Final = frozenset({"del", "s", "strike"})
_HIDING: Final = frozenset({"w-condition-invisible"})
_SPACES: Final = re.compile(r"\s+")
_HEADING_CLASS: Final = re.compile(r"(?:^|-|_)(?:heading|title|headline|header)(?:$|-|_)")
_CLASS_HEADING_LEVEL: Final = 8
"""A heading by its class only ranks below every real one."""


@dataclass(frozen=True, slots=True)
class TextNode:
    """A text node: its place among the visible ones, its text, the element it stands in, and the
    how manieth text node of that element it is (as XPath counts, from 1)."""

    index: int
    text: str
    owner: Element
    ordinal: int


@dataclass(slots=True)
class Dom:
    """The visible part of a page.

    ``spans`` gives for each element the half-open range of text node indices inside it; ``boxes``
    are the elements that hold, or are, price cells of tables; ``read`` the texts that stand in a
    cell already, so that none is read twice; ``heads`` the texts in heads of tables, which are read
    with their columns.
    """

    root: Element
    texts: list[TextNode] = field(default_factory=list["TextNode"])
    spans: dict[Element, tuple[int, int]] = field(
        default_factory=dict["Element", "tuple[int, int]"]
    )

    boxes: set[Element] = field(default_factory=set["Element"])
    read: set[int] = field(default_factory=set[int])
    heads: set[int] = field(default_factory=set[int])

    def locator(self, place: Element | TextNode) -> str:
        """The XPath of an element or a text node."""
        tree = self.root.getroottree()
        if isinstance(place, TextNode):
            return f"{tree.getpath(place.owner)}/text()[{place.ordinal}]"
        return tree.getpath(place)

    def text_of(self, element: Element) -> str:
        """The visible text of an element, with single spaces."""
        first, last = self.spans.get(element, (0, 0))
        return squeezed(" ".join(node.text for node in self.texts[first:last]))

    def nodes_of(self, element: Element) -> list[TextNode]:
        """The visible text nodes of an element."""
        first, last = self.spans.get(element, (0, 0))
        return self.texts[first:last]

    def start_of(self, element: Element) -> int:
        """The index of the first text node inside an element, or after it."""
        return self.spans[element][0]

    def holds(self, element: Element, index: int) -> bool:
        """Whether a text node stands inside an element."""
        first, last = self.spans.get(element, (0, 0))
        return first <= index < last


def parse(body: bytes) -> Dom:
    """The page of a body.

    Raises ExtractError (anchor ``html``) for a body without a single element of a page, and for one
    with a NUL byte, behind which parsers see different pages.
    """
    if b"\x00" in body:
        raise ExtractError("html", f"a NUL byte at position {body.index(0)}; no page has one")
    root = Selector(body=body, encoding="utf-8", type="html").root if body.strip() else None
    if not isinstance(root, Element) or root.find(".//body") is None:
        raise ExtractError("html", "the body is no page")
    dom = Dom(root)
    _fill(dom)
    return dom


def _fill(dom: Dom) -> None:
    """Number the visible text nodes; iterative, because pages may be nested very deeply."""
    starts: dict[Element, int] = {}
    counts: dict[Element, int] = {}
    hidden = 0
    for event, element in etree.iterwalk(dom.root, events=("start", "end", "comment", "pi")):
        if event == "start":
            starts[element] = len(dom.texts)
            hidden += is_unseen(element)
            _add(dom, counts, element, element.text, hidden)
            continue
        if event == "end":
            dom.spans[element] = (starts[element], len(dom.texts))
            hidden -= is_unseen(element)
        parent = element.getparent()
        if parent is not None:
            _add(dom, counts, parent, element.tail, hidden)


def _add(
    dom: Dom,
    counts: dict[Element, int],
    owner: Element,
    text: str | None,
    hidden: int,
) -> None:
    if not text:
        return
    counts[owner] = counts.get(owner, 0) + 1
    if not hidden and text.strip():
        dom.texts.append(TextNode(len(dom.texts), text, owner, counts[owner]))


def tag(element: Element) -> str:
    """The element's name, empty for comments and processing instructions."""
    return element.tag if isinstance(element.tag, str) else ""


def is_unseen(element: Element) -> bool:
    """Whether nobody sees what the element holds."""
    return tag(element) in _UNSEEN


def classes(element: Element) -> frozenset[str]:
    """The element's class names."""
    return frozenset((element.get("class") or "").split())


def heading_level(element: Element) -> int | None:
    """How high a heading ranks (1 is the highest), None for what is no heading."""
    level = HEADINGS.get(tag(element))
    if level is None and element.get("role") == "heading":
        level = _CLASS_HEADING_LEVEL
    if level is None and any(_HEADING_CLASS.search(name) for name in classes(element)):
        level = _CLASS_HEADING_LEVEL
    return level


def gone(nodes: Iterable[TextNode]) -> str:
    """The reason why a price in these texts does not stand: it is struck out, or hidden, as a whole
    or in part; empty where it stands."""
    found = {_gone(node.owner) for node in nodes}
    if len(found) > 1:
        return PARTLY_GONE
    return next(iter(found), "")


def _gone(owner: Element) -> str:
    for element in ancestors(owner):
        style = _SPACES.sub("", element.get("style") or "").lower()
        if tag(element) in _STRUCK or "line-through" in style:
            return STRUCK_OUT
        is_off = any(rule in style for rule in ("display:none", "visibility:hidden"))
        is_hidden = "hidden" in element.attrib or not classes(element).isdisjoint(_HIDING)
        if is_hidden or (is_off and "w-tab-pane" not in classes(element)):
            return HIDDEN
    return ""


def ancestors(element: Element) -> Iterator[Element]:
    """The element and everything it stands in, inside out."""
    current: Element | None = element
    while current is not None:
        yield current
        current = current.getparent()
