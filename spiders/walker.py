"""An independent count of the price cells of a body, for the accounting of every run.

Nothing here and in :mod:`spiders.walker_json`, :mod:`spiders.walker_html` and
:mod:`spiders.walker_endpoints` is shared with the code that reads prices, on purpose: what a reader
overlooks, a walker still finds, because it looks for other things. It knows no models, meters or
units.

What counts as a price cell:

JSON
    Every scalar at any depth below ``pricing`` or ``pricing_skus`` of a model, but for members that
    say what a price is for (`METADATA`). ``null`` in place of a whole block is no cell.
HTML
    Every price column's cell that is not empty: elements of the price classes, and table cells
    under a head that speaks of prices. Every other visible text that holds an amount of money.
    Every ``price``, ``lowPrice`` and ``highPrice`` in a JSON-LD block.

Locators, the same as the readers build on their own:

``$.data[?@.id=='openai/gpt-5'].pricing.prompt``
    A JSONPath (RFC 9535) which selects the model by id (``$[?…]`` for a bare list); with
    ``&&@.type=='…'`` where models have types. A model met again under the same key carries an
    ordinal after the filter, ``[1]`` for the second; one without an id its position, ``[3]``. So
    does one whose id or type is stated twice, has over 200 characters, or holds a control
    character, a line break or what reorders a line. Values under equal names share a locator.
``/html/body/div[2]/div[1]/div[3]`` and ``…/p/text()[1]``
    The XPath of a price column's cell, or of the text node that holds an amount.
``/html/head/script#/about/offers/0/price``
    The XPath of a JSON-LD block, and the JSON Pointer of the price in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias, cast

METADATA: Final = frozenset(
    {
        *("kind", "currency", "dimensions", "when", "discount"),
        *("name", "content", "measure", "origin", "unit", "per"),
        *("type", "phase", "author"),
        *("tier", "service_tier", "threshold", "ttl"),
        *("min_prompt_tokens", "utc_start", "utc_end"),
    }
)
"""Members below ``pricing`` that are no prices: conditions, units, and words about them."""


@dataclass(frozen=True, slots=True)
class WalkedCell:
    """A price cell: where it stands and what is printed there."""

    locator: str
    raw_text: str


Cells: TypeAlias = tuple[WalkedCell, ...]
"""The price cells of one entry of a body; of a page all that it has."""


class Twice(dict[str, object]):
    """An object that has one name for several members; ``members`` are all of them."""

    __slots__ = ("members",)

    def __init__(self, members: Sequence[tuple[str, object]]) -> None:
        super().__init__(members)
        self.members = members


def object_of(members: Sequence[tuple[str, object]]) -> dict[str, object]:
    """The object that has these members, of which two may have one name."""
    return found if len(found := dict(members)) == len(members) else Twice(members)


def members_of(value: object) -> Iterator[tuple[str, object]]:
    """The members of an object by name, the items of a list by position; nothing of a scalar."""
    if isinstance(value, Twice):
        yield from value.members
    elif isinstance(value, dict):
        yield from cast("dict[str, object]", value).items()
    elif isinstance(value, list):
        items = cast("list[object]", value)
        yield from ((str(index), item) for index, item in enumerate(items))
