"""Opening the published snapshot for a reading verb, and turning its options into filters."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flows.errors import NoSuchThingError, NothingPublishedError, UsageError
from flows.finding import find_all, nearest_words
from flows.places import data_dir
from flows.render import Format, note
from flows.times import readable
from warehouse.read import LATEST, Book, Filters, Pointer, latest, open_book


@dataclass(frozen=True, slots=True)
class Opened:
    """A snapshot that is open, and where it lies."""

    book: Book
    pointer: Pointer
    data_dir: Path
    snapshot: dict[str, Any]

    def told(self) -> str:
        """One line on what is being looked at."""
        origin = self.snapshot["origin"]
        recorded = " · replayed recording, no live prices" if origin == "replay" else ""
        return f"As of {readable(self.snapshot['as_of'])} UTC{recorded} · {self.data_dir}"


def newest(directory: Path) -> Pointer:
    """The newest snapshot of a data directory. Raises NothingPublishedError when there is none."""
    published = directory / "published"
    pointer = latest(published)
    if pointer is None and any((published / "snapshots").glob("[!.]*/")):
        raise NothingPublishedError(
            f"{published / LATEST} is missing: run `pricebook publish` to write it again"
        )
    if pointer is None:
        raise NothingPublishedError(
            f"nothing is published in {directory}: run `pricebook refresh` first, "
            "or name another directory with --data-dir"
        )
    return pointer


@contextmanager
def opened(chosen: Path | None) -> Generator[Opened]:
    """Open the newest snapshot of the data directory; `chosen` is what `--data-dir` says.

    Raises NothingPublishedError when there is none, SnapshotError when it is damaged.
    """
    directory = data_dir(chosen)
    pointer = newest(directory)
    with open_book(pointer.directory) as book:
        snapshot = book.records("snapshot")
        yield Opened(book, pointer, directory, snapshot[0])


def tell(source: Opened, form: Format) -> None:
    """Say on stderr what is being looked at; programs that take JSON or CSV are spared it."""
    if form is Format.TABLE:
        note(source.told())


def filters(
    book: Book,
    *,
    sellers: Sequence[str] = (),
    models: Sequence[str] = (),
    operations: Sequence[str] = (),
    modalities: Sequence[str] = (),
    meters: Sequence[str] = (),
    statuses: Sequence[str] = (),
) -> Filters:
    """Turn options into filters. Raises NoSuchThingError for a value that nothing has."""
    return Filters(
        sellers=known(book, "seller", sellers),
        offerings=find_all(book, models),
        operations=known(book, "operation", operations),
        modalities=known(book, "modality", modalities),
        meters=known(book, "meter", meters),
        statuses=list(statuses) or None,
    )


def known(book: Book, word: str, values: Sequence[str]) -> list[str] | None:
    """The values when each of them occurs in the snapshot; None when there are none.

    Raises NoSuchThingError for one that does not, naming those there are.
    """
    if not values:
        return None
    there = [row["value"] for row in book.records("vocabulary") if row["word"] == word]
    for value in values:
        if value not in there:
            raise NoSuchThingError(f"no {word} is called {value!r}; {nearest_words(value, there)}")
    return list(values)


def moments(at: datetime | None, as_known: datetime | None) -> dict[str, datetime | None]:
    """The two times as parameters. Known at K, with nothing else said, means valid at K too."""
    return {"at": at or as_known, "as_known": as_known}


def variant(base: str, at: datetime | None, as_known: datetime | None) -> str:
    """Which statement answers: of now, at a time, or as known at a time."""
    if as_known is not None:
        return f"{base}_as_known"
    return f"{base}_at" if at is not None else f"{base}_current"


def status_words(
    values: Sequence[str], allowed: Sequence[str], option: str = "--status"
) -> Sequence[str]:
    """The values of an option with few words. Raises UsageError for one that no row can have."""
    for value in values:
        if value not in allowed:
            raise UsageError(f"{option} {value!r}: {nearest_words(value, allowed)}")
    return values
