"""How much one answer may hold, and which texts may name something. Pure.

Each bound is many times what was ever seen, and small enough that what lies below it is read in
seconds. What lies above is refused before it is looked into, with its number.

Errors: :class:`~models.reading.ExtractError` for a whole answer.
"""

from __future__ import annotations

import re
from collections.abc import Sized
from dataclasses import replace
from typing import Final

from models.reading import ExtractError, Listing

# AIML states 936 rows, OpenRouter 631 (2026-10).
MOST_MODELS: Final = 20_000
# The most seen in one row is 40.
MOST_CELLS: Final = 2_000
# The longest id of 23,612 recorded ones has 61 characters.
LONGEST_NAME: Final = 200
LONGEST_TITLE: Final = 300
MOST_NAMES: Final = 1_000
# Providers of one model; the most seen is 4.
MOST_ENDPOINTS: Final = 2_000
# The pricing page listed some 400 rows in 2026-05, about 1 MB.
MOST_PAGE_BYTES: Final = 16 << 20
MOST_PAGE_ROWS: Final = 10_000
MOST_PAGE_AMOUNTS: Final = 50_000

# Line breaks, what steers a terminal, and what reorders a line; none of it can be part of a name.
_UNSAFE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_PAGE_ROW: Final = re.compile(rb"<tr[\s>/]|w-dyn-item", re.IGNORECASE)
_PAGE_AMOUNT: Final = re.compile(rb"[$]\s?\d|>\s*\d[\d.,]*\s*<")


def is_name(text: str) -> bool:
    """Whether a text can be an id, a type or another name: of one line, and not too long."""
    return len(text) <= LONGEST_NAME and _UNSAFE.search(text) is None


def displayable(text: str) -> str:
    """A text for people: without what steers a terminal, and cut where it is far too long."""
    cut = text if len(text) <= LONGEST_TITLE else f"{text[: LONGEST_TITLE - 1]}…"
    return _UNSAFE.sub("\ufffd", cut)


def names_of(texts: tuple[str, ...]) -> tuple[str, ...]:
    """The texts that can be names, as far as there are not too many."""
    return tuple(text for text in texts[:MOST_NAMES] if is_name(text))


def web_address(text: str | None) -> str | None:
    """The text where it is an address that a browser may be sent to, else None."""
    is_web = text is not None and text.lower().startswith(("http://", "https://"))
    return text if is_web and text is not None and is_name(text) else None


def bounded(listing: Listing) -> Listing:
    """The listing with every text of it fit to be stored and shown, and its address a web one; the
    very same where it is so already."""
    fit = replace(
        listing,
        name=displayable(listing.name),
        developer=displayable(listing.developer),
        source_type=displayable(listing.source_type),
        lineage=listing.lineage if is_name(listing.lineage) else "",
        aliases=names_of(listing.aliases),
        input_modalities=names_of(listing.input_modalities),
        output_modalities=names_of(listing.output_modalities),
        source_url=web_address(listing.source_url),
    )
    return listing if fit == listing else fit


def refuse_too_many(
    found: Sized, where: str, *, what: str = "models", most: int = MOST_MODELS
) -> None:
    """Raise ExtractError for more models, or more of something else, than any seller has."""
    if len(found) > most:
        raise ExtractError(where, f"{len(found):,} {what}, at most {most:,}")


def refuse_huge_page(body: bytes) -> None:
    """Raise ExtractError for a page with far more rows, amounts or bytes than any price list."""
    if len(body) > MOST_PAGE_BYTES:
        raise ExtractError("html", f"{len(body):,} bytes, at most {MOST_PAGE_BYTES:,}")
    for what, pattern, most in (
        ("rows", _PAGE_ROW, MOST_PAGE_ROWS),
        ("amounts", _PAGE_AMOUNT, MOST_PAGE_AMOUNTS),
    ):
        found = sum(1 for _ in pattern.finditer(body))
        if found > most:
            raise ExtractError("html", f"{found:,} {what}, at most {most:,}")
