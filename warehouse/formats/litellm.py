"""LiteLLM's map of model prices; tokencost reads the same.

US dollars per unit, keys ``<provider>/<id>``. Read from litellm 1.106.2 (2026-11): a tier counts
from strictly more prompt tokens than its limit, as here, whether it is a key that ends in
``_above_<n>k_tokens`` or an entry of ``tiered_pricing``; a rate that is missing is 0. Which
keys its cost functions look at depends on the mode: `CHARGED` was found by asking them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, cast

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

MODES: Final[Mapping[str, str]] = {
    "chat": "chat",
    "messages": "chat",
    "responses": "responses",
    "completion": "completion",
    "embedding": "embedding",
    "image": "image_generation",
    "video": "video_generation",
    "speech": "audio_speech",
    "audio": "audio_speech",
    "transcription": "audio_transcription",
    "document": "ocr",
    "rerank": "rerank",
}
TOKEN_KEYS: Final[Mapping[str, str]] = {
    "input_token": "input_cost_per_token",
    "output_token": "output_cost_per_token",
    "cache_read_token": "cache_read_input_token_cost",
    "cache_write_token": "cache_creation_input_token_cost",
    "cache_write_1h_token": "cache_creation_input_token_cost_above_1hr",
    "reasoning_token": "output_cost_per_reasoning_token",
}
"""Meters that may have tiers."""
OTHER_KEYS: Final[Mapping[str, str]] = {
    "input_audio_token": "input_cost_per_audio_token",
    "output_audio_token": "output_cost_per_audio_token",
    "cache_read_audio_token": "cache_read_input_audio_token_cost",
    "input_image_token": "input_cost_per_image_token",
    "output_image_token": "output_cost_per_image_token",
    "input_video_token": "input_cost_per_video_token",
    "output_video_token": "output_cost_per_video_token",
    "citation_token": "citation_cost_per_token",
    "output_image": "output_cost_per_image",
    "input_image": "input_cost_per_image",
    "output_video_second": "output_cost_per_second",
    "output_audio_second": "output_cost_per_second",
    "input_audio_second": "input_cost_per_second",
    "input_video_second": "input_cost_per_video_per_second",
    "input_character": "input_cost_per_character",
    "input_page": "ocr_cost_per_page",
    "search_query": "input_cost_per_query",
    "request": "input_cost_per_request",
}
KEYS: Final = {**TOKEN_KEYS, **OTHER_KEYS}
_TOKENS: Final = frozenset(m for m in KEYS if m.endswith("_token")) - {"citation_token"}
_TEXT: Final = _TOKENS | {"input_image", "input_video_second", "web_search"}
CHARGED: Final[Mapping[str, frozenset[str]]] = {
    "chat": _TEXT,
    "responses": _TEXT,
    "completion": _TEXT,
    "embedding": _TEXT,
    "image_generation": frozenset({"output_image"}),
    "video_generation": frozenset({"output_video_second"}),
    "audio_speech": _TOKENS | {"input_character"},
    "audio_transcription": _TOKENS | {"input_audio_second"},
    "ocr": frozenset({"input_page"}),
    "rerank": frozenset({"search_query"}),
}
"""What LiteLLM charges a model of each mode for; with none of these it would cost nothing there."""
SEARCH: Final = "search_context_cost_per_query"
SEARCH_SIZES: Final = ("low", "medium", "high")
RESOLUTIONS: Final = frozenset({"480p", "720p", "768p", "1080p", "2k", "4k"})
# The limits for which the map's readers know a key of their own; any other takes the tier table.
LIMITS: Final[Mapping[str, frozenset[int]]] = {
    "input_token": frozenset({128_000, 200_000, 272_000, 512_000}),
    "output_token": frozenset({128_000, 200_000, 272_000, 512_000}),
    "cache_read_token": frozenset({200_000, 272_000, 512_000}),
    "cache_write_token": frozenset({200_000, 272_000}),
}
OFF_PEAK: Final = frozenset(TOKEN_KEYS) - {"cache_write_1h_token"}
_NO_LIMIT: Final = 1_000_000_000
_PRICE_WORDS: Final = ("cost", "pricing")


def convert(shelf: Shelf) -> Converted:
    """The overlay: every offering that can be priced, by the provider's name and the id."""
    chosen = one_per_id(shelf.offers)
    losses: list[Lost] = []
    overlay: dict[str, object] = {}
    for offer in chosen.offers:
        reason = _why_not(offer)
        if reason:
            losses += all_lost(offer, reason)
            continue
        entry = _Entry(offer)
        losses += entry.lost
        overlay[f"{SELLERS[offer.seller].name_in('litellm')}/{offer.model_id}"] = entry.whole()
    # Backwards, because `register_model` takes a dated name that it does not know for the undated
    # one that it does (gpt-4o-2024-05-13 for gpt-4o), and would then overwrite that one's prices.
    last_first = dict(sorted(overlay.items(), reverse=True))
    return Converted({"overlay.json": last_first}, prices_of(shelf.offers), chosen.all_lost(losses))


def _why_not(offer: Offer) -> str | None:
    """Why an offering is left out as a whole."""
    if not offer.rates:
        return "no_price"
    if is_page_only(offer):
        return "no_id"
    if offer.operation not in MODES:
        return "operation"
    if any(rate.price is None for rate in offer.rates):
        return "incomplete"
    charged = CHARGED[MODES[offer.operation]]
    return None if any(rate.meter in charged for rate in offer.rates) else "unit"


class _Entry:
    """One entry of the map, and what it cannot hold."""

    def __init__(self, offer: Offer) -> None:
        self.offer = offer
        self.prices: dict[str, object] = {}
        self.lost: list[Lost] = []
        self._tiers = [r for r in offer.rates if r.meter in TOKEN_KEYS and r.min_prompt_tokens]
        windows = _off_peak(offer)
        charged = CHARGED[MODES[offer.operation]]
        for rate in offer.rates:
            is_there = self._flat(rate) or self._tier(rate) or rate in windows
            if not is_there:
                self.lost.append(lost(offer, rate, _reason(rate)))
            elif rate.meter not in charged and not self._is_lost(rate):
                self.lost.append(lost(offer, rate, "uncharged"))
        self._tier_table()
        if windows:
            self.prices["off_peak_pricing"] = _off_peak_block(windows)

    def whole(self) -> dict[str, object]:
        """The entry: what it is first, then what it costs."""
        offer = self.offer
        stated: dict[str, object | None] = {
            "litellm_provider": SELLERS[offer.seller].name_in("litellm"),
            "mode": MODES[offer.operation],
            "max_input_tokens": offer.context_length,
            "max_output_tokens": offer.max_output_tokens,
            "max_tokens": offer.max_output_tokens,
            "deprecation_date": offer.expires_on.isoformat() if offer.expires_on else None,
            "source": next((rate.source_url for rate in offer.rates if rate.source_url), None),
        }
        return {**{k: v for k, v in stated.items() if v is not None}, **self.prices}

    def _flat(self, rate: Rate) -> bool:
        """Put down a price that has a key of its own; the headline's is its meter's flat key."""
        if rate.meter == "web_search" and rate.is_headline:
            price = number(rate.per(1))
            self.prices[SEARCH] = {f"search_context_size_{size}": price for size in SEARCH_SIZES}
            return self._report_conditions(rate)
        key = KEYS.get(rate.meter)
        if key is None:
            return False
        suffix = _suffix(rate)
        if suffix:
            self.prices[f"{key}{suffix}"] = number(rate.per(1))
        if not rate.is_headline:
            return bool(suffix)
        if self.prices.setdefault(key, number(rate.per(1))) != number(rate.per(1)):
            # Seconds of video and of audio have one key: the first of them stands.
            self.lost.append(lost(self.offer, rate, "overlap"))
            return True
        return bool(suffix) or self._report_conditions(rate)

    def _report_conditions(self, rate: Rate) -> bool:
        """A headline stands without its conditions; a window or a dimension is told as left out."""
        if not rate.is_plain and rate not in _standing(self.offer):
            self.lost.append(lost(self.offer, rate, "headline_only"))
        return True

    def _is_lost(self, rate: Rate) -> bool:
        about = rate.meter, rate.conditions
        return any((each.meter, each.conditions) == about for each in self.lost)

    def _tier(self, rate: Rate) -> bool:
        """Whether the tier table holds it, to which `_tier_table` then commits."""
        return rate in self._tiers and rate.is_tier_only

    def _tier_table(self) -> None:
        tiers = [rate for rate in self._tiers if rate.is_tier_only and not rate.is_headline]
        if not tiers:
            return
        if all(rate.min_prompt_tokens in LIMITS.get(rate.meter, ()) for rate in tiers):
            for rate in tiers:
                thousands = rate.min_prompt_tokens // 1000
                key = f"{TOKEN_KEYS[rate.meter]}_above_{thousands}k_tokens"
                self.prices[key] = number(rate.per(1))
            return
        limits = sorted({0, *(rate.min_prompt_tokens for rate in tiers)})
        ends = [*limits[1:], max(self.offer.context_length or 0, limits[-1] + 1, _NO_LIMIT)]
        self.prices["tiered_pricing"] = [
            {"range": [start, end], **self._rates_at(start)}
            for start, end in zip(limits, ends, strict=True)
        ]

    def _rates_at(self, start: int) -> dict[str, object]:
        """The token rates of prompts just longer than ``start``."""
        found: dict[str, object] = {}
        for rate in self.offer.rates:
            end = rate.max_prompt_tokens
            holds = rate.min_prompt_tokens <= start and (end is None or start < end)
            if rate.meter in TOKEN_KEYS and rate.is_tier_only and holds:
                found[TOKEN_KEYS[rate.meter]] = number(rate.per(1))
        return found


def _suffix(rate: Rate) -> str:
    """The ending of a key that says all of a rate's conditions; empty where none does."""
    if set(rate.conditions) == {"resolution"} and rate.meter == "output_video_second":
        resolution = str(rate.conditions["resolution"]).lower()
        return f"_{resolution}" if resolution in RESOLUTIONS else ""
    is_batch = dict(rate.conditions) == {"service_tier": "batch"}
    return "_batches" if is_batch and rate.meter in TOKEN_KEYS else ""


def _reason(rate: Rate) -> str:
    if rate.meter not in KEYS and rate.meter != "web_search":
        return "unit"
    if rate.utc_from_minute is not None:
        return "window"
    return "tier" if rate.is_tier_only else "condition"


def _standing(offer: Offer) -> Sequence[Rate]:
    """Headline rates whose window is complete with the off-peak ones."""
    windows = _off_peak(offer)
    meters = {rate.meter for rate in windows}
    return [rate for rate in offer.rates if rate.is_headline and rate.meter in meters]


def _off_peak(offer: Offer) -> Sequence[Rate]:
    """The rates of the other half of the day, where the day has two halves and nothing else."""
    timed = [rate for rate in offer.rates if rate.utc_from_minute is not None]
    windows = {(rate.utc_from_minute, rate.utc_to_minute) for rate in timed}
    others = [rate for rate in timed if not rate.is_headline]
    is_simple = all(
        set(rate.conditions) == {"utc_from_minute", "utc_to_minute"} and rate.meter in OFF_PEAK
        for rate in timed
    )
    halves = {(rate.utc_from_minute, rate.utc_to_minute) for rate in others}
    covered = sum((end or 0) - (start or 0) for start, end in windows)
    return (
        others if is_simple and len(windows) == 2 and len(halves) == 1 and covered == 1440 else ()
    )


def _off_peak_block(rates: Sequence[Rate]) -> dict[str, object]:
    start, end = rates[0].utc_from_minute or 0, (rates[0].utc_to_minute or 0) % 1440
    hours = f"{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"
    return {"hours_utc": hours, **{TOKEN_KEYS[r.meter]: number(r.per(1)) for r in rates}}


def merge(full: Mapping[str, object], overlay: Mapping[str, object]) -> dict[str, object]:
    """A full map with ours laid over it: of an entry that both have, its prices are only ours."""
    laid_over = {
        key: {**_without_prices(_entry(full.get(key))), **_entry(ours)}
        for key, ours in overlay.items()
    }
    return {**full, **laid_over}


def _entry(value: object) -> dict[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _without_prices(entry: Mapping[str, object]) -> dict[str, object]:
    return {
        name: value
        for name, value in entry.items()
        if not any(word in name for word in _PRICE_WORDS)
    }


FORMATS: Final = (Format("litellm", "litellm", convert, "overlay.json", merge=merge),)
