"""Writing what was derived: what is new is added, what no longer holds is taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flows.derive import Derived, Deriver, run_id
from flows.projection import (
    claims_now,
    disputes_now,
    identified,
    models_now,
    reviews_now,
    unmatched_now,
)
from flows.report import UNREADABLE, WITHDRAWN, LoadSummary, SourceLoad, told
from flows.workspace import Workspace
from models.capture import Fetch
from models.history.sizes import sizes_of
from models.history.timeline import Cause, PriceRow, standing_rows
from warehouse import beliefs, now
from warehouse import load as loading
from warehouse.checks import check
from warehouse.price_log import PriceLog
from warehouse.unpublished import begin_load

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class SellerLoad:
    """What was derived of a seller, and why it may differ from what is believed."""

    derived: Derived
    because: Cause


class Loader:
    """Writes what was derived; everything in here happens inside one transaction."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, workspace: Workspace, deriver: Deriver
    ) -> None:
        self.connection = connection
        self.workspace = workspace
        self.deriver = deriver
        self.at = beliefs.next_moment(connection, workspace.clock.now())
        self.prices = PriceLog(connection)

    def write(self, pending: Sequence[Fetch], loads: Sequence[SellerLoad]) -> LoadSummary:
        """Write the fetches and what was derived, check everything, and sum it up."""
        unread = {fetch_id: why for each in loads for fetch_id, why in each.derived.unread.items()}
        fetches = [_as_read(fetch, unread) for fetch in pending]
        known_kinds = self._kinds()
        begin_load(self.workspace.data_dir, self.at)
        loading.record_fetches(self.connection, fetches, self.at)
        changes = sum(self._write_seller(each) for each in loads)
        self._write_models(loads)
        self._note_withdrawals(unread)
        check(self.connection)
        return LoadSummary(
            tuple(_source_load(fetch, loads) for fetch in fetches),
            changes,
            tuple(sorted(self._kinds() - known_kinds)),
            tuple(
                f"{each.derived.seller}: {_WHY[each.because]}"
                for each in loads
                if each.derived.whole
            ),
        )

    def _kinds(self) -> set[str]:
        return beliefs.known_oddities(self.connection)

    def _write_seller(self, each: SellerLoad) -> int:
        derived, connection = each.derived, self.connection
        if derived.whole:
            self._replace_beliefs(each)
            self._note_rereadings(derived)
        else:
            self._take_back(derived)
        prices, life = derived.added.prices, derived.added.lifecycle
        loading.append_lifecycle(connection, derived.seller, life, self.at)
        self.prices.append(prices, self.at)
        loading.record_readings(connection, derived.counts)
        loading.record_refusals(connection, derived.refusals)
        now.replace_claims(connection, derived.seller, claims_now(derived.book), self.prices)
        self.prices.measure(sizes_of(derived.book))
        now.replace_reviews(connection, derived.seller, reviews_now(derived.book))
        disputes = disputes_now(derived.book, derived.added.disputes)
        now.replace_disputes(connection, derived.seller, disputes, is_whole=derived.whole)
        unmatched = unmatched_now(derived.book, derived.catalogue)
        now.replace_unmatched(connection, derived.seller, unmatched)
        checkpoint = self.deriver.checkpoint(derived)
        now.clear_checkpoint(connection, derived.seller)
        if checkpoint is not None:
            now.save_checkpoint(connection, checkpoint)
        return sum(row.kind is not None and row.cause is not Cause.CORRECTION for row in prices)

    def _take_back(self, derived: Derived) -> None:
        """Take back what newer fetches show to have been otherwise, such as an end seen late."""
        derived.added.settle()
        if derived.added.untrue:
            old = beliefs.believed_prices(self.connection, derived.seller)
            untrue = [beliefs.price_content(row) for row in derived.added.untrue]
            gone = [old[content] for content in untrue if content in old]
            self._retract("price", gone, Cause.EVIDENCE)
        if derived.added.untrue_lifecycle:
            lived = beliefs.believed_lifecycle(self.connection, derived.seller)
            past = [beliefs.lifecycle_content(row) for row in derived.added.untrue_lifecycle]
            self._retract("lifecycle", [lived[c] for c in past if c in lived], Cause.EVIDENCE)

    def _replace_beliefs(self, each: SellerLoad) -> None:
        """Keep what is derived again just as it was believed; take back and add the rest."""
        derived, connection = each.derived, self.connection
        old = beliefs.believed_prices(connection, derived.seller)
        rows = self._with_causes(derived, each.because)
        derived.added.settle()
        new = {beliefs.price_content(row): row for row in rows}
        gone = [content for content in old if content not in new]
        come = [row for content, row in new.items() if content not in old]
        if each.because is Cause.CORRECTION:
            come = self._with_causes_kept(derived.seller, come, {old[c]: c for c in gone})
        self._retract("price", [old[content] for content in gone], each.because)
        derived.added.prices = come
        derived.added.untrue = []
        lived = beliefs.believed_lifecycle(connection, derived.seller)
        lives = {beliefs.lifecycle_content(row): row for row in derived.added.lifecycle}
        past = [log_id for content, log_id in lived.items() if content not in lives]
        self._retract("lifecycle", past, each.because)
        derived.added.lifecycle = [row for content, row in lives.items() if content not in lived]

    def _note_rereadings(self, derived: Derived) -> None:
        """Fetches that could not be read and now can, or the reverse."""
        before = beliefs.unreadable_fetches(self.connection, derived.seller)
        again = [
            fetch
            for fetch in derived.fetches
            if (fetch.fetch_id in before) != (fetch.fetch_id in derived.unread)
        ]
        loading.record_rereadings(
            self.connection, [_as_read(fetch, derived.unread) for fetch in again], self.at
        )

    def _note_withdrawals(self, unread: Mapping[str, str]) -> None:
        """Fetches that were taken out of the derivation since they were loaded, or back into it."""
        then = beliefs.withdrawn_fetches(self.connection)
        loaded, why = beliefs.loaded_fetches(self.connection), self.workspace.withdrawn()
        moved = then.symmetric_difference(fetch_id for fetch_id in why if fetch_id in loaded)
        if not moved:
            return
        again = [
            _withdrawn(fetch, why[fetch.fetch_id])
            if fetch.fetch_id in why
            else _as_read(fetch, unread)
            for fetch in self.workspace.store.fetches()
            if fetch.fetch_id in moved
        ]
        loading.record_rereadings(self.connection, again, self.at)

    def _retract(self, log: str, log_ids: Sequence[int], because: Cause) -> None:
        """Take beliefs back. A seller's change takes nothing back, so a decision does it there."""
        reason = _WHY[because]
        if because is Cause.CHANGE:
            because, reason = Cause.CORRECTION, "a review was decided"
        retraction = loading.Retraction(log, log_ids, str(because), reason)
        loading.retract(self.connection, retraction, self.at)

    def _with_causes(self, derived: Derived, because: Cause) -> list[PriceRow]:
        """What is learned now about a time that was taken in before is no change of the seller's,
        unless newer fetches were needed to see it."""
        rows, _ = standing_rows(derived.added.prices, derived.added.untrue)
        if because is Cause.CHANGE:
            return [row for _, row in rows]
        return [replace(row, cause=because) if place < derived.tail else row for place, row in rows]

    def _with_causes_kept(
        self, seller: str, come: Sequence[PriceRow], gone: Mapping[int, beliefs.Content]
    ) -> list[PriceRow]:
        """A move that is there as before stays the seller's, whatever else is read otherwise.

        ``gone`` are the rows that are taken back, by log id.
        """
        if not gone:
            return list(come)
        causes = beliefs.causes(self.connection, seller)
        known = {beliefs.move_of(content): causes[log_id] for log_id, content in gone.items()}
        kept = [known.get(beliefs.move_of(beliefs.price_content(row))) for row in come]
        return [
            row if cause is None or row.kind is None else replace(row, cause=Cause(cause))
            for row, cause in zip(come, kept, strict=True)
        ]

    def _write_models(self, loads: Sequence[SellerLoad]) -> None:
        sellers = {each.derived.seller for each in loads}
        rows = [row for row in now.read_models(self.connection) if row.seller not in sellers]
        for each in loads:
            rows += models_now(each.derived.book, each.derived.catalogue)
        now.replace_models(self.connection, identified(rows, self.deriver.aliases))


_WHY = {
    Cause.CHANGE: "",
    Cause.EVIDENCE: (
        "a capture arrived that is older or says what an earlier name meant, or one was withdrawn"
    ),
    Cause.CORRECTION: "reading rules, aliases or review decisions are not what they were",
}


def _as_read(fetch: Fetch, unread: Mapping[str, str]) -> loading.LoadedFetch:
    why = unread.get(fetch.fetch_id)
    outcome = str(fetch.outcome) if why is None else UNREADABLE
    return loading.LoadedFetch(
        run_id(fetch.origin, fetch.fetched_at), fetch, outcome, why or fetch.detail
    )


def _withdrawn(fetch: Fetch, why: str) -> loading.LoadedFetch:
    return loading.LoadedFetch(run_id(fetch.origin, fetch.fetched_at), fetch, WITHDRAWN, why)


def _source_load(each: loading.LoadedFetch, loads: Sequence[SellerLoad]) -> SourceLoad:
    counted = {c.fetch_id: c for load_ in loads for c in load_.derived.counts}
    fetch = each.fetch
    counts = counted.get(fetch.fetch_id)
    if counts is None:
        return SourceLoad(fetch.source, fetch.fetched_at, each.outcome, each.detail)
    cells = counts.cells
    return SourceLoad(
        fetch.source,
        fetch.fetched_at,
        each.outcome,
        each.detail,
        cells.get("cells", 0),
        cells.get("claim", 0),
        cells.get("rejected", 0),
        counts.new,
        counts.changed,
        counts.held,
        told(counts.drift),
    )
