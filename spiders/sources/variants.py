"""Prices for variants beside prices for the rest, laid out so that a request matches one of them.

A source may state a price for 1080p and another without a resolution. The second one then holds for
what no other price states, which can only be said where all that there is is known: the resolutions
that a model supports, or sound, which is there or is not.

A price that is refused takes part as well: what it may have meant is left to no other price.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product
from typing import Final, TypeAlias

from models.conditions import SERVICE_TIER, ConditionError, Conditions, Stated
from models.money import MoneyError, canonical, decimal_from_text, fits_column, per_unit
from models.price_qualifiers import RESOLUTION, VAGUE
from models.rates import RULE_BESIDE_REFUSED, RULE_NOT_DEFAULT, RULE_NOT_SUPPORTED
from models.reading import (
    CONTESTED,
    RULE_CONTESTED,
    Cell,
    CellError,
    Claim,
    Outcome,
    PriceStatus,
)
from models.spelling import HEIGHT, WIDTH, canonical_conditions

STANDARD_TIER: Final = "standard"
When: TypeAlias = Mapping[str, Stated]
Domains: TypeAlias = Mapping[str, Sequence[Stated]]
_Combination: TypeAlias = tuple[Stated, ...]
RULE_REST: Final = "base_price_for_what_is_left"
# Six resolutions, with and without audio, from text or image: a model has 24 combinations at most.
_MOST: Final = 200
# The most seen of one meter is 8 (2026-09-24); the work grows with the square of their number.
_MOST_VARIANTS: Final = 100


@dataclass(frozen=True, slots=True)
class Variant:
    """One price of a meter and when it applies; ``value`` is None where it is refused.

    ``is_whole`` tells that every word of its conditions was understood.
    """

    cell: Cell
    when: When
    value: Decimal | None
    is_whole: bool = True
    rule: str = ""

    def includes(self, other: Variant) -> bool:
        """Whether whatever the other one applies to, this one would apply to as well."""
        return self.when.items() <= other.when.items()


@dataclass(frozen=True, slots=True)
class Spread:
    """What each variant holds for, by its place; what nobody's price is certain for, with the
    variant that makes it so; and the variants that only repeat another one."""

    held: tuple[tuple[When, ...], ...]
    contested: tuple[tuple[When, Variant], ...]
    repeated: frozenset[int]


def spread(variants: Sequence[Variant], domains: Domains) -> Spread:
    """Lay out what each variant holds for beside the others.

    Of the variants that fit a combination, one that states all that another states and more has it.
    Where two are left that cost differently, and where a refused one is left or may fit, nobody has
    it. A variant comes out empty when it holds for nothing that is known to exist.
    """
    if len(variants) > _MOST_VARIANTS:
        return Spread(tuple(() for _ in variants), (), frozenset())
    variants = _with_tiers(variants)
    repeated = _repeated(variants)
    places = [place for place in range(len(variants)) if place not in repeated]
    keys = sorted({key for place in places for key in variants[place].when})
    held: list[list[When]] = [[] for _ in variants]
    contested: list[tuple[When, Variant]] = []
    known = [each for place in places for each in _all_of(variants[place], keys, domains)]
    for combination in dict.fromkeys(known):
        when = dict(zip(keys, combination, strict=True))
        fitting = [place for place in places if variants[place].when.items() <= when.items()]
        owner = _owner([variants[place] for place in fitting])
        if isinstance(owner, int):
            held[fitting[owner]].append(when)
        else:
            contested.append((when, owner))
    repeated |= _restated(variants, held, repeated)
    return Spread(tuple(map(tuple, held)), tuple(contested), frozenset(repeated))


def _with_tiers(variants: Sequence[Variant]) -> Sequence[Variant]:
    """The variants with the standard tier where others name one: saying none means that one."""
    if not any(SERVICE_TIER in each.when for each in variants):
        return variants
    return [
        replace(each, when={SERVICE_TIER: STANDARD_TIER, **each.when}) if each.is_whole else each
        for each in variants
    ]


def spelled_alike(when: When, meter: str, operation: str) -> dict[str, Stated]:
    """Conditions with their resolution in its one spelling, so that equal ones are found equal."""
    sizes = {key: when[key] for key in (RESOLUTION, WIDTH, HEIGHT) if key in when}
    if not sizes:
        return dict(when)
    rest = {key: value for key, value in when.items() if key not in sizes}
    return {**rest, **dict(canonical_conditions(sizes, meter, operation).items)}


def resolutions_of(words: Iterable[str], meter: str, operation: str) -> tuple[Stated, ...]:
    """The resolutions that a model lists, in their one spelling; a vague one is none, and a list
    with a text that no condition can hold is not known."""
    exact = [word for word in words if word.lower() not in VAGUE]
    try:
        found = [spelled_alike({RESOLUTION: word}, meter, operation)[RESOLUTION] for word in exact]
    except ConditionError:
        return ()
    return tuple(dict.fromkeys(found))


def _owner(those: Sequence[Variant]) -> int | Variant:
    """Which variant, by its place, has a combination that all of them fit; the variant that makes
    it unsure where none has it."""
    unread = next((each for each in those if not each.is_whole), None)
    if unread is not None:
        return unread
    finest = [
        place
        for place, each in enumerate(those)
        if not any(each.includes(other) and each.when != other.when for other in those)
    ]
    refused = next((those[place] for place in finest if those[place].value is None), None)
    if refused is not None:
        return refused
    prices = {those[place].value for place in finest}
    return finest[0] if len(prices) == 1 else those[finest[0]]


def _repeated(variants: Sequence[Variant]) -> set[int]:
    """The variants that say of a dimension only that it changes nothing.

    A dimension changes nothing where what each price that names it holds for would cost the same
    by the prices that do not: then it sets no price apart from any other.
    """
    repeated: set[int] = set()
    for key in sorted({key for each in variants for key in each.when}):
        left = [place for place in range(len(variants)) if place not in repeated]
        naming = [place for place in left if key in variants[place].when]
        others = [variants[place] for place in left if key not in variants[place].when]
        if naming and all(_costs_so_without(variants[place], others) for place in naming):
            repeated.update(naming)
    return repeated


def _costs_so_without(variant: Variant, others: Sequence[Variant]) -> bool:
    """Whether the other variants alone would have it cost what it costs."""
    wider = [other for other in others if other.includes(variant)]
    finest = [
        other
        for other in wider
        if not any(other.includes(each) and each.when != other.when for each in wider)
    ]
    prices = {other.value for other in finest}
    return variant.value is not None and prices == {variant.value}


def _restated(
    variants: Sequence[Variant], held: Sequence[Sequence[When]], repeated: set[int]
) -> set[int]:
    """The variants that hold for nothing more because each combination has a price of its own, and
    that cost what one of these costs: the same price said twice."""
    return {
        place
        for place, each in enumerate(variants)
        if not held[place]
        and place not in repeated
        and each.value is not None
        and any(
            held[other] and each.includes(finer) and finer.value == each.value
            for other, finer in enumerate(variants)
            if other != place
        )
    }


def _all_of(variant: Variant, keys: Sequence[str], domains: Domains) -> list[_Combination]:
    """All that a variant may stand for; nothing where what there is was not said."""
    when = variant.when
    choices = [(when[key],) if key in when else tuple(domains.get(key, ())) for key in keys]
    count = 1
    for choice in choices:
        count *= len(choice)
    return list(product(*choices)) if count <= _MOST else []


def claims_of(
    meter: str,
    variants: Sequence[Variant],
    found: Spread,
    supported: Iterable[Stated],
    defaults: When | None = None,
) -> Iterator[Claim]:
    """The claims of one meter: what each variant holds for, and what is unsure.

    ``supported`` are the resolutions that the model lists, ``defaults`` what it does unasked.
    """
    offered = frozenset(supported)
    refused = [
        each
        for place, each in enumerate(variants)
        if each.value is None or (not found.held[place] and place not in found.repeated)
    ]
    for place, sets in enumerate(found.held):
        each = variants[place]
        is_beside = any(other.includes(each) for other in refused)
        for when in sets:
            is_rest = bool(when.keys() - each.when.keys() - {SERVICE_TIER})
            rule = RULE_REST if is_rest else ""
            rule = each.rule or rule
            if offered and RESOLUTION in when and when[RESOLUTION] not in offered:
                rule = RULE_NOT_SUPPORTED
            if any(when.get(key, value) != value for key, value in (defaults or {}).items()):
                rule = RULE_NOT_DEFAULT
            rule = RULE_BESIDE_REFUSED if is_beside else rule
            known, cell = PriceStatus.KNOWN, each.cell
            text, spot = cell.raw_text, cell.locator
            conditions = Conditions.of(when)
            yield Claim(meter, conditions, known, each.value, text, spot, rule, cell.word)
    if variants and not found.contested and not any(found.held):
        cell = variants[0].cell
        unsure, text = PriceStatus.UNKNOWN, cell.raw_text
        yield Claim(meter, Conditions(), unsure, None, text, cell.locator, RULE_CONTESTED)
    for when, by in found.contested:
        unknown, cell = PriceStatus.UNKNOWN, by.cell
        yield Claim(
            meter, Conditions.of(when), unknown, None, cell.raw_text, cell.locator, RULE_CONTESTED
        )


def check_conditions(when: When) -> None:
    """Raises CellError (``condition_unreadable``) where a condition has no meaning."""
    try:
        Conditions.of(when)
    except ConditionError as error:
        raise CellError("condition_unreadable", str(error)) from error


def settled(variant: Variant, place: int, found: Spread) -> tuple[Outcome, str, str] | None:
    """What became of the cell of a variant that holds for nothing: outcome, reason and detail."""
    if place in found.repeated:
        return Outcome.MERGED, "", ""
    if found.held[place]:
        return None
    by = next((by for _, by in found.contested if by.cell != variant.cell), None)
    if by is None:
        return Outcome.REJECTED, "condition_unreadable", NOTHING_LEFT
    detail = f"{by.cell.word!r} at {by.cell.locator} may be this price too"
    return Outcome.REJECTED, CONTESTED, detail


NOTHING_LEFT: Final = (
    "other prices name a variant (a resolution, say), and what is left for this one is not said"
)


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
