"""One fetch's worth of judging: which statements move a belief, and which are held."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from models.history import absence, holding, repricing
from models.history.absence import cell_name
from models.history.gates import Gate, cache_above_input, gate_of, ratios
from models.history.repricing import Takeover
from models.history.reviews import Decision
from models.history.state import Track
from models.history.statement import NO_METER
from models.history.timeline import Cause, Kind, Segment
from models.ids import stable_id

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from models.history.engine import Book
    from models.history.observation import Observation, Sighting
    from models.history.state import Offering, SourceState
    from models.history.statement import Statement
    from models.history.thresholds import Thresholds


def has_too_few_rows(rows: int, counts: list[int], thresholds: Thresholds) -> bool:
    """Whether a fetch has so few rows that it is more likely a fault than the truth."""
    if not counts:
        return False
    return rows < thresholds.min_row_share * sorted(counts)[len(counts) // 2]


def row_counts_agree(held: Observation, rows: int, thresholds: Thresholds) -> bool:
    """Whether a later fetch has about as many rows as the one that is held."""
    before = len(held.sightings)
    return min(before, rows) >= thresholds.min_row_share * max(before, rows)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A statement that differs from the one that stands."""

    offering: Offering
    meter: str
    track: Track
    standing: Statement
    statement: Statement
    sighting: Sighting


@dataclass(slots=True)
class Touched:
    """An offering that this fetch moved; ``hint`` says what kind of move its listing made."""

    offering: Offering
    hint: Kind
    meters: set[str] = field(default_factory=set[str])


@dataclass(slots=True)
class Step:
    """The judging of one admitted fetch."""

    book: Book
    observation: Observation
    state: SourceState
    is_baseline: bool
    proposals: list[Proposal] = field(default_factory=list[Proposal])
    takeovers: list[Takeover] = field(default_factory=list[Takeover])
    _touched: dict[str, Touched] = field(default_factory=dict[str, Touched])

    @property
    def source(self) -> str:
        """The source that was fetched."""
        return self.observation.source

    @property
    def at(self) -> datetime:
        """When it was fetched."""
        return self.observation.fetched_at

    @property
    def capture(self) -> str:
        """The body that proves what was not in it."""
        return self.observation.capture

    def last_seen(self, scope: str) -> datetime:
        """The healthy fetch before this one that would have shown what ``scope`` shows."""
        covering = [
            at
            for earlier, at in self.state.last_at.items()
            if earlier == scope
            or (earlier == self.observation.scope and scope in self.observation.covers)
        ]
        return max(covering, default=self.at)

    def touch(self, offering: Offering, hint: Kind) -> Touched:
        """Remember that an offering moved; the first reason given stands."""
        return self._touched.setdefault(offering.offering_id, Touched(offering, hint))

    def touched_offerings(self) -> Iterable[Touched]:
        """The offerings that moved, in the order in which they did."""
        return self._touched.values()

    def append(self, offering: Offering, meter: str, track: Track, segment: Segment) -> None:
        """Add a segment to a track."""
        track.segments.append(segment)
        self.touch(offering, segment.hint).meters.add(meter)

    def propose(self, offering: Offering, sighting: Sighting, hint: Kind) -> None:
        """Compare what a fetch says of an offering with what stands."""
        presence = offering.presences[self.source]
        if presence.statements is sighting.statements and not presence.pending:
            return
        for meter, statement in sighting.statements.items():
            tracks = offering.tracks.setdefault(meter, {})
            track = tracks.get(self.source)
            if track is None or track.statement is None:
                self._start(offering, meter, track, sighting, hint)
            elif track.statement.same_as(statement):
                self.lapse(track)
            else:
                standing = track.statement
                self.proposals.append(
                    Proposal(offering, meter, track, standing, statement, sighting)
                )
            holding.confirm_others(self, offering, meter, statement)
        presence.pending = absence.note_absent_meters(self, offering, sighting)
        presence.statements = sighting.statements

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
            self.append(offering, old, old_track, self._segment(sighting, None, hint, offering))
        elif track is not None:
            hint = Kind.RETURNED
        elif hint is Kind.METER:
            hint = self._hint_of_first(offering)
        segment = self._segment(sighting, statement, hint, offering, first=track is None)
        if track is None:
            track = Track([], self.observation.precedence)
            offering.tracks[meter][self.source] = track
        self.append(offering, meter, track, segment)
        line = offering.lines.get(meter)
        if line is not None and line.statement is not None:
            moved = tuple(ratios(line.statement, statement))
            self.takeovers.append(Takeover(offering, track, moved))

    def _hint_of_first(self, offering: Offering) -> Kind:
        if self.is_baseline:
            return Kind.BASELINE
        bare = offering.lines.get(NO_METER)
        return Kind.STATUS if bare is not None and bare.statement is not None else Kind.METER

    def _segment(
        self,
        sighting: Sighting,
        statement: Statement | None,
        hint: Kind,
        offering: Offering,
        *,
        first: bool = False,
    ) -> Segment:
        after = self._other_last_seen(offering) if first else self.last_seen(self.observation.scope)
        return Segment(
            self.at,
            after,
            statement,
            self.source,
            sighting.capture,
            hint,
            Cause.CHANGE,
            self.event(offering),
        )

    def _other_last_seen(self, offering: Offering) -> datetime | None:
        """When the offering was last seen without this statement, if it was seen before at all."""
        times = [
            max(self.book.sources[source].last_at.values())
            for source, presence in offering.presences.items()
            if presence.ended_at is None and self.book.sources[source].last_at
        ]
        if offering.first_seen_at == self.at or not offering.lines:
            return None
        return min((max(times), self.at)) if times else None

    def event(self, offering: Offering) -> str:
        """All moves of one offering in one fetch are one event."""
        return stable_id("evt", offering.offering_id, self.source, self.at.isoformat())

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
        factor = repricing.factor_of(self)
        event = "" if factor is None else repricing.event_of(self, factor)
        for proposal in self.proposals:
            moved = ratios(proposal.standing, proposal.statement)
            if repricing.is_part(self, moved, factor):
                self._pass(proposal, Cause.UNIFORM_REPRICING, event)
                continue
            gate = self._gate_of(proposal)
            if gate is None:
                self._pass(proposal, Cause.CHANGE, self.event(proposal.offering))
            else:
                holding.hold(self, proposal, gate)
        for takeover in self.takeovers:
            if repricing.is_part(self, takeover.moved, factor):
                last = takeover.track.segments[-1]
                takeover.track.segments[-1] = replace(
                    last, cause=Cause.UNIFORM_REPRICING, event=event
                )

    def _gate_of(self, proposal: Proposal) -> Gate | None:
        gate = gate_of(
            proposal.offering.model_id,
            proposal.meter,
            proposal.standing,
            proposal.statement,
            self.book.thresholds,
        )
        if gate is not None or "cache" not in "".join(proposal.sighting.statements):
            return gate
        before = {
            meter: track.statement
            for meter, tracks in proposal.offering.tracks.items()
            if (track := tracks.get(self.source)) is not None and track.statement is not None
        }
        if cache_above_input(before, proposal.sighting.statements) == proposal.meter:
            return Gate.CACHE_ABOVE_INPUT
        return None

    def _pass(self, proposal: Proposal, cause: Cause, event: str) -> None:
        self.lapse(proposal.track)
        segment = Segment(
            self.at,
            self.last_seen_of(proposal),
            proposal.statement,
            self.source,
            proposal.sighting.capture,
            Kind.METER,
            cause,
            event,
        )
        proposal.track.absence = None
        self.append(proposal.offering, proposal.meter, proposal.track, segment)

    def last_seen_of(self, proposal: Proposal) -> datetime:
        """When the source last said what stands."""
        if proposal.track.absence is not None:
            return proposal.track.absence.last_seen
        return self.last_seen(self.observation.scope)
