"""What the judging of a fetch works with: what it may change, and what it changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from models.history.recall import recalled
from models.history.timeline import Kind

if TYPE_CHECKING:
    from datetime import datetime

    from models.history.observation import Sighting
    from models.history.state import Offering, Track
    from models.history.statement import Statement
    from models.history.timeline import Segment


@dataclass(slots=True)
class Proposal:
    """A statement that differs from the one that stands, which was last said ``changed_after``.

    ``takes_over`` is set where the one that stands is another source's, which this source outranks:
    the segment that its track would begin with. ``before`` is what stands with the last number of
    each price that has none: what gates compare with.
    """

    offering: Offering
    meter: str
    track: Track
    standing: Statement
    statement: Statement
    sighting: Sighting
    changed_after: datetime | None
    takes_over: Segment | None = None
    hint: Kind = Kind.METER
    before: Statement = field(init=False)

    def __post_init__(self) -> None:
        """Recall the last numbers."""
        last = self.track.last_numbers
        self.before = recalled(self.standing, self.statement, last) or self.standing


@dataclass(slots=True)
class Begun:
    """A statement that begins with this fetch, where nothing stood before ``segment``.

    ``switched`` is the track of another meter that the same cell stood for until now, if any; it
    ends with this fetch. ``before`` is the last number of each price, None at first sight.
    """

    offering: Offering
    meter: str
    track: Track
    sighting: Sighting
    segment: Segment
    switched: Track | None
    before: Statement | None = field(init=False)

    def __post_init__(self) -> None:
        """Recall the last numbers."""
        self.before = recalled(None, self.statement, self.track.last_numbers)

    @property
    def statement(self) -> Statement:
        """What is stated."""
        return self.sighting.statements[self.meter]


Move: TypeAlias = Proposal | Begun


@dataclass(slots=True)
class Touched:
    """An offering that this fetch moved; ``hint`` says what kind of move its listing made.

    ``is_by_listing`` tells that more than its prices may have moved: whether and as what it is
    listed. ``moved_at`` and ``moved_after`` bound that move where it lies back in time.
    """

    offering: Offering
    hint: Kind
    is_by_listing: bool = False
    moved_at: datetime | None = None
    moved_after: datetime | None = None
    meters: set[str] = field(default_factory=set[str])
