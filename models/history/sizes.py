"""How wide and high the video of a resolution is, as a source stated it last.

A size is no part of a price (see `models.conditions.Conditions.size`), so it moves no history: it
is remembered beside it, and published with every row of the price.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.history.engine import Book
    from models.history.state import Offering
    from models.history.statement import Statement

PriceKey = tuple[str, str, str]
"""An offering's id, a meter and conditions as canonical JSON."""
Size = tuple[int, int]
"""Width and height in pixels."""


def learn_sizes(offering: Offering, statements: Mapping[str, Statement]) -> None:
    """Remember the sizes that a fetch states of an offering."""
    for meter, statement in statements.items():
        for rate in statement.rates:
            if rate.conditions.size is not None:
                known = offering.sizes.setdefault(meter, {})
                known[rate.conditions.to_json()] = rate.conditions.size


def sizes_of(book: Book) -> Iterator[tuple[PriceKey, Size]]:
    """Every size that is known, with the price that it stands beside."""
    for offering in book.offerings.values():
        for meter, known in offering.sizes.items():
            for conditions, size in known.items():
                yield (offering.offering_id, meter, conditions), size
