"""A person's word on what is held: remembered, applied to history, published."""

from __future__ import annotations

from dataclasses import dataclass

from flows.errors import NoSuchThingError, UsageError
from flows.finding import nearest_words
from flows.load import deriver_with, load_into
from flows.loader import Loader, SellerLoad
from flows.pipeline import publish
from flows.rebuilding import derive_whole
from flows.report import PublishSummary
from flows.settings import Settings
from flows.workspace import Workspace, open_workspace
from models.history.gates import Gate
from models.history.reviews import Decision
from models.history.timeline import Cause
from warehouse import beliefs
from warehouse.beliefs import Doubt
from warehouse.database import open_writer, transaction

PERSONS_WORD = frozenset({Decision.ACCEPT, Decision.REJECT})


@dataclass(frozen=True, slots=True)
class Decided:
    """What a decision was about, how many prices it moved, and what readers see now."""

    doubt: Doubt
    decision: Decision
    changes: int
    snapshot: PublishSummary | None


def decide(settings: Settings, review_id: str, decision: Decision) -> Decided:
    """Remember what a person decided of a doubt, derive history with it, and publish.

    A later decision stands before an earlier one. Raises NoSuchThingError for an id that no review
    has, and UsageError where the data settled the doubt, so that there is nothing to decide.
    """
    if decision not in PERSONS_WORD:
        raise ValueError(f"{decision} is no decision of a person")
    # Whatever the captures' origin, they are in this directory already: nothing can mix.
    workspace = open_workspace(settings, origin="backfill")
    with workspace.lock():
        doubt, changes = _apply(workspace, review_id, decision)
        return Decided(doubt, decision, changes, publish(workspace))


def _apply(workspace: Workspace, review_id: str, decision: Decision) -> tuple[Doubt, int]:
    with open_writer(workspace.data_dir) as connection:
        doubts = {doubt.review_id: doubt for doubt in beliefs.doubts(connection)}
        doubt = doubts.get(review_id)
        if doubt is None:
            raise NoSuchThingError(_unknown(review_id, list(doubts)))
        if doubt.decision is not None and doubt.decision not in PERSONS_WORD:
            raise UsageError(
                f"{review_id} is settled: the data themselves did that ({doubt.decision}), "
                "so there is nothing left to decide; see `pricebook review list --all`"
            )
        if doubt.gate == Gate.DISAGREEMENT:
            at = beliefs.next_moment(connection, workspace.clock.now())
            beliefs.record_decision(connection, review_id, decision, at)
            return doubt, 0  # It is known now; the price is what it was.
        # Where the code moved since the last run, that is corrected apart from the decision.
        load_into(connection, workspace, fetches=())
        deriver = deriver_with({**beliefs.decisions(connection), review_id: decision}, workspace)
        derived = derive_whole(connection, workspace, deriver, doubt.seller).derived
        with transaction(connection):
            loader = Loader(connection, workspace, deriver)
            beliefs.record_decision(connection, review_id, decision, loader.at)
            summary = loader.write([], [SellerLoad(derived, Cause.CHANGE)])
        return doubt, summary.changes


def _unknown(review_id: str, known: list[str]) -> str:
    near = f"; {nearest_words(review_id, known)}" if known else ""
    return f"no review is called {review_id!r}{near} (`pricebook review list --all` names them)"
