"""Stable identities: short hashes of what a thing is, the same on every machine."""

from __future__ import annotations

import hashlib

from models.conditions import spelled_for_identity


def stable_id(prefix: str, *parts: str) -> str:
    """``prefix`` and 16 hexadecimal digits of the SHA-256 of the parts, joined unambiguously."""
    text = "\x1f".join(parts)
    if text.count("\x1f") >= len(parts):
        text = "\x1f".join(part.replace("\x1f", "\x1f\x1f") for part in parts)
    return f"{prefix}_{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def offering_id(seller: str, model_id: str, operation: str) -> str:
    """Identity of an offering, from the first id the seller was seen to give it."""
    return stable_id("off", seller, model_id, operation)


def price_id(offering: str, meter: str | None, conditions_json: str) -> str:
    """Identity of a price: the offering, the meter (None: no price listed), when it applies.

    Truth values count as the text they were once spelled as, so that ids stay.
    """
    return stable_id("pri", offering, meter or "", spelled_for_identity(conditions_json))
