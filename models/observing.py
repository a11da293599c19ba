"""Resolve: from what a source says, under its own names, to sightings of offerings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from models.catalogue import Catalogue
from models.history.observation import Observation, Sighting
from models.history.statement import Statement, statements_of
from models.reading import CellResult, Outcome, RowReading
from models.registry import Source

# Many times the rows of all lists; beyond it, what is met again is worked out once more.
_MOST_KEPT: Final = 20_000


@dataclass(slots=True)
class StatementMemo:
    """Statements of rows met before; the same row object gives the same mapping object, which is
    how an unchanged row is recognised without comparing it."""

    _kept: dict[int, tuple[RowReading, Mapping[str, Statement], frozenset[str]]] = field(
        default_factory=dict[int, tuple[RowReading, Mapping[str, Statement], frozenset[str]]]
    )

    def of(self, row: RowReading) -> tuple[Mapping[str, Statement], frozenset[str]]:
        """The statements of a row by meter, and the locators of its refused cells."""
        kept = self._kept.get(id(row))
        if kept is not None and kept[0] is row:
            return kept[1], kept[2]
        statements = statements_of(row.claims)
        refused = frozenset(cell.locator for cell in row.refused)
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[id(row)] = (row, statements, refused)
        return statements, refused


@dataclass(frozen=True, slots=True)
class Asked:
    """Which source was asked, for what, and when."""

    source: Source
    scope: str
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class Observed:
    """An observation, and the cells that two rows of one offering disagree about."""

    observation: Observation
    conflicts: tuple[CellResult, ...]


def observe(
    asked: Asked, rows: Iterable[tuple[RowReading, str]], catalogue: Catalogue, memo: StatementMemo
) -> Observed:
    """Resolve the rows of one healthy fetch, each with the SHA-256 of the body it stood in.

    Rows of one offering that state the same merge; where they state a meter differently neither is
    believed, and the cells are given back as conflicts.
    """
    sightings: dict[tuple[str, str], Sighting] = {}
    conflicts: list[CellResult] = []
    capture = ""
    for row, sha in rows:
        capture = capture or sha
        statements, refused = memo.of(row)
        for key in catalogue.targets(row.listing):
            also = catalogue.also_named(*key)
            new = Sighting(*key, row.listing, statements, sha, refused, also)
            old = sightings.get(key)
            sightings[key] = new if old is None else _merged(old, new, conflicts)
    return Observed(
        Observation(
            asked.source.code,
            asked.source.precedence,
            asked.scope,
            asked.fetched_at,
            tuple(sightings.values()),
            capture,
            frozenset(asked.source.covers if asked.scope == asked.source.scope else ()),
            asked.source.lists,
        ),
        tuple(conflicts),
    )


def _merged(old: Sighting, new: Sighting, conflicts: list[CellResult]) -> Sighting:
    statements = dict(old.statements)
    refused = set(old.unreadable | new.unreadable)
    for meter, statement in new.statements.items():
        other = statements.setdefault(meter, statement)
        if not other.same_as(statement):
            del statements[meter]
            both = [*other.rates, *statement.rates]
            texts = " and ".join(rate.raw_text for rate in both)
            for rate in both:
                refused.add(rate.locator)
                detail = f"two rows of {new.model_id} disagree on {meter}: {texts}"
                conflicts.append(
                    CellResult(
                        rate.locator,
                        rate.raw_text,
                        Outcome.REJECTED,
                        "conflicting_rows",
                        detail,
                    )
                )
    return replace(old, statements=statements, unreadable=frozenset(refused))
