"""Offers in a page's JSON-LD blocks (schema.org), which rank below what the page shows.

The block of this page was seen to be stale (5.25 where the row said 6.5, 2026-05). So an offer is
a price only where the row of its model states nothing of the same meter. Where it repeats the row
it is merged; where it contradicts the row it is a claim of a source of its own, which stands beside
the price and never becomes it (``aiml_page_offers``). An offer without a unit is refused, and so is
one whose row is itself in doubt.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from models.conditions import Conditions
from models.price_meters import NOT_ESTABLISHED
from models.reading import (
    Cell,
    CellError,
    CellResult,
    Claim,
    Drift,
    Outcome,
    PriceStatus,
    RowReading,
)
from spiders.sources.page_dom import Dom, tag
from spiders.sources.page_prices import Place, claims_of
from spiders.sources.page_twins import CONFLICT, Placed, spelled
from spiders.sources.page_words import developer_and_name, squeezed, terms_in
from spiders.sources.values import JsonObject, as_list, as_object, text_at

SOURCE: Final = "aiml_page_offers"
DOUBTFUL: Final = "doubtful_row"
NO_ROW: Final = "no_row"
RULE: Final = "json_ld"
_BOUNDS: Final = {"lowPrice": "lower_bound", "highPrice": "upper_bound"}
_MAX_DEPTH: Final = 60
TEXT_ROW: Final = Place("", "text", (), "", frozenset(), 1)
"""Where an offer for a row of another page is read as if it stood."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A price in a JSON-LD block. ``reason`` is set where the block itself rules it out."""

    locator: str
    raw_text: str
    name: str = ""
    terms: str = ""
    reason: str = ""
    detail: str = ""


def offers_of(dom: Dom) -> tuple[list[Offer], list[Drift]]:
    """Every price in the page's JSON-LD, and the blocks that are no JSON."""
    found: list[Offer] = []
    drift: list[Drift] = []
    for script in dom.root.iter("script"):
        if tag(script) and "ld+json" in (script.get("type") or "").lower():
            where = dom.locator(script)
            try:
                block = json.loads(script.text or "", parse_float=str, parse_int=str)
            except (ValueError, RecursionError):
                drift.append(Drift("vanished_field", f"JSON-LD of {where}"))
                continue
            found += _offers(block, f"{where}#", ())
    return found, drift


def _offers(value: object, pointer: str, above: tuple[JsonObject, ...]) -> Iterator[Offer]:
    if pointer.count("/") > _MAX_DEPTH:
        return
    for index, child in enumerate(as_list(value) or ()):
        yield from _offers(child, f"{pointer}/{index}", above)
    if (here := as_object(value)) is not None:
        for key, child in here.items():
            where = f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
            if key in ("price", *_BOUNDS) and isinstance(child, str):
                yield _offer(where, child, key, (*above, here))
            else:
                yield from _offers(child, where, (*above, here))


def _offer(where: str, text: str, key: str, path: tuple[JsonObject, ...]) -> Offer:
    """An offer with what the objects around its price say of it, the nearest first."""
    names = [_text(box, "name") or _text(box.get("itemOffered"), "name") for box in reversed(path)]
    currencies = [_text(box, "priceCurrency") for box in reversed(path)]
    units = [
        _text(box, "unitText") or _text(box.get("referenceQuantity"), "unitText")
        for box in reversed(path)
    ]
    currency = next(filter(None, currencies), "USD")
    unit = next(filter(None, units), "")
    terms = (
        terms_in([unit if unit.lower().startswith("per ") else f"per {unit}"])
        if unit
        else set[str]()
    )
    offer = Offer(where, text, next(filter(None, names), ""), " | ".join(sorted(terms)))
    if key in _BOUNDS:
        return replace(offer, reason=_BOUNDS[key], detail=f"{key} is no price")
    if currency.upper() != "USD":
        return replace(offer, reason="currency", detail=f"priced in {currency}")
    if not terms:
        return replace(offer, reason=NOT_ESTABLISHED, detail="the offer states no unit")
    return offer


def _text(box: object, key: str) -> str:
    return squeezed(text_at(as_object(box) or {}, key))


@dataclass(frozen=True, slots=True)
class Heard:
    """The rows of all pages with what the offers of one add to them, and what became of each offer.

    ``noted`` are the claims that contradict a row, under the listing of that row.
    """

    rows: list[Placed]
    results: list[CellResult]
    noted: list[RowReading]


def heard(
    offers: Sequence[Offer], page: int, placed: Sequence[Placed], places: Mapping[str, Place]
) -> Heard:
    """Weigh every offer of a page against the row of its model.

    ``places`` tells for the locator of a row of this page where it stands.
    """
    rows = [*placed]
    by_name = {_key(row): index for index, row in reversed([*enumerate(rows)])}
    results: list[CellResult] = []
    losers: dict[int, list[Claim]] = {}
    for offer in offers:
        index = by_name.get(spelled(*developer_and_name(offer.name)))
        if index is None or offer.reason:
            reason, detail = offer.reason or NO_ROW, offer.detail or "no row names its model"
            results.append(_refused(offer, reason, detail))
            continue
        row = rows[index]
        place = places.get(row.reading.listing.locator) if row.page == page else None
        weighed = _weighed(offer, row.reading, place, losers.setdefault(index, []))
        rows[index] = replace(row, reading=weighed[0])
        results.append(weighed[1])
    noted = [
        RowReading(rows[index].reading.listing, tuple(claims))
        for index, claims in losers.items()
        if claims
    ]
    return Heard(rows, results, noted)


def _key(row: Placed) -> tuple[str, ...]:
    return spelled(row.reading.listing.developer, row.reading.listing.name)


def _weighed(
    offer: Offer, row: RowReading, place: Place | None, losers: list[Claim]
) -> tuple[RowReading, CellResult]:
    """The row with the offer weighed against it; a row of another page (no place) gains nothing.

    What contradicts the row is added to ``losers``.
    """
    try:
        claims = claims_of(Cell(offer.locator, offer.raw_text, "", offer.terms), place or TEXT_ROW)
    except CellError as error:
        return row, _refused(offer, error.reason, str(error))
    claims = [replace(claim, rule=RULE) for claim in _new(claims)]
    standing = {
        _slot(claim): claim for claim in row.claims if claim.status is not PriceStatus.UNKNOWN
    }
    added = [claim for claim in claims if _slot(claim) not in standing]
    if added and (place is None or not _is_undoubted(row)):
        return row, _refused(
            offer, DOUBTFUL, "the row itself does not state this price for certain"
        )
    lost = [
        claim
        for claim in claims
        if (rival := standing.get(_slot(claim))) and rival.unit_price != claim.unit_price
    ]
    for claim in lost:
        twin = next((other for other in losers if _slot(other) == _slot(claim)), None)
        if twin is not None and twin.unit_price != claim.unit_price:
            detail = f"{claim.meter}: {claim.raw_text!r} here, {twin.raw_text!r} at {twin.locator}"
            return row, _refused(offer, CONFLICT, detail)
    fresh = [claim for claim in lost if _slot(claim) not in {*map(_slot, losers)}]
    losers += fresh
    outcome = Outcome.CLAIM if added or fresh else Outcome.MERGED
    result = CellResult(offer.locator, offer.raw_text, outcome)
    return replace(row, claims=(*row.claims, *added)), result


def _slot(claim: Claim) -> tuple[str, Conditions]:
    return claim.meter, claim.conditions


def _is_undoubted(row: RowReading) -> bool:
    """Whether nothing of the row was refused: a doubtful row is not filled up from the block."""
    return all(cell.outcome is not Outcome.REJECTED for cell in row.cells)


def _new(claims: Sequence[Claim]) -> list[Claim]:
    return list({_slot(claim): claim for claim in claims}.values())


def _refused(offer: Offer, reason: str, detail: str) -> CellResult:
    return CellResult(offer.locator, offer.raw_text, Outcome.REJECTED, reason, detail)
