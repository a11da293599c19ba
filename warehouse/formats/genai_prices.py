"""genai-prices v2: a list of providers, with US dollars per million tokens and the like.

Read from genai-prices 0.2.3 (2026-11): a tier counts from strictly more input tokens than its start
and replaces the whole price; of prices with a time of day the last that is active counts; a meter
within another needs the other's price beside it, and what two have in common needs one too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from models.conditions import MINUTES_PER_DAY
from models.registry import SELLERS
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
from warehouse.offers import Offer, Rate

PER_M: Final = 1_000_000
PER_K: Final = 1_000
HOUR: Final = 3_600
KEYS: Final[Mapping[str, tuple[str, int]]] = {
    "input_token": ("input_mtok", PER_M),
    "output_token": ("output_mtok", PER_M),
    "cache_read_token": ("cache_read_mtok", PER_M),
    "cache_write_token": ("cache_write_mtok", PER_M),
    "cache_write_1h_token": ("cache_write_1h_mtok", PER_M),
    "reasoning_token": ("output_reasoning_mtok", PER_M),
    "input_image_token": ("input_image_mtok", PER_M),
    "output_image_token": ("output_image_mtok", PER_M),
    "input_audio_token": ("input_audio_mtok", PER_M),
    "output_audio_token": ("output_audio_mtok", PER_M),
    "cache_read_audio_token": ("cache_audio_read_mtok", PER_M),
    "input_video_token": ("input_video_mtok", PER_M),
    "output_video_token": ("output_video_mtok", PER_M),
    "citation_token": ("output_citation_mtok", PER_M),
    "input_character": ("input_mchars", PER_M),
    "input_page": ("input_document_kpages", PER_K),
    "input_megapixel": ("input_gpixels", PER_K),
    "request": ("requests_kcount", PER_K),
    "web_search": ("web_searches_kcount", PER_K),
    "search_query": ("rerank_searches_kcount", PER_K),
    # Hours of speech have no direction unless both are priced, so one meter gets the plain key.
    "input_audio_second": ("audio_hours", HOUR),
}
NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(
        ("cache_read_token", "cache_write_token", "input_image_token", "input_audio_token",
         "input_video_token"), ("input_token",)),
    **dict.fromkeys(
        ("reasoning_token", "output_image_token", "output_audio_token", "output_video_token",
         "citation_token"), ("output_token",)),
    "cache_write_1h_token": ("cache_write_token", "input_token"),
    "cache_read_audio_token": ("cache_read_token", "input_audio_token", "input_token"),
}  # fmt: skip
"""What a meter is a part of here, and so cannot be priced without."""
CACHES: Final = ("cache_read_token", "cache_write_token", "cache_write_1h_token")
KINDS: Final = ("input_image_token", "input_audio_token", "input_video_token")
PARTS: Final = ("reasoning_token", "citation_token")
OUTPUTS: Final = ("output_image_token", "output_audio_token", "output_video_token")
OVERLAPS: Final[Mapping[frozenset[str], str | None]] = {
    **{frozenset({cache, kind}): None for cache in CACHES for kind in KINDS},
    **{frozenset({part, output}): None for part in PARTS for output in OUTPUTS},
    frozenset({"cache_read_token", "input_audio_token"}): "cache_read_audio_token",
}
"""Pairs of meters with something in common, and the meter that prices it, if there is one."""
_NAME_LENGTH: Final = 100


def convert(shelf: Shelf) -> Converted:
    """One provider for each seller."""
    chosen = one_per_id(shelf.offers)
    losses: list[Lost] = []
    models: dict[str, list[object]] = {}
    for offer in chosen.offers:
        reason = _why_not(offer)
        if reason:
            losses += all_lost(offer, reason)
            continue
        held, gone = _held(offer)
        losses += gone
        models.setdefault(offer.seller, []).append(_model(offer, held))
    data = [_provider(seller, models[seller]) for seller in sorted(models)]
    return Converted({"data.json": data}, prices_of(shelf.offers), chosen.all_lost(losses))


def _provider(seller: str, models: Sequence[object]) -> dict[str, object]:
    known = SELLERS[seller]
    return {
        "id": known.name_in("genai_prices"),
        "name": known.name,
        "api_pattern": rf"https://([a-z]+\.)?{re.escape(known.url.removeprefix('https://'))}",
        "pricing_urls": [known.url],
        "models": list(models),
    }


def _why_not(offer: Offer) -> str | None:
    if not offer.rates:
        return "no_price"
    if is_page_only(offer):
        return "no_id"
    if any(rate.price is None for rate in offer.rates):
        return "incomplete"
    held, _ = _held(offer)
    return None if held else "unit"


def _held(offer: Offer) -> tuple[list[Rate], list[Lost]]:
    """The rates that the format can hold together, and the others with their reasons."""
    meters = _together({rate.meter for rate in offer.rates})
    timed = _windows(offer.rates)
    held: list[Rate] = []
    gone: list[Lost] = []
    for rate in offer.rates:
        reason = _reason(rate, meters, timed)
        if reason == "headline_only" or reason is None:
            held.append(rate)
        if reason is not None:
            gone.append(lost(offer, rate, reason))
    return held, gone


def _reason(rate: Rate, meters: frozenset[str], timed: frozenset[tuple[int, int]]) -> str | None:
    if rate.meter not in KEYS:
        return "unit"
    if rate.meter not in meters:
        return "overlap"
    if rate.is_headline and rate.min_prompt_tokens:
        return "headline_only"
    beyond = set(rate.conditions) - {"min_prompt_tokens"}
    if beyond == {"utc_from_minute", "utc_to_minute"} and timed:
        return None
    if not beyond:
        return None if rate.is_headline or KEYS[rate.meter][1] == PER_M else "tier"
    if rate.is_headline:
        return "headline_only"
    return "window" if rate.utc_from_minute is not None else "condition"


def _together(meters: Iterable[str]) -> frozenset[str]:
    """The most of these meters that the format lets stand together; finer ones give way."""
    left = {meter for meter in meters if meter in KEYS}
    for pair, common in OVERLAPS.items():
        if pair <= left and common not in left:
            left -= pair - {"cache_read_token", "cache_write_token", "reasoning_token"}
            left -= {"cache_write_1h_token"} if "cache_write_1h_token" in pair else set()
    while True:
        without = {meter for meter in left if not set(NEEDS.get(meter, ())) <= left}
        if not without:
            return frozenset(left)
        left -= without


def _windows(rates: Iterable[Rate]) -> frozenset[tuple[int, int]]:
    """The daily windows, where windows and tiers do not mix; else none."""
    timed = [rate for rate in rates if rate.utc_from_minute is not None]
    if any(rate.min_prompt_tokens or rate.max_prompt_tokens for rate in timed):
        return frozenset()
    windows = {(rate.utc_from_minute or 0, rate.utc_to_minute or 0) for rate in timed}
    is_whole_day = sum(end - start for start, end in windows) == MINUTES_PER_DAY
    return frozenset(windows) if is_whole_day else frozenset()


def _model(offer: Offer, held: Sequence[Rate]) -> dict[str, object]:
    stated: dict[str, object | None] = {
        "id": offer.model_id[:_NAME_LENGTH],
        "name": offer.name[:_NAME_LENGTH],
        "match": {"equals": offer.model_id},
        "context_window": offer.context_length,
        "prices": _prices(held),
        "deprecated": True if offer.lifecycle == "deprecated" else None,
    }
    return {name: value for name, value in stated.items() if value is not None}


def _prices(held: Sequence[Rate]) -> object:
    always = [rate for rate in held if rate.utc_from_minute is None]
    windows = _windows(held)
    standing = [rate for rate in held if rate.is_headline and rate.utc_from_minute is not None]
    base = _price(always + standing)
    if not windows:
        return base
    timed = [
        {
            "constraint": {"start_time": _clock(start), "end_time": _clock(end)},
            "prices": {**base, **_price([r for r in held if r.utc_from_minute == start])},
        }
        for start, end in sorted(windows)
    ]
    return [{"prices": base}, *timed]


def _clock(minute: int) -> str:
    return f"{minute % MINUTES_PER_DAY // 60:02}:{minute % 60:02}:00Z"


def _price(rates: Sequence[Rate]) -> dict[str, object]:
    by_meter: dict[str, list[Rate]] = {}
    for rate in rates:
        by_meter.setdefault(rate.meter, []).append(rate)
    return {KEYS[meter][0]: _value(meter, found) for meter, found in by_meter.items()}


def _value(meter: str, rates: Sequence[Rate]) -> object:
    steps: dict[int, Decimal] = {r.min_prompt_tokens: r.per(KEYS[meter][1]) for r in rates}
    first, *others = sorted(steps)
    if not others:
        return number(steps[first])
    tiers = [{"start": start, "price": number(steps[start])} for start in others]
    return {"base": number(steps[first]), "tiers": tiers}


FORMATS: Final = (Format("genai-prices", "genai-prices", convert, "data.json"),)
