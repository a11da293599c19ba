"""Addresses that a source names: where they lead, and why one is not followed. Pure.

Anything may stand where a link is expected, and `urllib` raises ValueError for what is no address.
A link that cannot be followed is kept as it was printed, so that a fetch never ends short in
silence.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urldefrag, urljoin, urlsplit

# The longest link to a next page seen has 120 characters; browsers and servers stop near 2,000.
LONGEST_LINK: Final = 2_000
_SHOWN: Final = 200


def joined(url: str, target: str) -> str:
    """The address of a link found at `url`, without its fragment; the bare text of what is none."""
    try:
        return urldefrag(urljoin(url, target.strip())).url
    except ValueError:
        return target


def refusal_of(link: str, start: str) -> str:
    """Why a link found on the site of `start` is not followed, in words; empty for one that is."""
    if len(link) > LONGEST_LINK:
        return f"has {len(link)} characters, at most {LONGEST_LINK}: {link[:_SHOWN]!r}"
    try:
        there, here = urlsplit(link)[:2], urlsplit(start)[:2]
    except ValueError:
        return f"is no address: {link[:_SHOWN]!r}"
    if not link.isprintable() or not all(there):
        return f"is no address: {link[:_SHOWN]!r}"
    return "" if there == here else f"leads to another host: {link[:_SHOWN]}"
