"""One fetch's worth of judging: which statements move a belief, and which are held."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from models.history import absence
from models.history.absence import cell_name
from models.history.gates import Gate, cache_above_input, gate_of, is_near, ratios, uniform_factor
from models.history.reviews import Decision, Review, describe, move_review_id
from models.history.state import Held, Track
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
            self._confirm_others(offering, meter, statement)
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
        factor = self._repricing_factor()
        event = stable_id("evt", self.source, self.at.isoformat(), "repricing")
        for proposal in self.proposals:
            moved = ratios(proposal.standing, proposal.statement)
            thresholds = self.book.thresholds
            if factor and moved and all(is_near(r, factor, thresholds) for r in moved):
                self._pass(proposal, Cause.UNIFORM_REPRICING, event)
                continue
            gate = self._gate_of(proposal)
            if gate is None:
                self._pass(proposal, Cause.CHANGE, self.event(proposal.offering))
            else:
                self._hold(proposal, gate)

    def _repricing_factor(self) -> Decimal | None:
        moved = [
            ratio
            for proposal in self.proposals
            for ratio in ratios(proposal.standing, proposal.statement)
            if ratio != 1
        ]
        if len(moved) < self.book.thresholds.repricing_least:
            return None
        comparable = sum(
            1
            for offering_id in self.state.present
            for tracks in self.book.offerings[offering_id].tracks.values()
            if self.source in tracks and (standing := tracks[self.source].statement) is not None
            for rate in standing.rates
            if rate.unit_price
        )
        return uniform_factor(moved, comparable, self.book.thresholds)

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
            self._last_seen_of(proposal),
            proposal.statement,
            self.source,
            proposal.sighting.capture,
            Kind.METER,
            cause,
            event,
        )
        proposal.track.absence = None
        self.append(proposal.offering, proposal.meter, proposal.track, segment)

    def _last_seen_of(self, proposal: Proposal) -> datetime:
        if proposal.track.absence is not None:
            return proposal.track.absence.last_seen
        return self.last_seen(self.observation.scope)

    def _hold(self, proposal: Proposal, gate: Gate) -> None:
        track = proposal.track
        if track.held is not None and track.held.statement.same_as(proposal.statement):
            track.held.agreeing += 1
        else:
            self.lapse(track)
            track.held = self._held(proposal, gate)
        proposal.offering.presences[self.source].pending = True
        how = self._release_reason(proposal, track.held)
        if how is not None:
            self._release(proposal.offering, proposal.meter, track, track.held, how)

    def _held(self, proposal: Proposal, gate: Gate) -> Held:
        old, new = describe(proposal.standing), describe(proposal.statement)
        key = (proposal.offering.offering_id, proposal.meter)
        review_id = move_review_id(self.book.seller, self.source, key, old, new)
        known = self.book.reviews.get(review_id)
        if known is None or known.decision is Decision.LAPSED:
            self.book.reviews[review_id] = Review(
                review_id,
                self.source,
                f"{proposal.offering.model_id} {proposal.meter}",
                f"{old} -> {new}",
                gate,
                self.at,
                *key,
                proposal.sighting.capture,
            )
        after = self._last_seen_of(proposal)
        capture = proposal.sighting.capture
        return Held(review_id, gate, proposal.statement, self.at, after, capture)

    def _release_reason(self, proposal: Proposal, held: Held) -> Decision | None:
        decided = self.book.decisions.get(held.review_id)
        if decided is not None:
            return decided if decided is Decision.ACCEPT else None
        if held.gate.repetition_releases and held.agreeing >= self.book.thresholds.agreeing_fetches:
            return Decision.AGREED
        others = proposal.offering.tracks[proposal.meter]
        said = (track.statement for name, track in others.items() if name != self.source)
        if any(statement is not None and statement.same_as(held.statement) for statement in said):
            return Decision.CONFIRMED
        return None

    def _release(
        self, offering: Offering, meter: str, track: Track, held: Held, how: Decision
    ) -> None:
        """Let a held statement stand, dated to when it was first seen."""
        self.book.reviews[held.review_id].decide(how, self.at)
        track.held = None
        segment = Segment(
            held.since,
            held.changed_after,
            held.statement,
            track.segments[-1].source,
            held.capture,
            Kind.METER,
            Cause.CHANGE,
            stable_id("evt", offering.offering_id, held.review_id),
        )
        self.append(offering, meter, track, segment)

    def _confirm_others(self, offering: Offering, meter: str, statement: Statement) -> None:
        for source, track in offering.tracks[meter].items():
            held = track.held
            if source == self.source or held is None:
                continue
            if self.book.decisions.get(held.review_id) is None and held.statement.same_as(
                statement
            ):
                self._release(offering, meter, track, held, Decision.CONFIRMED)
