"""llm-prices: input, output and cached-input prices of text models, current and past.

US dollars per million tokens. A tier is an entry of its own, since the format has no tiers; a past
price holds on whole days, from the first until but not on the last.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Final

from models.registry import OPERATIONS, SELLERS
from warehouse.formats.holding import (
    Converted,
    Format,
    Lost,
    Shelf,
    all_lost,
    is_page_only,
    lost,
    number,
    one_per_id,
    prices_of,
)
from warehouse.formats.periods import Period
from warehouse.offers import Offer, Rate, price_of

FIELDS: Final[Mapping[str, str]] = {
    "input_token": "input",
    "output_token": "output",
    "cache_read_token": "input_cached",
}
NEEDED: Final = frozenset({"input_token", "output_token"})
PER: Final = 1_000_000
_RANK: Final = {operation: place for place, operation in enumerate(OPERATIONS)}
Edges = tuple[int, int | None]


def current(shelf: Shelf) -> Converted:
    """Today's prices; ``updated_at`` is the day on which the newest of them came."""
    chosen = one_per_id(shelf.offers)
    losses: list[Lost] = []
    rows: list[dict[str, object]] = []
    days: list[date] = []
    for offer in chosen.offers:
        reason = _why_not(offer)
        if reason:
            losses += all_lost(offer, reason)
            continue
        held = [rate for rate in offer.rates if rate.meter in FIELDS and rate.is_tier_only]
        losses += _left_out(offer, held)
        days += [rate.valid_from.date() for rate in held]
        for tier in _tiers((rate.min_prompt_tokens, rate.max_prompt_tokens) for rate in held):
            prices = {r.meter: r.per(PER) for r in held if _covers(r, tier)}
            rows.append(_row(offer.seller, offer.model_id, offer.name, tier, prices))
    rows.sort(key=lambda row: (str(row["vendor"]), str(row["id"])))
    updated = max(days).isoformat() if days else None
    files = {"current-v1.json": {"updated_at": updated, "prices": rows}}
    return Converted(files, prices_of(shelf.offers), chosen.all_lost(losses))


def _why_not(offer: Offer) -> str | None:
    if not offer.rates:
        return "no_price"
    if is_page_only(offer):
        return "no_id"
    headlines = [rate for meter in NEEDED if (rate := offer.headline(meter))]
    if len(headlines) < len(NEEDED):
        return "unit"
    is_whole = all(rate.price is not None for rate in offer.rates if rate.meter in FIELDS)
    return None if is_whole and all(r.is_tier_only for r in headlines) else "incomplete"


def _left_out(offer: Offer, held: Sequence[Rate]) -> Iterator[Lost]:
    for rate in offer.rates:
        if rate.price is None:
            yield lost(offer, rate, "no_number")
        elif rate.meter not in FIELDS:
            yield lost(offer, rate, "unit")
        elif rate not in held:
            yield lost(offer, rate, "condition" if rate.utc_from_minute is None else "window")


def _tiers(edges: Iterable[Edges]) -> list[Edges]:
    """The spans of prompt length in which no price changes."""
    starts = sorted({0, *(start for start, _ in edges)})
    ends: list[int | None] = [*starts[1:], None]
    return list(zip(starts, ends, strict=True))


def _covers(rate: Rate | Period, tier: Edges) -> bool:
    end = rate.max_prompt_tokens
    return rate.min_prompt_tokens <= tier[0] and (end is None or tier[0] < end)


def _row(
    seller: str, model_id: str, name: str, tier: Edges, prices: Mapping[str, Decimal]
) -> dict[str, object]:
    """One entry; the tier from the first token on has the model's own id."""
    start, end = tier
    more = "" if not start and end is None else f" <={end:,}" if end else f" >{start:,}"
    fields = {
        field: number(prices[meter]) if meter in prices else None for meter, field in FIELDS.items()
    }
    return {
        "id": f"{model_id}-over-{start}" if start else model_id,
        "vendor": SELLERS[seller].name_in("llm_prices"),
        "name": f"{name}{more}",
        **fields,
    }


def historical(shelf: Shelf) -> Converted:
    """Every price that was ever seen, by whole days."""
    rows: list[dict[str, object]] = []
    losses: list[Lost] = []
    for periods, others in _by_id(shelf.periods):
        reasons = {_content(period): _why_lost(period) for period in periods}
        usable = [period for period in periods if reasons[_content(period)] is None]
        told: set[tuple[object, ...]] = set()
        for tier in _tiers((each.min_prompt_tokens, each.max_prompt_tokens) for each in usable):
            for row, of in _past(usable, tier):
                rows.append(row)
                told.update(map(_content, of))
        # A price beside which another one that the format needs was never known.
        reasons |= {_content(each): "incomplete" for each in usable if _content(each) not in told}
        for period in (*periods, *others):
            reason = reasons.get(_content(period), "duplicate")
            if reason:
                losses.append(_lost(period, reason))
    rows.sort(key=_order)
    return Converted({"historical-v1.json": {"prices": rows}}, len(shelf.periods), tuple(losses))


def _by_id(periods: Sequence[Period]) -> Iterator[tuple[list[Period], list[Period]]]:
    """The periods of each id for the first operation that it is sold for, and for the others."""
    by_id: dict[tuple[str, str], dict[str, list[Period]]] = {}
    for period in periods:
        same = by_id.setdefault((period.seller, period.model_id), {})
        same.setdefault(period.operation, []).append(period)
    for same in by_id.values():
        first, *others = sorted(same, key=_RANK.__getitem__)
        yield same[first], [period for operation in others for period in same[operation]]


def _content(period: Period) -> tuple[object, ...]:
    return (period.meter, period.min_prompt_tokens, period.unit_price_usd, period.from_day,
            period.to_day)  # fmt: skip


def _lost(period: Period, reason: str) -> Lost:
    tier = period.min_prompt_tokens
    return Lost(period.key, period.meter, {"min_prompt_tokens": tier} if tier else {}, reason)


def _why_lost(period: Period) -> str | None:
    if period.model_id.startswith("page:"):
        return "no_id"
    if period.unit_price_usd is None:
        return "no_number"
    if not period.is_tier_only:
        return "condition"
    if period.from_day is not None and period.from_day == period.to_day:
        return "same_day"
    return None


def _past(
    periods: Sequence[Period], tier: Edges
) -> Iterator[tuple[dict[str, object], Sequence[Period]]]:
    """One entry for each span of days in which nothing changed and the needed prices are known.

    With each come the periods that it tells of.
    """
    held = [period for period in periods if _covers(period, tier)]
    edges = {day for each in held for day in (each.from_day, each.to_day) if day is not None}
    days: list[date | None] = [None, *sorted(edges), None]
    for first, last in pairwise(days):
        of = [each for each in held if _holds(each, first, last)]
        prices = {each.meter: price_of(PER, each.unit_price_usd or Decimal(0)) for each in of}
        if prices.keys() >= NEEDED:
            row = _row(of[0].seller, of[0].model_id, of[0].name, tier, prices)
            dates = {
                "from_date": None if first is None else first.isoformat(),
                "to_date": None if last is None else last.isoformat(),
            }
            yield {**row, **dates}, of


def _holds(period: Period, first: date | None, last: date | None) -> bool:
    """Whether a price holds from ``first`` (None: since ever) until ``last`` (None: for good)."""
    starts = period.from_day is None or (first is not None and period.from_day <= first)
    ends = period.to_day is None or (last is not None and last <= period.to_day)
    return starts and ends


def _order(row: Mapping[str, object]) -> tuple[str, str, bool, str]:
    """By vendor and id; what still holds comes first, then the newest."""
    until = row["to_date"]
    newest = "" if until is None else "".join(chr(0x10FFFF - ord(c)) for c in str(until))
    return str(row["vendor"]), str(row["id"]), until is not None, newest


FORMATS: Final = (
    Format("llm-prices", "llm-prices", current, "current-v1.json"),
    Format("llm-prices-historical", "llm-prices", historical, "historical-v1.json"),
)
