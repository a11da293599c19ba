"""Prices in people's units and words: "1.3125 per 1M tokens", "prompt > 200,000 tokens".

Works on rows of the public tables, as dictionaries; nothing is computed that they do not say.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Context, Decimal
from typing import Any, Final

from flows.times import readable
from models.conditions import TRUE, with_truth_as_text
from models.money import canonical, plain, times

Row = Mapping[str, Any]

DOUBTED: Final = " ?"
"""Stands after a model that has a price in dispute, where there is no room for words."""
FOOTNOTE: Final = " has a price in dispute: another one is stated and held."

_STATUS_WORDS: Final = {
    "free": "free",
    "unknown": "unknown",
    "dynamic": "varies",
    "not_offered": "not offered",
}
# Conditions that the typed columns say better than their stated form.
_TYPED: Final = frozenset(
    {
        "min_prompt_tokens",
        "utc_from_minute",
        "utc_to_minute",
        "width",
        "height",
        "duration_s",
        "has_audio",
        "service_tier",
        "resolution",
        "quality",
    }
)


def price(row: Row) -> str:
    """The quoted price as a bare number, or the word for its status; never 0 for unknown."""
    return amount(row["quoted_price_usd"], row["price_status"])


def amount(value: Decimal | None, status: str | None) -> str:
    """An amount in full, or why there is none."""
    if status == "known" and value is not None:
        return plain(value)
    return _STATUS_WORDS.get(status or "", "unknown")


def per(row: Row) -> str:
    """What the quoted price buys: "1M tokens", "image", "1,000 characters", "minute"."""
    if row["price_status"] not in {"known", "free"}:
        return ""
    return quantity(row["quoted_per"], row["unit"])


def quantity(count: int | None, unit: str | None) -> str:
    """A number of units; a single one is only named."""
    if not unit or not count:
        return ""
    unit = unit.replace("_", " ")
    if (count, unit) == (60, "second"):
        return "minute"
    if count == 1:
        return unit
    plural = f"{unit}es" if unit.endswith("ch") else f"{unit}s"
    return f"1M {plural}" if count == 1_000_000 else f"{count:,} {plural}"


def quoted(row: Row) -> str:
    """Price and quantity in one phrase: "0.042 per image", "unknown"."""
    words = per(row)
    said = price(row)
    return f"{said} per {words}" if words and said != "free" else said


def dispute(row: Row) -> str:
    """That a price is in dispute, since when and what is stated instead, or that it once was."""
    since = row.get("disputed_since")
    if since is None:
        return "was in dispute" if row.get("was_disputed") else ""
    value, quoted_per = row["disputed_value"], row["quoted_per"]
    stated = "" if value is None else f", {plain(canonical(times(value, quoted_per or 1)))} stated"
    return f"in dispute since {readable(since)}{stated}"


def counted(row: Row) -> str:
    """What is counted, in words; a dash where the offering has no price at all."""
    meter = row["meter"]
    return "–" if meter is None else str(meter).replace("_", " ")


def when(row: Row) -> str:
    """The conditions of a rate in words; empty where it always applies."""
    stated = with_truth_as_text(json.loads(row["conditions"]))
    parts = [
        _prompt(row["min_prompt_tokens"], row["max_prompt_tokens"]),
        _window(row["utc_from_minute"], row["utc_to_minute"]),
        row["resolution"],
        _size(row["width"], row["height"]),
        _seconds(row["duration_s"]),
        _quality(row["quality"]),
        _sound(row["has_audio"]),
        f"{row['service_tier']} tier" if row["service_tier"] else None,
        *(f"{key} {value}" for key, value in stated.items() if key not in _TYPED),
    ]
    return ", ".join(part for part in parts if part)


def stated_when(conditions: str) -> str:
    """The same from the stated conditions alone, where the typed columns are not at hand."""
    stated = with_truth_as_text(json.loads(conditions))
    columns = dict.fromkeys((*_TYPED, "max_prompt_tokens"))
    known = {**columns, **stated, "min_prompt_tokens": stated.get("min_prompt_tokens", 0)}
    if known["has_audio"] is not None:
        known["has_audio"] = known["has_audio"] == TRUE
    return when({**known, "conditions": conditions})


def factor(ratio: Decimal | None) -> str:
    """New over old, as people say it: "+5.0 %" for small moves, "× 3.2" for large ones."""
    if ratio is None:
        return ""
    if Decimal("0.5") <= ratio <= Decimal(2):
        return f"{(ratio - 1) * 100:+.1f} %".replace("-", "−")
    return f"× {plain(canonical(ratio.normalize(Context(prec=3))))}"


def _prompt(above: int, up_to: int | None) -> str:
    if above and up_to:
        return f"{above:,} < prompt ≤ {up_to:,} tokens"
    if above:
        return f"prompt > {above:,} tokens"
    return f"prompt ≤ {up_to:,} tokens" if up_to else ""


def _window(start: int | None, end: int | None) -> str:
    if start is None or end is None:
        return ""
    return f"{_clock(start)}–{_clock(end if end <= 1440 else end - 1440)} UTC"


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _size(width: int | None, height: int | None) -> str:
    return f"{width}x{height}" if width and height else ""


def _seconds(duration: int | None) -> str:
    return "" if duration is None else f"{duration} s"


def _quality(quality: str | None) -> str:
    return f"{quality} quality" if quality else ""


def _sound(has_audio: bool | None) -> str:
    if has_audio is None:
        return ""
    return "with sound" if has_audio else "without sound"


def number_of(count: int, one: str, many: str = "") -> str:
    """A number of things, in the grammar of their number."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def moved(changes: int) -> str:
    """How many prices moved, in words."""
    return f"{number_of(changes, 'price')} moved" if changes else "no price moved"
