"""The prices that an OpenRouter image model's endpoints state, and what becomes of each cell.

A line of an endpoint's ``pricing`` says what is billed, in what unit, at what cost, and for which
``variant``; whatever else stands beside a price, or a word of its variant that is not understood,
refuses it. A provider's tag may end in a service tier (``google-ai-studio/flex``): such an endpoint
is not what a buyer gets by default (half the standard price, 2026-09-24).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from models.conditions import MEGAPIXELS, SERVICE_TIER, Conditions, Stated
from models.price_meters import NOT_ESTABLISHED
from models.price_qualifiers import QUALITY, RESOLUTION, VAGUE, domain_of, read_qualifiers
from models.rates import RULE_BESIDE_REFUSED
from models.reading import RULE_ZERO_MEDIA, Cell, CellError, CellResult, Claim, Outcome, PriceStatus
from models.registry import METERS
from spiders.sources import catalogue, values
from spiders.sources.endpoint_bodies import Endpoint, Endpoints
from spiders.sources.openrouter_price_keys import QUALIFY
from spiders.sources.values import JsonObject
from spiders.sources.variants import (
    Variant,
    check_conditions,
    claims_of,
    price_of,
    resolutions_of,
    settled,
    spelled_alike,
    spread,
)
from spiders.twins import Owned, reconcile

SOURCE: Final = "openrouter_images"
TYPE_WORD: Final = "image"
COST: Final = "cost_usd"
PROVIDER: Final = "provider"
RULE_PROVIDERS: Final = "providers_differ"
LINE_KEYS: Final = frozenset({"billable", "unit", "variant"})
WORDS: Final = catalogue.METADATA | LINE_KEYS

# What stands around prices, in the seller's documentation or in the recordings.
_AROUND: Final = frozenset({"name", "pricing", "per_request_limits"})
_TIERS: Final = frozenset({"flex", "priority", "fast", "batch"})
_SUPPORTED: Final = (RESOLUTION, QUALITY)
_MAX_WORD: Final = 100
"""A longer word is no quality, and a list that holds one is not known."""
_METERS: Final = {
    tuple(word.split(" ")): meter.code
    for meter in METERS.values()
    for word in meter.sources_words.get(SOURCE, ())
}


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
        own = [[*self._variants(endpoint)] for endpoint in self._stated.endpoints]
        outcomes = {self._outcome(v.cell) for variants in own for _, v in variants}
        if outcomes == {Outcome.NO_PRICE}:
            claims = self._unproven(own)
        else:
            meters = dict.fromkeys(
                m for variants in own for fitting, _ in variants for m in fitting
            )
            claims = [c for m in meters if _is_certain(m, own) for c in self._of_meter(m, own)]
        kept = [claim for _, claim in reconcile([(0, claim) for claim in claims], self._mark)]
        return [c for c in kept if c.unit_price is None or self._is_claimed(c)]

    def _outcome(self, cell: Cell) -> Outcome:
        """What became of a cell; a line without a price has none, and counts as refused."""
        found = self.results.get(cell.locator)
        return Outcome.REJECTED if found is None else found.outcome

    def _is_claimed(self, claim: Claim) -> bool:
        return self.results[claim.locator].outcome is Outcome.CLAIM

    def _variants(self, endpoint: Endpoint) -> Iterator[tuple[frozenset[str], Variant]]:
        """Each price of an endpoint with the meters it is, or may be, of.

        What stands around all prices of an endpoint and is not known leaves each of them unsure.
        """
        around = _qualifiers_of(self._stated.model) + _qualifiers_of(endpoint.fields)
        for meters, variant in self._read(endpoint):
            if around and variant.value is not None:
                detail = f"nothing is known of {', '.join(around)} beside the prices"
                self._settle(variant.cell, Outcome.REJECTED, "unknown_condition", detail)
                yield meters, replace(variant, value=None, is_whole=False)
            else:
                yield meters, variant
        yield from _without_price(endpoint)

    def _read(self, endpoint: Endpoint) -> Iterator[tuple[frozenset[str], Variant]]:
        for cell, fields in _priced(endpoint):
            said = read_qualifiers(_variant_of(fields or {}))
            try:
                meter = self._meter(cell, fields)
                self._check_variant(fields or {}, said.unread, is_vague=said.is_vague)
                check_conditions(said.when)
            except CellError as error:
                self._settle(cell, Outcome.REJECTED, error.reason, str(error))
                if fields is not None and not said.is_vague:
                    yield _meters_like(fields), Variant(cell, said.when, None, is_whole=False)
                continue
            try:
                value = price_of(cell.raw_text)
                self._settle(cell, Outcome.CLAIM if value else Outcome.NO_PRICE)
            except CellError as error:
                self._settle(cell, Outcome.REJECTED, error.reason, str(error))
                value = None
            when = spelled_alike(said.when, meter, TYPE_WORD)
            yield frozenset({meter}), Variant(cell, when, value or None)

    def _meter(self, cell: Cell, fields: JsonObject | None) -> str:
        if fields is None:
            raise CellError("unknown_key", "no price is expected here")
        meter = _METERS.get(tuple(cell.word.split(" ")))
        if meter is None:
            raise CellError(NOT_ESTABLISHED, f"no meter for {cell.word!r}")
        unread = sorted(fields.keys() - LINE_KEYS - {COST})
        if unread:
            names = ", ".join(unread)
            raise CellError("unknown_condition", f"nothing is known of {names} beside the price")
        return meter

    def _check_variant(self, fields: JsonObject, unread: Sequence[str], *, is_vague: bool) -> None:
        stated = fields.get("variant")
        if stated is not None and not (isinstance(stated, str | int) and stated is not True):
            raise CellError("condition_unreadable", f"no single variant: {values.shown(stated)}")
        if unread:
            self.unknown.append(values.text_of(stated))
            raise CellError("condition_unreadable", f"nothing is known of {' '.join(unread)!r}")
        if is_vague:
            raise CellError("condition_unreadable", "a variant that leaves open which is meant")

    def _unproven(self, own: Sequence[Sequence[tuple[frozenset[str], Variant]]]) -> list[Claim]:
        """Zeros and nothing but zeros: the model has a price, and nobody says which."""
        claims: list[Claim] = []
        for endpoint, variants in zip(self._stated.endpoints, own, strict=True):
            for meters, each in variants:
                if self._outcome(each.cell) is Outcome.NO_PRICE:
                    self._settle(each.cell, Outcome.CLAIM)
                    when = self._when(each.when, endpoint, is_shared=len(own) == 1)
                    claims.append(_unknown(min(meters), when, each.cell, RULE_ZERO_MEDIA))
        return claims

    def _of_meter(
        self, meter: str, own: Sequence[Sequence[tuple[frozenset[str], Variant]]]
    ) -> Iterator[Claim]:
        """A meter's claims: those of every endpoint of one tier where they agree, else each under
        its provider."""
        by_tier: defaultdict[str, list[tuple[Endpoint, list[Claim]]]] = defaultdict(list)
        for endpoint, variants in zip(self._stated.endpoints, own, strict=True):
            near = [variant for fitting, variant in variants if meter in fitting]
            if near or any(variant.value for _, variant in variants):
                by_tier[_tier_of(endpoint)].append((endpoint, self._spread(meter, near, endpoint)))
        for stated in by_tier.values():
            said = [{c.conditions: c.unit_price for c in claims} for _, claims in stated]
            is_shared = all(each == said[0] for each in said)
            # Which provider serves is the seller's choice: where one price is refused, what the
            # others charge is not what a buyer gets.
            is_unsure = any(claim.unit_price is None for _, claims in stated for claim in claims)
            by_provider = RULE_BESIDE_REFUSED if is_unsure else RULE_PROVIDERS
            for endpoint, claims in stated:
                for claim in claims:
                    when = self._when(dict(claim.conditions.items), endpoint, is_shared=is_shared)
                    rule = claim.rule if is_shared or claim.unit_price is None else by_provider
                    yield replace(claim, conditions=when, rule=rule)

    def _spread(self, meter: str, variants: Sequence[Variant], endpoint: Endpoint) -> list[Claim]:
        if all(self._outcome(each.cell) is Outcome.NO_PRICE for each in variants):
            return []
        supported = _supported(endpoint.fields, meter)
        keys = {key for each in variants for key in each.when}
        stated = {key: [e.when[key] for e in variants if key in e.when] for key in keys}
        domains = {key: supported.get(key) or domain_of(key, stated[key]) for key in keys}
        if len({str(value).rpartition(" ")[2] for value in stated.get(MEGAPIXELS, ())}) > 1:
            # Two bounds leave open which of them a larger image is charged by.
            variants = [
                replace(each, value=None, is_whole=False) if MEGAPIXELS in each.when else each
                for each in variants
            ]
        found = spread(variants, domains)
        for place, each in enumerate(variants):
            if self._outcome(each.cell) is Outcome.CLAIM:
                outcome = settled(each, place, found)
                if outcome is not None:
                    self._settle(each.cell, *outcome)
        return [*claims_of(meter, variants, found, supported.get(RESOLUTION, ()))]

    def _when(
        self, when: Mapping[str, Stated], endpoint: Endpoint, *, is_shared: bool
    ) -> Conditions:
        stated = dict(when)
        if tier := _tier_of(endpoint):
            stated[SERVICE_TIER] = tier
        if not is_shared:
            number = self._stated.endpoints.index(endpoint)
            stated[PROVIDER] = _provider_of(endpoint)[:100] or f"endpoint {number + 1}"
        return Conditions.of(stated)

    def _mark(self, owned: Owned, outcome: Outcome, reason: str, detail: str) -> None:
        before = self.results.get(owned[1].locator)  # none for a line that states no price
        if before is not None and before.outcome is Outcome.CLAIM:
            after = replace(before, outcome=outcome, reason=reason, detail=detail)
            self.results[before.locator] = after

    def _settle(self, cell: Cell, outcome: Outcome, reason: str = "", detail: str = "") -> None:
        self.results[cell.locator] = CellResult(
            cell.locator, cell.raw_text, outcome, reason, detail
        )


def _without_price(endpoint: Endpoint) -> Iterator[tuple[frozenset[str], Variant]]:
    """What is billed without a cost that can be read, for which no other price stands in."""
    pricing = endpoint.fields.get("pricing")
    lines = values.as_list(pricing)
    if pricing is not None and lines is None:
        cell = Cell(endpoint.locator, "", "pricing")
        yield frozenset(METERS), Variant(cell, {}, None, is_whole=False)
    for index, line in enumerate(lines or []):
        fields = values.as_object(line)
        if fields is None or not values.is_scalar(fields.get(COST, [])):
            place = f"{endpoint.locator}.pricing[{index}]"
            cell = Cell(place, "", "a line without a price")
            meters = frozenset(METERS) if fields is None else _meters_like(fields)
            yield meters, Variant(cell, {}, None, is_whole=False)


def _qualifiers_of(fields: JsonObject) -> list[str]:
    """The keys around prices whose names say that they are about these."""
    return [
        key
        for key, value in fields.items()
        if value is not None
        and key not in _AROUND
        and (key in catalogue.METADATA or QUALIFY.search(key) or key.startswith("pricing_"))
    ]


def _is_certain(meter: str, own: Sequence[Sequence[tuple[frozenset[str], Variant]]]) -> bool:
    """Whether some price is of this meter and of no other."""
    return any(fitting == frozenset({meter}) for variants in own for fitting, _ in variants)


def _variant_of(fields: JsonObject) -> str:
    stated = fields.get("variant")
    return values.text_of(stated).strip() if stated is not None and values.is_scalar(stated) else ""


def _meters_like(fields: JsonObject) -> frozenset[str]:
    """The meters that fit what is understood of a line: what is billed, and in what unit.

    None where neither is: what nobody knows, in a unit that nobody knows, is another charge.
    """
    words = [values.text_at(fields, key) for key in ("billable", "unit")]
    known = [any(word == key[side] for key in _METERS) for side, word in enumerate(words)]
    way = words[0].partition("_")[0] if words[0].startswith(("input_", "output_")) else ""
    return frozenset(
        code
        for key, code in _METERS.items()
        if any(known)
        and all(key[side] == words[side] for side in (0, 1) if known[side])
        and key[0].startswith(way)
    )


def _unknown(meter: str, when: Conditions, cell: Cell, rule: str) -> Claim:
    return Claim(meter, when, PriceStatus.UNKNOWN, None, cell.raw_text, cell.locator, rule)


def _tier_of(endpoint: Endpoint) -> str:
    """The service tier that a provider's tag ends in; empty for the standard one."""
    ending = endpoint.provider.rpartition("/")[2].lower()
    return ending if "/" in endpoint.provider and ending in _TIERS else ""


def _provider_of(endpoint: Endpoint) -> str:
    """The provider's tag without its service tier."""
    tier = _tier_of(endpoint)
    return endpoint.provider[: -len(tier) - 1] if tier else endpoint.provider


def _supported(fields: JsonObject, meter: str) -> dict[str, tuple[Stated, ...]]:
    """What an endpoint supports of the things that variants tell apart, vague values left out."""
    parameters = values.object_at(fields, "supported_parameters")
    words = {
        key: values.texts_at(values.object_at(parameters, key), "values") for key in _SUPPORTED
    }
    qualities = [word.lower() for word in words[QUALITY] if word.lower() not in VAGUE]
    are_usable = all(word.isprintable() and len(word) <= _MAX_WORD for word in qualities)
    return {
        RESOLUTION: resolutions_of(words[RESOLUTION], meter, TYPE_WORD),
        QUALITY: tuple(qualities) if are_usable else (),
    }
