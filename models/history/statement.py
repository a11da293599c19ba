"""A statement: what one source says of one meter of one offering, as a whole.

A source states a meter with all its conditions at once, so the rates of a meter are compared,
replaced and held together. Rates of one statement are disjoint: a fully specified request matches
at most one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from models.conditions import Conditions
from models.money import same_price
from models.rates import headline, max_prompt_tokens
from models.reading import DOUBTFUL_RULES, RULE_GAP, Claim, PriceStatus
from models.record import record

NO_METER = ""
"""Stands for "listed, but no price of any meter"; becomes NULL in public tables."""


@record
class Rate:
    """One price of a statement. ``unit_price`` is USD per unit, None unless known or free.

    ``max_prompt_tokens`` is inclusive and derived from the sibling rates; ``is_headline`` marks the
    one rate that stands for the meter where only one number fits.
    """

    conditions: Conditions
    status: PriceStatus
    unit_price: Decimal | None
    max_prompt_tokens: int | None
    is_headline: bool
    raw_text: str = ""
    locator: str = ""
    rule: str = ""
    unit_words: str = ""

    def same_as(self, other: Rate) -> bool:
        """Whether both say the same price under the same conditions."""
        return (
            self.status is other.status
            and self.conditions.items == other.conditions.items
            and self.max_prompt_tokens == other.max_prompt_tokens
            and self.is_headline == other.is_headline
            # Nearly always equal to the digit, which needs no further question.
            and (self.unit_price == other.unit_price or self.costs_as(other))
        )

    def costs_as(self, other: Rate) -> bool:
        """Whether both cost the same; residue below one part in a million is no change."""
        mine, others = self.unit_price, other.unit_price
        return mine == others or (
            mine is not None and others is not None and same_price(mine, others)
        )


@record
class Statement:
    """All rates of one meter, in the order of their canonical conditions."""

    rates: tuple[Rate, ...]

    def same_as(self, other: Statement) -> bool:
        """Whether no price, condition or status differs."""
        if self is other:
            return True
        mine, others = self.rates, other.rates
        if len(mine) == 1 == len(others):
            return mine[0].same_as(others[0])
        return len(mine) == len(others) and all(
            a.same_as(b) for a, b in zip(mine, others, strict=True)
        )

    @property
    def locators(self) -> frozenset[str]:
        """The cells it was read from."""
        return frozenset(rate.locator for rate in self.rates)

    @property
    def headline(self) -> Rate | None:
        """The rate that stands for the meter where one number must, None where none does."""
        first = self.rates[0]
        return first if first.is_headline else next((r for r in self.rates if r.is_headline), None)


NO_CONDITIONS = Conditions.of({})

UNPRICED = Statement((Rate(NO_CONDITIONS, PriceStatus.UNKNOWN, None, None, is_headline=True),))
"""What is believed of a listed offering that nobody states a price of."""


def withheld(statement: Statement) -> Statement:
    """What is told of a statement that is held at first sight: its prices, each unknown."""
    return _with_headline(
        [
            rate
            if rate.unit_price is None
            else replace(rate, status=PriceStatus.UNKNOWN, unit_price=None)
            for rate in statement.rates
        ]
    )


UNSEEN_GAP: Final = RULE_GAP
"""The rule of a rate between daily windows, where the fetch fell into a window: priced unseen."""


def as_far_as_read(standing: Statement, new: Statement) -> Statement:
    """What a statement says where a price of it was refused or contested: there, what stood.

    A price that cannot be read is doubtful and not gone, so that it moves nothing.
    """
    if not any(rate.rule in DOUBTFUL_RULES for rate in new.rates):
        return new
    before = {rate.conditions: rate for rate in standing.rates}
    rates = [
        before.get(rate.conditions, rate) if rate.rule in DOUBTFUL_RULES else rate
        for rate in new.rates
    ]
    upper = max_prompt_tokens([rate.conditions for rate in rates])
    return _with_headline(
        [replace(rate, max_prompt_tokens=end) for rate, end in zip(rates, upper, strict=True)]
    )


def as_seen_from_windows(standing: Statement, new: Statement) -> Statement:
    """What a statement says once the hour of its fetch is left out.

    Between windows the price shows only while none is open, and each gap shows by itself. Where all
    that both show is the same, what was seen of a gap before still stands; the standing statement
    is given back where nothing is learned.
    """
    if UNSEEN_GAP not in [rate.rule for rate in new.rates]:
        return new  # so it is nearly always
    if len(standing.rates) != len(new.rates):
        return new
    pairs = list(zip(standing.rates, new.rates, strict=True))
    if any(before.conditions != after.conditions for before, after in pairs):
        return new
    seen = [pair for pair in pairs if UNSEEN_GAP not in (pair[0].rule, pair[1].rule)]
    if not all(_costs_the_same(before, after) for before, after in seen):
        return new
    if all(after.rule == UNSEEN_GAP or before.rule != UNSEEN_GAP for before, after in pairs):
        return standing
    return _with_headline(
        [before if after.rule == UNSEEN_GAP else after for before, after in pairs]
    )


def _costs_the_same(before: Rate, after: Rate) -> bool:
    return before.same_as(replace(after, is_headline=before.is_headline))


def _with_headline(rates: Sequence[Rate]) -> Statement:
    first = headline(rates)
    return Statement(
        tuple(replace(rate, is_headline=place == first) for place, rate in enumerate(rates))
    )


def statements_of(claims: Iterable[Claim]) -> Mapping[str, Statement]:
    """Group the claims of one row by meter. Claims of one meter have distinct conditions."""
    by_meter: defaultdict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        by_meter[claim.meter].append(claim)
    return {meter: _statement(grouped) for meter, grouped in by_meter.items()}


def _statement(claims: list[Claim]) -> Statement:
    if len(claims) == 1:
        return Statement((_rate(claims[0], None, is_headline=headline(claims) == 0),))
    claims = sorted(claims, key=lambda each: each.conditions.to_json())
    upper = max_prompt_tokens([claim.conditions for claim in claims])
    first = headline(claims)
    return Statement(
        tuple(
            _rate(claim, upper[position], is_headline=position == first)
            for position, claim in enumerate(claims)
        )
    )


def _rate(claim: Claim, upper: int | None, *, is_headline: bool) -> Rate:
    return Rate(
        claim.conditions,
        claim.status,
        claim.unit_price,
        upper,
        is_headline,
        claim.raw_text,
        claim.locator,
        claim.rule,
        claim.unit_words,
    )
