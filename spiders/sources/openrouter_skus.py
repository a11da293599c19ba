"""The names of OpenRouter's video prices: which meter and conditions each one states.

``pricing_skus`` maps a name to a price, and the name alone says what is priced and in what (37
names in the list of 2026-09-24). A name is read by the grammar of price phrases, as a whole or not
at all: ``duration_seconds_with_audio_720p``, ``cents_per_video_output_second_1080p``. All are in
USD but for those that say cents; bills of veo and grok prove both.

``minimum_…`` is the least that a generation costs, whatever it counts. ``…_video_continuation`` is
another kind of work than plain output.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from models.conditions import Stated
from models.price_meters import NOT_ESTABLISHED, meter_of, meters_that_fit, units_per_meter
from models.price_words import CENTS, Content, Direction, Unit
from models.pricetext import PriceText, PriceTextError, Reason, parse_unit_word, words_read_of
from models.reading import CellError

SOURCE: Final = "openrouter_videos"
OPERATION: Final = "video"
MINIMUM: Final = "minimum"
MINIMUM_METER: Final = "minimum_charge"


@dataclass(frozen=True, slots=True)
class Sku:
    """What a name says: the meter, the conditions, and how much of the meter a dollar amount of
    one buys (``per`` is 100 where the price is in cents)."""

    meter: str
    when: dict[str, Stated]
    per: int
    is_in_cents: bool = False


def sku_of(name: str) -> Sku:
    """Read a name; raises CellError (``unit_not_established``, ``other_work``) unless all of it is
    understood."""
    plain = name.strip().lower().replace("-", "_")
    is_minimum = plain.startswith(f"{MINIMUM}_")
    try:
        price = parse_unit_word(plain.removeprefix(f"{MINIMUM}_") if is_minimum else plain)
    except PriceTextError as error:
        is_other = error.reason is Reason.OTHER_WORK
        reason = Reason.OTHER_WORK.value if is_other else NOT_ESTABLISHED
        raise CellError(reason, f"a price called {name[:80]!r}: {error}") from error
    if price.is_variable:
        raise CellError(NOT_ESTABLISHED, f"a price called {name[:80]!r}: it is set per request")
    per_dollar = int(1 / price.usd)
    if is_minimum:
        return _minimum(name, price, per_dollar)
    price = _with_direction(price)
    meter = meter_of(price, OPERATION)
    per = units_per_meter(price) * per_dollar
    return Sku(meter, price.conditions, per, price.stated_in == CENTS)


def meters_meant_by(name: str) -> tuple[frozenset[str], dict[str, Stated]]:
    """The meters that a refused name may be of by the words of it that are understood, and the
    conditions that these state."""
    plain = name.strip().lower().replace("-", "_")
    if plain.startswith(f"{MINIMUM}_"):
        return frozenset({MINIMUM_METER}), {}
    price = words_read_of(plain)
    if price is None:
        return frozenset(), {}
    return meters_that_fit(_with_direction(price), OPERATION), price.conditions


def _minimum(name: str, price: PriceText, per_dollar: int) -> Sku:
    if price.unit is not Unit.GENERATION or price.quoted_per != 1 or price.conditions:
        raise CellError(NOT_ESTABLISHED, f"a minimum of what: {name[:80]!r}")
    return Sku(MINIMUM_METER, {}, per_dollar, price.stated_in == CENTS)


def _with_direction(price: PriceText) -> PriceText:
    """Tokens of video are those that the video made is counted as."""
    if price.unit is Unit.TOKEN and price.content is Content.VIDEO and price.direction is None:
        return replace(price, direction=Direction.OUTPUT)
    return price
