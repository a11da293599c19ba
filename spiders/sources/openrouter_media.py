"""What ``prompt`` and ``completion`` count for models that put out neither text nor embeddings.

The list of all models states prices per minute, hour, second, character and token under these two
keys, and says nowhere which it is (2026-08 to 2026-10): whisper-1 costs 0.006 USD a minute, which
read as a token's price is 6,000 USD for a million. So a price counts only what
``models/media_prompts.toml`` says it does, and is refused where nothing does. ``completion: "0"``
is no charge there, and not free.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from models.money import canonical
from models.reading import CellError
from models.registry import media_prompt_for

RULE_REGISTERED_UNIT: Final = "unit_of_media_prompts"
_STATES_TOKENS: Final = frozenset({"text", "embedding"})
UNIT_NOT_ESTABLISHED: Final = "unit_not_established"


def states_no_unit(outputs: Sequence[str]) -> bool:
    """Whether a model's token keys have no unit of their own, by what it puts out.

    A model that states no output at all is one of 2024, all of which put out text.
    """
    return bool(outputs) and _STATES_TOKENS.isdisjoint(outputs)


def media_price(
    model_id: str | None, outputs: Sequence[str], key: str, value: Decimal
) -> tuple[str, Decimal]:
    """The meter that a price under a token key counts, and the price of one unit of it.

    Raises CellError where no entry establishes the unit, or the price is too far from the one that
    established it.
    """
    entry = media_prompt_for(model_id or "", outputs)
    unit = None if entry is None else entry.unit_of(key)
    if entry is None or unit is None:
        what = " and ".join(outputs)
        raise CellError(
            UNIT_NOT_ESTABLISHED,
            f"nothing says what {key} counts where {what} comes out; once it is established, "
            "an entry in models/media_prompts.toml says so",
        )
    if not unit.price <= value * entry.band or not value <= unit.price * entry.band:
        raise CellError(
            UNIT_NOT_ESTABLISHED,
            f"{key} {value} is more than {entry.band} times off {unit.price}, for which "
            f"models/media_prompts.toml knows the unit: look whether it is still {unit.meter} "
            f"by {unit.per}",
        )
    return unit.meter, canonical(value / unit.per)
