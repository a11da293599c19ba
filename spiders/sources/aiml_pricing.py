"""AIML API's ``pricing`` object: which claims it makes, and what becomes of each of its cells.

``kind`` says how it is shaped (documented 2026-08): ``fixed`` has one rate per entry of ``units``,
``variants`` one per combination of request parameters (``when``), ``variable`` none that could be
quoted ahead. A price buys ``per`` of its unit (1000000, 1000 or 1). Prices are in USD.

Wherever an object has a ``price`` it is read as a price, and takes what it does not say itself
(unit, divisor, currency, conditions) from the objects around it. Every other scalar that is no
known description is an unknown key and ends as a rejection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from models.conditions import ConditionError, Conditions
from models.money import MoneyError, canonical, decimal_from_text, fits_column, per_unit
from models.reading import Cell, CellError, CellResult, Claim, Outcome, PriceStatus, Row
from spiders.sources import catalogue, values
from spiders.sources.aiml_conditions import conditions_of
from spiders.sources.aiml_units import NOT_ESTABLISHED, meter_of
from spiders.sources.values import JsonObject
from spiders.twins import Owned, reconcile

PRICE: Final = "price"
WHEN: Final = "when"
KINDS: Final = frozenset({"fixed", "variants", "variable"})
VARIABLE: Final = "variable"
CURRENCY: Final = "USD"
# Outputs whose models are given away at times; zeros of a media model prove nothing.
_TEXT_OUTPUTS: Final = frozenset({"text", "embedding", "rerank"})

RULE_VARIABLE: Final = "kind_variable_is_dynamic"
RULE_ZERO_MEDIA: Final = "zero_does_not_prove_free_media"


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
    if inner is not None and outer is not None:
        own[WHEN] = {**outer, **inner}
    return {**around, **own}


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
    row: Row, operation: str, outputs: Sequence[str]
) -> tuple[list[Claim], list[CellResult], list[str]]:
    """Every claim of a row, one result per cell, and the names of dimensions not known yet."""
    pricing = row.pricing
    where = f"{row.locator}.pricing"
    statements = list(priced(pricing, where)) if pricing is not None else []
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

    def read(self, statements: Sequence[Statement]) -> list[Claim]:
        """The claims of a fixed or variant pricing."""
        rates: list[_Rate] = []
        refused = 0
        for statement in statements:
            if statement.fields is None:
                continue
            try:
                rates.append(self._rate(statement.cell, statement.fields))
            except CellError as error:
                self._reject(statement.cell, error.reason, str(error))
                refused += 1
        is_free = not refused and not any(rate.value for rate in rates)
        claims = [(0, claim) for rate in rates if (claim := self._claim(rate, is_free=is_free))]
        return [claim for _, claim in reconcile(claims, self._mark)]

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
            return meter_of(fields, self._operation)[0]
        except CellError:
            return ""

    def _rate(self, cell: Cell, fields: JsonObject) -> _Rate:
        """Raises CellError when the price, its unit or its conditions cannot be meant."""
        kind = fields.get("kind", "fixed")
        if not isinstance(kind, str) or kind not in KINDS:
            raise CellError("unknown_kind", f"nothing is known of pricing of kind {kind!r}")
        currency = fields.get("currency", CURRENCY)
        if currency != CURRENCY:
            raise CellError("currency", f"priced in {currency!r}, not in {CURRENCY}")
        meter, count = meter_of(fields, self._operation)
        conditions, unknown = _conditions(fields)
        self.dimensions += unknown
        return _Rate(cell, meter, conditions, _unit_price(cell.raw_text, _per(fields) * count))

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
        return Claim(rate.meter, rate.conditions, status, price, cell.raw_text, cell.locator, rule)

    def _mark(self, owned: Owned, outcome: Outcome, reason: str, detail: str) -> None:
        locator = owned[1].locator
        self.results[locator] = replace(
            self.results[locator], outcome=outcome, reason=reason, detail=detail
        )

    def _settle(self, cell: Cell, outcome: Outcome) -> None:
        self.results[cell.locator] = CellResult(cell.locator, cell.raw_text, outcome)

    def _reject(self, cell: Cell, reason: str, detail: str) -> None:
        self.results[cell.locator] = catalogue.rejected(cell, reason, detail)


def _dynamic(meter: str, text: str, locator: str) -> Claim:
    return Claim(meter, Conditions(), PriceStatus.DYNAMIC, None, text, locator, RULE_VARIABLE)


def _conditions(fields: JsonObject) -> tuple[Conditions, list[str]]:
    when = fields.get(WHEN)
    if when is not None and not isinstance(when, dict):
        raise CellError("condition_unreadable", f"conditions that are no object: {when!r}")
    stated: Mapping[str, object] = values.object_at(fields, WHEN)
    if "min_prompt_tokens" in fields:
        stated = {**stated, "min_prompt_tokens": fields["min_prompt_tokens"]}
    try:
        return conditions_of(stated)
    except ConditionError as error:
        raise CellError("condition_unreadable", str(error)) from error


def _per(fields: JsonObject) -> int:
    """How many units the price buys; raises CellError where that is not said."""
    text = values.text_of(fields.get("per"))
    try:
        per = decimal_from_text(text)
    except MoneyError as error:
        raise CellError(NOT_ESTABLISHED, f"no divisor: {text!r}") from error
    if per != int(per) or per < 1:
        raise CellError(NOT_ESTABLISHED, f"no divisor: {text!r}")
    return int(per)


def _unit_price(text: str, per: int) -> Decimal:
    try:
        quoted = decimal_from_text(text)
        if quoted < 0:
            raise CellError("negative", f"a price below zero: {text}")
        fits_column(canonical(quoted))
        return fits_column(per_unit(quoted, per))
    except MoneyError as error:
        raise CellError(error.reason, str(error)) from error
