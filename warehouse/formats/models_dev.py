"""models.dev: providers with their models, and the price of text in US dollars per million tokens.

Its schema wants facts that no source of ours states; `FILLED_IN` says what stands there instead, so
use this for prices and limits, not for what a model can do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

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

FIELDS: Final[Mapping[str, str]] = {
    "input_token": "input",
    "output_token": "output",
    "reasoning_token": "reasoning",
    "cache_read_token": "cache_read",
    "cache_write_token": "cache_write",
    "input_audio_token": "input_audio",
    "output_audio_token": "output_audio",
}
NEEDED: Final = ("input_token", "output_token")
PER: Final = 1_000_000
OVER_200K: Final = 200_000
MODALITIES: Final[Mapping[str, str]] = {
    "text": "text",
    "audio": "audio",
    "speech": "audio",
    "image": "image",
    "video": "video",
    "file": "pdf",
    "document": "pdf",
    "pdf": "pdf",
}
APIS: Final[Mapping[str, str]] = {
    "openrouter": "https://openrouter.ai/api/v1",
    "aimlapi": "https://api.aimlapi.com/v1",
}
COMPATIBLE: Final = "@ai-sdk/openai-compatible"
FILLED_IN: Final[Mapping[str, str]] = {
    "attachment": "true where something other than text goes in",
    "reasoning": "true where thinking has a price of its own, else false",
    "tool_call": "false: no source states it",
    "open_weights": "false: no source states it",
    "release_date": "the day on which it was first seen here",
    "last_updated": "the day on which the newest of its prices came",
    "limit": "0 where no source states it",
}


def convert(shelf: Shelf) -> Converted:
    """One provider for each seller."""
    chosen = one_per_id(shelf.offers)
    losses: list[Lost] = []
    models: dict[str, dict[str, object]] = {}
    for offer in chosen.offers:
        reason = "no_id" if is_page_only(offer) else None
        if reason:
            losses += all_lost(offer, reason)
            continue
        held, gone = _held(offer)
        losses += gone
        models.setdefault(offer.seller, {})[offer.model_id] = _model(offer, held)
    api = {
        SELLERS[seller].name_in("models_dev"): _provider(seller, models[seller])
        for seller in sorted(models)
    }
    return Converted({"api.json": api}, prices_of(shelf.offers), chosen.all_lost(losses))


def _provider(seller: str, models: Mapping[str, object]) -> dict[str, object]:
    known = SELLERS[seller]
    name = known.name_in("models_dev")
    return {
        "id": name,
        "env": [f"{name.upper()}_API_KEY"],
        "npm": COMPATIBLE,
        "api": APIS.get(seller, known.url),
        "name": known.name,
        "doc": known.url,
        "models": dict(models),
    }


def _held(offer: Offer) -> tuple[list[Rate], list[Lost]]:
    """The rates that go into ``cost``; none of them where input or output has no number."""
    if not offer.rates:
        return [], [Lost(offer.key, None, {}, "no_price")]
    needed = [offer.headline(meter) for meter in NEEDED]
    if any(rate is None for rate in needed):
        return [], list(all_lost(offer, "unit"))
    texts = [rate for rate in offer.rates if rate.meter in FIELDS]
    if any(rate.price is None or not rate.is_tier_only for rate in texts if rate.is_headline):
        return [], list(all_lost(offer, "incomplete"))
    held = [rate for rate in texts if rate.is_tier_only and rate.price is not None]
    return held, list(_left_out(offer, held))


def _left_out(offer: Offer, held: Sequence[Rate]) -> Iterator[Lost]:
    for rate in offer.rates:
        if rate.price is None:
            yield lost(offer, rate, "no_number")
        elif rate.meter not in FIELDS:
            yield lost(offer, rate, "unit")
        elif rate not in held:
            yield lost(offer, rate, "condition" if rate.utc_from_minute is None else "window")


def _model(offer: Offer, held: Sequence[Rate]) -> dict[str, object]:
    inputs, outputs = _modalities(offer.input_modalities), _modalities(offer.output_modalities)
    first_seen = offer.first_seen_at.date()
    newest = max((rate.valid_from.date() for rate in held), default=first_seen)
    stated: dict[str, object | None] = {
        "id": offer.model_id,
        "name": offer.name or offer.model_id,
        "attachment": any(modality != "text" for modality in inputs),
        "reasoning": offer.headline("reasoning_token") is not None,
        "tool_call": False,
        "release_date": first_seen.isoformat(),
        "last_updated": newest.isoformat(),
        "modalities": {"input": inputs, "output": outputs},
        "open_weights": False,
        "limit": {
            "context": offer.context_length or 0,
            "output": offer.max_output_tokens or 0,
        },
        "status": "deprecated" if offer.lifecycle == "deprecated" else None,
        "cost": _cost(held) if held else None,
    }
    return {name: value for name, value in stated.items() if value is not None}


def _modalities(words: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(MODALITIES[word] for word in words if word in MODALITIES))


def _cost(held: Sequence[Rate]) -> dict[str, object]:
    starts = sorted({0, *(rate.min_prompt_tokens for rate in held)})
    cost = _at(held, 0)
    tiers = [
        {**_at(held, start), "tier": {"type": "context", "size": start}} for start in starts[1:]
    ]
    if not tiers:
        return cost
    if len(tiers) == 1 and starts[1] >= OVER_200K:
        return {**cost, "tiers": tiers, "context_over_200k": _at(held, starts[1])}
    return {**cost, "tiers": tiers}


def _at(held: Sequence[Rate], start: int) -> dict[str, object]:
    """The prices of prompts just longer than ``start``."""
    return {
        FIELDS[rate.meter]: number(rate.per(PER))
        for rate in held
        if rate.min_prompt_tokens <= start
        and (rate.max_prompt_tokens is None or start < rate.max_prompt_tokens)
    }


FORMATS: Final = (Format("models-dev", "models-dev", convert, "api.json", FILLED_IN),)
