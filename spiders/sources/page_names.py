"""The texts of a page that may name a model, and which of them a price belongs to."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from spiders.sources.page_dom import Dom, TextNode, ancestors, classes, heading_level, tag
from spiders.sources.page_words import is_name, is_title, squeezed

if TYPE_CHECKING:
    from lxml.html import HtmlElement as Element

_STRONG_TAGS: Final = frozenset({"h3", "h4", "h5", "h6", "strong", "b", "dt", "th", "a"})
_STRONG_CLASS: Final = re.compile(r"(?:^|-|_)(?:name|model|title|headline)(?:$|-|_)")
OUTER: Final = frozenset({"body", "main", "html"})
"""Boxes that hold a page, and so say nothing of what in them belongs together."""
DASHES: Final = " \t\r\n:\u2013\u2014-\u2011|\u00b7\u2022"
_SECTION_LEVEL: Final = 2
_MAX_CLIMB: Final = 6
_MAX_GAP: Final = 8


@dataclass(frozen=True, slots=True)
class Name:
    """A text that could be a model's name; a strong one looks like it by its form or its markup."""

    index: int
    text: str
    is_strong: bool


def names_of(dom: Dom, inside: Collection[int]) -> Iterator[Name]:
    """The texts that could name a model, but for those at the indexes ``inside`` of prices."""
    for node in dom.texts:
        text = squeezed(node.text).strip(DASHES)
        if node.index in inside or not is_name(text):
            continue
        levels = [level for level in map(heading_level, _near(node)) if level is not None]
        if is_section_heading(node) or (levels and is_title(text)):
            continue
        yield Name(node.index, text, " / " in text or any(map(_is_strong, _near(node))))


def is_section_heading(node: TextNode) -> bool:
    """Whether a text is a heading of a section, which is no model's name."""
    levels = [level for level in map(heading_level, _near(node)) if level is not None]
    return min(levels, default=9) <= _SECTION_LEVEL


def _near(node: TextNode) -> list[Element]:
    """The element of a text and the one around it, where that is no more than a wrapper."""
    parent = node.owner.getparent()
    return [node.owner] if parent is None or len(parent) != 1 else [node.owner, parent]


def _is_strong(element: Element) -> bool:
    return tag(element) in _STRONG_TAGS or any(map(_STRONG_CLASS.search, classes(element)))


@dataclass(frozen=True, slots=True)
class Names:
    """The names of a page in document order, and where its prices start."""

    dom: Dom
    all: list[Name]
    prices: list[int]

    def nearest(self, first: int, element: Element) -> Name | None:
        """The name a price belongs to, None where there is none near."""
        weak: Name | None = None
        for height, box in enumerate(ancestors(element)):
            if tag(box) in OUTER or height > _MAX_CLIMB:
                return weak or self._just_before(first, box)
            within = self._within(box)
            strong = [name for name in within if name.is_strong]
            if strong and (weak is None or len(strong) == 1):
                return self._unpriced(_nearest(strong, first), box)
            if within and weak is None:
                weak = self._unpriced(_nearest(within, first), box)
        return weak

    def _within(self, box: Element) -> list[Name]:
        return self._between(*self.dom.spans[box])

    def _between(self, first: int, last: int) -> list[Name]:
        indexes = [
            bisect_left(self.all, index, key=lambda name: name.index) for index in (first, last)
        ]
        return self.all[slice(*indexes)]

    def _just_before(self, first: int, box: Element) -> Name | None:
        """A strong name a few texts before a price, on a page without any boxes."""
        start = max(self.dom.spans[box][0], first - _MAX_GAP)
        before = [name for name in self._between(start, first) if name.is_strong]
        return self._unpriced(before[-1], box) if before else None

    def _unpriced(self, name: Name, box: Element) -> Name | None:
        """The name, unless it has prices of its own in the part of the box it stands in: then the
        price at hand is that of a neighbour whose name was not recognised."""
        owner = self.dom.texts[name.index].owner
        branch = next((part for part in ancestors(owner) if part.getparent() is box), None)
        if owner is box or branch is None:
            return name
        first, last = self.dom.spans[branch]
        held = bisect_left(self.prices, last) - bisect_left(self.prices, first)
        return None if held else name


def _nearest(names: Sequence[Name], position: int) -> Name:
    """The last name before a position, or else the first after it."""
    before = bisect_left(names, position, key=lambda name: name.index)
    return names[before - 1] if before else names[0]
