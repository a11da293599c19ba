"""Notes: what sources say of offerings that others list and price.

Some sources list nothing themselves. One says which models are to go, another what each provider
behind the seller charges. What they say is noted beside an offering: it never makes one, never
keeps one listed, and never becomes a price. A note ends as an offering does: after several healthy
fetches in a row without it, and at least a day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from models.history import absence
from models.history.state import Absence, SourceState, id_key
from models.history.statement import Rate, Statement
from models.history.timeline import Kind
from models.reading import ANY_OPERATION, Listing
from models.registry import OPERATIONS

if TYPE_CHECKING:
    from models.history.engine import Book
    from models.history.observation import Observation, Sighting
    from models.history.state import Offering

DEPRECATED = "deprecated"


@dataclass(slots=True)
class Note:
    """What one source says of one id, since when, and when it last did."""

    listing: Listing
    statements: Mapping[str, Statement]
    capture: str
    since: datetime
    last_seen: datetime
    absence: Absence | None = None

    @property
    def rates(self) -> Iterator[tuple[str, Rate]]:
        """Every rate it states, with its meter."""
        for meter, statement in self.statements.items():
            for rate in statement.rates:
                yield meter, rate


def take(book: Book, observation: Observation) -> list[Offering]:
    """Note what a fetch says; returns the known offerings it may move, in order of their ids."""
    state = book.sources.setdefault(observation.source, SourceState())
    notes = book.notes.setdefault(observation.source, {})
    previous = state.last_at.get(observation.scope, observation.fetched_at)
    state.last_at[observation.scope] = observation.fetched_at
    said = _by_key(observation.sightings)
    for key, sighting in said.items():
        old, at = notes.get(key), observation.fetched_at
        is_same = old is not None and _says_the_same(old.statements, sighting.statements)
        if old is not None and is_same:
            old.listing, old.last_seen, old.absence = sighting.listing, at, None
        else:
            notes[key] = Note(sighting.listing, sighting.statements, sighting.capture, at, at)
    moved = said.keys() | _ended(book, notes, said.keys(), observation, previous)
    return _offerings(book, moved)


def _by_key(sightings: Iterable[Sighting]) -> dict[str, Sighting]:
    """What is said under each id; of a model as such, whatever it is called for, also under each
    of its aliases that is no other one's id."""
    said = {id_key(each.model_id, each.operation): each for each in sightings}
    for sighting in [*said.values()]:
        if sighting.operation == ANY_OPERATION:
            for alias in sighting.listing.aliases:
                said.setdefault(id_key(alias, ANY_OPERATION), sighting)
    return said


def _says_the_same(old: Mapping[str, Statement], new: Mapping[str, Statement]) -> bool:
    return old.keys() == new.keys() and all(old[meter].same_as(new[meter]) for meter in new)


def _ended(
    book: Book,
    notes: dict[str, Note],
    said: Set[str],
    observation: Observation,
    previous: datetime,
) -> set[str]:
    """Take away the notes that have been left out for long enough; returns their keys."""
    over: set[str] = set()
    for key in notes.keys() - said:
        note, at = notes[key], observation.fetched_at
        note.absence = absence.note_absence(note.absence, at, previous)
        if absence.is_over(note.absence, at, book.thresholds):
            over.add(key)
    for key in over:
        del notes[key]
    return over


def _offerings(book: Book, keys: set[str]) -> list[Offering]:
    meant = (named for key in keys for named in _meant(key) if named in book.ids)
    found = {book.ids[key] for key in meant}
    return [book.offerings[each] for each in sorted(found) if each in book.offerings]


def _meant(key: str) -> Iterator[str]:
    """The ids that a note's key speaks of: of each kind of work, where it names none."""
    operation, _, model_id = key.partition(":")
    if operation != ANY_OPERATION:
        yield key
    else:
        yield from (id_key(model_id, each) for each in OPERATIONS)


def notes_on(book: Book, offering: Offering) -> Iterator[tuple[str, Note]]:
    """What every source notes of an offering, with the source: under its present id, else under
    another one that it is or was known by."""
    if not book.notes:
        return
    present = id_key(offering.model_id, offering.operation)
    keys = [key for known in (present, *offering.known_by) for key in _speaking_of(known)]
    for source in sorted(book.notes):
        notes = book.notes[source]
        found = next((notes[key] for key in keys if key in notes), None)
        if found is not None:
            yield source, found


def _speaking_of(known: str) -> tuple[str, str]:
    """The keys of notes that speak of an id."""
    return known, id_key(known.partition(":")[2], ANY_OPERATION)


def is_deprecated(book: Book, offering: Offering) -> bool:
    """Whether some source notes that the offering is to go."""
    return bool(book.notes) and any(
        note.listing.lifecycle == DEPRECATED for _, note in notes_on(book, offering)
    )


def served_until(book: Book, offering: Offering) -> datetime | None:
    """Up to when the seller says that it serves an offering, also where no list has it any more."""
    if not book.notes:
        return None
    stated = [note.listing.served_until for _, note in notes_on(book, offering)]
    return max((datetime.fromisoformat(each) for each in stated if each), default=None)


def hint_of(offering: Offering) -> Kind:
    """What kind of move a note is: none that its listing makes."""
    return Kind.METER if offering.is_listed else Kind.WITHDRAWN
