"""Loading: every stored fetch that the warehouse lacks becomes history, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from flows.cycles import no_search_for_cycles
from flows.derive import Deriver
from flows.fingerprint import reader_fingerprint
from flows.loader import Loader, SellerLoad
from flows.report import LoadSummary
from flows.stored import SHORT_ID
from flows.times import readable
from flows.workspace import Workspace
from models.capture import Fetch, is_ahead
from models.history.reviews import Decision
from models.history.timeline import Cause
from warehouse import beliefs, now
from warehouse.database import open_writer, transaction
from warehouse.errors import MixedOriginsError, WarehouseError

if TYPE_CHECKING:
    import duckdb


def load(workspace: Workspace, fetches: Sequence[Fetch] | None = None) -> LoadSummary:
    """Load ``fetches``, or every stored fetch that the warehouse lacks, in one transaction.

    Where the history of a seller was derived by another reader, it is derived again with it.

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
    refuse_mixture(connection, workspace)
    pending, ahead = pending_of(connection, workspace, fetches)
    deriver = deriver_of(connection, workspace)
    anew = derived_anew(connection, workspace, deriver)
    by_seller: dict[str, list[Fetch]] = {seller: [] for seller in anew}
    for fetch in pending:
        by_seller.setdefault(fetch.seller, []).append(fetch)
    if not by_seller:
        return LoadSummary(ahead=ahead)
    derived = [
        _derive(connection, workspace, deriver, new, seller=seller, anew=anew.get(seller))
        for seller, new in sorted(by_seller.items())
    ]
    with transaction(connection):
        done = Loader(connection, workspace, deriver).write(pending, derived)
    return replace(done, ahead=ahead)


def pending_of(
    connection: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    fetches: Sequence[Fetch] | None = None,
) -> tuple[list[Fetch], tuple[str, ...]]:
    """What is to be loaded: neither loaded nor withdrawn; and what is not, as it cannot be yet.

    A recording has a clock of its own, and is held against the machine's when it is scanned.
    """
    known = beliefs.loaded_fetches(connection)
    besides = known.union(workspace.withdrawn())
    found = workspace.store.fetches(besides=known) if fetches is None else fetches
    waiting = [fetch for fetch in found if fetch.fetch_id not in besides]
    if workspace.origin == "replay":
        return waiting, ()
    now = workspace.clock.now()
    ahead = [fetch for fetch in waiting if is_ahead(fetch.fetched_at, now)]
    said = tuple(
        f"{fetch.source} {readable(fetch.fetched_at)} is dated later than this machine's clock "
        f"({readable(now)} UTC) and was not loaded: set the clock, or "
        f"`pricebook captures withdraw {fetch.fetch_id[:SHORT_ID]}`"
        for fetch in ahead
    )
    return [fetch for fetch in waiting if fetch not in ahead], said


def deriver_of(connection: duckdb.DuckDBPyConnection, workspace: Workspace) -> Deriver:
    """What derives history here: with the decisions of this warehouse and the checked names."""
    return deriver_with(beliefs.decisions(connection), workspace)


def deriver_with(decisions: Mapping[str, Decision], workspace: Workspace) -> Deriver:
    """What derives history here, with these decisions."""
    return Deriver(
        workspace.readings,
        decisions,
        workspace.settings.thresholds(),
        workspace.aliases,
        reader=reader_fingerprint(workspace.data_dir),
    )


def derived_anew(
    connection: duckdb.DuckDBPyConnection, workspace: Workspace, deriver: Deriver
) -> dict[str, Cause]:
    """The sellers whose history is to be derived again as a whole, and why.

    Either it was derived by other code, names or thresholds, or a fetch it rests on was withdrawn,
    or restored, since.
    """
    then, now_withdrawn = beliefs.withdrawn_fetches(connection), workspace.withdrawn()
    loaded = beliefs.sellers_of_fetches(connection)
    moved = then.symmetric_difference(fetch for fetch in now_withdrawn if fetch in loaded)
    because = {loaded[fetch]: Cause.EVIDENCE for fetch in moved}
    versions = beliefs.checkpoint_versions(connection)
    read_otherwise = [seller for seller, each in versions.items() if not deriver.reads_as(each)]
    return because | dict.fromkeys(read_otherwise, Cause.CORRECTION)


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


def _derive(
    connection: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    deriver: Deriver,
    fetches: Sequence[Fetch],
    *,
    seller: str,
    anew: Cause | None,
) -> SellerLoad:
    """Derive the history of one seller, all of whose new fetches these are; ``anew`` says why all
    of it has to be derived again, if it has to."""
    checkpoint = now.read_checkpoint(connection, seller)
    through = None if checkpoint is None else checkpoint.through
    derived = None if anew else deriver.resume(seller, checkpoint, fetches)
    if derived is not None:
        return SellerLoad(derived, Cause.CHANGE)
    new = frozenset(fetch.fetch_id for fetch in fetches)
    counted = new.union(beliefs.unreadable_fetches(connection, seller))
    everything = [*loaded_of(connection, workspace, seller), *fetches]
    derived = deriver.derive(seller, everything, counted, through)
    return SellerLoad(derived, anew or Cause.EVIDENCE)


def loaded_of(
    connection: duckdb.DuckDBPyConnection, workspace: Workspace, seller: str
) -> list[Fetch]:
    """A seller's fetches that are loaded and not withdrawn: what is only stored waits for its turn.

    Raises :class:`warehouse.errors.WarehouseError` when the record of a loaded fetch is gone:
    history must not be derived from what is left of the captures as if it were all of them.
    """
    known = beliefs.loaded_fetches(connection)
    loaded = [fetch for fetch in workspace.store.fetches() if fetch.fetch_id in known]
    gone = len(known) - len({fetch.fetch_id for fetch in loaded})
    if gone:
        damaged = [str(path) for path in workspace.store.damaged()]
        raise WarehouseError(
            f"{gone} of {len(known)} fetches that history rests on are missing or damaged in "
            f"{workspace.data_dir / 'captures'}{': ' if damaged else ''}{', '.join(damaged[:3])}: "
            "restore captures/ from a backup; nothing was changed"
        )
    withdrawn = workspace.withdrawn()
    return [f for f in loaded if f.seller == seller and f.fetch_id not in withdrawn]
