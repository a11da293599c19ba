"""The keys of OpenRouter's ``pricing`` object, and what the texts under them say."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import Final

from models.money import MoneyError, canonical, decimal_from_text, fits_column
from models.reading import CellError
from models.registry import METERS
from spiders.sources import catalogue, values
from spiders.sources.values import JsonObject

SOURCE: Final = "openrouter_models"
PROMPT: Final = "prompt"
COMPLETION: Final = "completion"
IMAGE: Final = "image"
OVERRIDES: Final = "overrides"
DYNAMIC_PRICE: Final = Decimal(-1)
PER_IMAGE_FACTOR: Final = 100
METER_OF: Final = {
    word: meter.code for meter in METERS.values() for word in meter.sources_words.get(SOURCE, ())
}
PRICE_KEYS: Final = frozenset(METER_OF)
TOKEN_KEYS: Final = frozenset({PROMPT, COMPLETION})

RULE_IMAGE_AS_TOKENS: Final = "image_equals_prompt"
RULE_IMAGE_AS_IMAGES: Final = "image_over_100_times_prompt"


def priced_at_zero(*, is_embedding: bool) -> frozenset[str]:
    """The keys whose zero is a price of nothing; of every other one it says as much as its absence.

    An embedding puts out no tokens, so that nothing is meant by a price of none.
    """
    return frozenset({PROMPT}) if is_embedding else TOKEN_KEYS


QUALIFY: Final = re.compile(
    r"(?:^|_)(?:per|max|min|maximum|minimum|above|below|over|under|until|from|valid|multiplier"
    r"|factor|discount|batch|flex|tier|threshold|unit|currency|ttl|region)(?:_|$)"
)
"""Words in the names of what says of a price what it is, whatever stands under them."""
_ABSENT: Final = (None, "", False)


def qualifiers(pricing: JsonObject) -> list[str]:
    """The keys beside the prices that are none and that nobody knows.

    Every price is printed as a text below one dollar a unit, or is one of the known keys (53
    recordings), so an unknown key with such a text is one more price; any other value may say when
    the prices apply, or what they buy.
    """
    known = PRICE_KEYS | {OVERRIDES}
    return [
        key
        for key, value in pricing.items()
        if key not in known and value not in _ABSENT and not _is_harmless(key, value)
    ]


def _is_harmless(key: str, value: object) -> bool:
    """Whether what stands under an unknown key is one more price, or the discount that is known."""
    if key == "discount":
        return values.is_scalar(value)
    number = number_or_none(value) if values.is_text(value) else None
    is_small = number is not None and number < 1
    return is_small and key not in catalogue.METADATA and not QUALIFY.search(key)


def is_price(value: object) -> bool:
    """Whether a value has the form of a price."""
    return isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool))


def image_meter(value: Decimal, prompt: Decimal | None) -> tuple[str, str]:
    """What an image price counts, and the rule that says so; raises CellError where none does."""
    if value == prompt:
        return "input_image_token", RULE_IMAGE_AS_TOKENS
    if prompt is not None and prompt > 0 and value >= PER_IMAGE_FACTOR * prompt:
        return "input_image", RULE_IMAGE_AS_IMAGES
    raise CellError(
        "unit_not_established",
        f"image {value} beside prompt {prompt}: neither a token's price nor an image's",
    )


@lru_cache(maxsize=4096)
def price_of_text(text: str) -> Decimal:
    """The canonical value of a price; raises CellError for what is none."""
    try:
        value = fits_column(canonical(decimal_from_text(text)))
    except MoneyError as error:
        raise CellError(error.reason, str(error)) from error
    if value < 0 and value != DYNAMIC_PRICE:
        raise CellError("negative", f"a price below zero: {text}")
    return value


@lru_cache(maxsize=4096)
def number_or_none(text: str) -> Decimal | None:
    """The number of a text, None where it has none."""
    try:
        return canonical(decimal_from_text(text))
    except MoneyError:
        return None
