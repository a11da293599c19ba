"""One fetch's worth of judging: which statements move a belief, and which are held."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from models.history import absence, beginning, holding, notes, refusals, repricing, slips
from models.history.disputes import Outcome, disputes_of
from models.history.gates import Gate, ratios
from models.history.gating import gate_for
from models.history.proposal import Begun, Proposal, Touched
from models.history.recall import remember
from models.history.reviews import Decision
from models.history.sizes import learn_sizes
from models.history.statement import as_far_as_read, as_seen_from_windows
from models.history.timeline import Cause, Kind, Segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from decimal import Decimal

    from models.history.engine import Book
    from models.history.observation import Observation, Sighting
    from models.history.state import Held, Offering, Slip, SourceState, Track
    from models.history.statement import Statement

_DECISIONS: Final = {
    Outcome.AGREED: Decision.AGREED,
    Outcome.CONFIRMED: Decision.CONFIRMED,
    Outcome.ACCEPTED: Decision.ACCEPT,
    Outcome.SUPERSEDED: Decision.LAPSED,
    Outcome.LAPSED: Decision.LAPSED,
}


@dataclass(slots=True)
class Step:
    """The judging of one admitted fetch.

    ``is_baseline``: the first of its scope, so that what it shows is new to us and no change.
    ``previous`` is the fetch of the same source and scope before it. ``source``, ``scope``, ``at``
    and ``capture`` are those of the fetch; the capture proves what was not in it.
    """

    book: Book
    observation: Observation
    state: SourceState
    is_baseline: bool
    previous: datetime | None
    proposals: list[Proposal] = field(default_factory=list[Proposal])
    begun: list[Begun] = field(default_factory=list[Begun])
    shared: list[tuple[Offering, str]] = field(default_factory=list["tuple[Offering, str]"])
    source: str = field(init=False)
    scope: str = field(init=False)
    at: datetime = field(init=False)
    capture: str = field(init=False)
    _touched: dict[str, Touched] = field(default_factory=dict[str, Touched])

    def __post_init__(self) -> None:
        """Keep at hand what is asked for at every price."""
        self.source = self.observation.source
        self.scope = self.observation.scope
        self.at = self.observation.fetched_at
        self.capture = self.observation.capture

    def last_read(self, scope: str) -> datetime:
        """The newest fetch of a scope before this one; there is one for whatever was seen in it."""
        return self.state.last_at.get(scope, self.at)

    def served_until(self, offering: Offering) -> datetime | None:
        """Up to when the seller says that it serves an offering, whoever lists it."""
        return notes.served_until(self.book, offering)

    def touch(self, offering: Offering, hint: Kind) -> Touched:
        """Remember that an offering's listing moved; the first reason given stands."""
        touched = self._touch(offering, hint)
        touched.is_by_listing = True
        return touched

    def _touch(self, offering: Offering, hint: Kind) -> Touched:
        touched = self._touched.get(offering.offering_id)
        if touched is None:
            touched = self._touched[offering.offering_id] = Touched(offering, hint)
        return touched

    def touched_offerings(self) -> Iterable[Touched]:
        """The offerings that moved, in the order in which they did."""
        return self._touched.values()

    def append(self, offering: Offering, meter: str, track: Track, segment: Segment) -> None:
        """Add a segment to a track."""
        remember(track.last_numbers, track.statement, segment.statement)
        if segment.statement is None:
            refusals.end_all(self, offering, meter, track, Outcome.LAPSED)
        track.segments.append(segment)
        self._touch(offering, segment.hint).meters.add(meter)

    def is_as_before(self, offering: Offering, sighting: Sighting) -> bool:
        """Whether a row that was read before says again what it said, and nothing is pending.

        Rows are remembered, so that an unchanged one is the same object. Where 5 % of the prices
        of 800 models moved, that is done with 652 of them (2026-11).
        """
        presence = offering.presences.get(self.source)
        return (
            presence is not None
            and presence.statements is sighting.statements
            and presence.listing is sighting.listing
            and not presence.pending
            and presence.absence is None
            and presence.ended_at is None
            and presence.scope == self.scope
            and (offering.model_id == sighting.model_id or sighting.listing.model_id is None)
        )

    def propose(self, offering: Offering, sighting: Sighting, hint: Kind) -> None:
        """Compare what a fetch says of an offering with what stands."""
        presence = offering.presences[self.source]
        is_same = presence.statements is sighting.statements
        if is_same and presence.scope == self.scope and not presence.pending:
            return
        learn_sizes(offering, sighting.statements)
        unread = refusals.unread_cells(sighting)
        pending, source = False, self.source
        for meter, said in sighting.statements.items():
            tracks = offering.tracks.get(meter)
            if tracks is None:
                tracks = offering.tracks[meter] = {}
            track = tracks.get(source)
            standing = None if track is None else track.statement
            if track is None or standing is None:
                track = beginning.begin(self, offering, meter, sighting, hint)
            elif track.held or track.refusals or unread or not standing.same_as(said):
                self._compare(offering, meter, standing, sighting, unread)
                pending = refusals.note(self, offering, meter, said, unread) or pending
            if len(tracks) > 1:
                self.shared.append((offering, meter))
            pending = absence.note_stated(self, track, unread) or pending
        if len(offering.tracks) > len(sighting.statements):
            pending = absence.note_absent_meters(self, offering, sighting, unread) or pending
        presence.pending = pending
        presence.statements = sighting.statements
        presence.scope = self.scope

    def _compare(
        self,
        offering: Offering,
        meter: str,
        standing: Statement,
        sighting: Sighting,
        unread: frozenset[str],
    ) -> None:
        """What differs from what stands is proposed, unless that is only the hour of the fetch, or
        what of it could not be read."""
        if refusals.is_unread(standing, unread):
            return  # A part of what stands was refused: what is left is not the whole of the meter.
        said, track = sighting.statements[meter], offering.tracks[meter][self.source]
        if standing.same_as(said):
            self.lapse(track)
            return
        seen = as_seen_from_windows(standing, as_far_as_read(standing, said))
        if seen is not said and standing.same_as(seen):
            self.lapse(track)
        else:
            after = absence.last_stated(self.book, offering, self.source, track)
            self.proposals.append(Proposal(offering, meter, track, standing, seen, sighting, after))

    def lapse(self, track: Track, outcome: Outcome = Outcome.LAPSED) -> None:
        """What was held is over: the source says again what stands, or says something else."""
        if track.held is not None:
            self.close(track.held, outcome)
            track.held = None

    def close(self, held: Held, outcome: Outcome, *, settles: bool = True) -> None:
        """End the dispute about what is held, and settle its review if that was about it alone."""
        self.book.close(disputes_of(held, self.at, outcome))
        if held.gate is not Gate.LIST_SLIP:
            if settles:
                self.book.reviews[held.review_id].decide(_DECISIONS[outcome], self.at)
        elif outcome is Outcome.CONFIRMED:
            slips.note_confirmed(self.book, held.mark.source, held.review_id)

    def judge(self) -> None:
        """Let each proposal pass, as part of a uniform repricing or alone, or hold it."""
        if self.proposals or self.begun:
            self._judge_all()
        for offering, meter in self.shared:
            holding.confirm(self, offering, meter)

    def _judge_all(self) -> None:
        moves = [(each, ratios(each.before, each.statement)) for each in self.proposals]
        begun = [(each, ratios(each.before, each.statement)) for each in self.begun]
        changed = [ratio for _, moved in (*moves, *begun) for ratio in moved if ratio != 1]
        slip = slips.found(self, changed, [*moves, *begun])
        if slip is not None and not slips.is_accepted(self, slip):
            slips.hold_all(self, slip)
            return
        # All are judged by what stood before the fetch, in whatever order its meters are stated.
        gates = [gate_for(self, each, moved) for each, moved in moves]
        parts = [slips.still_part_of(self, each, moved) for each, moved in moves]
        for each, moved in begun:
            self._judge_beginning(each, moved, slip)
        factor = slip.factor if slip else repricing.factor_of(self, changed)
        event = "" if factor is None else repricing.event_of(self, factor)
        for (proposal, moved), gate, part in zip(moves, gates, parts, strict=True):
            if factor is not None and repricing.is_part(self, moved, factor):
                if slip is None:
                    self._pass(proposal, Cause.UNIFORM_REPRICING, event)
                else:
                    holding.hold(self, proposal, Gate.LIST_SLIP, slip.review_id, event=event)
            elif part is not None:
                holding.hold(self, proposal, Gate.LIST_SLIP, part.review_id)
            elif gate is None:
                self._pass(proposal, Cause.CHANGE, "")
            else:
                holding.hold(self, proposal, gate)

    def _judge_beginning(
        self, begun: Begun, moved: Sequence[Decimal], accepted: Slip | None
    ) -> None:
        """Withhold what begins beyond belief, or was held already when another source had a say.

        ``accepted`` is the slip of this fetch, if a person accepted one.
        """
        held, gate = begun.track.held, gate_for(self, begun, moved)
        if accepted is not None and repricing.is_part(self, moved, accepted.factor):
            holding.withhold(self, begun, Gate.LIST_SLIP, accepted.review_id)
        elif gate is not None:
            holding.withhold(self, begun, gate)
        elif held is not None and held.statement.same_as(begun.statement):
            holding.withhold(self, begun, held.gate, held.review_id)
        elif held is not None:
            self.lapse(begun.track, Outcome.SUPERSEDED)

    def _pass(self, proposal: Proposal, cause: Cause, event: str) -> None:
        track = proposal.track
        segment = proposal.takes_over or Segment(
            self.at,
            proposal.changed_after,
            proposal.statement,
            self.source,
            proposal.sighting.capture,
            Kind.METER,
        )
        held = holding.let_go(self, track, proposal.statement)
        if held is not None:
            segment = replace(
                segment,
                valid_from=held.since,
                changed_after=held.changed_after,
                capture=held.capture,
                hint=segment.hint if proposal.takes_over else held.hint,
            )
            holding.forget_withheld(track, held)
        self.lapse(track, Outcome.SUPERSEDED)
        track.absence = None
        if event:
            segment = replace(segment, cause=cause, event=event)
        self.append(proposal.offering, proposal.meter, track, segment)
