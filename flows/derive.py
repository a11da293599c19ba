"""Deriving one seller's history: from the newest checkpoint on, or from the first capture.

Both ways run the same rules over the same captures in the order of their times, so they agree. The
short way is taken when every new fetch is newer than what was taken in before and no name has come
to mean something else; everything else derives the whole history again and compares it with what is
believed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from pydantic import TypeAdapter

from flows.readings import ReadFetch, Readings, UnaccountedError
from models.capture import Fetch
from models.catalogue import Catalogue, same_meaning
from models.coverage import coverage_of, falls
from models.history.codec import STATE_VERSION, dump_book, load_book
from models.history.engine import Added, Book
from models.history.reviews import Decision
from models.history.thresholds import Thresholds
from models.identity import Alias, load_aliases
from models.ids import stable_id
from models.observing import Asked, StatementMemo, observe
from models.reading import CellResult, Drift, ExtractError
from models.registry import SOURCES, inside_of
from warehouse.load import ReadingCounts, Refusal
from warehouse.now import Checkpoint


@dataclass(slots=True)
class _Kept:
    """What a checkpoint holds: the book and the catalogue, each as JSON of its own."""

    book: str
    catalogue: Catalogue


_KEPT = TypeAdapter(_Kept)


@dataclass(slots=True)
class Derived:
    """What became of a seller's fetches.

    ``whole`` says that all of history was derived again, so ``added`` is all of it and has to be
    compared with what is believed; its rows from ``tail`` on were seen in fetches that are newer
    than all that was known. ``fetches`` are the healthy ones, ``unread`` maps the id of one that
    could not be read to why.
    """

    seller: str
    book: Book
    catalogue: Catalogue
    whole: bool
    added: Added = field(default_factory=Added)
    tail: int = 0
    counts: list[ReadingCounts] = field(default_factory=list[ReadingCounts])
    refusals: list[Refusal] = field(default_factory=list[Refusal])
    fetches: list[Fetch] = field(default_factory=list[Fetch])
    unread: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(slots=True)
class Deriver:
    """Derives history with one set of rules, decisions, checked names and remembered rows.

    ``reader`` is the fingerprint of the code that reads and judges (:mod:`flows.fingerprint`).
    """

    readings: Readings
    decisions: Mapping[str, Decision]
    thresholds: Thresholds = field(default_factory=Thresholds)
    aliases: Sequence[Alias] = field(default_factory=load_aliases)
    statements: StatementMemo = field(default_factory=StatementMemo)
    reader: str = ""

    def version(self) -> str:
        """Names everything besides captures that history depends on.

        What :meth:`reads_as` compares comes first, then a person's decisions.
        """
        decided = sorted(f"{review}={decision}" for review, decision in self.decisions.items())
        return f"{self._rules()}-{_digest(decided)}"

    def reads_as(self, version: str) -> bool:
        """Whether a history of this version was derived by the same code, names and thresholds."""
        return version.rpartition("-")[0] == self._rules()

    def _rules(self) -> str:
        return f"{STATE_VERSION}-{self.reader}-{_digest((self.thresholds, tuple(self.aliases)))}"

    def checkpoint(self, derived: Derived) -> Checkpoint | None:
        """What to keep of a seller for next time; None while nothing was ever taken in."""
        if derived.book.last_at is None:
            return None
        kept = _Kept(dump_book(derived.book).decode(), derived.catalogue)
        through = derived.book.last_at
        return Checkpoint(derived.seller, self.version(), through, _KEPT.dump_json(kept))

    def resume(
        self, seller: str, checkpoint: Checkpoint | None, new: Sequence[Fetch]
    ) -> Derived | None:
        """Take in new fetches where the checkpoint left off; None when that is not possible."""
        book, catalogue = self._empty(seller)
        if checkpoint is not None:
            if checkpoint.version != self.version():
                return None
            kept = _KEPT.validate_json(checkpoint.state)
            load_book(kept.book.encode(), book)
            catalogue = replace(kept.catalogue, aliases=self.aliases)
            catalogue.settle()
            if any(fetch.fetched_at <= checkpoint.through for fetch in new if fetch.is_healthy):
                return None
        before = dict(catalogue.mapping())
        derived = Derived(seller, book, catalogue, whole=False)
        read = self._read_all(derived, new)
        if not same_meaning(before, catalogue.mapping()):
            return None
        self._apply_all(derived, read)
        return derived

    def derive(
        self,
        seller: str,
        fetches: Iterable[Fetch],
        counted: frozenset[str],
        through: datetime | None,
    ) -> Derived:
        """Derive all of a seller's history; accounts for the cells of the ``counted`` fetches.

        ``through`` is the newest fetch that was taken in before.
        """
        book, catalogue = self._empty(seller)
        derived = Derived(seller, book, catalogue, whole=True)
        self._apply_all(derived, self._read_all(derived, fetches), through)
        derived.counts = [each for each in derived.counts if each.fetch_id in counted]
        return derived

    def _empty(self, seller: str) -> tuple[Book, Catalogue]:
        book = Book(seller, self.thresholds, self.decisions)
        return book, Catalogue(seller, self.aliases)

    def _read_all(self, derived: Derived, fetches: Iterable[Fetch]) -> list[ReadFetch]:
        """Read everything first: what a name means depends on all of it, not on what came first."""
        read = [each for fetch in in_order(fetches) if (each := self._read(derived, fetch))]
        for each in read:
            listings = [row.listing for row, _ in each.rows]
            if SOURCES[each.fetch.source].lists:
                derived.catalogue.add(each.fetch.source, listings, each.fetch.fetched_at)
        derived.catalogue.settle()
        return read

    def _apply_all(
        self, derived: Derived, read: Sequence[ReadFetch], through: datetime | None = None
    ) -> None:
        taken: set[tuple[object, ...]] = set()
        for each in read:
            fetch = each.fetch
            # A recording may be loaded twice, from disk and replayed: it is one look at a source.
            look = (fetch.source, fetch.scope, fetch.fetched_at, fetch.shas)
            if look in taken:
                derived.counts.append(
                    ReadingCounts(fetch.fetch_id, each.cells, 0, 0, 0, _as_json(each.drift))
                )
                continue
            taken.add(look)
            self._apply(derived, each)
            if through is not None and fetch.fetched_at <= through:
                derived.tail = len(derived.added.prices)

    def _read(self, derived: Derived, fetch: Fetch) -> ReadFetch | None:
        if not fetch.is_healthy:
            return None
        derived.fetches.append(fetch)
        try:
            return self.readings.read(fetch)
        except (ExtractError, UnaccountedError) as error:
            derived.unread[fetch.fetch_id] = str(error)
            return None

    def _falls(self, derived: Derived, read: ReadFetch) -> list[Drift]:
        """What is priced no more, measured by the fetch of the same scope before."""
        known = derived.book.sources[read.fetch.source].coverage
        before = known.get(read.fetch.scope)
        known[read.fetch.scope] = coverage = coverage_of(row for row, _ in read.rows)
        return falls(before, coverage) if before is not None else []

    def _apply(self, derived: Derived, read: ReadFetch) -> None:
        fetch, book = read.fetch, derived.book
        asked = Asked(SOURCES[fetch.source], fetch.scope, fetch.fetched_at)
        observed = observe(asked, read.rows, derived.catalogue, self.statements)
        known_before = len(book.offerings)
        added = book.apply(observed.observation)
        derived.added += added
        self._apply_noted(derived, read)
        refused = [*read.refused, *((cell, fetch.shas[0]) for cell in observed.conflicts)]
        derived.refusals += [_refusal(fetch, cell, sha) for cell, sha in refused]
        moved = sum(1 for row in added.prices if row.kind is not None)
        drift = (*read.drift, *self._falls(derived, read))
        derived.counts.append(
            ReadingCounts(
                fetch.fetch_id,
                _recounted(read.cells, observed.conflicts),
                new=len(book.offerings) - known_before,
                changed=moved,
                held=len(added.doubts),
                drift=_as_json(drift),
            )
        )

    def _apply_noted(self, derived: Derived, read: ReadFetch) -> None:
        """Take in what the source says that stands inside this one's bodies; also when it is
        silent, which is how a note ends."""
        inner = inside_of(read.fetch.source)
        if inner is not None:
            asked = Asked(inner, read.fetch.scope, read.fetch.fetched_at)
            observed = observe(asked, read.noted, derived.catalogue, self.statements)
            derived.added += derived.book.apply(observed.observation)


def _digest(content: object) -> str:
    return hashlib.sha256(repr(content).encode()).hexdigest()[:16]


def _as_json(drift: Iterable[Drift]) -> str:
    found = [{"kind": each.kind, "what": each.what, "count": each.count} for each in drift]
    return json.dumps(found, separators=(",", ":"))


def in_order(fetches: Iterable[Fetch]) -> list[Fetch]:
    """Fetches in the order in which history takes them in.

    Of one time, notes come first: whether an absence means an end depends on what they say.
    """

    def order(fetch: Fetch) -> tuple[datetime, bool, int, str, str, str]:
        source = SOURCES[fetch.source]
        return (
            fetch.fetched_at,
            source.lists,
            source.precedence,
            fetch.source,
            fetch.scope,
            fetch.fetch_id,
        )

    return sorted(fetches, key=order)


def _recounted(cells: Mapping[str, int], conflicts: Sequence[CellResult]) -> dict[str, int]:
    """Cells that two rows disagree about were read as claims, and are refused after all."""
    moved = len({cell.locator for cell in conflicts})
    claims, rejected = cells.get("claim", 0), cells.get("rejected", 0)
    return {**cells, "claim": claims - moved, "rejected": rejected + moved}


def _refusal(fetch: Fetch, cell: CellResult, sha: str) -> Refusal:
    return Refusal(
        fetch.source, cell.locator, cell.raw_text, cell.reason, cell.detail, sha, fetch.fetched_at
    )


def run_id(origin: str, at: datetime) -> str:
    """A run is named by when it began, so that the same recording gives the same names."""
    return stable_id("run", origin, at.isoformat())
