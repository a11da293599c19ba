"""Prices for variants beside prices for the rest, laid out so that a request matches one of them.

A source may state a price for 1080p and another without a resolution. The second one then holds for
what the first one leaves over, which can only be said where the source also lists what there is
(the resolutions a model supports; with or without audio are all there is by themselves).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import Final, TypeAlias

from models.conditions import ConditionError, Conditions, Stated
from models.money import MoneyError, canonical, decimal_from_text, fits_column, per_unit
from models.reading import CellError

When: TypeAlias = Mapping[str, Stated]
_Combination: TypeAlias = tuple[Stated, ...]
RULE_REST: Final = "base_price_for_what_is_left"
RULE_CONTESTED: Final = "two_prices_fit"
# Six resolutions, with and without audio, from text or image: a model has 24 combinations at most.
_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Spread:
    """The sets that each stated set of conditions holds for, and those that two of them contest."""

    held: tuple[tuple[When, ...], ...]
    contested: tuple[When, ...]


def spread(stated: Sequence[When], domains: Mapping[str, Sequence[Stated]]) -> Spread:
    """Lay out what each stated set of conditions holds for beside the others.

    Where two sets fit a combination, the one that states more of it has it; where both state as
    much, neither has. What holds for nothing that is known to exist comes out empty, and so does
    what would hold for things that nobody lists.
    """
    keys = sorted({key for when in stated for key in when})
    options = {
        key: tuple(dict.fromkeys((*domains.get(key, ()), *_named(stated, key)))) for key in keys
    }
    found = [_combinations(when, keys, options, domains) for when in stated]
    best: dict[_Combination, list[When]] = {}
    for when, combinations in zip(stated, found, strict=True):
        for each in combinations:
            others = best.get(each, [])
            if not others or len(when) > len(others[0]):
                best[each] = [when]
            elif len(when) == len(others[0]) and when not in others:
                others.append(when)
    return Spread(
        tuple(
            tuple(_named_as(keys, each) for each in combinations if best[each] == [when])
            for when, combinations in zip(stated, found, strict=True)
        ),
        tuple(_named_as(keys, each) for each, owners in best.items() if len(owners) > 1),
    )


def _named_as(keys: Sequence[str], combination: _Combination) -> When:
    return dict(zip(keys, combination, strict=True))


def _named(stated: Sequence[When], key: str) -> list[Stated]:
    return [when[key] for when in stated if key in when]


def _combinations(
    when: When,
    keys: Sequence[str],
    options: Mapping[str, Sequence[Stated]],
    domains: Mapping[str, Sequence[Stated]],
) -> list[_Combination]:
    """All that a set of conditions may stand for; nothing where what there is was not said."""
    if any(key not in when and not domains.get(key) for key in keys):
        return []
    choices = [(when[key],) if key in when else options[key] for key in keys]
    count = 1
    for choice in choices:
        count *= len(choice)
    return list(product(*choices)) if count <= _MOST else []


def conditions_of(found: Sequence[When]) -> list[Conditions]:
    """What `spread` gave for one price, as conditions.

    Raises CellError (``condition_unreadable``) when it holds for nothing that is known to exist, or
    when a condition cannot be meant.
    """
    if not found:
        raise CellError(
            "condition_unreadable",
            "other prices name a variant (a resolution, say), and what is left for this one is "
            "not said",
        )
    try:
        return [Conditions.of(when) for when in found]
    except ConditionError as error:
        raise CellError("condition_unreadable", str(error)) from error


def contested_of(found: Spread) -> list[Conditions]:
    """The contested sets as conditions, those that cannot be meant left out."""
    try:
        return conditions_of(found.contested) if found.contested else []
    except CellError:
        return []


def price_of(text: str, per: int = 1) -> Decimal:
    """The canonical price of one unit; raises CellError for what is none."""
    try:
        quoted = decimal_from_text(text)
        if quoted < 0:
            raise CellError("negative", f"a price below zero: {text}")
        fits_column(canonical(quoted))
        return fits_column(per_unit(quoted, per))
    except MoneyError as error:
        raise CellError(error.reason, str(error)) from error
