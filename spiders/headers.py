"""What both ways of fetching know about HTTP."""

from __future__ import annotations

USEFUL_HEADERS = frozenset(
    {
        "age",
        "cache-control",
        "content-encoding",
        "content-type",
        "date",
        "etag",
        "last-modified",
        "link",
        "location",
        "retry-after",
        "x-ratelimit-limit",
        "x-ratelimit-remaining",
        "x-ratelimit-reset",
    }
)
"""What of an answer's headers is kept; the rest says nothing about prices."""

REDIRECTS = frozenset({301, 302, 303, 307, 308})
"""The statuses that name another address to ask."""
