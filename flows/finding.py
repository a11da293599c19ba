"""Which offerings a person means by a name: equal spelling, never likeness.

A name is compared as typed first, then without regard to case, then to punctuation, then to spaces
and hyphens at all; the first of these that finds anything decides, and everything it finds counts.
A name that only a page prints is looked up in the reviewed alias file. What is only alike is
offered when nothing is equal, and never taken.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flows.errors import NoSuchThingError
from warehouse.read import Book

_SEPARATORS: Final = re.compile(r"[^0-9a-z:~]+")
_SUGGESTIONS: Final = 5
_LEAST_LIKENESS: Final = 60


@dataclass(frozen=True, slots=True)
class Named:
    """An offering and what it may be called."""

    offering_id: str
    seller: str
    model_id: str
    operation: str
    name: str
    called: tuple[str, ...]

    @classmethod
    def of(cls, row: dict[str, Any]) -> Named:
        """From a row of `models`."""
        seller, model_id, name = row["seller"], row["model_id"], row["name"]
        called = [
            row["offering_id"],
            model_id,
            f"{seller}/{model_id}",
            row["canonical_id"] or "",
            name,
            # "OpenAI: GPT-5" is also called GPT-5, and openai/gpt-5 also gpt-5.
            name.partition(": ")[2],
            model_id.rpartition("/")[2],
            *row["aliases"],
        ]
        return cls(
            row["offering_id"],
            seller,
            model_id,
            row["operation"],
            name,
            tuple(filter(None, called)),
        )


def find(book: Book, text: str) -> list[str]:
    """The offerings called so, by id, canonical id, name, `seller/id` or alias.

    Raises NoSuchThingError with near names when there is none.
    """
    named = [Named.of(row) for row in book.records("names")]
    found = matches(named, text) or reviewed(named, text)
    if not found:
        raise NoSuchThingError(_not_found(text, named))
    return [each.offering_id for each in found]


def find_all(book: Book, texts: Iterable[str]) -> list[str] | None:
    """The offerings that any of the names means; None when no name is given."""
    found = [offering for text in texts for offering in find(book, text)]
    return found or None


def matches(named: Sequence[Named], text: str) -> list[Named]:
    """Those that are called `text`, by the strictest spelling that finds any."""
    for spelling in _SPELLINGS:
        wanted = spelling(text)
        if not wanted:
            continue
        found = [each for each in named if any(spelling(name) == wanted for name in each.called)]
        if found:
            return found
    return []


def reviewed(named: Sequence[Named], text: str) -> list[Named]:
    """Those that a name printed on a page stands for, by the reviewed alias file."""
    from models.identity import load_aliases  # noqa: PLC0415 # only for names no catalogue has

    printed = [
        alias
        for alias in load_aliases()
        if any(_spelt_alike(text, name) for name in (alias.name, alias.name.partition(" / ")[2]))
    ]
    return [
        each
        for each in named
        if any(
            alias.seller == each.seller
            and alias.operation in {"", each.operation}
            and any(_is_target(name, alias.targets) for name in each.called)
            for alias in printed
        )
    ]


def near(named: Sequence[Named], text: str, limit: int = _SUGGESTIONS) -> list[str]:
    """What else might be meant, the likest first: `model_id (seller)`."""
    # Only where nothing was found: likeness costs 50 ms to import.
    from rapidfuzz import fuzz, process, utils  # noqa: PLC0415

    choices = {(i, j): name for i, each in enumerate(named) for j, name in enumerate(each.called)}
    ranked = process.extract(
        text,
        choices,
        scorer=fuzz.WRatio,
        processor=utils.default_process,
        limit=limit * 8,
        score_cutoff=_LEAST_LIKENESS,
    )
    shown = [f"{named[i].model_id} ({named[i].seller})" for _, _, (i, _) in ranked]
    return list(dict.fromkeys(shown))[:limit]


def nearest_words(text: str, words: Sequence[str]) -> str:
    """Tell which words there are, the likest alone when one is clearly meant."""
    from difflib import get_close_matches  # noqa: PLC0415 # only on the way to an error

    close = get_close_matches(text, words, n=3)
    if close:
        return f"did you mean {' or '.join(close)}?"
    return f"there are: {', '.join(words)}" if words else "there are none"


def _spelt_alike(text: str, name: str) -> bool:
    wanted = _hyphenated(text)
    return bool(wanted) and wanted == _hyphenated(name)


def _is_target(name: str, targets: Sequence[str]) -> bool:
    """Whether an alias entry names it; a target that ends in a star is a beginning."""
    return any(
        name.startswith(target[:-1]) if target.endswith("*") else name == target
        for target in targets
    )


def _not_found(text: str, named: Sequence[Named]) -> str:
    names = near(named, text)
    if not names:
        return f"no model is called {text!r}: `pricebook models` lists all"
    return f"no model is called {text!r}; near it: {', '.join(names)}"


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()


def _hyphenated(text: str) -> str:
    return _SEPARATORS.sub("-", _folded(text)).strip("-")


def _bare(text: str) -> str:
    return _hyphenated(text).replace("-", "")


_SPELLINGS: Final[tuple[Callable[[str], str], ...]] = (str, _folded, _hyphenated, _bare)
