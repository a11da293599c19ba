"""One fetch's worth of judging: which statements move a belief, and which are held."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from models.history import absence, holding, repricing
from models.history.absence import cell_name
from models.history.gates import CACHED_AND_PLAIN, Gate, cache_above_input, gate_of, ratios
from models.history.reviews import Decision
from models.history.state import Track
from models.history.statement import NO_METER, as_seen_from_windows
from models.history.timeline import Cause, Kind, Segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from decimal import Decimal

    from models.history.engine import Book
    from models.history.observation import Observation, Sighting
    from models.history.state import Offering, SourceState
    from models.history.statement import Statement


@dataclass(slots=True)
class Proposal:
    """A statement that differs from the one that stands, which was last said ``changed_after``.

    ``takes_over`` is set where the one that stands is another source's, which this source outranks:
    the segment that its track would begin with.
    """

    offering: Offering
    meter: str
    track: Track
    standing: Statement
    statement: Statement
    sighting: Sighting
    changed_after: datetime | None
    takes_over: Segment | None = None


@dataclass(slots=True)
class Touched:
    """An offering that this fetch moved; ``hint`` says what kind of move its listing made.

    ``moved_at`` and ``moved_after`` bound the move of its listing where that lies back in time.
    """

    offering: Offering
    hint: Kind
    moved_at: datetime | None = None
    moved_after: datetime | None = None
    meters: set[str] = field(default_factory=set[str])


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

    def touch(self, offering: Offering, hint: Kind) -> Touched:
        """Remember that an offering moved; the first reason given stands."""
        touched = self._touched.get(offering.offering_id)
        if touched is None:
            touched = self._touched[offering.offering_id] = Touched(offering, hint)
        return touched

    def touched_offerings(self) -> Iterable[Touched]:
        """The offerings that moved, in the order in which they did."""
        return self._touched.values()

    def append(self, offering: Offering, meter: str, track: Track, segment: Segment) -> None:
        """Add a segment to a track."""
        track.segments.append(segment)
        self.touch(offering, segment.hint).meters.add(meter)

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
            and (sighting.listing.model_id is None or offering.model_id == sighting.model_id)
        )

    def propose(self, offering: Offering, sighting: Sighting, hint: Kind) -> None:
        """Compare what a fetch says of an offering with what stands."""
        presence = offering.presences[self.source]
        is_same = presence.statements is sighting.statements
        if is_same and presence.scope == self.scope and not presence.pending:
            return
        unread = absence.unread_cells(sighting)
        for meter, said in sighting.statements.items():
            tracks = offering.tracks.get(meter)
            if tracks is None:
                tracks = offering.tracks[meter] = {}
            track = tracks.get(self.source)
            standing = None if track is None else track.statement
            if track is None or standing is None:
                self._start(offering, meter, track, sighting, hint)
            elif unread and absence.is_unread(standing, unread):
                # Of what stands, a part was refused: what is left is not the whole of the meter.
                continue
            elif standing.same_as(said):
                self.lapse(track)
            else:
                self._compare(offering, meter, track, standing, sighting)
            if len(tracks) > 1:
                holding.confirm_others(self, offering, meter, said)
        presence.pending = absence.note_absent_meters(self, offering, sighting, unread)
        presence.statements = sighting.statements
        presence.scope = self.scope

    def _compare(
        self, offering: Offering, meter: str, track: Track, standing: Statement, sighting: Sighting
    ) -> None:
        """What differs from what stands is proposed, unless that is only the hour of the fetch."""
        said = sighting.statements[meter]
        seen = as_seen_from_windows(standing, said)
        if seen is not said and standing.same_as(seen):
            self.lapse(track)
        else:
            after = absence.last_stated(self.book, offering, self.source, track)
            self.proposals.append(Proposal(offering, meter, track, standing, seen, sighting, after))

    def _start(
        self, offering: Offering, meter: str, track: Track | None, sighting: Sighting, hint: Kind
    ) -> None:
        statement = sighting.statements[meter]
        switched = self._switched_from(offering, meter, sighting)
        if switched is not None:
            hint = Kind.METER
            old, old_track = switched
            self.lapse(old_track)
            old_track.absence = None
            after = self.last_read(old_track.scope)
            self.append(offering, old, old_track, self._segment(sighting, None, hint, after))
        elif track is not None and track.segments:
            hint = Kind.RETURNED
        elif hint is Kind.METER:
            hint = self._hint_of_first(offering)
        before = self._last_without(offering, meter, track)
        segment = self._segment(sighting, statement, hint, before)
        if track is None:
            track = Track([], self.observation.precedence, self.observation.scope)
            offering.tracks[meter][self.source] = track
        standing = self._outranked(offering, meter)
        if standing is None:
            self.lapse(track)
            self.append(offering, meter, track, segment)
        else:
            self.proposals.append(
                Proposal(offering, meter, track, standing, statement, sighting, before, segment)
            )

    def _hint_of_first(self, offering: Offering) -> Kind:
        if self.is_baseline:
            return Kind.BASELINE
        bare = offering.lines.get(NO_METER)
        return Kind.STATUS if bare is not None and bare.statement is not None else Kind.METER

    def _outranked(self, offering: Offering, meter: str) -> Statement | None:
        """What stands by another source's word, if this source's word would take its place."""
        stating = [
            track
            for source, track in offering.tracks[meter].items()
            if track.statement is not None and source != self.source
        ]
        if any(track.precedence < self.observation.precedence for track in stating):
            return None
        return min(stating, key=lambda track: track.precedence).statement if stating else None

    def _segment(
        self, sighting: Sighting, statement: Statement | None, hint: Kind, after: datetime | None
    ) -> Segment:
        return Segment(
            self.at,
            after,
            statement,
            self.source,
            sighting.capture,
            hint,
            Cause.CHANGE,
            "",
        )

    def _last_without(self, offering: Offering, meter: str, track: Track | None) -> datetime | None:
        """When what stood before a meter's first statement was last seen; None at first sight."""
        if track is not None and track.segments:
            read = self.last_read(track.scope)
            return read if self.previous is None else max(read, self.previous)
        stated = [
            (other.precedence, absence.last_stated(self.book, offering, source, other))
            for source, other in offering.tracks[meter].items()
            if other.statement is not None and source != self.source
        ]
        if stated:
            return min(stated)[1]
        return None if offering.first_seen_at == self.at else self.previous

    def _switched_from(
        self, offering: Offering, meter: str, sighting: Sighting
    ) -> tuple[str, Track] | None:
        """The meter that this source's same cell stood for until now, if its unit was switched."""
        cells = {cell_name(locator) for locator in sighting.statements[meter].locators}
        for other, tracks in offering.tracks.items():
            track = tracks.get(self.source)
            if other in sighting.statements or track is None or track.statement is None:
                continue
            if cells & {cell_name(locator) for locator in track.statement.locators}:
                return other, track
        return None

    def lapse(self, track: Track) -> None:
        """What was held is over: the source says again what stands, or says something else."""
        if track.held is not None:
            self.book.reviews[track.held.review_id].decide(Decision.LAPSED, self.at)
            track.held = None

    def judge(self) -> None:
        """Let each proposal pass, as part of a uniform repricing or alone, or hold it."""
        moves = [ratios(proposal.standing, proposal.statement) for proposal in self.proposals]
        factor = repricing.factor_of(self, moves)
        event = "" if factor is None else repricing.event_of(self, factor)
        # All are judged by what stood before the fetch, in whatever order its meters are stated.
        gates = [
            self._gate_of(proposal, moved)
            for proposal, moved in zip(self.proposals, moves, strict=True)
        ]
        for proposal, moved, gate in zip(self.proposals, moves, gates, strict=True):
            if repricing.is_part(self, moved, factor):
                self._pass(proposal, Cause.UNIFORM_REPRICING, event)
            elif gate is None:
                self._pass(proposal, Cause.CHANGE, "")
            else:
                holding.hold(self, proposal, gate)

    def _gate_of(self, proposal: Proposal, moved: Sequence[Decimal]) -> Gate | None:
        offering, meter = proposal.offering, proposal.meter
        gate = gate_of(
            offering.model_id, proposal.standing, proposal.statement, moved, self.book.thresholds
        )
        # Where repetition proves nothing, it must not release what another gate would hold too.
        is_final = gate is not None and not gate.repetition_releases
        if is_final or meter not in CACHED_AND_PLAIN:
            return gate
        before = {each: self._stated(offering, each) for each in CACHED_AND_PLAIN[meter]}
        if cache_above_input(meter, before, proposal.sighting.statements):
            return Gate.CACHE_ABOVE_INPUT
        return gate

    def _stated(self, offering: Offering, meter: str) -> Statement | None:
        track = offering.tracks.get(meter, {}).get(self.source)
        return None if track is None else track.statement

    def _pass(self, proposal: Proposal, cause: Cause, event: str) -> None:
        segment = proposal.takes_over or self._segment(
            proposal.sighting, proposal.statement, Kind.METER, proposal.changed_after
        )
        held = holding.let_go(self, proposal.track, proposal.statement)
        if held is not None:
            segment = replace(
                segment,
                valid_from=held.since,
                changed_after=held.changed_after,
                capture=held.capture,
            )
        self.lapse(proposal.track)
        proposal.track.absence = None
        if event:
            segment = replace(segment, cause=cause, event=event)
        self.append(proposal.offering, proposal.meter, proposal.track, segment)
