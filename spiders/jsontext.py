r"""JSON bodies as they are sent, made fit for a reader. Pure.

Two slips of a server cost no price, so they cost no fetch: a byte order mark in front, and half of
a character that takes two escapes (``"\ud83d"``), which comes of cutting a text off after so many
characters. The half is read as U+FFFD, the sign for what could not be read; kept bytes stay as they
came.
"""

from __future__ import annotations

import re
from typing import Final

_MARK: Final = b"\xef\xbb\xbf"
_HIGH: Final = rb"\\u[dD][89abAB][0-9a-fA-F]{2}"
_LOW: Final = rb"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
# Every escape is met, so that the text \\ud83d, whose backslash is itself escaped, is left alone.
_ESCAPE: Final = re.compile(rb"(%b%b)|(%b|%b)|\\." % (_HIGH, _LOW, _HIGH, _LOW), re.DOTALL)


def readable(body: bytes) -> bytes:
    """The body without a byte order mark, and with U+FFFD for every half of a character."""
    body = body.removeprefix(_MARK)
    if b"\\ud" not in body and b"\\uD" not in body:
        return body
    return _ESCAPE.sub(lambda found: rb"\ufffd" if found[2] else found[0], body)
