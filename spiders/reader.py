"""What reading a source takes: its reader, and the memory that spares reading a row twice.

A source's file ends in a :class:`Reader`: ``read`` turns the bodies of one fetch into a
:class:`~models.reading.PageReading`, ``walk`` counts the price cells of a body without its help.
For a list of models, :class:`Catalogue` is all of ``read`` but the source's own functions.

A model equal to the one read before at the same place is not interpreted again (:class:`Memo`):
between two fetches six hours apart some 394 of 399 models are equal (2026-08).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, TypeAlias

from models.reading import CellResult, Drift, Listing, Outcome, PageReading, Row, RowReading
from spiders.bounds import bounded, refuse_too_many
from spiders.respelling import respelled_row
from spiders.sources.catalogue import Entry, Listed, refused_reading
from spiders.sources.faults import doubled_drift, refusal_of, without_prices
from spiders.sources.values import JsonObject, doubled_in
from spiders.twins import Owned, reconcile
from spiders.walker import Cells
from spiders.walker_json import Known

Body: TypeAlias = tuple[bytes, str]
"""A body and the url it came from."""

_MOST_AGREED: Final = 4096


def _never(row: Row) -> bool:
    """Of a source that states no windows no reading depends on the time of day."""
    del row
    return False


@dataclass(frozen=True, slots=True)
class Catalogue:
    """How one JSON list of models is read, row by row.

    ``listed`` tells the models of a body apart, ``row`` takes one of them, at a locator, word for
    word, and ``interpret`` says what it amounts to. ``is_time_dependent`` tells of a row whether
    its reading depends on the time of day of the fetch.
    """

    source: str
    listed: Callable[[bytes], Listed]
    row: Callable[[str, JsonObject], Row]
    interpret: Callable[[Row, datetime], RowReading]
    is_time_dependent: Callable[[Row], bool] = _never

    def extract(self, body: bytes) -> list[Row]:
        """The rows of one body, verbatim; raises ExtractError when it is no list of models."""
        return [self.row(entry.locator, entry.model) for entry in self.listed(body).entries]

    def read(self, bodies: Sequence[Body], fetched_at: datetime, memo: Memo) -> PageReading:
        """Read all pages of one fetch as one; a model listed twice comes out once."""
        lists = [self.listed(body) for body, _ in bodies]
        entries = [entry for each in lists for entry in each.entries]
        refuse_too_many(entries, "$.data[*]")
        rows = memo.rows(self, entries, fetched_at)
        kept, duplicates = folded(rows)
        drifts = [drift for each in lists for drift in each.drift]
        drifts += [drift for row in rows for drift in row.drift]
        return PageReading(
            rows=tuple(kept),
            extra_cells=tuple(cell for each in lists for cell in each.orphans),
            drift=(*summed(drifts), *duplicates),
            pages=_pages_of(kept, rows, [len(each.entries) for each in lists]),
        )


def _pages_of(
    folded: Sequence[RowReading], rows: Sequence[RowReading], sizes: Sequence[int]
) -> tuple[int, ...]:
    """For each row that is left, the body in which its model was listed first."""
    if len(sizes) == 1:
        return ()
    bodies = (body for body, size in enumerate(sizes) for _ in range(size))
    first: dict[tuple[str, ...], int] = {}
    for body, row in zip(bodies, rows, strict=True):
        first.setdefault(_identity(row.listing), body)
    return tuple(first[_identity(row.listing)] for row in folded)


@dataclass(slots=True)
class _Read:
    """A model as it was read last; ``minute`` of the day is None where it does not matter, ``row``
    where its prices were refused as a whole."""

    model: JsonObject
    row: Row | None
    minute: int | None
    reading: RowReading

    def is_of(self, entry: Entry, minute: int) -> bool:
        """Whether it is the reading of the very same model, at a time that makes no difference."""
        return self.model is entry.model and self.minute in (None, minute)


class Memo:
    """The last reading of every model, and of every page as a whole, kept between fetches.

    Reading is pure, so that what is equal reads equal; the time of day counts as part of a row
    where it matters.
    """

    def __init__(self) -> None:
        self.walked = Known()
        """What walkers met last; the readers know nothing of it."""
        self._agreed: dict[int, tuple[Cells, tuple[CellResult, ...]]] = {}
        self._rows: dict[tuple[str, str], _Read] = {}
        self._pages: dict[str, tuple[list[Body], PageReading]] = {}
        self._respelled: dict[int, tuple[RowReading, RowReading]] = {}

    def respelled(self, row: RowReading) -> RowReading:
        """The row under canonical conditions, and with texts that can be stored and shown: of one
        row the same object every time."""
        known = self._respelled.get(id(row))
        if known is not None and known[0] is row:
            return known[1]
        if len(self._respelled) >= _MOST_AGREED:
            self._respelled.clear()
        listing = bounded(row.listing)
        fit = row if listing is row.listing else replace(row, listing=listing)
        found = respelled_row(fit)
        self._respelled[id(row)] = row, found
        return found

    def rows(
        self, catalogue: Catalogue, entries: Iterable[Entry], fetched_at: datetime
    ) -> list[RowReading]:
        """The readings of models, from memory where the same were read last."""
        minute = _minute(fetched_at)
        return [self._row(catalogue, entry, fetched_at, minute) for entry in entries]

    def _row(
        self, catalogue: Catalogue, entry: Entry, fetched_at: datetime, minute: int
    ) -> RowReading:
        """The reading of a model.

        A model whose text did not change is the same object; one of which only what is no fact of
        it changed gives an equal row.
        """
        key = catalogue.source, entry.locator
        last = self._rows.get(key)
        if last is not None and last.is_of(entry, minute):
            return last.reading
        row = catalogue.row(entry.locator, entry.model)
        doubled = list(doubled_in(entry.model))
        refusal = refusal_of(row, doubled)
        if refusal is not None:
            listed = catalogue.interpret(without_prices(row), fetched_at)
            reading = refused_reading(entry, listed, *refusal)
            return self._keep(key, _Read(entry.model, None, None, reading))
        stated = minute if catalogue.is_time_dependent(row) else None
        if last is not None and last.minute == stated and last.row == row:
            last.model = entry.model
            return last.reading
        reading = catalogue.interpret(row, fetched_at)
        reading = replace(reading, drift=(*reading.drift, *doubled_drift(doubled)))
        return self._keep(key, _Read(entry.model, row, stated, reading))

    def _keep(self, key: tuple[str, str], read: _Read) -> RowReading:
        self._rows[key] = read
        return read.reading

    def agree(self, walked: Cells, read: tuple[CellResult, ...]) -> bool:
        """Whether the cells of an entry are those that were read of it, which the very same were
        if they were before."""
        before = self._agreed.get(id(walked))
        if before is not None and before[0] is walked and before[1] is read:
            return True
        pairs = zip(walked, read, strict=False)
        is_equal = len(walked) == len(read) and all(
            cell.locator == result.locator and cell.raw_text == result.raw_text
            for cell, result in pairs
        )
        if is_equal:
            if len(self._agreed) >= _MOST_AGREED:
                self._agreed.clear()
            self._agreed[id(walked)] = walked, read
        return is_equal

    def page(
        self, source: str, bodies: Sequence[Body], read: Callable[[], PageReading]
    ) -> PageReading:
        """The reading of whole pages, from memory where the same pages were read last."""
        last = self._pages.get(source)
        if last is not None and last[0] == list(bodies):
            return last[1]
        reading = read()
        self._pages[source] = list(bodies), reading
        return reading


def _minute(moment: datetime) -> int:
    utc = moment.astimezone(UTC)
    return utc.hour * 60 + utc.minute


@dataclass(frozen=True, slots=True)
class Reader:
    """How one source is read, and how its price cells are counted without the reader's help."""

    read: Callable[[Sequence[Body], datetime, Memo], PageReading]
    walk: Callable[[bytes, Known], Iterable[Cells]]


def summed(drifts: Iterable[Drift]) -> tuple[Drift, ...]:
    """Each drift once, with how often it was met in all."""
    counts: Counter[tuple[str, str]] = Counter()
    for drift in drifts:
        counts[drift.kind, drift.what] += drift.count
    return tuple(Drift(kind, what, count) for (kind, what), count in sorted(counts.items()))


def _identity(listing: Listing) -> tuple[str, ...]:
    if listing.model_id is not None:
        return (listing.model_id, listing.operation)
    return (listing.developer, listing.name, listing.operation, listing.source_type)


def folded(rows: Sequence[RowReading]) -> tuple[list[RowReading], list[Drift]]:
    """One reading for each model, and which models were listed more than once."""
    if len({_identity(row.listing) for row in rows}) == len(rows):
        return list(rows), []
    groups: dict[tuple[str, ...], list[RowReading]] = {}
    for row in rows:
        groups.setdefault(_identity(row.listing), []).append(row)
    duplicates = [
        Drift("duplicate", " ".join(identity), len(group))
        for identity, group in groups.items()
        if len(group) > len({row.listing.source_type for row in group})
    ]
    return [_one(group) for group in groups.values()], duplicates


def _one(group: Sequence[RowReading]) -> RowReading:
    """One reading for all entries of one model, listed as the first of them says."""
    if len(group) == 1:
        return group[0]
    cells = [cell for row in group for cell in row.cells]
    owners = [owner for owner, row in enumerate(group) for _ in row.cells]
    # Of two values under equal keys both are cells of one place, and neither makes a claim.
    places = {
        (owner, cell.locator): n for n, (owner, cell) in enumerate(zip(owners, cells, strict=True))
    }

    def mark(owned: Owned, outcome: Outcome, reason: str, detail: str) -> None:
        place = places.get((owned[0], owned[1].locator))
        if place is not None:
            cells[place] = replace(cells[place], outcome=outcome, reason=reason, detail=detail)

    owned = [(owner, claim) for owner, row in enumerate(group) for claim in row.claims]
    return replace(
        group[0],
        claims=tuple(claim for _, claim in reconcile(owned, mark)),
        cells=tuple(cells),
        drift=tuple(drift for row in group for drift in row.drift),
    )
