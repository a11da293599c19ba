"""The book of one seller: observations in, rows of history out.

:class:`Book` takes healthy fetches in the order of their fetch times and says, for each, which rows
of price history and of lifecycle it adds. It never takes anything back: what is doubtful is held,
what is absent ends only when it has been absent for long enough, dated to when that began.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from models.history import absence, judging, lineage
from models.history.emission import emit_lifecycle, emit_prices, emit_unpriced
from models.history.gates import Gate
from models.history.reviews import Decision, Review, fetch_review
from models.history.state import Offering, Presence, Repricing, SourceState, id_key
from models.history.thresholds import Thresholds
from models.history.timeline import Kind
from models.ids import offering_id

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from models.history.observation import Observation, Sighting
    from models.history.state import LifecycleRow
    from models.history.timeline import PriceRow


@dataclass(slots=True)
class Added:
    """What one or more fetches added to history, and which earlier rows they made untrue."""

    prices: list[PriceRow] = field(default_factory=list["PriceRow"])
    untrue: list[PriceRow] = field(default_factory=list["PriceRow"])
    lifecycle: list[LifecycleRow] = field(default_factory=list["LifecycleRow"])

    def settle(self) -> None:
        """Leave out rows that were added and made untrue again before anybody learned of them."""
        gone = {row.content for row in self.untrue}
        told = {row.content for row in self.prices}
        self.prices = [row for row in self.prices if row.content not in gone]
        self.untrue = [row for row in self.untrue if row.content not in told]


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
    last_at: datetime | None = None

    def apply(self, observation: Observation) -> Added:
        """Take in one healthy fetch; fetches must come in the order of their times.

        Raises ``ValueError`` for a fetch that is older than the last one taken in: history then
        has to be derived again from that time on.
        """
        if self.last_at is not None and observation.fetched_at < self.last_at:
            raise ValueError(f"{observation.source} at {observation.fetched_at} comes too late")
        self.last_at = observation.fetched_at
        added = Added()
        for admitted in self._admit(observation):
            self._take(admitted, added)
        return added

    def _admit(self, observation: Observation) -> list[Observation]:
        """The gate before all others: a fetch with far too few rows waits for two that agree."""
        state = self.sources.setdefault(observation.source, SourceState())
        counts = state.row_counts.setdefault(observation.scope, [])
        rows = len(observation.sightings)
        if not judging.has_too_few_rows(rows, counts, self.thresholds):
            self._close_fetch_review(state, observation.fetched_at)
            state.held.clear()
            _remember(counts, rows, self.thresholds.row_window)
            return [observation]
        if state.held and not judging.row_counts_agree(state.held[-1], rows, self.thresholds):
            self._close_fetch_review(state, observation.fetched_at)
            state.held.clear()
        state.held.append(observation)
        review = fetch_review(self.seller, state.held[0], counts)
        self.reviews.setdefault(review.review_id, review)
        accepted = self.decisions.get(review.review_id) is Decision.ACCEPT
        if not accepted and len(state.held) <= self.thresholds.agreeing_fetches:
            return []
        released, state.held = state.held, []
        how = Decision.ACCEPT if accepted else Decision.AGREED
        self.reviews[review.review_id].decide(how, observation.fetched_at)
        counts[:] = [len(fetch.sightings) for fetch in released]
        return released

    def _close_fetch_review(self, state: SourceState, at: datetime) -> None:
        for review in self.reviews.values():
            if (
                state.held
                and review.gate is Gate.FEW_ROWS
                and review.since == state.held[0].fetched_at
                and review.source == state.held[0].source
                and review.decision is None
            ):
                review.decide(Decision.LAPSED, at)

    def _take(self, observation: Observation, added: Added) -> None:
        state = self.sources[observation.source]
        is_baseline = not state.last_at
        lineage.join_renamed(self, observation)
        step = judging.Step(self, observation, state, is_baseline=is_baseline)
        seen: set[str] = set()
        for sighting in observation.sightings:
            offering, hint = self._offering_of(sighting, observation, is_baseline=is_baseline)
            seen.add(offering.offering_id)
            self._note_presence(offering, sighting, observation, step, hint)
            step.propose(offering, sighting, hint)
        step.judge()
        absence.note_absent_offerings(step, state.present - seen)
        state.present |= seen
        state.last_at[observation.scope] = observation.fetched_at
        for touched in step.touched_offerings():
            added.lifecycle += emit_lifecycle(touched, step)
            for extension in (*emit_prices(touched), *emit_unpriced(touched, step)):
                added.prices += extension.rows
                added.untrue += extension.untrue

    def _offering_of(
        self, sighting: Sighting, observation: Observation, *, is_baseline: bool
    ) -> tuple[Offering, Kind]:
        names = (sighting.model_id, *sighting.also)
        keys = [id_key(name, sighting.operation) for name in names]
        found = next((self.ids[key] for key in keys if key in self.ids), None)
        if found is not None:
            self.ids.setdefault(keys[0], found)
            offering = self.offerings[found]
            return offering, Kind.METER if offering.is_listed else Kind.RETURNED
        new = offering_id(self.seller, sighting.model_id, sighting.operation)
        offering = Offering(new, sighting.model_id, sighting.operation, observation.fetched_at)
        self.offerings[new] = offering
        self.ids[keys[0]] = new
        return offering, Kind.BASELINE if is_baseline else Kind.NEW

    def _note_presence(
        self,
        offering: Offering,
        sighting: Sighting,
        observation: Observation,
        step: judging.Step,
        hint: Kind,
    ) -> None:
        presence = offering.presences.get(observation.source)
        if presence is None or presence.ended_at is not None:
            offering.presences[observation.source] = Presence(
                observation.fetched_at,
                observation.scope,
                sighting.listing,
                sighting.capture,
                {},
            )
            step.touch(offering, hint)
        else:
            presence.absence = None
            presence.listing = sighting.listing
            presence.scope = observation.scope
        if sighting.listing.model_id is not None and offering.model_id != sighting.model_id:
            offering.model_id = sighting.model_id
            step.touch(offering, hint)
        elif presence is not None and presence.listing.lifecycle != sighting.listing.lifecycle:
            step.touch(offering, hint)


def _remember(counts: list[int], rows: int, window: int) -> None:
    counts.append(rows)
    del counts[:-window]
