"""Loading: every stored fetch that the warehouse lacks becomes history, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from flows.cycles import no_search_for_cycles
from flows.derive import Deriver
from flows.fingerprint import reader_fingerprint
from flows.loader import Loader, SellerLoad
from flows.report import LoadSummary
from flows.workspace import Workspace
from models.capture import Fetch
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
    known = beliefs.loaded_fetches(connection)
    found = workspace.store.fetches(besides=known) if fetches is None else fetches
    pending = [fetch for fetch in found if fetch.fetch_id not in known]
    refuse_mixture(connection, workspace)
    deriver = deriver_of(connection, workspace)
    by_seller: dict[str, list[Fetch]] = {
        seller: [] for seller in sellers_read_otherwise(connection, deriver)
    }
    for fetch in pending:
        by_seller.setdefault(fetch.seller, []).append(fetch)
    if not by_seller:
        return LoadSummary()
    derived = [
        _derive(connection, workspace, deriver, seller, new)
        for seller, new in sorted(by_seller.items())
    ]
    with transaction(connection):
        return Loader(connection, workspace, deriver).write(pending, derived)


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


def sellers_read_otherwise(
    connection: duckdb.DuckDBPyConnection, deriver: Deriver
) -> Sequence[str]:
    """The sellers whose history was derived by other code, names or thresholds."""
    versions = beliefs.checkpoint_versions(connection)
    return [seller for seller, version in versions.items() if not deriver.reads_as(version)]


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
    seller: str,
    fetches: Sequence[Fetch],
) -> SellerLoad:
    """Derive the history of one seller, all of whose new fetches these are."""
    checkpoint = now.read_checkpoint(connection, seller)
    through = None if checkpoint is None else checkpoint.through
    derived = deriver.resume(seller, checkpoint, fetches)
    if derived is not None:
        return SellerLoad(derived, Cause.CHANGE)
    is_read_alike = checkpoint is not None and deriver.reads_as(checkpoint.version)
    because = Cause.EVIDENCE if is_read_alike else Cause.CORRECTION
    new = frozenset(fetch.fetch_id for fetch in fetches)
    counted = new.union(beliefs.unreadable_fetches(connection, seller))
    everything = [*loaded_of(connection, workspace, seller), *fetches]
    return SellerLoad(deriver.derive(seller, everything, counted, through), because)


def loaded_of(
    connection: duckdb.DuckDBPyConnection, workspace: Workspace, seller: str
) -> list[Fetch]:
    """A seller's fetches that are loaded: what is only stored has to wait for its turn.

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
    return [fetch for fetch in loaded if fetch.seller == seller]
