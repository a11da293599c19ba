"""What a refused price of the page may be, by the words of it and around it that are understood."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from models.conditions import Conditions, Stated
from models.pricetext import PriceText, PriceTextError, price_read_of
from models.reading import Cell, CellError
from models.registry import METERS
from spiders.contest import Refusal
from spiders.sources.page_amounts import has_amount
from spiders.sources.page_labels import NO_LABEL
from spiders.sources.page_prices import Place, meters_of, terms_of, with_unit
from spiders.sources.page_words import terms_in

_WITHHELD: Final = re.compile(
    r"tb[ad]|contact (?:us|sales)|(?:up)?on request|coming soon|custom", re.IGNORECASE
)


def refusals_of(cell: Cell, place: Place) -> Iterator[Refusal]:
    """What a refused price may be; an amount of which nothing is understood may be any price of its
    row."""
    read = _meters_read(cell, place)
    if read is not None:
        price, meters = read
        stated = Conditions.of(_conditions_read(cell, price, place))
        yield Refusal(cell, frozenset(meters), stated, is_whole=_is_withheld(cell, place))
    elif has_amount(cell.raw_text):
        yield Refusal(cell, frozenset(METERS), Conditions(), is_whole=False)


def _meters_read(cell: Cell, place: Place) -> tuple[PriceText, list[str]] | None:
    """What is understood of a refused price, and the meters it may be of; None for nothing."""
    try:
        beside = terms_of((" | ".join(terms_in([cell.raw_text])),))
        price = price_read_of(cell.raw_text) or beside or PriceText()
        price, rule = with_unit(cell, price, place)
        return price, meters_of(cell, price, place, rule)
    except (CellError, PriceTextError):
        return None


def _conditions_read(cell: Cell, price: PriceText, place: Place) -> dict[str, Stated]:
    """The conditions of a refused price, those that the texts around it state included; none where
    they contradict each other."""
    stated = price.conditions
    for said in (place.labels.get(cell.locator, NO_LABEL).said, place.said):
        for key, value in said.when:
            if stated.setdefault(key, value) != value:
                return {}
    return stated


def _is_withheld(cell: Cell, place: Place) -> bool:
    """Whether all words of a refused price are understood, and only its number is not stated."""
    label = place.labels.get(cell.locator, NO_LABEL)
    is_clear = not (label.said.unread or place.said.unread)
    return is_clear and _WITHHELD.fullmatch(cell.raw_text) is not None
