"""Bodies on disk: compressed, named by what they contain, each stored once.

Layout below the data directory::

    captures/blobs/<first two digits>/<sha256 of the body>.zst
    captures/tmp/<…>              files still being written; whatever is old there is left over

A file appears under its final name only when it is whole: it is written to ``tmp``, flushed to the
disk, renamed, and then the folder is flushed too, so that a crash or a power cut leaves either the
whole file or none.

Errors::

    BlobError
    ├── BlobMissingError    no body of that name is stored
    ├── BlobDamagedError    what is stored under that name is something else, or cannot be unpacked
    └── BlobTooLargeError   the body is larger than the reader's limit
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Collection
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import zstandard

MAX_BODY_BYTES = 32 * 1024 * 1024
"""Nobody's price list comes near it: the largest seen was 0.7 MB (OpenRouter, 2026-08)."""

# zstd's own default. Measured 2026-11 on 54 price lists, 540 KB each: 64 KB in 1 ms; level 6 gives
# 54 KB in 3.3 ms, 12 gives 50 KB in 6.2 ms. With 6 a history takes up to a tenth longer to load,
# and a year of lists that differ every hour is 90 MB smaller.
_LEVEL = 3


class BlobError(Exception):
    """The base of what can go wrong with a stored body."""


class BlobMissingError(BlobError):
    """Raised when no body of that name is stored."""


class BlobDamagedError(BlobError):
    """Raised when what is stored under a name is not the body of that name."""


class BlobTooLargeError(BlobError):
    """Raised when a compressed body unpacks to more than the limit."""


def unzstd(packed: bytes, max_bytes: int) -> bytes:
    """Unpack `packed`, never holding more than `max_bytes` and a little.

    Raises BlobTooLargeError above the limit, BlobDamagedError when the data is cut off or not zstd.
    """
    unpacker = zstandard.ZstdDecompressor(max_window_size=1 << 27)
    parts: list[bytes] = []
    total = start = 0
    # Streamed, because the one-shot call trusts the size that the data states of itself; in small
    # pieces, because a few bytes can stand for a block of 128 KiB.
    while start < len(packed) or not parts:
        frame = unpacker.decompressobj()
        while not frame.eof:
            piece = packed[start : start + 256]
            if not piece:
                raise BlobDamagedError("the compressed data is cut off")
            parts.append(_feed(frame, piece))
            start += len(piece)
            total += len(parts[-1])
            if total > max_bytes:
                raise BlobTooLargeError(f"unpacks to more than {max_bytes} bytes")
        start -= len(frame.unused_data)
    return b"".join(parts)


def _feed(frame: zstandard.ZstdDecompressionObj, piece: bytes) -> bytes:
    try:
        return frame.decompress(piece)
    except zstandard.ZstdError as error:
        raise BlobDamagedError(f"not readable as zstd: {error}") from error


class BlobStore:
    """The bodies below one data directory; see the module's docstring for the layout.

    With `durable` off, files are not flushed one by one (a flush costs 1–10 ms on common disks,
    which adds up over a history of thousands of captures); `sync` then flushes what was written
    since. Loading a history can do so because its input still exists if the machine dies midway.
    """

    def __init__(self, root: Path, *, durable: bool = True) -> None:
        self.root = root
        self.durable = durable
        self._captures = root / "captures"
        self._unsynced: list[Path] = []

    def put(self, body: bytes) -> str:
        """Store `body` unless it is stored already and return its sha256."""
        name = sha256(body).hexdigest()
        path = self._path(name)
        # An empty file is what a power cut can leave of an unflushed one.
        if not (path.exists() and path.stat().st_size):
            packed = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).compress(body)
            self.write(path, packed)
        return name

    def read(self, name: str, *, max_bytes: int = MAX_BODY_BYTES) -> bytes:
        """Return the body named `name`, having made sure that it is that body.

        Raises BlobMissingError, BlobDamagedError or BlobTooLargeError, each naming the file.
        """
        path = self._path(name)
        try:
            body = unzstd(path.read_bytes(), max_bytes)
        except FileNotFoundError as error:
            raise BlobMissingError(f"{path}: no such body is stored") from error
        except BlobError as error:
            raise type(error)(f"{path}: {error}") from error
        found = sha256(body).hexdigest()
        if found != name:
            raise BlobDamagedError(f"{path}: holds another body (sha256 {found})")
        return body

    def has(self, name: str) -> bool:
        """Whether a body of that name is stored (its content is checked when it is read)."""
        return self._path(name).exists()

    def write(self, path: Path, data: bytes) -> None:
        """Make `path` hold `data`, whole or not at all."""
        scratch = self._captures / "tmp"
        scratch.mkdir(parents=True, exist_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=scratch, prefix=f"{path.name}.")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                if self.durable:
                    os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            with suppress(FileNotFoundError):
                temporary.unlink()
            raise
        if self.durable:
            _flush_folders({path.parent}, self.root)
        else:
            self._unsynced.append(path)

    def sync(self) -> None:
        """Flush whatever was written without being flushed; a no-op for a durable store."""
        pending, self._unsynced = self._unsynced, []
        for path in pending:
            _flush(path)
        _flush_folders({path.parent for path in pending}, self.root)

    def clean_leftovers(self, *, older_than_s: float = 3600.0) -> int:
        """Remove what killed processes left half written, and return how many files that were.

        Only for the process that holds the data directory; `older_than_s` spares a child process
        that is still writing.
        """
        oldest = time.time() - older_than_s
        removed = 0
        for path in (self._captures / "tmp").glob("*"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime <= oldest:
                    path.unlink()
                    removed += 1
        return removed

    def _path(self, name: str) -> Path:
        if len(name) != 64 or not set(name) <= set("0123456789abcdef"):
            raise BlobMissingError(f"{name[:80]!r} is not the sha256 of anything")
        return self._captures / "blobs" / name[:2] / f"{name}.zst"


def _flush(path: Path) -> None:
    # A folder is flushed like a file: opened for reading.
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _flush_folders(folders: Collection[Path], root: Path) -> None:
    """Flush `folders` and all above them up to `root`, any of which may be new, each once."""
    every = {above for folder in folders for above in (folder, *folder.parents)}
    for folder in sorted(every, reverse=True):  # what is inside before what it is in
        if folder.is_relative_to(root):
            _flush(folder)
