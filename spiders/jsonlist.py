"""Parsing lists of objects again and again, and each object only where its text is new. Pure.

Between two fetches a few hours apart nearly all models of a list are printed as they were. A
:class:`ListParser` parses the text of one object at a time and remembers what came of it, so that
only what differs costs anything; an object whose text is known is the very object it was before,
by which whoever works on it can tell.

That the pieces are the objects of the list needs no trust in how they were found: when each piece
is a JSON object of its own, and what is left around them is an object with an empty list or that
list alone, then there is only one way to read the whole. Where it is otherwise, or anything in it
is no JSON, the whole body is parsed at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final, cast

# The list, bare or under `data`, and how its first object begins, which is how the others do.
_OPENING: Final = re.compile(
    rb'(?P<around>(?:\xef\xbb\xbf)?\s*(?:\{\s*"data"\s*:\s*)?\[)\s*(?P<start>\{\s*"[^"\\]*"\s*:)'
)
# Some 400 models make a list, and a source or two are read in turn (2026-11).
_REMEMBERED: Final = 4096
# OpenRouter's longest is 8 KB (2026-08); what is far longer is not worth its place in memory.
_LONGEST: Final = 16_384


class ListParser:
    """Parses bodies as ``parse`` does, which takes the bytes of any JSON value and is pure.

    Parsed objects are shared between answers, so nobody may change them.
    """

    def __init__(self, parse: Callable[[bytes], object]) -> None:
        self._parse = parse
        self._remembered = lru_cache(_REMEMBERED)(parse)

    def __call__(self, body: bytes) -> object:
        """The parsed body; raises whatever ``parse`` raises for the whole of it."""
        try:
            document = self._in_pieces(body)
        except (ValueError, RecursionError):
            document = None
        return self._parse(body) if document is None else document

    def _in_pieces(self, body: bytes) -> object:
        """The parsed body, or None where it is no list of objects that begin alike."""
        opening = _OPENING.match(body)
        if opening is None:
            return None
        start = opening["start"]
        between = re.compile(rb"\}\s*,\s*" + re.escape(start)).search(body, opening.end())
        pieces = [body[opening.end() :]]
        if between is not None:
            pieces = pieces[0].split(between[0])
        last, bracket, ending = pieces[-1].rpartition(b"]")
        if not bracket or b'"data"' in ending or b"\\" in ending:
            return None  # Of two lists under one name the last would count.
        around = self._parse(opening["around"] + bracket + ending)
        if type(around) not in (dict, list):
            return None  # What stands around the list is more than a mapping can say.
        objects = [self._object(start + piece + b"}") for piece in pieces[:-1]]
        objects.append(self._object(start + last))
        if isinstance(around, list):
            return objects
        return {**cast("dict[str, object]", around), "data": objects}

    def _object(self, text: bytes) -> object:
        return self._remembered(text) if len(text) < _LONGEST else self._parse(text)
