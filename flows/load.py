"""Loading: every stored fetch that the warehouse lacks becomes history, in one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flows.cycles import no_search_for_cycles
from flows.derive import Derived, Deriver, run_id
from flows.projection import claims_now, identified, models_now, reviews_now, unmatched_now
from flows.report import UNREADABLE, LoadSummary, SourceLoad, told
from flows.workspace import Workspace
from models.capture import Fetch
from models.history.reviews import Decision
from models.history.sizes import sizes_of
from models.history.timeline import Cause, PriceRow, standing_rows
from warehouse import beliefs, now
from warehouse import load as loading
from warehouse.checks import check
from warehouse.database import open_writer, transaction
from warehouse.errors import MixedOriginsError
from warehouse.price_log import PriceLog
from warehouse.unpublished import begin_load

if TYPE_CHECKING:
    import duckdb


def load(workspace: Workspace, fetches: Sequence[Fetch] | None = None) -> LoadSummary:
    """Load ``fetches``, or every stored fetch that the warehouse lacks, in one transaction.

    Raises :class:`warehouse.errors.MixedOriginsError` before anything is written when the captures
    are of another origin than the warehouse's.
    """
    with open_writer(workspace.data_dir) as connection:
        return load_into(connection, workspace, fetches)


@no_search_for_cycles()
def load_into(
    connection: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    fetches: Sequence[Fetch] | None = None,
) -> LoadSummary:
    """Do what :func:`load` does where the writer's database is open already."""
    known = beliefs.loaded_fetches(connection)
    found = workspace.store.fetches(besides=known) if fetches is None else fetches
    pending = [fetch for fetch in found if fetch.fetch_id not in known]
    refuse_mixture(connection, workspace)
    if not pending:
        return LoadSummary()
    by_seller: defaultdict[str, list[Fetch]] = defaultdict(list)
    for fetch in pending:
        by_seller[fetch.seller].append(fetch)
    deriver = deriver_of(connection, workspace)
    derived = [
        _derive(connection, workspace, deriver, fetches, known)
        for _, fetches in sorted(by_seller.items())
    ]
    with transaction(connection):
        return Loader(connection, workspace, deriver).write(pending, derived)


def deriver_of(connection: duckdb.DuckDBPyConnection, workspace: Workspace) -> Deriver:
    """What derives history here: with the decisions of this warehouse and the checked names."""
    return deriver_with(beliefs.decisions(connection), workspace)


def deriver_with(decisions: Mapping[str, Decision], workspace: Workspace) -> Deriver:
    """What derives history here, with these decisions."""
    thresholds = workspace.settings.thresholds()
    return Deriver(workspace.readings, decisions, thresholds, workspace.aliases)


def refuse_mixture(connection: duckdb.DuckDBPyConnection, workspace: Workspace) -> None:
    """Recorded data and live data must not share a warehouse: an analyst could not tell them apart.

    Raises :class:`warehouse.errors.MixedOriginsError`.
    """
    there = beliefs.origins(connection)
    if workspace.origin == "live" and "replay" in there:
        raise MixedOriginsError(
            f"{workspace.data_dir} holds replayed captures, and a live run would mix with them: "
            "use another directory, for example --data-dir data"
        )
    if workspace.origin == "replay" and "live" in there:
        raise MixedOriginsError(
            f"{workspace.data_dir} holds captures of the real sites, and a replay would mix with "
            "them: use another directory, for example --data-dir demo"
        )


@dataclass(frozen=True, slots=True)
class SellerLoad:
    """What was derived of a seller, and why it may differ from what is believed."""

    derived: Derived
    because: Cause


def _derive(
    connection: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    deriver: Deriver,
    fetches: Sequence[Fetch],
    known: Collection[str],
) -> SellerLoad:
    """Derive the history of one seller, all of whose new fetches these are."""
    seller = fetches[0].seller
    checkpoint = now.read_checkpoint(connection, seller)
    through = None if checkpoint is None else checkpoint.through
    derived = deriver.resume(seller, checkpoint, fetches)
    if derived is not None:
        return SellerLoad(derived, Cause.CHANGE)
    is_same_code = checkpoint is not None and checkpoint.version == deriver.version()
    because = Cause.EVIDENCE if is_same_code else Cause.CORRECTION
    new = frozenset(fetch.fetch_id for fetch in fetches)
    counted = new.union(beliefs.unreadable_fetches(connection, seller))
    # Stored and not loaded yet: its turn comes, and until then nothing may rest on it.
    everything = [
        fetch
        for fetch in workspace.store.fetches()
        if fetch.seller == seller and (fetch.fetch_id in known or fetch.fetch_id in new)
    ]
    return SellerLoad(deriver.derive(seller, everything, counted, through), because)


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
        begin_load(self.workspace.data_dir, self.at)
        known_kinds = self._kinds()
        loading.record_fetches(self.connection, fetches, self.at)
        changes = sum(self._write_seller(each) for each in loads)
        self._write_models(loads)
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
        unmatched = unmatched_now(derived.book, derived.catalogue)
        now.replace_unmatched(connection, derived.seller, unmatched)
        checkpoint = self.deriver.checkpoint(derived)
        if checkpoint is not None:
            now.save_checkpoint(connection, checkpoint)
        return sum(1 for row in prices if row.kind is not None)

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
        gone = [log_id for content, log_id in old.items() if content not in new]
        self._retract("price", gone, each.because)
        derived.added.prices = [row for content, row in new.items() if content not in old]
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

    def _write_models(self, loads: Sequence[SellerLoad]) -> None:
        sellers = {each.derived.seller for each in loads}
        rows = [row for row in now.read_models(self.connection) if row.seller not in sellers]
        for each in loads:
            rows += models_now(each.derived.book, each.derived.catalogue)
        now.replace_models(self.connection, identified(rows, self.deriver.aliases))


_WHY = {
    Cause.CHANGE: "",
    Cause.EVIDENCE: "a capture arrived that is older, or that says what an earlier name meant",
    Cause.CORRECTION: "reading rules, aliases or review decisions are not what they were",
}


def _as_read(fetch: Fetch, unread: Mapping[str, str]) -> loading.LoadedFetch:
    why = unread.get(fetch.fetch_id)
    outcome = str(fetch.outcome) if why is None else UNREADABLE
    return loading.LoadedFetch(
        run_id(fetch.origin, fetch.fetched_at), fetch, outcome, why or fetch.detail
    )


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
