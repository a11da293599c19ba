"""From what a price is said to buy to the meter that counts it.

The registry of meters says of each its direction, content and measure; a price names a unit, and
may name the other two. What it leaves out follows from the operation only where the operation
leaves one reading. Everything else is refused: a price under the wrong meter is worse than none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from models.price_words import Content, Direction, Unit
from models.pricetext import PriceText
from models.reading import CellError
from models.registry import METERS

NOT_ESTABLISHED: Final = "unit_not_established"

_SECONDS: Final = {Unit.SECOND: 1, Unit.MINUTE: 60, Unit.HOUR: 3600}
# What a unit measures, and what it is made of where it says so by itself.
_MEASURES: Final[Mapping[Unit, tuple[str, str]]] = {
    Unit.TOKEN: ("token", ""),
    Unit.CHARACTER: ("character", "text"),
    **dict.fromkeys(_SECONDS, ("second", "")),
    Unit.IMAGE: ("image", "image"),
    Unit.REFERENCE_IMAGE: ("image", "reference image"),
    Unit.MEGAPIXEL: ("megapixel", "image"),
    Unit.VIDEO: ("video", "video"),
    Unit.TRACK: ("track", "audio"),
    Unit.PAGE: ("page", "document"),
    Unit.FONT: ("font", "font"),
}
_WITHOUT_DIRECTION: Final = {
    Unit.REQUEST: "request",
    Unit.WEB_SEARCH: "web_search",
    Unit.COMPUTE_SECOND: "compute_second",
}
# Where an operation leaves one reading of a unit whose direction is not stated.
_IMPLIED_DIRECTION: Final[Mapping[tuple[str, str], Direction]] = {
    ("image", "image"): Direction.OUTPUT,
    ("image", "megapixel"): Direction.OUTPUT,
    ("video", "second"): Direction.OUTPUT,
    ("video", "video"): Direction.OUTPUT,
    ("speech", "character"): Direction.INPUT,
    ("speech", "second"): Direction.OUTPUT,
    ("audio", "second"): Direction.OUTPUT,
    ("audio", "track"): Direction.OUTPUT,
    ("transcription", "second"): Direction.INPUT,
    ("document", "page"): Direction.INPUT,
}
_ONE_WAY: Final = {Unit.REFERENCE_IMAGE: Direction.INPUT, Unit.FONT: Direction.INPUT}
# What a second consists of where that is not stated.
_IMPLIED_CONTENT: Final[Mapping[tuple[str, Direction], str]] = {
    ("video", Direction.OUTPUT): "video",
    ("speech", Direction.OUTPUT): "audio",
    ("audio", Direction.OUTPUT): "audio",
    ("transcription", Direction.INPUT): "audio",
}
TEXT_OPERATIONS: Final = frozenset(
    {"chat", "responses", "messages", "completion", "embedding", "rerank"}
)
"""Operations whose tokens are text unless something else is stated."""
SEARCH_OPERATIONS: Final = frozenset({"rerank", "search"})
"""Operations whose searches are what they are called for; those of a chat are a tool's."""

_METERS: Final[Mapping[tuple[str, str, str], str]] = {
    (meter.direction, meter.content, meter.measure): meter.code
    for meter in METERS.values()
    if meter.code != "cache_write_1h_token"
}


def units_per_meter(price: PriceText) -> int:
    """How many of its meter's units a price buys: 60 of a second, where it is per minute."""
    return price.quoted_per * (_SECONDS.get(price.unit, 1) if price.unit else 1)


def meter_of(price: PriceText, operation: str) -> str:
    """The meter of what a price buys, for models called for this operation.

    Raises CellError (``unit_not_established``) when unit, direction and content, with what the
    operation implies, leave more than one reading or none.
    """
    unit = price.unit
    if unit is not None and unit in _WITHOUT_DIRECTION:
        is_of_words = price.content in (None, Content.TEXT)
        if not is_of_words or (price.direction and price.direction.is_cache):
            said = price.direction if is_of_words else price.content
            raise CellError(NOT_ESTABLISHED, f"a {unit} of {said}")
        return _WITHOUT_DIRECTION[unit]
    if unit in (Unit.SEARCH, Unit.QUERY):
        if operation in SEARCH_OPERATIONS:
            return "search_query"
        raise CellError(NOT_ESTABLISHED, f"a {unit} of {operation}: by the model or by its tool")
    if unit is None or unit not in _MEASURES:
        raise CellError(NOT_ESTABLISHED, f"no meter counts {unit or 'this'}")
    measure, own = _MEASURES[unit]
    direction = price.direction or direction_of(unit, operation)
    if direction is None:
        raise CellError(NOT_ESTABLISHED, f"neither input nor output is said of this {unit}")
    if own and price.content and price.content.value != own:
        raise CellError(NOT_ESTABLISHED, f"a {unit} of {price.content}")
    implied = _IMPLIED_CONTENT.get((operation, direction), "") if measure == "second" else ""
    if implied and price.direction is None and price.content and price.content.value != implied:
        # What it is made of says not which way it goes: only of the usual content that is known.
        raise CellError(NOT_ESTABLISHED, f"a {unit} of {price.content}: in or out is not said")
    content = own or _content(price.content, measure, direction, operation)
    return _registered(direction, content, measure)


def direction_of(unit: Unit, operation: str) -> Direction | None:
    """Which way a unit goes by its operation alone, None where that leaves it open."""
    measure = _MEASURES.get(unit, ("", ""))[0]
    return _ONE_WAY.get(unit) or _IMPLIED_DIRECTION.get((operation, measure))


def meters_that_fit(
    price: PriceText, operation: str, *, any_content: bool = False
) -> frozenset[str]:
    """The meters that what was read of a price leaves open.

    All of them where no unit was read; none where nothing says which way the unit goes.
    ``any_content`` tells that what it is made of was stated and not understood.
    """
    if price.unit is None:
        return frozenset(METERS)
    if not any_content:
        try:
            return frozenset({meter_of(price, operation)})
        except CellError:
            pass  # What is left open is looked up below.
    measure, own = _MEASURES.get(price.unit, ("", ""))
    direction = price.direction or direction_of(price.unit, operation)
    stated = own or (price.content.value if price.content else "")
    return frozenset(
        code
        for (way, content, counted), code in _METERS.items()
        if direction is not None
        and (way, counted) == (direction.value, measure)
        and (any_content or stated in ("", content))
    )


def _content(stated: Content | None, measure: str, direction: Direction, operation: str) -> str:
    if stated is not None:
        return stated.value
    if measure == "token" and operation in TEXT_OPERATIONS:
        return "text"
    implied = _IMPLIED_CONTENT.get((operation, direction)) if measure == "second" else None
    if implied is None:
        raise CellError(NOT_ESTABLISHED, f"{direction.value} {measure}: of what is not said")
    return implied


def _registered(direction: Direction, content: str, measure: str) -> str:
    if direction is Direction.CACHE_WRITE_1H and (content, measure) == ("text", "token"):
        return "cache_write_1h_token"
    meter = _METERS.get((direction.value, content, measure))
    if meter is None:
        raise CellError(NOT_ESTABLISHED, f"no meter for {direction.value} {content} {measure}")
    return meter
