"""Odd prices in words: shown in `status` and after a run, never held."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from models.money import plain
from models.registry import METERS
from warehouse.findings import Finding

SHOWN: Final = 3
_WORDS: Final = {
    "batch_above_standard": "a batch price above the standard one",
    "cached_above_input": "a cached token dearer than a plain one",
    "far_below_other_sellers": "less than a fifth of what other sellers ask",
    "higher_resolution_cheaper": "a higher resolution cheaper than a lower one",
}


def oddity_lines(found: Sequence[Finding]) -> list[str]:
    """One line for each kind: how many, and the first of them."""
    lines: list[str] = []
    for name, group in groupby(found, key=lambda finding: finding.name):
        of_kind = list(group)
        shown = "; ".join(_shown(finding) for finding in of_kind[:SHOWN])
        more = f"; and {len(of_kind) - SHOWN} more" if len(of_kind) > SHOWN else ""
        lines.append(f"odd, but said so: {_WORDS.get(name, name)} ({len(of_kind)}): {shown}{more}")
    return lines


def _shown(finding: Finding) -> str:
    per = METERS[finding.meter].quoted_per if finding.meter in METERS else 1
    here, beside = plain(finding.unit_price_usd * per), plain(finding.beside * per)
    unit = f" per {per:,}" if per > 1 else ""
    return f"{finding.seller} {finding.model} {finding.meter} {here}{unit}, beside {beside}"
