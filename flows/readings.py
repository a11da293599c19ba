"""From a stored fetch to rows with their evidence, every price cell counted twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain

from models.capture import Fetch
from models.reading import CellResult, Drift, ExtractError, Outcome, PageReading, RowReading
from spiders.capture_store import CaptureStore
from spiders.read import Memo, read_fetch, verify


class UnaccountedError(Exception):
    """Raised when the walker and the reader of a source disagree on the price cells of a body.

    It means that the reader has a fault: nothing of the body is believed.
    """


@dataclass(frozen=True, slots=True)
class ReadFetch:
    """A fetch as read: rows, each with the SHA-256 of the body it stood in, and the accounting."""

    fetch: Fetch
    rows: tuple[tuple[RowReading, str], ...]
    cells: Mapping[str, int]
    refused: tuple[tuple[CellResult, str], ...]
    drift: tuple[Drift, ...]
    noted: tuple[tuple[RowReading, str], ...] = ()
    """Rows of the source that stands inside this one's bodies."""


@dataclass(slots=True)
class Readings:
    """Reads stored fetches, and remembers rows so that an unchanged one is read once."""

    store: CaptureStore
    memo: Memo = field(default_factory=Memo)

    def read(self, fetch: Fetch) -> ReadFetch:
        """Read all bodies of a healthy fetch.

        Raises :class:`models.reading.ExtractError` when a body cannot be what the source publishes
        and :class:`UnaccountedError` when a price cell would have gone unnoticed.
        """
        bodies = self.store.bodies(fetch)
        urls = [capture.url for capture in fetch.captures]
        pairs = list(zip(bodies, urls, strict=True))
        reading = read_fetch(fetch.source, pairs, fetch.fetched_at, self.memo)
        unaccounted = verify(fetch.source, bodies, reading, self.memo)
        if unaccounted:
            first = unaccounted[0]
            raise UnaccountedError(
                f"{len(unaccounted)} price cells of {fetch.source} have no single outcome, "
                f"the first: {first.kind} {first.locator} {first.raw_text!r}"
            )
        if not reading.rows:
            raise ExtractError("rows", f"{fetch.source} lists nothing")
        return ReadFetch(
            fetch,
            tuple(zip(reading.rows, _shas(fetch, reading), strict=True)),
            _counts(reading),
            _refused(fetch, reading),
            reading.drift,
            tuple((row, fetch.shas[body]) for row, body in reading.noted),
        )


def _shas(fetch: Fetch, reading: PageReading) -> list[str]:
    shas = fetch.shas
    return [shas[page] for page in reading.pages] or [shas[0]] * len(reading.rows)


def _counts(reading: PageReading) -> dict[str, int]:
    counts = Counter(chain.from_iterable(row.outcomes for row in reading.rows))
    counts.update(str(cell.outcome) for cell in reading.extra_cells)
    return {**counts, "cells": sum(counts.values())}


def _refused(fetch: Fetch, reading: PageReading) -> tuple[tuple[CellResult, str], ...]:
    shas = _shas(fetch, reading)
    rows = zip(reading.rows, shas, strict=True)
    found = [(cell, sha) for row, sha in rows for cell in row.refused]
    extra = [cell for cell in reading.extra_cells if cell.outcome is Outcome.REJECTED]
    return (*found, *((cell, fetch.shas[0]) for cell in extra))
