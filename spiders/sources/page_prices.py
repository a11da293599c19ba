"""From a price as the page prints it to claims: its unit, its meter, the rule that was applied.

The unit of a price comes from the first of these that says one: the price's own text; the head of
its column or the words right beside it; the titles of its section. What none of them says is said
only by facts measured on the page (2026-05 and 2026-06): in its Webflow lists, a text model's two
bare numbers are USD per 1M input and output tokens, and a row of any other kind leaves the output
cell empty. Whatever is open after that is refused as ``unit_not_established``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from models.conditions import Conditions, Stated
from models.money import MoneyError, fits_column, per_unit
from models.pricetext import (
    Direction,
    PriceText,
    PriceTextError,
    Reason,
    Unit,
    parse_price,
    parse_unit_phrase,
)
from models.reading import Cell, CellError, Claim, PriceStatus
from models.registry import meter_for
from spiders.sources.page_rows import WEBFLOW

SOURCE: Final = "aiml_pricing_page"
NOT_ESTABLISHED: Final = "unit_not_established"
NO_PRICE: Final = re.compile(r"[\s\u2010-\u2015\u2212-]*|n/?a", re.IGNORECASE)
"""What a price cell says that states no price: nothing, a dash, "N/A"."""

_SECONDS: Final = {Unit.SECOND: 1, Unit.MINUTE: 60, Unit.HOUR: 3600}
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
    Unit.QUERY: "search",
}
_UNCLEAR_WORK: Final = frozenset({"", "sound", None})
# The registry's word for a unit that is not a token, by what the section is for.
_WORDS: Final = {
    ("image", Unit.IMAGE): "image",
    ("image", Unit.MEGAPIXEL): "megapixel",
    ("video", Unit.VIDEO): "video",
    ("video", Unit.SECOND): "video second",
    ("transcription", Unit.SECOND): "transcription second",
    ("speech", Unit.SECOND): "audio second",
    ("speech", Unit.CHARACTER): "character",
    ("audio", Unit.SECOND): "audio second",
    ("audio", Unit.TRACK): "track",
    ("document", Unit.PAGE): "page",
    ("search", Unit.SEARCH): "search",
    ("text", Unit.SEARCH): "search",
    ("rerank", Unit.SEARCH): "search",
}
_IMAGE_MODEL: Final = re.compile(r"\bimage\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """What is known of a price from where it stands. ``filled`` are the price columns that the row
    fills, ``count`` how many price cells it has."""

    layout: str
    work: str | None
    terms: tuple[str, ...]
    name: str
    filled: frozenset[str]
    count: int

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
    found = _terms(terms)
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
    price, rule = _with_unit(cell, price, place)
    rules = [rule] if rule else []
    if price.unit is Unit.TOKEN:
        words = _token_words(_direction(cell, price, place, rule), place)
    else:
        words = [_word(price, place)]
    if len(words) > 1:
        rules.append("single_price_both_ways")
    meters = [meter_for(SOURCE, word) for word in words]
    if None in meters:
        raise CellError(NOT_ESTABLISHED, f"no meter for {' or '.join(words)!r}")
    status, amount = _amount(price)
    conditions = _conditions(price)
    return [
        Claim(meter, conditions, status, amount, cell.raw_text, cell.locator, " ".join(rules))
        for meter in meters
        if meter
    ]


def _with_unit(cell: Cell, price: PriceText, place: Place) -> tuple[PriceText, str]:
    """The price with its unit, and the rule by which the unit was found, if any was needed."""
    if price.unit is not None:
        return price, ""
    if (beside := _terms((cell.unit,))) is not None:
        return _joined(price, beside), "unit_beside"
    if (section := _terms(place.terms)) is not None:
        return _joined(price, section), "unit_of_section"
    if _are_bare_token_prices(price, place):
        return _joined(price, PriceText(unit=Unit.TOKEN, quoted_per=10**6)), "webflow_text_tokens"
    if price.is_free and place.work in ("text", "embedding"):
        return replace(price, unit=Unit.TOKEN), "free_text"
    raise CellError(NOT_ESTABLISHED, "nothing says what this price buys")


def _terms(phrases: tuple[str, ...]) -> PriceText | None:
    """The terms that the phrases agree on; raises CellError where they do not agree."""
    stated = {phrase for text in phrases for phrase in text.split(" | ") if phrase}
    parsed = {
        (found.unit, found.quoted_per, found.content, found.size, found.resolution): found
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
    )


def _are_bare_token_prices(price: PriceText, place: Place) -> bool:
    if place.layout != WEBFLOW or price.quoted_per != 1:
        return False
    both = {"input", "output"} <= place.filled
    return place.work == "text" or (both and place.work in ("", None, "image"))


def _token_words(direction: Direction | None, place: Place) -> list[str]:
    """Which tokens a price is for, in the registry's words."""
    if direction is Direction.OUTPUT:
        if place.makes_images:
            return ["output image token"]
        known = place.work in ("text", "", None)
        return ["output token" if known else f"output {place.work} token"]
    if direction is not None:
        return [f"{direction.value.replace('_', ' ')} token"]
    if place.work in ("embedding", "rerank"):
        return ["input token"]
    if place.work == "text" and place.count == 1:
        return ["input token", "output token"]
    raise CellError(NOT_ESTABLISHED, "neither input nor output is said of these tokens")


def _direction(cell: Cell, price: PriceText, place: Place, rule: str) -> Direction | None:
    """The direction a price's text or column gives it.

    A lone phrase that says its unit itself ("$0.945 per 1M tokens", no ``rule`` needed) stands for
    both directions, even where a page prints it in the first of two columns.
    """
    if price.direction is None and cell.word == "input" and place.count == 1 and not rule:
        return None
    return price.direction or _DIRECTIONS.get(cell.word)


def _word(price: PriceText, place: Place) -> str:
    unit = price.unit
    if unit is None or unit in (Unit.CREDIT, Unit.FONT):
        raise CellError(NOT_ESTABLISHED, f"no meter counts {unit}")
    if unit is Unit.REQUEST:
        return "request"
    unit = Unit.SECOND if unit in _SECONDS else Unit.SEARCH if unit is Unit.QUERY else unit
    work = price.content.value if price.content and place.work in _UNCLEAR_WORK else place.work
    word = _WORDS.get((work or "", unit))
    if word is None:
        raise CellError(NOT_ESTABLISHED, f"a price per {unit} in a section for {work or 'unknown'}")
    return word


def _amount(price: PriceText) -> tuple[PriceStatus, Decimal | None]:
    if price.is_variable or price.amount is None:
        return PriceStatus.DYNAMIC, None
    seconds = _SECONDS.get(price.unit, 1) if price.unit else 1
    try:
        amount = fits_column(per_unit(price.amount, price.quoted_per * seconds))
    except MoneyError as error:
        raise CellError(error.reason, str(error)) from error
    return (PriceStatus.KNOWN if amount else PriceStatus.FREE), amount


def _conditions(price: PriceText) -> Conditions:
    stated: dict[str, Stated] = {}
    if price.size:
        width, _, height = price.size.partition("x")
        stated |= {"width": int(width), "height": int(height)}
    if price.resolution:
        stated["resolution"] = price.resolution
    return Conditions.of(stated)
