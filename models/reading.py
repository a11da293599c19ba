"""What a source says, in two steps: verbatim rows, then claims.

``extract`` (one per source) turns a body into :class:`Row` objects: the source's own words, nothing
decided. ``interpret`` turns one row into a :class:`RowReading`: a listing, the claims it makes, and
exactly one :class:`CellResult` for every price cell of the row, so that no price is lost silently.
Both are pure, so history can be read again from stored captures with newer code.

Errors:

``ExtractError``
    Raised when a body cannot be what the source publishes; names the missing anchor.
``CellError``
    Raised while one cell is interpreted; becomes that cell's rejection, never the row's end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any, Final

from models.conditions import Conditions
from models.record import record

RULE_GAP: Final = "window_gap_not_observed"
"""The rule of a claim whose price stands between the windows and was not seen there."""
RULE_REFUSED: Final = "refused_price"
"""The rule of a claim whose price was refused: there is one, and it is not known."""
RULE_CONTESTED: Final = "two_prices_fit"
"""The rule of a claim that two prices fit, which differ or of which one is refused."""
CONTESTED: Final = "contested"
"""The reason for which a price is refused that was read, and that another refused one may be."""
RULE_ZERO_MEDIA: Final = "zero_does_not_prove_free_media"
"""The rule of a claim whose price is stated as zero, which does not say that it is free."""
DOUBTFUL_RULES: Final = frozenset({RULE_REFUSED, RULE_CONTESTED})


class ExtractError(Exception):
    """Raised when a body lacks an anchor that the source's reader depends on.

    ``anchor`` is the thing that was looked for (a JSON key, a CSS class), so that the message tells
    where to look when a site changes.
    """

    def __init__(self, anchor: str, message: str) -> None:
        super().__init__(f"{message} (anchor: {anchor})")
        self.anchor = anchor
        self.message = message


class CellError(Exception):
    """Raised when one price cell cannot be read; ``reason`` is a stable code, the text explains."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class PriceStatus(StrEnum):
    """What is known of a price. Only ``known`` and ``free`` carry a number; unknown is never 0."""

    KNOWN = "known"
    FREE = "free"
    UNKNOWN = "unknown"
    DYNAMIC = "dynamic"
    NOT_OFFERED = "not_offered"


class Outcome(StrEnum):
    """The one thing that happened to a price cell."""

    CLAIM = "claim"
    MERGED = "merged"
    NO_PRICE = "no_price"
    SUPERSEDED_BY_WINDOW = "superseded_by_window"
    REJECTED = "rejected"


@record
class Cell:
    """One price as printed. ``word`` is the source's name for what is priced, ``unit`` and ``per``
    its unit phrase and divisor where it states them, ``when`` its stated conditions."""

    locator: str
    raw_text: str
    word: str
    unit: str = ""
    per: str = ""
    when: tuple[tuple[str, str], ...] = ()


@record
class Row:
    """One model as one source prints it.

    ``model_id`` is None where the source has names only. ``source_type`` is the source's own word
    for what the model is called for (an API type, a page section). ``facts`` holds the descriptive
    fields verbatim, ``pricing`` the verbatim price structure where it is more than a list of cells.
    """

    locator: str
    model_id: str | None
    source_type: str
    name: str
    developer: str = ""
    cells: tuple[Cell, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])
    pricing: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Drift:
    """Something about a source that its reader did not expect: worth a look, loses nothing.

    ``kind``: ``new_key``, ``unknown_type``, ``unknown_dimension``, ``vanished_field``,
    ``coverage_fall``, ``duplicate``, ``number_among_words``; ``what`` names it; ``count`` says how
    often.
    """

    kind: str
    what: str
    count: int = 1


@record
class CellResult:
    """What became of one price cell. ``reason`` and ``detail`` are set for rejections."""

    locator: str
    raw_text: str
    outcome: Outcome
    reason: str = ""
    detail: str = ""


@record
class Claim:
    """One source's statement of one price.

    ``unit_price`` is USD per single unit of the meter (12 significant digits) and None unless the
    status is known or free. ``raw_text`` and ``locator`` say where it was read, ``rule`` names the
    reading rule applied when it was more than copying a number. ``unit_words`` are the source's own
    words for what the price buys, where they stand apart from the number.
    """

    meter: str
    conditions: Conditions
    status: PriceStatus
    unit_price: Decimal | None
    raw_text: str
    locator: str
    rule: str = ""
    unit_words: str = ""


ANY_OPERATION: Final = "*"
"""Stands in a listing that is about an id, whatever it is called for; no offering has it."""


@record
class Listing:
    """A model as one source lists it, before its name is resolved to an offering.

    ``served_until`` is the moment (ISO 8601, UTC; empty for none) up to which the seller serves the
    model, also where no list has it any more; only a note of a retirement states it.
    """

    model_id: str | None
    name: str
    developer: str
    operation: str
    source_type: str
    locator: str
    aliases: tuple[str, ...] = ()
    lineage: str = ""
    context_length: int | None = None
    max_output_tokens: int | None = None
    input_modalities: tuple[str, ...] = ()
    output_modalities: tuple[str, ...] = ()
    expires_on: str | None = None
    lifecycle: str = "listed"
    source_url: str | None = None
    served_until: str = ""


@dataclass(frozen=True)
class RowReading:
    """What one row amounts to: its listing, its claims, one result per price cell, drift.

    The same object stands for a row that reads the same in many fetches, so what follows from it
    is worked out once.
    """

    listing: Listing
    claims: tuple[Claim, ...] = ()
    cells: tuple[CellResult, ...] = ()
    drift: tuple[Drift, ...] = ()

    @cached_property
    def outcomes(self) -> tuple[str, ...]:
        """What became of each price cell, in a word."""
        return tuple(str(cell.outcome) for cell in self.cells)

    @cached_property
    def meters(self) -> frozenset[str]:
        """The meters that it states."""
        return frozenset(claim.meter for claim in self.claims)

    @cached_property
    def refused(self) -> tuple[CellResult, ...]:
        """The price cells that could not be read."""
        return tuple(cell for cell in self.cells if cell.outcome is Outcome.REJECTED)


@dataclass(frozen=True, slots=True)
class PageReading:
    """What the bodies of a fetch amount to. ``extra_cells`` are price cells of no listing.

    ``pages`` tells for each row which body it was read from, counted from 0; empty means the first.
    ``noted`` are rows of the source that stands inside this one's bodies (`Source.inside`), each
    with the number of its body; their cells are among ``extra_cells``.
    """

    rows: tuple[RowReading, ...]
    extra_cells: tuple[CellResult, ...] = ()
    drift: tuple[Drift, ...] = ()
    pages: tuple[int, ...] = ()
    noted: tuple[tuple[RowReading, int], ...] = ()
