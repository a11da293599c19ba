"""Undoing a content encoding while the bytes arrive, without ever holding more than the limit.

HTTP libraries decode each piece they receive in one go, and 64 KB of gzip can stand for 64 MB.
Here each piece is inflated only as far as the limit allows, so a compressed bomb costs no more
memory than an honest body.

Errors, all `FetchProblemError`:

``too_large``           the decoded body is larger than the limit
``decompression_bomb``  the same, and so densely packed that it was made for that
``truncated``           the compressed data ends early or is damaged
``wrong_content_type``  an encoding that was not asked for
"""

from __future__ import annotations

import zlib
from typing import Protocol

from models.capture import FetchOutcome
from spiders.problem import FetchProblemError

ACCEPT_ENCODING = "gzip, deflate"
"""What is asked for: the two that the standard library undoes with a bound on its output."""

# Price lists shrink 8 to 15 times (measured 2026-11 on 53 recordings); gzip's limit is 1,032 times.
_HONEST_RATIO = 100
_GZIP, _ZLIB, _RAW = 31, 15, -15
# Small, because the data behind the end of each of many tiny gzip members is copied every time.
_PIECE = 8 * 1024


class _Inflater(Protocol):
    """What `zlib.decompressobj` returns; the library gives its class no public name."""

    @property
    def unconsumed_tail(self) -> bytes: ...
    @property
    def unused_data(self) -> bytes: ...
    @property
    def eof(self) -> bool: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class BodyDecoder:
    """Collects one body: `feed` what arrives, then `finish`.

    `encoding` is the Content-Encoding header ("" for none), `max_bytes` the limit of the decoded
    body.
    """

    def __init__(self, encoding: str, max_bytes: int) -> None:
        self._encoding = encoding.strip().lower()
        if self._encoding not in {"", "identity", "gzip", "x-gzip", "deflate"}:
            raise FetchProblemError(
                FetchOutcome.WRONG_CONTENT_TYPE,
                f"answered in the encoding {encoding!r}, which was not asked for",
            )
        self._is_plain = self._encoding in {"", "identity"}
        self._max = max_bytes
        self._inflater: _Inflater | None = None
        self._waiting = b""
        self._parts: list[bytes] = []
        self._members = 0
        self.received = 0
        self.decoded = 0

    def feed(self, piece: bytes) -> None:
        """Take the next piece of the body as it came over the wire."""
        for start in range(0, len(piece), _PIECE):
            part = piece[start : start + _PIECE]
            self.received += len(part)
            if self._is_plain:
                self._keep(part, self.received)
            else:
                self._waiting += part
                self._decode()

    def _decode(self) -> None:
        # Two bytes tell gzip, zlib and raw deflate apart.
        if self._inflater is None and self._members:
            self._waiting = self._waiting.lstrip(b"\0")
        while len(self._waiting) >= 2 or (self._waiting and self._inflater):
            if self._inflater is None:
                self._inflater = self._new_inflater()
            self._inflate(self._inflater)

    def finish(self) -> bytes:
        """Return the decoded body; raises `truncated` when the compressed data is not complete."""
        unfinished = self._inflater is not None or self._waiting
        if unfinished or (not self._is_plain and not self.received):
            raise FetchProblemError(
                FetchOutcome.TRUNCATED,
                f"the {self._encoding} data ends early, after {self.received} bytes",
            )
        return self.so_far()

    def so_far(self) -> bytes:
        """Return what has been decoded up to now, for keeping a body that was cut off."""
        return b"".join(self._parts)

    def _new_inflater(self) -> _Inflater:
        if self._encoding != "deflate":
            return zlib.decompressobj(_GZIP)
        # RFC 9110 means zlib by "deflate"; some servers send it without zlib's header.
        is_zlib = self._waiting[0] & 15 == 8 and int.from_bytes(self._waiting[:2]) % 31 == 0
        return zlib.decompressobj(_ZLIB if is_zlib else _RAW)

    def _inflate(self, inflater: _Inflater) -> None:
        try:
            part = inflater.decompress(self._waiting, self._max - self.decoded + 1)
        except zlib.error as error:
            raise FetchProblemError(
                FetchOutcome.TRUNCATED, f"the {self._encoding} data is damaged: {error}"
            ) from error
        self._waiting = inflater.unconsumed_tail
        self._keep(part, self.received - len(self._waiting))
        if inflater.eof:
            # gzip allows several members in a row, and some tools pad the end with zeros.
            self._waiting = inflater.unused_data.lstrip(b"\0")
            self._inflater = None
            self._members += 1

    def _keep(self, part: bytes, used: int) -> None:
        """Keep what `used` of the bytes received have come to, or refuse to go on."""
        self.decoded += len(part)
        if self.decoded <= self._max:
            self._parts.append(part)
            return
        dense = not self._is_plain and self.decoded > _HONEST_RATIO * used
        raise FetchProblemError(
            FetchOutcome.DECOMPRESSION_BOMB if dense else FetchOutcome.TOO_LARGE,
            f"more than {self._max} bytes (from {self.received} received)",
        )


def ungzip(packed: bytes, max_bytes: int) -> bytes:
    """Unpack a gzip file, holding no more than `max_bytes`; raises FetchProblemError."""
    decoder = BodyDecoder("gzip", max_bytes)
    decoder.feed(packed)
    return decoder.finish()
