"""AIML API's ``pricing`` object: which claims it makes, and what becomes of each of its cells.

``kind`` says how it is shaped (documented 2026-08): ``fixed`` has one rate per entry of ``units``,
``variants`` one per combination of request parameters (``when``), ``variable`` none that could be
quoted ahead. A price buys ``per`` of its unit (1000000, 1000 or 1). Prices are in USD.

Wherever an object has a ``price`` it is read as a price, and takes what it does not say itself
(unit, divisor, currency, conditions) from the objects around it. Everything that stands beside a
price or around it is understood, or the price is refused: a key nobody knows may be what the price
depends on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from models.conditions import ConditionError, Conditions
from models.price_meters import NOT_ESTABLISHED, meter_of, units_per_meter
from models.pricetext import PriceText
from models.reading import (
    RULE_ZERO_MEDIA,
    Cell,
    CellError,
    CellResult,
    Claim,
    Outcome,
    PriceStatus,
    Row,
)
from spiders.contest import Refusal, contested, refusal_of
from spiders.sources import catalogue, values
from spiders.sources.aiml_conditions import conditions_of
from spiders.sources.aiml_units import UnitReading, read_unit, refuse_if_open
from spiders.sources.values import JsonObject
from spiders.sources.variants import price_of
from spiders.twins import Owned, reconcile

PRICE: Final = "price"
WHEN: Final = "when"
UNREAD: Final = ""
"""Stands in what is said of a price for the keys that nobody knows."""
KINDS: Final = frozenset({"fixed", "variants", "variable"})
VARIABLE: Final = "variable"
CURRENCY: Final = "usd"
# Outputs whose models are given away at times; zeros of a media model prove nothing.
_TEXT_OUTPUTS: Final = frozenset({"text", "embedding", "rerank"})
# Of the words that are no prices, those that are read here: windows are not.
_READ: Final = catalogue.METADATA - {"utc_start", "utc_end"}
_CONTAINERS: Final = frozenset({"units", "variants"})

RULE_VARIABLE: Final = "kind_variable_is_dynamic"


@dataclass(frozen=True, slots=True)
class Statement:
    """A price cell with all that is said of it; ``fields`` is None for a key that is no price."""

    cell: Cell
    fields: JsonObject | None


@dataclass(frozen=True, slots=True)
class _Rate:
    cell: Cell
    meter: str
    conditions: Conditions
    value: Decimal


def priced(value: object, locator: str, around: JsonObject | None = None) -> Iterator[Statement]:
    """Every price cell at or below a value; ``around`` is what the enclosing objects say."""
    if values.is_scalar(value):
        yield Statement(Cell(locator, values.text_of(value), ""), None)
    for index, child in enumerate(values.as_list(value) or []):
        yield from priced(child, f"{locator}[{index}]", around)
    fields = values.as_object(value) or {}
    said = _said(fields, around or {})
    for key, child in fields.items():
        where = catalogue.member(locator, key)
        if key in catalogue.METADATA:
            continue
        if not values.is_scalar(child):
            yield from priced(child, where, said)
        elif key == PRICE:
            yield Statement(_cell(where, child, said), said)
        else:
            yield Statement(Cell(where, values.text_of(child), key), None)


def _said(fields: JsonObject, around: JsonObject) -> JsonObject:
    own = {key: fields[key] for key in catalogue.METADATA & fields.keys()}
    inner, outer = values.as_object(own.get(WHEN)), values.as_object(around.get(WHEN))
    stated = {key for key, value in fields.items() if value is not None}
    unread = sorted(stated - _READ - _CONTAINERS - {PRICE})
    if inner is not None and outer is not None:
        own[WHEN] = {**outer, **inner}
        unread += [key for key in inner.keys() & outer.keys() if inner[key] != outer[key]]
    if PRICE in fields and "dimensions" in fields and WHEN not in own:
        unread.append("dimensions")
    before = values.as_list(around.get(UNREAD)) or []
    return {**around, **own, UNREAD: [*before, *unread]}


def _cell(locator: str, price: object, said: JsonObject) -> Cell:
    words = [values.text_at(said, key) for key in ("origin", "measure", "content", "name")]
    when = values.object_at(said, WHEN)
    return Cell(
        locator,
        values.text_of(price),
        word=" ".join(word for word in words if word),
        unit=values.text_at(said, "unit"),
        per=values.text_of(said["per"]) if "per" in said else "",
        when=tuple((key, values.text_of(value)) for key, value in sorted(when.items())),
    )


def read_pricing(
    row: Row, operation: str, outputs: Sequence[str], around: JsonObject | None = None
) -> tuple[list[Claim], list[CellResult], list[str]]:
    """Every claim of a row, one result per cell, and the names of dimensions not known yet.

    ``around`` is what the type of the model says of all its prices.
    """
    pricing = row.pricing
    where = f"{row.locator}.pricing"
    statements = list(priced(pricing, where, around)) if pricing is not None else []
    reader = _Reader(operation, outputs)
    if pricing is not None and pricing.get("kind") == VARIABLE:
        claims = reader.read_variable(statements, pricing, where)
    else:
        claims = reader.read(statements)
    results = [
        reader.results.get(cell.locator)
        or catalogue.rejected(cell, "unknown_key", f"no price under the key {cell.word!r}")
        for cell in row.cells
    ]
    return claims, results, reader.dimensions


class _Reader:
    """One row's prices while they are being read."""

    def __init__(self, operation: str, outputs: Sequence[str]) -> None:
        self.results: dict[str, CellResult] = {}
        self.dimensions: list[str] = []
        self._operation = operation
        self._is_text = bool(outputs) and set(outputs) <= _TEXT_OUTPUTS
        self._refusals: list[Refusal] = []

    def read(self, statements: Sequence[Statement]) -> list[Claim]:
        """The claims of a fixed or variant pricing."""
        rates: list[_Rate] = []
        refused = 0
        for statement in statements:
            if statement.fields is None:
                continue
            rate = self._rate(statement.cell, statement.fields)
            if rate is None:
                refused += 1
            else:
                rates.append(rate)
        is_free = not refused and not any(rate.value for rate in rates)
        claims = [claim for rate in rates if (claim := self._claim(rate, is_free=is_free))]
        certain = contested(claims, self._refusals, self._mark)
        return [claim for _, claim in reconcile([(0, claim) for claim in certain], self._mark)]

    def read_variable(
        self, statements: Sequence[Statement], pricing: JsonObject, where: str
    ) -> list[Claim]:
        """Dynamic claims: one per meter that is named, else one that names no meter."""
        named: dict[str, Claim] = {}
        for statement in statements:
            if statement.fields is not None:
                meter = self._meter_or_none(statement.fields)
                cell = statement.cell
                self._settle(cell, Outcome.MERGED if meter in named else Outcome.CLAIM)
                named.setdefault(meter, _dynamic(meter, cell.raw_text, cell.locator))
        for index, unit in enumerate(values.as_list(pricing.get("units")) or []):
            meter = self._meter_or_none(values.as_object(unit) or {})
            if meter:
                named.setdefault(meter, _dynamic(meter, VARIABLE, f"{where}.units[{index}]"))
        return list(named.values()) or [_dynamic("", VARIABLE, f"{where}.kind")]

    def _meter_or_none(self, fields: JsonObject) -> str:
        try:
            return meter_of(refuse_if_open(read_unit(fields)), self._operation)
        except CellError:
            return ""

    def _rate(self, cell: Cell, fields: JsonObject) -> _Rate | None:
        """The rate of a price; None where it is refused, and what it contests is noted."""
        unit = read_unit(fields)
        is_whole = not unit.problems
        try:
            self._read_conditions(fields, unit)
            _check_keys(fields)
            price = refuse_if_open(unit)
            meter = meter_of(price, self._operation)
            is_whole = True
            _check_terms(fields)
            count = _count(price, _per(fields))
            return _Rate(cell, meter, Conditions.of(unit.when), price_of(cell.raw_text, count))
        except CellError as error:
            self._refuse(cell, error, unit, is_whole=is_whole)
        except ConditionError as error:
            unreadable = CellError("condition_unreadable", str(error))
            self._refuse(cell, unreadable, unit, is_whole=False)
        return None

    def _read_conditions(self, fields: JsonObject, unit: UnitReading) -> None:
        when = fields.get(WHEN)
        if when is not None and not isinstance(when, dict):
            raise CellError("condition_unreadable", f"conditions that are no object: {when!r}")
        conditions, unknown = conditions_of(values.object_at(fields, WHEN))
        declared = values.as_list(fields.get("dimensions")) or []
        undeclared = [name for name in unknown if name not in declared]
        if undeclared:
            raise CellError("unknown_condition", f"nothing is known of {', '.join(undeclared)}")
        self.dimensions += unknown
        for key, value in conditions.items:
            unit.state(key, value)

    def _refuse(self, cell: Cell, error: CellError, unit: UnitReading, *, is_whole: bool) -> None:
        self.results[cell.locator] = catalogue.rejected(cell, error.reason, str(error))
        self._refusals.append(
            refusal_of(
                cell,
                unit.price,
                self._operation,
                unit.when,
                is_whole=is_whole,
                any_content=unit.has_open_content,
                # An amount in another currency is no rival of one in USD.
                is_rival=error.reason != "currency",
            )
        )

    def _claim(self, rate: _Rate, *, is_free: bool) -> Claim | None:
        status, rule, price = PriceStatus.KNOWN, "", rate.value or None
        if not rate.value:
            if not is_free or not rate.meter.endswith("_token"):
                self._settle(rate.cell, Outcome.NO_PRICE)
                return None
            if self._is_text:
                status, price = PriceStatus.FREE, rate.value
            else:
                status, rule = PriceStatus.UNKNOWN, RULE_ZERO_MEDIA
        self._settle(rate.cell, Outcome.CLAIM)
        cell = rate.cell
        text, place, words = cell.raw_text, cell.locator, _unit_words(cell)
        return Claim(rate.meter, rate.conditions, status, price, text, place, rule, words)

    def _mark(self, owned: Owned, outcome: Outcome, reason: str, detail: str) -> None:
        locator = owned[1].locator
        self.results[locator] = replace(
            self.results[locator], outcome=outcome, reason=reason, detail=detail
        )

    def _settle(self, cell: Cell, outcome: Outcome) -> None:
        self.results[cell.locator] = CellResult(cell.locator, cell.raw_text, outcome)


def _dynamic(meter: str, text: str, locator: str) -> Claim:
    return Claim(meter, Conditions(), PriceStatus.DYNAMIC, None, text, locator, RULE_VARIABLE)


def _unit_words(cell: Cell) -> str:
    """What the seller says that a price buys, in the seller's own words."""
    return " ".join(word for word in (cell.word, cell.unit, "per", cell.per) if word)


def _check_keys(fields: JsonObject) -> None:
    unread = values.as_list(fields.get(UNREAD)) or []
    if unread:
        names = ", ".join(map(str, unread))
        raise CellError("unknown_condition", f"nothing is known of {names} beside the price")


def _check_terms(fields: JsonObject) -> None:
    """Raises CellError where the price is of a kind or in a currency that is not read."""
    kind = fields.get("kind", "fixed")
    if not isinstance(kind, str) or kind not in KINDS or kind == VARIABLE:
        raise CellError("unknown_kind", f"nothing is known of pricing of kind {kind!r}")
    currency = fields.get("currency", CURRENCY)
    if not isinstance(currency, str) or currency.lower() != CURRENCY:
        raise CellError("currency", f"priced in {currency!r}, not in USD")
    discount = fields.get("discount")
    if discount not in (None, 0):
        raise CellError("unknown_condition", f"a discount of {discount!r} beside the price")


def _count(price: PriceText, per: int) -> int:
    """How many of the meter's units a price buys; raises CellError where it is counted twice."""
    if price.quoted_per > 1 and per > 1:
        raise CellError(NOT_ESTABLISHED, f"per {per} of {price.quoted_per}: the same count or both")
    return per * units_per_meter(price)


def _per(fields: JsonObject) -> int:
    """How many units the price buys; raises CellError where that is not said."""
    per = values.whole_number(fields.get("per"))
    if not per:
        raise CellError(NOT_ESTABLISHED, f"no divisor: {values.shown(fields.get('per'))}")
    return per
