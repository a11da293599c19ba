"""From a price as the page prints it to claims: its unit, its meter, the rule that was applied.

The unit of a price comes from the first of these that says one: the price's own text; the head of
its column or the words right beside it; the titles of its section. What none of them says is said
only by facts measured on the page (2026-05 and 2026-06): in its Webflow lists, a text model's two
bare numbers are USD per 1M input and output tokens, and a row of any other kind leaves the output
cell empty. Whatever is open after that is refused as ``unit_not_established``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

from models.conditions import Conditions
from models.money import MoneyError, fits_column, per_unit
from models.price_meters import NOT_ESTABLISHED, meter_of, units_per_meter
from models.pricetext import (
    Content,
    Direction,
    PriceText,
    PriceTextError,
    Reason,
    Unit,
    parse_price,
    parse_unit_phrase,
)
from models.reading import Cell, CellError, Claim, PriceStatus
from spiders.sources.page_labels import NO_LABEL, Label, labelled
from spiders.sources.page_rows import PHRASES, WEBFLOW
from spiders.sources.page_said import NOTHING, Said

SOURCE: Final = "aiml_pricing_page"
NO_PRICE: Final = re.compile(r"[\s\u2010-\u2015\u2212-]*|n/?a", re.IGNORECASE)
"""What a price cell says that states no price: nothing, a dash, "N/A"."""
_DIRECTIONS: Final = {direction.value: direction for direction in Direction}
_SEVERAL: Final = re.compile(r"\s*(?:[;|\u2022\u00b7\n]|,\s|\s/\s(?=\$)|\sand\s)\s*")
# What a unit is for, where the section does not say (its title is "Pricing", or "Audio models").
_IMPLIED_WORK: Final = {
    Unit.TOKEN: "text",
    Unit.CHARACTER: "speech",
    Unit.IMAGE: "image",
    Unit.MEGAPIXEL: "image",
    Unit.VIDEO: "video",
    Unit.TRACK: "audio",
    Unit.PAGE: "document",
    Unit.SEARCH: "search",
    Unit.WEB_SEARCH: "search",
    Unit.QUERY: "search",
}
_UNCLEAR_WORK: Final = frozenset({"", "sound", None})
# What the operation of a section is called, where its word is another one.
_OPERATIONS: Final = {"text": "chat"}
# Sections whose models are told by tokens of text, unless something else is said of them.
_OF_TEXT: Final = frozenset(
    {"text", "embedding", "rerank", "search", "document", "image", "", None}
)
# Names of models that answer with images: "Gemini 3.1 Flash Image", "Gemini 3 Pro Image Preview".
_IMAGE_MODEL: Final = re.compile(r"\w image$|\b(?:flash|pro) image\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """What is known of a price from where it stands. ``filled`` are the price columns that the row
    fills, ``count`` how many price cells it has. ``said`` is what the titles above it and their
    notes say of its prices, ``labels`` what the texts beside each price say, by its locator."""

    layout: str
    work: str | None
    terms: tuple[str, ...]
    name: str
    filled: frozenset[str]
    count: int
    said: Said = NOTHING
    labels: Mapping[str, Label] = field(default_factory=dict[str, Label])

    @property
    def makes_images(self) -> bool:
        """Whether the model's output is images: by its section, or by its printed name. Gemini 3.1
        Flash Image stands at 0.325/78, and 78 is the price of its image tokens (2026-06)."""
        return self.work == "image" or bool(self.work == "text" and _IMAGE_MODEL.search(self.name))


def work_of_row(layout: str, stated: str | None, cells: Sequence[Cell]) -> str | None:
    """What a row is for: its section's word, or what its units leave no doubt of."""
    if stated not in _UNCLEAR_WORK:
        return stated
    if layout == WEBFLOW and {"input", "output"} <= {cell.word for cell in cells}:
        return "text"
    implied = {_IMPLIED_WORK.get(unit) for cell in cells if (unit := _stated_unit(cell))}
    return implied.pop() or stated if len(implied) == 1 else stated


def _stated_unit(cell: Cell) -> Unit | None:
    try:
        return parse_price(cell.raw_text).unit or _single_terms((cell.unit,))
    except (PriceTextError, CellError):
        return None


def _single_terms(terms: tuple[str, ...]) -> Unit | None:
    found = terms_of(terms)
    return found.unit if found else None


def claims_of(cell: Cell, place: Place) -> list[Claim]:
    """What one price cell states. Raises CellError with the reason it is refused for."""
    return [claim for price in _parsed(cell.raw_text) for claim in _claims(cell, price, place)]


def _parsed(text: str) -> list[PriceText]:
    """The price of a text, or the several prices of one that lists them."""
    try:
        return [parse_price(text)]
    except PriceTextError as error:
        parts = _SEVERAL.split(text)
        if len(parts) < 2 or error.reason not in (Reason.SEVERAL_PRICES, Reason.UNREADABLE):
            raise CellError(error.reason.value, str(error)) from error
        try:
            return _sharing_terms([parse_price(part) for part in parts])
        except PriceTextError:
            raise CellError(error.reason.value, str(error)) from error


def _sharing_terms(prices: list[PriceText]) -> list[PriceText]:
    """Terms printed once, after the last price, are those of all: "$1 input / $4 output per 1M"."""
    last = prices[-1]
    if any(price.unit or price.quoted_per != 1 for price in prices[:-1]):
        return prices
    return [replace(price, unit=last.unit, quoted_per=last.quoted_per) for price in prices]


def _claims(cell: Cell, price: PriceText, place: Place) -> list[Claim]:
    label = place.labels.get(cell.locator, NO_LABEL)
    price, rule = with_unit(cell, price, place)
    rules = [rule] if rule else []
    meters = meters_of(cell, price, place, rule)
    if len(meters) > 1:
        rules.append("single_price_both_ways")
    status, amount = _amount(price)
    stated = price.conditions
    for said in (label.said, place.said):
        said.add_to(stated)
    conditions = Conditions.of(stated)
    return [
        Claim(meter, conditions, status, amount, cell.raw_text, cell.locator, " ".join(rules))
        for meter in meters
    ]


def meters_of(cell: Cell, price: PriceText, place: Place, rule: str) -> list[str]:
    """The meters of a price: one, or input and output where it holds for both."""
    operation = _OPERATIONS.get(place.work or "", place.work or "")
    if price.unit is Unit.TOKEN:
        stated = _direction(cell, price, place, rule)
        directions = [stated] if stated else _both_ways(price, place)
        contents = [_content(price, each, place) for each in directions]
        read = zip(directions, contents, strict=True)
        return [meter_of(replace(price, direction=d, content=c), operation) for d, c in read]
    if place.work in _UNCLEAR_WORK and price.content is Content.VIDEO:
        operation = "video"
    way = price.direction or _labelled_direction(cell, place)
    return [meter_of(replace(price, direction=way), operation)]


def _labelled_direction(cell: Cell, place: Place) -> Direction | None:
    """The direction that a label gives to a price of anything but tokens.

    A lone price in the first of two columns is none of input: lists of models that are not paid by
    tokens leave the second one empty.
    """
    way = place.labels.get(cell.locator, NO_LABEL).direction
    is_first_of_two = way is Direction.INPUT and place.layout != PHRASES
    return None if is_first_of_two and place.count == 1 else way


def _both_ways(price: PriceText, place: Place) -> list[Direction]:
    """The directions of tokens of which none is said."""
    if price.content in (None, Content.TEXT):
        if place.work in ("embedding", "rerank"):
            return [Direction.INPUT]
        if place.work == "text" and place.count == 1:
            return [Direction.INPUT, Direction.OUTPUT]
    raise CellError(NOT_ESTABLISHED, "neither input nor output is said of these tokens")


def _content(price: PriceText, direction: Direction, place: Place) -> Content:
    if price.content is not None:
        return price.content
    if direction is Direction.OUTPUT and place.makes_images:
        return Content.IMAGE
    if place.work in _OF_TEXT:
        return Content.TEXT
    raise CellError(NOT_ESTABLISHED, f"tokens in a section for {place.work}: of what is not said")


def with_unit(cell: Cell, price: PriceText, place: Place) -> tuple[PriceText, str]:
    """The price with its unit, and the rule by which the unit was found, if any was needed."""
    price = labelled(price, place.labels.get(cell.locator, NO_LABEL), cell.word)
    if price.unit is not None:
        return _filled(price, cell, place), ""
    if (beside := terms_of((cell.unit,))) is not None:
        return _joined(price, beside), "unit_beside"
    if (section := terms_of(place.terms)) is not None:
        return _joined(price, section), "unit_of_section"
    if _are_bare_token_prices(price, place):
        return _joined(price, PriceText(unit=Unit.TOKEN, quoted_per=10**6)), "webflow_text_tokens"
    if price.is_free and place.work in ("text", "embedding"):
        return replace(price, unit=Unit.TOKEN), "free_text"
    raise CellError(NOT_ESTABLISHED, "nothing says what this price buys")


def _filled(price: PriceText, cell: Cell, place: Place) -> PriceText:
    """A price that says its unit, with what the words beside and above say more of this unit.

    Raises CellError where the words beside it name another unit.
    """
    beside = terms_of((cell.unit,))
    if beside is not None and (beside.unit, beside.quoted_per) != (price.unit, price.quoted_per):
        raise CellError(NOT_ESTABLISHED, f"{price.unit} in the text, {cell.unit} beside it")
    try:
        above = terms_of(place.terms)
    except CellError:  # Several units are named above; this price says which is its own.
        above = None
    for terms in (beside, above):
        if terms is not None and terms.unit is price.unit:
            price = _joined(price, replace(terms, quoted_per=price.quoted_per))
    return price


def terms_of(phrases: tuple[str, ...]) -> PriceText | None:
    """The terms that the phrases agree on; raises CellError where they do not agree."""
    stated = {phrase for text in phrases for phrase in text.split(" | ") if phrase}
    parsed = {
        (found.unit, found.quoted_per, found.content, *found.conditions.items()): found
        for found in map(parse_unit_phrase, sorted(stated))
    }
    if len(parsed) > 1:
        raise CellError(NOT_ESTABLISHED, f"several units are named: {', '.join(sorted(stated))}")
    found = next(iter(parsed.values()), None)
    # "per input token" beside "per output token" agree on the unit and leave the direction open.
    return replace(found, direction=None) if found and len(stated) > 1 else found


def _joined(price: PriceText, terms: PriceText) -> PriceText:
    if price.quoted_per not in (1, terms.quoted_per):
        raise CellError(
            NOT_ESTABLISHED, f"per {price.quoted_per} here, per {terms.quoted_per} above"
        )
    return replace(
        price,
        unit=terms.unit,
        quoted_per=terms.quoted_per,
        direction=price.direction or terms.direction,
        content=price.content or terms.content,
        size=price.size or terms.size,
        resolution=price.resolution or terms.resolution,
        when=price.when or terms.when,
    )


def _are_bare_token_prices(price: PriceText, place: Place) -> bool:
    if place.layout != WEBFLOW or price.quoted_per != 1:
        return False
    both = {"input", "output"} <= place.filled
    return place.work == "text" or (both and place.work in ("", None, "image"))


def _direction(cell: Cell, price: PriceText, place: Place, rule: str) -> Direction | None:
    """The direction a price's text or column gives it.

    A lone phrase that says its unit itself ("$0.945 per 1M tokens", no ``rule`` needed) stands for
    both directions, even where a page prints it in the first of two columns of a table.
    """
    is_first_of_two = cell.word == "input" and place.layout != PHRASES
    if price.direction is None and is_first_of_two and place.count == 1 and not rule:
        return None
    return price.direction or _DIRECTIONS.get(cell.word)


def _amount(price: PriceText) -> tuple[PriceStatus, Decimal | None]:
    if price.is_variable or price.amount is None:
        return PriceStatus.DYNAMIC, None
    try:
        amount = fits_column(per_unit(price.amount, units_per_meter(price)))
    except MoneyError as error:
        raise CellError(error.reason, str(error)) from error
    return (PriceStatus.KNOWN if amount else PriceStatus.FREE), amount
