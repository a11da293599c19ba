"""From the bodies of one fetch to claims, with every price cell accounted for.

Each source's ``extract`` takes a body apart, its ``interpret`` says what one row amounts to; both
are pure. A row equal to the one read before at the same place is not interpreted again
(:class:`Memo`): between two fetches six hours apart some 394 of 399 models are equal (2026-08).

:func:`verify` counts the cells again with a walker that shares no code with the readers, and is
meant to run at every load. Over 38 recordings reading took twice the processor time of
decompressing and ``json.loads`` alone, reading and verifying three to four times (2026-11).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final, TypeAlias

from models.reading import (
    CellResult,
    Drift,
    ExtractError,
    Listing,
    Outcome,
    PageReading,
    Row,
    RowReading,
)
from spiders import walker
from spiders.sources import (
    aiml_models,
    aiml_pricing_page,
    aiml_units,
    openrouter_models,
    openrouter_pricing,
    page_prices,
)
from spiders.sources.catalogue import Extract
from spiders.twins import Owned, reconcile

Body: TypeAlias = tuple[bytes, str]
"""A body and the url it came from."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """How one JSON list of models is read, row by row.

    ``is_time_dependent`` tells of a row whether its reading depends on the time of day of the
    fetch.
    """

    source: str
    extract: Callable[[bytes, str], Extract]
    interpret: Callable[[Row, datetime], RowReading]
    is_time_dependent: Callable[[Row], bool]

    def read(self, bodies: Sequence[Body], fetched_at: datetime, memo: Memo) -> PageReading:
        """Read all pages of one fetch as one; a model listed twice comes out once."""
        extracts = [self.extract(body, url) for body, url in bodies]
        rows = [memo.row(self, row, fetched_at) for extracted in extracts for row in extracted.rows]
        folded, duplicates = _folded(rows)
        drifts = [drift for extracted in extracts for drift in extracted.drift]
        drifts += [drift for row in rows for drift in row.drift]
        return PageReading(
            rows=tuple(folded),
            extra_cells=tuple(cell for extracted in extracts for cell in extracted.orphans),
            drift=(*_summed(drifts), *duplicates),
            pages=_pages_of(folded, rows, [len(extracted.rows) for extracted in extracts]),
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


class Memo:
    """The last reading of every row, and of every page as a whole, kept between fetches.

    Reading is pure, so that what is equal reads equal; the time of day counts as part of a row
    where it matters.
    """

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], tuple[Row, int | None, RowReading]] = {}
        self._pages: dict[str, tuple[list[Body], PageReading]] = {}

    def row(self, catalogue: Catalogue, row: Row, fetched_at: datetime) -> RowReading:
        """The reading of a row, from memory where the same row was read last."""
        minute = _minute(fetched_at) if catalogue.is_time_dependent(row) else None
        key = catalogue.source, row.locator
        last = self._rows.get(key)
        if last is not None and last[1] == minute and last[0] == row:
            return last[2]
        reading = catalogue.interpret(row, fetched_at)
        self._rows[key] = row, minute, reading
        return reading

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


def _read_page(bodies: Sequence[Body], fetched_at: datetime, memo: Memo) -> PageReading:
    """Read the pricing page, which settles its twins over all its pages itself."""

    def read() -> PageReading:
        url = bodies[0][1] if bodies else aiml_pricing_page.URL
        pages = aiml_pricing_page.read([body for body, _ in bodies], url)
        rows = tuple(row for page in pages for row in page.rows)
        drifts = [drift for page in pages for drift in page.drift]
        drifts += [drift for row in rows for drift in row.drift]
        cells = tuple(cell for page in pages for cell in page.extra_cells)
        bodies_of = tuple(body for body, page in enumerate(pages) for _ in page.rows)
        return PageReading(rows, cells, _summed(drifts), bodies_of)

    return memo.page(page_prices.SOURCE, bodies, read)


@dataclass(frozen=True, slots=True)
class Reader:
    """How one source is read, and how its price cells are counted without the reader's help."""

    read: Callable[[Sequence[Body], datetime, Memo], PageReading]
    walk: Callable[[bytes], Iterable[walker.WalkedCell]]


CATALOGUES: Final[Mapping[str, Catalogue]] = MappingProxyType(
    {
        source: Catalogue(source, module.extract_all, module.interpret, module.is_time_dependent)
        for source, module in (
            (openrouter_pricing.SOURCE, openrouter_models),
            (aiml_units.SOURCE, aiml_models),
        )
    }
)
READERS: Final[Mapping[str, Reader]] = MappingProxyType(
    {
        **{
            source: Reader(catalogue.read, walker.walk_json)
            for source, catalogue in CATALOGUES.items()
        },
        page_prices.SOURCE: Reader(_read_page, walker.walk_html),
    }
)


def read_body(
    source: str, body: bytes, url: str, fetched_at: datetime, memo: Memo | None = None
) -> PageReading:
    """Read one body; raises ExtractError when it cannot be what the source publishes."""
    return read_fetch(source, [(body, url)], fetched_at, memo)


def read_fetch(
    source: str, bodies: Sequence[Body], fetched_at: datetime, memo: Memo | None = None
) -> PageReading:
    """Read all pages of one fetch as one.

    A model that is listed twice for one operation comes out once: with the claims its entries agree
    on, and the outcomes of all their cells. ``drift`` sums up that of the rows and of the pages.
    Raises ExtractError when one of the bodies cannot be what the source publishes.
    """
    try:
        return READERS[source].read(bodies, fetched_at, Memo() if memo is None else memo)
    except RecursionError as error:
        raise ExtractError("depth", "the body is nested too deeply to be read") from error


def _summed(drifts: Iterable[Drift]) -> tuple[Drift, ...]:
    counts: Counter[tuple[str, str]] = Counter()
    for drift in drifts:
        counts[drift.kind, drift.what] += drift.count
    return tuple(Drift(kind, what, count) for (kind, what), count in sorted(counts.items()))


def _identity(listing: Listing) -> tuple[str, ...]:
    if listing.model_id is not None:
        return (listing.model_id, listing.operation)
    return (listing.developer, listing.name, listing.operation, listing.source_type)


def _folded(rows: Sequence[RowReading]) -> tuple[list[RowReading], list[Drift]]:
    groups: dict[tuple[str, ...], list[RowReading]] = {}
    for row in rows:
        groups.setdefault(_identity(row.listing), []).append(row)
    if len(groups) == len(rows):
        return list(rows), []
    duplicates = [
        Drift("duplicate", " ".join(identity), len(group))
        for identity, group in groups.items()
        if len(group) > 1
    ]
    return [_one(group) for group in groups.values()], duplicates


def _one(group: Sequence[RowReading]) -> RowReading:
    """One reading for all entries of one model, listed as the first of them says."""
    if len(group) == 1:
        return group[0]
    results = {(owner, cell.locator): cell for owner, row in enumerate(group) for cell in row.cells}

    def mark(owned: Owned, outcome: Outcome, reason: str, detail: str) -> None:
        key = owned[0], owned[1].locator
        if key in results:
            results[key] = replace(results[key], outcome=outcome, reason=reason, detail=detail)

    owned = [(owner, claim) for owner, row in enumerate(group) for claim in row.claims]
    return replace(
        group[0],
        claims=tuple(claim for _, claim in reconcile(owned, mark)),
        cells=tuple(results.values()),
        drift=tuple(drift for row in group for drift in row.drift),
    )


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """A price cell that does not have exactly one outcome.

    ``kind``: ``cell_without_outcome``, ``outcome_without_cell`` or ``two_outcomes``.
    """

    kind: str
    locator: str
    raw_text: str
    count: int = 1


def verify(source: str, bodies: Sequence[bytes], reading: PageReading) -> list[Discrepancy]:
    """Whether every price cell of the bodies has exactly one outcome in their reading.

    Empty when all is accounted for. Cells are told apart by locator and text together, and counted,
    so that a text read wrong is noticed as much as a cell forgotten.
    """
    walk = READERS[source].walk
    walked = Counter((cell.locator, cell.raw_text) for body in bodies for cell in walk(body))
    settled = Counter((cell.locator, cell.raw_text) for cell in _all_cells(reading))
    if walked == settled:
        return []
    missing = [
        Discrepancy("cell_without_outcome", locator, text, count)
        for (locator, text), count in (walked - settled).items()
    ]
    return missing + [
        Discrepancy(
            "two_outcomes" if (locator, text) in walked else "outcome_without_cell",
            locator,
            text,
            count,
        )
        for (locator, text), count in (settled - walked).items()
    ]


def _all_cells(reading: PageReading) -> Iterable[CellResult]:
    for row in reading.rows:
        yield from row.cells
    yield from reading.extra_cells
