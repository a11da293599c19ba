"""How the time to read an answer grows: each shape at a size and at twice the size, in one run.

A ratio near 2 is linear growth. The largest sizes are the bounds themselves (`spiders/bounds.py`);
what lies above is refused before it is looked into, which is measured too.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

from benchmarks.report import Measured
from models.reading import ExtractError
from spiders.bounds import MOST_CELLS, MOST_MODELS, MOST_PAGE_ROWS
from spiders.read import Memo, read_fetch, verify

AT: Final = datetime(2026, 8, 1, 12, tzinfo=UTC)
ROUNDS: Final = 3
AIM: Final = "2, at most 2.6"


def measure() -> Iterator[Measured]:
    """Rows, cells of one row, models listed again and again, and rows of a page."""
    yield _growth("models", "openrouter_models", models, MOST_MODELS // 2)
    yield _growth("prices of one model", "aiml_models", variants, MOST_CELLS // 2)
    yield _growth("tiers and windows of one model", "openrouter_models", overrides, 24)
    yield _growth("entries of one model", "aiml_models", repeated, 4_000)
    yield _growth("rows of a page", "aiml_pricing_page", rows, MOST_PAGE_ROWS // 4)
    yield _refusal("a list of ten times too many models", "openrouter_models", models)


def _growth(what: str, source: str, body: Callable[[int], bytes], size: int) -> Measured:
    whole, half = (_seconds(source, body(each)) for each in (2 * size, size))
    return Measured(f"{2 * size:,} {what}", whole, f"{size:,}", half, AIM)


def _refusal(what: str, source: str, body: Callable[[int], bytes]) -> Measured:
    refused = _seconds(source, body(10 * MOST_MODELS))
    read = _seconds(source, body(MOST_MODELS))
    return Measured(f"refusing {what}", refused, f"reading {MOST_MODELS:,}", read, "under 10")


def _seconds(source: str, body: bytes) -> float:
    """The least processor time that reading and verifying takes, with nothing remembered."""
    return min(_once(source, body) for _ in range(ROUNDS))


def _once(source: str, body: bytes) -> float:
    memo, began = Memo(), time.process_time()
    try:
        reading = read_fetch(source, [(body, "")], AT, memo)
    except ExtractError:
        return time.process_time() - began
    unaccounted = verify(source, [body], reading, memo)
    taken = time.process_time() - began
    assert not unaccounted, unaccounted[0]
    return taken


def _listed(data: list[dict[str, Any]]) -> bytes:
    return json.dumps({"data": data}).encode()


def models(count: int) -> bytes:
    """A list of so many models with two prices each."""
    pricing = {"prompt": "0.000001", "completion": "0.000002"}
    return _listed([{"id": f"acme/{n}", "name": f"Acme: {n}", "pricing": pricing}
                    for n in range(count)])  # fmt: skip


def variants(count: int) -> bytes:
    """One video model with so many prices, each under conditions of its own."""
    priced = [
        {"when": {"resolution": f"{n + 100}p"}, "price": n + 1, "unit": "second", "per": 1}
        for n in range(count)
    ]
    pricing = {"kind": "variants", "currency": "USD", "dimensions": ["resolution"]}
    return _listed([_aiml("internal/video-generations/submit", {**pricing, "variants": priced})])


def overrides(count: int) -> bytes:
    """One model with so many tiers, each within a window of the day."""
    stated = [
        {
            "min_prompt_tokens": n + 1,
            "utc_start": n % 24 * 100,
            "utc_end": (n + 1) % 24 * 100,
            "prompt": str(n + 2),
        }
        for n in range(count)
    ]
    return _listed([{"id": "acme/one", "pricing": {"prompt": "1", "overrides": stated}}])


def repeated(count: int) -> bytes:
    """One model in so many entries, which state three prices."""
    unit = {"name": "token", "content": "text", "origin": "provided", "per": 10**6}
    return _listed([
        _aiml("openai/chat-completions",
              {"kind": "fixed", "currency": "USD", "units": [{**unit, "price": 1 + n % 3}]})
        for n in range(count)
    ])  # fmt: skip


def _aiml(kind: str, pricing: dict[str, Any]) -> dict[str, Any]:
    info = {"name": "One", "developer": "Acme"}
    return {"id": "acme/one", "type": kind, "aliases": [], "info": info, "pricing": pricing}


def rows(count: int) -> bytes:
    """A page of so many rows."""
    items = "".join(
        '<div role="listitem" class="total-table-price w-dyn-item">'
        f'<div class="footer-headline break">Acme / M {n}</div><div class="context-table">8K</div>'
        f'<div class="input-table">{n + 1}</div><div class="output-table">2</div></div>'
        for n in range(count)
    )
    return (
        "<!DOCTYPE html><html><head><title>Pricing</title></head><body><div class='pricing-block'>"
        "<h2>Text models</h2><p>USD per 1M tokens</p><div class='w-dyn-list'>"
        f"<div role='list' class='w-dyn-items'>{items}</div></div></div></body></html>"
    ).encode()
