"""Keeping a book between runs: to JSON and back, every decimal and time exact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import TypeAdapter

from models.history.engine import Book
from models.history.notes import Note
from models.history.reviews import Review
from models.history.state import Offering, Repricing, SourceState

STATE_VERSION = 8
"""Raised whenever the meaning of the stored state changes; older state is then derived anew."""


@dataclass(slots=True)
class _State:
    offerings: dict[str, Offering] = field(default_factory=dict[str, Offering])
    ids: Mapping[str, str] = field(default_factory=dict[str, str])
    sources: dict[str, SourceState] = field(default_factory=dict[str, SourceState])
    reviews: dict[str, Review] = field(default_factory=dict[str, Review])
    repricing: Repricing | None = None
    notes: dict[str, dict[str, Note]] = field(default_factory=dict[str, dict[str, Note]])


_ADAPTER: TypeAdapter[_State] = TypeAdapter(_State)


def dump_book(book: Book) -> bytes:
    """The book's state as JSON; decisions and thresholds are not part of it."""
    state = _State(book.offerings, book.ids, book.sources, book.reviews, book.repricing, book.notes)
    return _ADAPTER.dump_json(state)


def load_book(text: bytes, book: Book) -> None:
    """Put stored state into an empty book. Raises pydantic's ``ValidationError``."""
    state = _ADAPTER.validate_json(text)
    book.offerings = state.offerings
    book.ids = dict(state.ids)
    book.sources = state.sources
    book.reviews = state.reviews
    book.repricing = state.repricing
    book.notes = state.notes
    times = [at for source in book.sources.values() for at in source.last_at.values()]
    book.last_at = max(times, default=None)
