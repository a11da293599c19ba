"""The book of one seller: observations in, rows of history out.

:class:`Book` takes healthy fetches in the order of their fetch times and says, for each, which rows
of price history and of lifecycle it adds. It never takes anything back: what is doubtful is held,
what is absent ends only when it has been absent for long enough, dated to when that began.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from models.history import absence, judging, lineage, notes, slips
from models.history.emission import emit_lifecycle, emit_prices, emit_unpriced
from models.history.gates import has_too_few_rows, row_counts_agree
from models.history.line import Written
from models.history.notes import Note
from models.history.reviews import Decision, Review, fetch_review
from models.history.state import Offering, Presence, Repricing, SourceState, id_key
from models.history.thresholds import Thresholds
from models.history.timeline import Kind, standing_rows
from models.ids import offering_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from models.history.disputes import Dispute
    from models.history.observation import Observation, Sighting
    from models.history.state import LifecycleRow
    from models.history.timeline import PriceRow


@dataclass(slots=True)
class Added:
    """What one or more fetches added to history, and which earlier rows they made untrue.

    ``doubts`` are the ids of reviews that they opened, ``disputes`` those that ended.
    """

    prices: list[PriceRow] = field(default_factory=list["PriceRow"])
    untrue: list[PriceRow] = field(default_factory=list["PriceRow"])
    lifecycle: list[LifecycleRow] = field(default_factory=list["LifecycleRow"])
    untrue_lifecycle: list[LifecycleRow] = field(default_factory=list["LifecycleRow"])
    doubts: list[str] = field(default_factory=list[str])
    disputes: list[Dispute] = field(default_factory=list["Dispute"])

    def __iadd__(self, later: Added) -> Self:
        """Take in what a later fetch added."""
        self.prices += later.prices
        self.untrue += later.untrue
        self.lifecycle += later.lifecycle
        self.untrue_lifecycle += later.untrue_lifecycle
        self.doubts += later.doubts
        self.disputes += later.disputes
        return self

    def settle(self) -> None:
        """Leave out rows that were added and made untrue again before anybody learned of them."""
        rows, self.untrue = standing_rows(self.prices, self.untrue)
        self.prices = [row for _, row in rows]
        self.lifecycle, self.untrue_lifecycle = standing_lives(
            self.lifecycle, self.untrue_lifecycle
        )


def standing_lives(
    added: Sequence[LifecycleRow], untrue: Sequence[LifecycleRow]
) -> tuple[list[LifecycleRow], list[LifecycleRow]]:
    """What is left of rows of lives and of those that were made untrue, as for prices."""
    # Counted, since at one instant a state may be left and come back to.
    balance = Counter(added)
    balance.subtract(untrue)
    standing = [row for row in dict.fromkeys(added) if balance[row] > 0]
    return standing, [row for row in untrue if balance[row] < 0]


@dataclass(slots=True)
class Book:
    """What is believed of one seller's prices, and the rules by which that moves.

    ``decisions`` are the review decisions by review id; ``reviews`` are all doubts that arose.
    """

    seller: str
    thresholds: Thresholds = field(default_factory=Thresholds)
    decisions: Mapping[str, Decision] = field(default_factory=dict[str, Decision])
    offerings: dict[str, Offering] = field(default_factory=dict[str, Offering])
    ids: dict[str, str] = field(default_factory=dict[str, str])
    sources: dict[str, SourceState] = field(default_factory=dict[str, SourceState])
    reviews: dict[str, Review] = field(default_factory=dict[str, Review])
    repricing: Repricing | None = None
    notes: dict[str, dict[str, Note]] = field(default_factory=dict[str, dict[str, Note]])
    last_at: datetime | None = None
    _added: Added = field(default_factory=Added)

    def apply(self, observation: Observation) -> Added:
        """Take in one healthy fetch; fetches must come in the order of their times.

        Raises ``ValueError`` for a fetch that is older than the last one taken in: history then
        has to be derived again from that time on.
        """
        if self.last_at is not None and observation.fetched_at < self.last_at:
            raise ValueError(f"{observation.source} at {observation.fetched_at} comes too late")
        self.last_at = observation.fetched_at
        self._added = Added()
        if not observation.lists:
            self._note(observation, self._added)
            return self._added
        for admitted in self._admit(observation):
            self._take(admitted, self._added)
        return self._added

    def doubt(self, review: Review) -> None:
        """Open a review, unless a person has refused this very difference before."""
        self.reviews[review.review_id] = review
        if self.decisions.get(review.review_id) is Decision.REJECT:
            review.decide(Decision.REJECT, review.since)
        else:
            self._added.doubts.append(review.review_id)

    def close(self, disputes: Iterable[Dispute]) -> None:
        """Tell of disputes that ended."""
        self._added.disputes += disputes

    def name(self, key: str, meant: str) -> None:
        """Let an id mean an offering from now on."""
        before = self.offerings.get(self.ids.get(key, ""))
        if before is not None and before.offering_id != meant:
            before.known_by.remove(key)
        self.ids[key] = meant
        after = self.offerings.get(meant)
        if after is not None and key not in after.known_by:
            after.known_by.append(key)

    def _admit(self, observation: Observation) -> list[Observation]:
        """The gate before all others: a fetch with far too few rows waits for two that agree."""
        state = self.sources.setdefault(observation.source, SourceState())
        counts = state.row_counts.setdefault(observation.scope, [])
        rows = len(observation.sightings)
        held = [each for each in state.held if each.scope == observation.scope]
        if not has_too_few_rows(rows, counts, self.thresholds):
            self._let_go(state, held, observation.fetched_at)
            _remember(counts, rows, self.thresholds.row_window)
            return [observation]
        if held and not row_counts_agree(len(held[-1].sightings), rows, self.thresholds):
            self._let_go(state, held, observation.fetched_at)
            held = []
        held.append(observation)
        state.held.append(observation)
        review = fetch_review(self.seller, held[0], counts)
        if review.review_id not in self.reviews:
            self.doubt(review)
        decided = self.decisions.get(review.review_id)
        agreed = decided is None and len(held) > self.thresholds.agreeing_fetches
        if decided is not Decision.ACCEPT and not agreed:
            return []
        state.held = [each for each in state.held if each not in held]
        self.reviews[review.review_id].decide(decided or Decision.AGREED, observation.fetched_at)
        counts[:] = [len(fetch.sightings) for fetch in held]
        return held

    def _let_go(self, state: SourceState, held: Sequence[Observation], at: datetime) -> None:
        """Later fetches have the usual rows again: what was held was a fault."""
        if held:
            review = fetch_review(self.seller, held[0], [0])
            self.reviews[review.review_id].decide(Decision.LAPSED, at)
            state.held = [each for each in state.held if each not in held]

    def _take(self, observation: Observation, added: Added) -> None:
        state = self.sources[observation.source]
        previous = state.last_at.get(observation.scope)
        step = judging.Step(self, observation, state, previous is None, previous)
        seen = self._look(step)
        step.judge()
        absence.note_absent_offerings(step, state.present - seen)
        if any(each.slips for each in self.sources.values()):
            slips.settle(self, step.at)
        state.present |= seen
        state.last_at[observation.scope] = observation.fetched_at
        written = Written(added.prices, added.untrue)
        for touched in step.touched_offerings():
            rows, untrue = emit_lifecycle(touched, step)
            added.lifecycle += rows
            added.untrue_lifecycle += untrue
            emit_prices(touched, written)
            emit_unpriced(touched, step, written)

    def _look(self, step: judging.Step) -> set[str]:
        """Go through what a fetch lists; returns the ids of its offerings."""
        sightings = step.observation.sightings
        keys = [id_key(each.model_id, each.operation) for each in sightings]
        lineage.join_renamed(self, step.observation, keys)
        lineage.part_namesakes(self, step.observation, keys)
        seen: set[str] = set()
        meant = map(self.ids.get, keys)
        for own, named, sighting in zip(keys, meant, sightings, strict=True):
            known = None if named is None else self.offerings.get(named)
            if known is not None and step.is_as_before(known, sighting):
                seen.add(known.offering_id)
                continue
            offering, hint = self._offering_of(own, sighting, step)
            if offering.offering_id in seen:
                continue  # Two printed names of one model: the first is read.
            seen.add(offering.offering_id)
            self._note_presence(offering, sighting, step, hint)
            step.propose(offering, sighting, hint)
            # Only now: until here it tells when what stands was last said.
            offering.presences[step.source].absence = None
        return seen

    def _note(self, observation: Observation, added: Added) -> None:
        """Take in what a source says of offerings that it does not list itself."""
        state = self.sources.setdefault(observation.source, SourceState())
        previous = state.last_at.get(observation.scope)
        moved = notes.take(self, observation)
        step = judging.Step(self, observation, state, previous is None, previous)
        for offering in moved:
            rows, untrue = emit_lifecycle(step.touch(offering, notes.hint_of(offering)), step)
            added.lifecycle += rows
            added.untrue_lifecycle += untrue

    def _offering_of(
        self, own: str, sighting: Sighting, step: judging.Step
    ) -> tuple[Offering, Kind]:
        found = self.ids.get(own)
        if found is None:
            found = lineage.find(self, sighting)
            if found in self.offerings:
                self.name(own, found)
        offering = None if found is None else self.offerings.get(found)
        if offering is not None:
            return offering, Kind.METER if offering.is_listed else Kind.RETURNED
        new = offering_id(self.seller, sighting.model_id, sighting.operation)
        offering = Offering(new, sighting.model_id, sighting.operation, step.at)
        self.offerings[new] = offering
        self.name(own, new)
        return offering, Kind.BASELINE if step.is_baseline else Kind.NEW

    def _note_presence(
        self,
        offering: Offering,
        sighting: Sighting,
        step: judging.Step,
        hint: Kind,
    ) -> None:
        presence = offering.presences.get(step.source)
        if presence is None or presence.ended_at is not None:
            offering.presences[step.source] = Presence(
                step.at, step.scope, sighting.listing, sighting.capture, {}
            )
            step.touch(offering, hint)
        else:
            if presence.listing.lifecycle != sighting.listing.lifecycle:
                step.touch(offering, hint)
            presence.listing = sighting.listing
        if sighting.listing.model_id is not None and offering.model_id != sighting.model_id:
            offering.model_id = sighting.model_id
            step.touch(offering, hint)


def _remember(counts: list[int], rows: int, window: int) -> None:
    counts.append(rows)
    del counts[:-window]
