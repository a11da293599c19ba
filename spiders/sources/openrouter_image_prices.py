"""The prices that an OpenRouter image model's endpoints state, and what becomes of each cell."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from models.conditions import Conditions, Stated
from models.reading import Cell, CellError, CellResult, Claim, Outcome, PriceStatus
from models.registry import meter_for
from spiders.sources import catalogue, values
from spiders.sources.endpoint_bodies import Endpoint, Endpoints
from spiders.sources.values import JsonObject
from spiders.sources.variants import (
    RULE_CONTESTED,
    RULE_REST,
    conditions_of,
    contested_of,
    price_of,
    spread,
)
from spiders.twins import Owned, reconcile

SOURCE: Final = "openrouter_images"
COST: Final = "cost_usd"
PROVIDER: Final = "provider"
RULE_PROVIDERS: Final = "providers_differ"
RULE_ZERO_MEDIA: Final = "zero_does_not_prove_free_media"
WORDS: Final = catalogue.METADATA | {"billable", "variant"}

_RESOLUTION: Final = re.compile(r"\d{3,4}p?|(?:\d+\.)?\d{1,2}k|\d{2,5}x\d{2,5}", re.ASCII)
_QUALITIES: Final = frozenset({"low", "medium", "high", "standard", "hd", "auto"})
_SUPPORTED: Final = ("resolution", "quality")


@dataclass(frozen=True, slots=True)
class _Rate:
    endpoint: int
    cell: Cell
    meter: str
    when: Mapping[str, Stated]
    variant: str
    value: Decimal


def cells_of(stated: Endpoints) -> list[Cell]:
    """Every price cell of one body, verbatim."""
    return [cell for endpoint in stated.endpoints for cell, _ in _priced(endpoint)]


def _priced(endpoint: Endpoint) -> Iterator[tuple[Cell, JsonObject | None]]:
    """Each price cell, with the object it stands in where that is a price, else None."""
    pricing = endpoint.fields.get("pricing")
    place = f"{endpoint.locator}.pricing"
    if pricing is None:
        return
    for index, line in enumerate(values.as_list(pricing) or []):
        fields = values.as_object(line)
        for where, text in catalogue.scalars(line, f"{place}[{index}]", WORDS):
            is_price = fields is not None and where == f"{place}[{index}].{COST}"
            words = [values.text_at(fields or {}, key) for key in ("billable", "unit")]
            cell = Cell(where, text, " ".join(words), values.text_at(fields or {}, "unit"))
            yield cell, fields if is_price else None
    if values.as_list(pricing) is None:
        for where, text in catalogue.scalars(pricing, place, WORDS):
            yield Cell(where, text, "pricing"), None


def read_endpoints(stated: Endpoints) -> tuple[list[Claim], list[CellResult], list[str]]:
    """Every claim of a model, one result per cell, and the variants that are not known yet."""
    reader = _Reader(stated)
    claims = reader.read()
    return claims, list(reader.results.values()), reader.unknown


class _Reader:
    """One model's prices while they are being read."""

    def __init__(self, stated: Endpoints) -> None:
        self._stated = stated
        self.results: dict[str, CellResult] = {}
        self.unknown: list[str] = []

    def read(self) -> list[Claim]:
        """The claims that stand side by side; every cell has its result afterwards."""
        rates = [
            rate
            for number, endpoint in enumerate(self._stated.endpoints)
            for rate in self._rates(number, endpoint)
        ]
        if rates and not any(rate.value for rate in rates):
            claims = [self._unproven(rate) for rate in rates]
        else:
            claims = [claim for group in self._by_meter(rates) for claim in group]
        kept = [claim for _, claim in reconcile([(0, claim) for claim in claims], self._mark)]
        return [c for c in kept if self.results[c.locator].outcome is Outcome.CLAIM]

    def _rates(self, number: int, endpoint: Endpoint) -> Iterator[_Rate]:
        for cell, fields in _priced(endpoint):
            try:
                when, meter = self._when(fields), _meter(cell.word)
                variant = values.text_of((fields or {}).get("variant") or "").strip().lower()
                rate = _Rate(number, cell, meter, when, variant, price_of(cell.raw_text))
            except CellError as error:
                self._settle(cell, Outcome.REJECTED, error.reason, str(error))
                continue
            self._settle(cell, Outcome.CLAIM if rate.value else Outcome.NO_PRICE)
            yield rate

    def _when(self, fields: JsonObject | None) -> dict[str, Stated]:
        if fields is None:
            raise CellError("unknown_key", "no price is expected here")
        stated = fields.get("variant")
        if stated is None or stated == "":
            return {}
        if not isinstance(stated, str | int) or isinstance(stated, bool):
            raise CellError("condition_unreadable", f"no single variant: {stated!r}")
        text = str(stated).strip().lower()
        when: dict[str, Stated] = {}
        for word in text.split("_"):
            if word in _QUALITIES:
                when["quality"] = word
            elif _RESOLUTION.fullmatch(word):
                when["resolution"] = word
        if len(when) < len(text.split("_")):
            self.unknown.append(text)
            return {"variant": text}
        return when

    def _unproven(self, rate: _Rate) -> Claim:
        self._settle(rate.cell, Outcome.CLAIM)
        when = {**rate.when, PROVIDER: self._provider(rate.endpoint)}
        one = len(self._stated.endpoints) == 1
        conditions = Conditions.of(rate.when if one else when)
        unknown, cell = PriceStatus.UNKNOWN, rate.cell
        return Claim(
            rate.meter, conditions, unknown, None, cell.raw_text, cell.locator, RULE_ZERO_MEDIA
        )

    def _by_meter(self, rates: Sequence[_Rate]) -> Iterator[list[Claim]]:
        by_meter: defaultdict[str, list[_Rate]] = defaultdict(list)
        for rate in rates:
            if rate.value:
                by_meter[rate.meter].append(rate)
        pricing = {rate.endpoint for rate in rates if rate.value}
        for found in by_meter.values():
            by_endpoint: defaultdict[int, list[Claim]] = defaultdict(list)
            for number in sorted(pricing):
                own = [rate for rate in found if rate.endpoint == number]
                by_endpoint[number] = list(self._spread(own, number))
            yield self._side_by_side(by_endpoint)

    def _spread(self, rates: Sequence[_Rate], number: int) -> Iterator[Claim]:
        if any("variant" in rate.when for rate in rates):
            # One variant nobody knows, and it is unsure what the known words beside it leave over.
            rates = [replace(rate, when=_verbatim(rate)) for rate in rates]
        domains = _supported(self._stated.endpoints[number].fields)
        found = spread([rate.when for rate in rates], domains)
        for rate, sets in zip(rates, found.held, strict=True):
            cell = rate.cell
            try:
                conditions = conditions_of(sets)
            except CellError as error:
                self._settle(cell, Outcome.REJECTED, error.reason, str(error))
                continue
            for each in conditions:
                rule = RULE_REST if len(each.items) > len(rate.when) else ""
                text, known = cell.raw_text, PriceStatus.KNOWN
                yield Claim(rate.meter, each, known, rate.value, text, cell.locator, rule)
        for each in contested_of(found):
            first, unknown = rates[0], PriceStatus.UNKNOWN
            yield Claim(first.meter, each, unknown, None, "", first.cell.locator, RULE_CONTESTED)

    def _side_by_side(self, by_endpoint: Mapping[int, Sequence[Claim]]) -> list[Claim]:
        """One endpoint's claims where all agree, else everybody's under its provider."""
        said = [
            {claim.conditions: claim.unit_price for claim in claims}
            for claims in by_endpoint.values()
        ]
        everybody = [claim for claims in by_endpoint.values() for claim in claims]
        if all(each == said[0] for each in said):
            return everybody  # equal twins merge
        return [
            replace(
                claim,
                conditions=Conditions.of(
                    {**dict(claim.conditions.items), PROVIDER: self._provider(number)}
                ),
                rule=RULE_PROVIDERS,
            )
            for number, claims in by_endpoint.items()
            for claim in claims
        ]

    def _provider(self, number: int) -> str:
        return self._stated.endpoints[number].provider[:100] or f"endpoint {number + 1}"

    def _mark(self, owned: Owned, outcome: Outcome, reason: str, detail: str) -> None:
        before = self.results[owned[1].locator]
        after = replace(before, outcome=outcome, reason=reason, detail=detail)
        self.results[before.locator] = after

    def _settle(self, cell: Cell, outcome: Outcome, reason: str = "", detail: str = "") -> None:
        self.results[cell.locator] = CellResult(
            cell.locator, cell.raw_text, outcome, reason, detail
        )


def _meter(word: str) -> str:
    meter = meter_for(SOURCE, word)
    if meter is None:
        raise CellError("unit_not_established", f"no meter for {word!r}")
    return meter


def _verbatim(rate: _Rate) -> dict[str, Stated]:
    return {"variant": rate.variant} if rate.variant else {}


def _supported(fields: JsonObject) -> dict[str, tuple[str, ...]]:
    """What an endpoint supports of the things that variants tell apart."""
    parameters = values.object_at(fields, "supported_parameters")
    return {
        key: tuple(
            word.lower() for word in values.texts_at(values.object_at(parameters, key), "values")
        )
        for key in _SUPPORTED
    }
