"""What the machine refuses, in a sentence with the remedy: a full disk, no right to write, a
database that is damaged or open elsewhere, a stored body that is gone.

These are no faults of ours and no faults of a site, and they come up anywhere: from a plain write,
or from DuckDB, which has no codes for them and whose words are taken for what they say.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from typing import Final

from spiders.blobs import BlobDamagedError, BlobMissingError

_FULL: Final = (
    "the disk is full{place}: make room and run it again; what was stored and published before "
    "still stands"
)
_FORBIDDEN: Final = (
    "{path} cannot be used ({why}): allow it to the user who runs this, or name another directory "
    "with --data-dir"
)
_NO_DIRECTORY: Final = (
    "{path} is no directory, and a directory is needed there: name another one with --data-dir"
)
_BUSY: Final = (
    "{path} is open in another program: close it there and run again (to read prices, open "
    "published/latest/pricebook.duckdb instead)"
)
_DAMAGED: Final = (
    "{path} is no DuckDB database, or a damaged one: restore it from a backup, or move it aside "
    "and run `pricebook rebuild`, which makes it anew from the stored captures"
)
_BODY: Final = (
    "{said}: restore captures/ from a backup; what is loaded and published still stands, and "
    "nothing was changed"
)

_FULL_ERRNOS: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_FORBIDDEN_ERRNOS: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_NO_DIRECTORY_ERRNOS: Final = frozenset({errno.EEXIST, errno.ENOTDIR})
_DATABASE_WORDS: Final = (
    ("No space left on device", _FULL),
    ("Disk quota exceeded", _FULL),
    ("Could not set lock on file", _BUSY),
    ("not a valid DuckDB database file", _DAMAGED),
    ("Corrupt database file", _DAMAGED),
    ("Permission denied", _FORBIDDEN),
    ("Read-only file system", _FORBIDDEN),
)
_QUOTED: Final = re.compile(r'"([^"]+)"')


def refusal_of(error: BaseException) -> str | None:
    """The sentence for what the machine refused, None where the error says something else."""
    return next((said for each in _chain(error) if (said := _refusal(each)) is not None), None)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        yield at
        at = at.__cause__ or at.__context__


def _refusal(error: BaseException) -> str | None:
    if isinstance(error, OSError):
        return _of_system(error)
    if isinstance(error, BlobMissingError | BlobDamagedError):
        return _BODY.format(said=error)
    # By the module's name: whoever reads no database shall not pay for importing it.
    if type(error).__module__.lstrip("_").split(".")[0] == "duckdb":
        return _of_database(" ".join([str(error), *getattr(error, "__notes__", ())]))
    return None


def _of_system(error: OSError) -> str | None:
    path = "" if error.filename is None else str(error.filename)
    if error.errno in _FULL_ERRNOS:
        return _FULL.format(place=f" at {path}" if path else "")
    if error.errno in _FORBIDDEN_ERRNOS and path:
        return _FORBIDDEN.format(path=path, why=error.strerror)
    if error.errno in _NO_DIRECTORY_ERRNOS and path:
        return _NO_DIRECTORY.format(path=path)
    return None


def _of_database(said: str) -> str | None:
    quoted = _QUOTED.search(said)
    path = quoted[1] if quoted else "the database"
    for words, sentence in _DATABASE_WORDS:
        if words in said:
            return sentence.format(path=path, place=f" at {path}" if quoted else "", why=words)
    return None
