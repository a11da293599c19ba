"""What the change rules remember of one seller between two fetches.

Small and complete: with it the next fetch can be judged without reading earlier captures again.
It is stored between runs, so the types below are imported for real and not only for checking.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from models.coverage import Coverage
from models.history.disputes import Mark, Refusal
from models.history.gates import Gate
from models.history.line import Line
from models.history.observation import Observation
from models.history.recall import LastNumber
from models.history.statement import Statement
from models.history.timeline import Kind, Segment
from models.reading import Listing
from models.record import record


def id_key(model_id: str, operation: str) -> str:
    """One text for an id and what it is called for; an operation has no colon, an id may."""
    return f"{operation}:{model_id}"


@dataclass(slots=True)
class Absence:
    """Not seen since ``since`` (the first healthy fetch without it), in ``fetches`` in a row.

    ``served_until`` is set while the seller says that it serves all the same, up to then.
    """

    since: datetime
    fetches: int
    last_seen: datetime
    served_until: datetime | None = None


@dataclass(slots=True)
class Held:
    """A statement that waits for review. ``agreeing`` counts later fetches that said the same.

    ``mark`` says which prices are in dispute meanwhile, ``hint`` and ``event`` what kind of change
    it becomes when it is released.
    """

    review_id: str
    gate: Gate
    statement: Statement
    since: datetime
    changed_after: datetime | None
    capture: str
    mark: Mark
    hint: Kind = Kind.METER
    event: str = ""
    agreeing: int = 0


@dataclass(slots=True)
class Track:
    """What one source says of one meter of one offering. The last segment is what stands.

    ``scope`` is that of the newest fetch that stated the meter. There is no segment yet where the
    first statement is held. ``last_stated`` is set while a cell of what stands cannot be read: the
    newest fetch before. By conditions: ``last_numbers`` holds the last number of each price that
    has none now, ``refusals`` the prices that stand and cannot be read.
    """

    segments: list[Segment]
    precedence: int
    scope: str
    absence: Absence | None = None
    held: Held | None = None
    last_stated: datetime | None = None
    last_numbers: dict[str, LastNumber] = field(default_factory=dict[str, LastNumber])
    refusals: dict[str, Refusal] = field(default_factory=dict[str, Refusal])

    @property
    def statement(self) -> Statement | None:
        """What stands now; None when the source stopped stating the meter."""
        return self.segments[-1].statement if self.segments else None

    @property
    def began_at(self) -> datetime | None:
        """Since when that stands."""
        return self.segments[-1].valid_from if self.segments else None

    @property
    def is_withheld(self) -> bool:
        """Whether what is held is what began it, so that nothing stood before."""
        return self.held is not None and self.began_at == self.held.since


@dataclass(slots=True)
class Presence:
    """That one source lists an offering. ``statements`` are those of the newest fetch."""

    since: datetime
    scope: str
    listing: Listing
    capture: str
    statements: Mapping[str, Statement]
    absence: Absence | None = None
    ended_at: datetime | None = None
    pending: bool = False


@record
class LifecycleRow:
    """From ``valid_from`` on an offering is listed (by these sources, so named) or withdrawn."""

    offering_id: str
    valid_from: datetime
    changed_after: datetime | None
    lifecycle: str
    model_id: str
    operation: str
    listed_by: tuple[str, ...]
    capture: str
    kind: Kind | None

    @property
    def says(self) -> tuple[object, ...]:
        """What is so from then on; two rows in a row that say the same are one."""
        return (self.lifecycle, self.model_id, self.listed_by)


@dataclass(slots=True)
class Offering:
    """A model as the seller sells it, with what each source says of it.

    ``known_by`` are the keys of the ids that mean it. ``sizes`` are the widths and heights that
    were stated beside resolutions, by meter and conditions.
    """

    offering_id: str
    model_id: str
    operation: str
    first_seen_at: datetime
    known_by: list[str] = field(default_factory=list[str])
    presences: dict[str, Presence] = field(default_factory=dict[str, Presence])
    tracks: dict[str, dict[str, Track]] = field(default_factory=dict[str, dict[str, Track]])
    lines: dict[str, Line] = field(default_factory=dict[str, Line])
    life: LifecycleRow | None = None
    sizes: dict[str, dict[str, tuple[int, int]]] = field(
        default_factory=dict[str, dict[str, tuple[int, int]]]
    )

    @property
    def is_listed(self) -> bool:
        """Whether some source lists it, or has not been without it for long enough."""
        return None in [presence.ended_at for presence in self.presences.values()]

    @property
    def is_missing(self) -> bool:
        """Whether every source that lists it has begun to leave it out, and nobody says that it is
        served all the same."""
        absences = [p.absence for p in self.presences.values() if p.ended_at is None]
        return bool(absences) and all(
            absence is not None and absence.served_until is None for absence in absences
        )


@dataclass(frozen=True, slots=True)
class Repricing:
    """The newest uniform repricing: when it was seen, by which factor, and its event."""

    at: datetime
    factor: Decimal
    event: str


@dataclass(slots=True)
class Slip:
    """A list that is held because much of it moved by one factor, such as another unit makes."""

    review_id: str
    factor: Decimal
    is_confirmed: bool = False


@dataclass(slots=True)
class SourceState:
    """What is remembered of a source: when it was last read, how many rows it had, how many of
    them were priced. ``slips`` are those that are held, by their reviews."""

    last_at: dict[str, datetime] = field(default_factory=dict[str, datetime])
    row_counts: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    present: set[str] = field(default_factory=set[str])
    held: list[Observation] = field(default_factory=list[Observation])
    slips: dict[str, Slip] = field(default_factory=dict[str, Slip])
    coverage: dict[str, Coverage] = field(default_factory=dict[str, Coverage])
