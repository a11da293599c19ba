"""Deriving all history again with today's code, and telling what differs from what is believed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows.corrections import LIFE_FIELDS, PRICE_FIELDS, Correction, differences, price_name
from flows.cycles import no_search_for_cycles
from flows.load import deriver_of, loaded_of, pending_of
from flows.loader import Loader, SellerLoad
from models.history.engine import standing_lives
from models.history.timeline import Cause, standing_rows
from warehouse import beliefs
from warehouse.database import open_writer, transaction

if TYPE_CHECKING:
    import duckdb

    from flows.derive import Deriver
    from flows.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What deriving again showed.

    ``loaded`` fetches were gone by; ``waiting`` are stored and not loaded yet, so nothing rests on
    them. ``unread`` says of fetches, in words, that today's code cannot read them and why.
    """

    corrections: tuple[Correction, ...]
    loaded: int
    waiting: int
    unread: tuple[str, ...]


@no_search_for_cycles()
def rebuild(workspace: Workspace, *, only_check: bool) -> Rebuilt:
    """Derive all history again with today's code and aliases; differences become corrections.

    Returns every difference between prices and between lives. With ``only_check`` nothing is
    written.
    """
    with open_writer(workspace.data_dir) as connection:
        deriver = deriver_of(connection, workspace)
        known = beliefs.loaded_fetches(connection)
        waiting, _ = pending_of(connection, workspace)
        stored = list(workspace.store.fetches())
        sellers = sorted({fetch.seller for fetch in stored if fetch.fetch_id in known})
        loads = [derive_whole(connection, workspace, deriver, seller) for seller in sellers]
        found = tuple(each for load in loads for each in _corrections(connection, load))
        if not only_check:
            with transaction(connection):
                Loader(connection, workspace, deriver).write([], loads)
    named = {fetch.fetch_id: f"{fetch.source} {fetch.fetched_at.isoformat()}" for fetch in stored}
    unread = tuple(
        f"{named[fetch_id]}: {why}"
        for load in loads
        for fetch_id, why in load.derived.unread.items()
    )
    return Rebuilt(found, len(known), len(waiting), unread)


def derive_whole(
    connection: duckdb.DuckDBPyConnection, workspace: Workspace, deriver: Deriver, seller: str
) -> SellerLoad:
    """Derive all of a seller's history again from the captures that are loaded."""
    fetches = loaded_of(connection, workspace, seller)
    # None of them is new: whatever differs, differs by how they are read.
    through = max((fetch.fetched_at for fetch in fetches), default=None)
    counted = frozenset(beliefs.unreadable_fetches(connection, seller))
    return SellerLoad(deriver.derive(seller, fetches, counted, through), Cause.CORRECTION)


def _corrections(connection: duckdb.DuckDBPyConnection, load: SellerLoad) -> Iterator[Correction]:
    derived, seller = load.derived, load.derived.seller
    added = derived.added
    rows = [row for _, row in standing_rows(added.prices, added.untrue)[0]]
    ids = {key: offering.model_id for key, offering in derived.book.offerings.items()}
    contents = [beliefs.price_content(row) for row in rows]
    names = beliefs.price_names(connection, seller) | {
        content[0]: (ids[row.offering_id], row.meter, row.conditions)
        for content, row in zip(contents, rows, strict=True)
    }
    yield from differences(
        seller,
        beliefs.believed_prices(connection, seller),
        contents,
        PRICE_FIELDS,
        lambda price: price_name(*names[price]),
    )
    lives, _ = standing_lives(added.lifecycle, added.untrue_lifecycle)
    lived = beliefs.believed_lifecycle(connection, seller)
    once = {content[0]: content[4] for content in lived} | ids
    yield from differences(
        seller,
        lived,
        [beliefs.lifecycle_content(life) for life in lives],
        LIFE_FIELDS,
        once.__getitem__,
    )
