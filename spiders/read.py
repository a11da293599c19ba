"""From the bodies of one fetch to claims, with every price cell accounted for.

Each source's file has a reader (:mod:`spiders.reader`), which is pure. :func:`verify` counts the
cells again with a walker that shares no code with the readers, and is meant to run at every load.
Over 38 recordings, six hours apart, reading took 0.6 times the processor time of decompressing and
``json.loads`` alone, reading and verifying 1.3 times (2026-11).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from models.reading import CellResult, ExtractError, PageReading
from models.registry import SOURCES
from spiders.bounds import refuse_huge_page
from spiders.reader import Body, Memo
from spiders.sources import reader_of
from spiders.walker import WalkedCell

__all__ = ["Body", "Discrepancy", "Memo", "read_body", "read_fetch", "verify"]


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
    Conditions are in their one spelling, whatever the source's reader made of them.
    Raises ExtractError when one of the bodies cannot be what the source publishes.
    """
    memo = Memo() if memo is None else memo
    if SOURCES[source].kind == "page":
        for body, _ in bodies:
            refuse_huge_page(body)
    try:
        reading = reader_of(source).read(bodies, fetched_at, memo)
    except RecursionError as error:
        raise ExtractError("depth", "the body is nested too deeply to be read") from error
    return replace(
        reading,
        rows=tuple(map(memo.respelled, reading.rows)),
        noted=tuple((memo.respelled(row), page) for row, page in reading.noted),
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


def verify(
    source: str, bodies: Sequence[bytes], reading: PageReading, memo: Memo | None = None
) -> list[Discrepancy]:
    """Whether every price cell of the bodies has exactly one outcome in their reading.

    Empty when all is accounted for. Cells are told apart by locator and text together, and counted,
    so that a text read wrong is noticed as much as a cell forgotten.
    """
    memo = memo or Memo()
    walk = reader_of(source).walk
    in_body = [cells for body in bodies for cells in walk(body, memo.walked) if cells]
    in_reading = [row.cells for row in reading.rows if row.cells]
    if reading.extra_cells:
        in_reading.append(reading.extra_cells)
    # Mostly they agree entry by entry, in the body's order.
    if len(in_body) == len(in_reading) and all(map(memo.agree, in_body, in_reading)):
        return []
    walked, settled = _counted(in_body), _counted(in_reading)
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


def _counted(groups: Iterable[Iterable[WalkedCell | CellResult]]) -> Counter[tuple[str, str]]:
    return Counter((cell.locator, cell.raw_text) for cells in groups for cell in cells)
