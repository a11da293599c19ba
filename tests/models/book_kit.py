"""A story told to a book: what sources say, hour by hour, and what history makes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from models.conditions import Conditions, Stated
from models.history.codec import dump_book, load_book
from models.history.engine import Added, Book
from models.history.observation import Observation, Sighting
from models.history.reviews import Decision, Review
from models.history.state import LifecycleRow
from models.history.statement import statements_of
from models.history.thresholds import Thresholds
from models.history.timeline import Kind, PriceRow
from models.reading import RULE_GAP, RULE_REFUSED, RULE_ZERO_MEDIA, Claim, Listing, PriceStatus

START = datetime(2026, 8, 1, tzinfo=UTC)
FREE, DYNAMIC, UNSEEN, UNREAD = "free", "dynamic", "unseen", "unread"
ZERO = "zero"
"""Stated as zero, which does not say that it is free."""

Price = str | Mapping[str, str]
"""One price, or several by their conditions: ``">200000"`` a tier, ``"600-1000"`` a window of UTC
minutes, anything else a resolution."""


def hour(count: float) -> datetime:
    """A moment that many hours after the start."""
    return START + timedelta(hours=count)


def since(moment: datetime | None) -> float | None:
    """A moment as hours after the start."""
    return None if moment is None else (moment - START).total_seconds() / 3600


def model(
    model_id: str,
    prices: Mapping[str, Price] | None = None,
    *,
    lineage: str = "",
    aliases: Sequence[str] = (),
    also: Sequence[str] = (),
    lifecycle: str = "listed",
    refused: Sequence[str] = (),
    cells: Mapping[str, str] | None = None,
    printed: bool = False,
) -> Sighting:
    """A model as one fetch shows it; ``cells`` names the cell a meter is read from."""
    claims = [
        claim
        for meter, price in (prices or {}).items()
        for claim in _claims(meter, price, (cells or {}).get(meter, meter))
    ]
    listing = Listing(
        None if printed else model_id,
        model_id,
        "Acme",
        "chat",
        "chat",
        f"$[?@.id=='{model_id}']",
        tuple(aliases),
        lineage,
        lifecycle=lifecycle,
    )
    locators = frozenset(f"$[?@.id=='x'].{cell}" for cell in refused)
    return Sighting(model_id, "chat", listing, statements_of(claims), "sha", locators, tuple(also))


def _claims(meter: str, price: Price, cell: str) -> list[Claim]:
    rates = {"": price} if isinstance(price, str) else price
    return [_claim(meter, _conditions(when), text, cell) for when, text in rates.items()]


def _conditions(when: str) -> Conditions:
    stated: dict[str, Stated] = {}
    if when.startswith(">"):
        stated = {"min_prompt_tokens": int(when[1:])}
    elif when[:1].isdigit() and "-" in when:
        start, end = when.split("-")
        stated = {"utc_from_minute": int(start), "utc_to_minute": int(end)}
    elif when:
        stated = {"resolution": when}
    return Conditions.of(stated)


def _claim(meter: str, conditions: Conditions, text: str, cell: str) -> Claim:
    locator = f"$[?@.id=='x'].{cell}"
    if text in {DYNAMIC, UNSEEN, UNREAD, ZERO, "unknown"}:
        status = PriceStatus.DYNAMIC if text == DYNAMIC else PriceStatus.UNKNOWN
        rule = {UNSEEN: RULE_GAP, UNREAD: RULE_REFUSED, ZERO: RULE_ZERO_MEDIA}.get(text, "")
        return Claim(meter, conditions, status, None, text, locator, rule)
    amount = Decimal(0) if text == FREE else Decimal(text)
    status = PriceStatus.KNOWN if amount else PriceStatus.FREE
    return Claim(meter, conditions, status, amount, text, locator)


API, PAGE = "api", "page"
LIST, SUBLIST = "openrouter_models", "openrouter_embeddings"
"""Two lists of one site."""
_PRECEDENCE = {API: 10, PAGE: 20, LIST: 10, SUBLIST: 7}


@dataclass(slots=True)
class Story:
    """A book, and everything it has said so far.

    Its prices are plain numbers of any size, so bounds of first prices count only if ``bounded``.
    """

    thresholds: Thresholds = field(default_factory=Thresholds)
    decisions: dict[str, Decision] = field(default_factory=dict[str, Decision])
    reloading: bool = False
    bounded: bool = False
    book: Book = field(init=False)
    told: Added = field(default_factory=Added)

    def __post_init__(self) -> None:
        self.book = self._empty()

    def _empty(self) -> Book:
        rules = self.thresholds if self.bounded else replace(self.thresholds, bounds={})
        return Book("acme", rules, self.decisions)

    def tell(
        self,
        at: float,
        *sightings: Sighting,
        source: str = API,
        scope: str = "default",
        covers: Sequence[str] = (),
    ) -> Added:
        """One healthy fetch."""
        seen = Observation(
            source, _PRECEDENCE[source], scope, hour(at), sightings, "sha", frozenset(covers)
        )
        return self.take(seen)

    def take(self, observation: Observation) -> Added:
        """Apply an observation; a reloading story stores and restores its book before each."""
        if self.reloading:
            stored, self.book = dump_book(self.book), self._empty()
            load_book(stored, self.book)
        added = self.book.apply(observation)
        self.told += added
        return added

    @property
    def rows(self) -> list[PriceRow]:
        """The rows of history that stand, by time."""
        now = Added(list(self.told.prices), list(self.told.untrue))
        now.settle()
        assert not now.untrue, "a row was taken back that was never told"
        return sorted(now.prices, key=lambda row: (row.valid_from, row.key))

    @property
    def lives(self) -> list[LifecycleRow]:
        """The rows of offerings' lives that stand, by time."""
        now = Added(
            lifecycle=list(self.told.lifecycle),
            untrue_lifecycle=list(self.told.untrue_lifecycle),
        )
        now.settle()
        assert not now.untrue_lifecycle
        return sorted(now.lifecycle, key=lambda row: (row.valid_from, row.offering_id))

    def of(self, meter: str, conditions: str = "{}") -> list[tuple[float | None, str]]:
        """Of one price: since when (hours) it was what."""
        return [
            (since(row.valid_from), said(row))
            for row in self.rows
            if row.meter == meter and row.conditions == conditions
        ]

    def kinds(self) -> list[tuple[float | None, str, str]]:
        """Every published change: when, of which meter, of what kind."""
        return [
            (since(row.valid_from), row.meter, str(row.kind))
            for row in self.rows
            if row.kind is not None
        ]

    def bounds(self, meter: str) -> list[tuple[float | None, float | None]]:
        """Of one meter: between which hours each change lies."""
        return [
            (since(row.changed_after), since(row.valid_from))
            for row in self.rows
            if row.meter == meter
        ]

    @property
    def open(self) -> list[Review]:
        """Doubts that nobody and nothing has settled."""
        return [review for review in self.book.reviews.values() if review.decision is None]


def said(row: PriceRow) -> str:
    """What a row says: its number, or its status."""
    number = row.rate.unit_price
    return str(row.rate.status) if number is None or number == 0 else format(number, "f")


def moves(story: Story) -> list[tuple[float | None, str, str]]:
    """Changes without those that only say that something is listed for the first time."""
    return [change for change in story.kinds() if change[2] != str(Kind.NEW)]
