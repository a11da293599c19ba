"""Recorded captures: a folder of answers kept by someone, read as if the sites gave them again.

::

    DIR/<source>/<YYYY-MM-DDTHHMM[SS]Z>[.p<page>][.<http status>].<json|html>[.gz|.zst]
    DIR/<source>/robots.txt                 what the site says of robots, at every step (optional)
    DIR/<source>/requests.txt               which query was asked, and since when (optional)

A *step* is one distinct time over all sources; a source without a file at a step is not due then.
Files directly in DIR (a README) are nobody's business. Whatever else does not fit is skipped and
named, with the reason, so that the run can say so. Nothing outside of DIR is ever read, whatever
the links in it say.

Errors:

``RecordingError``      Raised when there is no such folder, or its requests cannot be read.
``FetchProblemError``   Raised when a recorded body cannot be unpacked: `truncated`, `too_large` or
                        `decompression_bomb`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Literal

from models.capture import DEFAULT_SCOPE, FetchOutcome, is_ahead
from spiders.asked import REQUESTS, Asked, RequestsError, read_requests, time_of
from spiders.blobs import MAX_BODY_BYTES, BlobDamagedError, BlobTooLargeError, unzstd
from spiders.decoding import ungzip
from spiders.problem import FetchProblemError

_NAME = re.compile(
    r"(?P<time>[12]\d{3}-\d\d-\d\dT\d{4}(?:\d\d)?Z)(?P<marks>(?:\.p\d{1,3}|\.[1-5]\d\d)*)"
    r"\.(?P<kind>json|html)(?P<packing>\.gz|\.zst)?",
    re.ASCII,
)
_ROBOTS = "robots.txt"
_BESIDE = frozenset({_ROBOTS, REQUESTS})


class RecordingError(Exception):
    """Raised when a folder of recorded captures cannot be used at all."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something in the folder that is not a recorded capture, and why."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class RecordedPage:
    """One recorded answer: a file, still packed."""

    path: Path
    kind: Literal["json", "html"]
    status: int = 200
    page: int = 1


@dataclass(frozen=True, slots=True)
class RecordedFetch:
    """All recorded pages of one source at one time, in page order, the first being page 1."""

    source: str
    at: datetime
    pages: tuple[RecordedPage, ...]
    scope: str = DEFAULT_SCOPE


@dataclass(frozen=True, slots=True)
class Recording:
    """What a folder holds: fetches by time, then source; and what was skipped."""

    root: Path
    fetches: tuple[RecordedFetch, ...]
    skipped: tuple[Skipped, ...]
    robots: Mapping[str, Path] = field(default_factory=dict[str, Path])

    @property
    def steps(self) -> tuple[datetime, ...]:
        """The distinct times, oldest first."""
        return tuple(sorted({fetch.at for fetch in self.fetches}))

    def at(self, step: datetime) -> tuple[RecordedFetch, ...]:
        """The fetches of one step; sources that are missing are not due."""
        return tuple(fetch for fetch in self.fetches if fetch.at == step)


def scan(root: Path, sources: Collection[str], now: datetime | None = None) -> Recording:
    """Find the recorded captures of `sources` below `root`, without unpacking any.

    What is dated after `now`, the machine's clock, is skipped. Raises RecordingError when `root`
    is not a folder, or when what was asked there cannot be read.
    """
    if not root.is_dir():
        raise RecordingError(f"{root}: there is no such folder of recorded captures")
    real_root = root.resolve()
    fetches: list[RecordedFetch] = []
    skipped: list[Skipped] = []
    robots: dict[str, Path] = {}
    for folder in sorted(path for path in root.iterdir() if path.is_dir()):
        if folder.name not in sources:
            skipped.append(Skipped(folder, "no source of this name is known"))
        elif not folder.resolve().is_relative_to(real_root):
            skipped.append(Skipped(folder, "leads out of the recording"))
        else:
            found = list(_pages(folder, real_root, skipped, robots))
            pages = found if now is None else list(_made_by(now, found, skipped))
            asked = _asked(folder, real_root)
            fetches += [
                replace(fetch, scope=asked.scope_at(fetch.at))
                for fetch in _fetches(folder.name, pages, skipped)
            ]
    fetches.sort(key=lambda fetch: (fetch.at, fetch.source))
    return Recording(root, tuple(fetches), tuple(skipped), robots)


def _asked(folder: Path, root: Path) -> Asked:
    path = folder / REQUESTS
    if not path.exists() or _reason_to_skip(path, root):
        return Asked()
    try:
        return read_requests(path, folder.name)
    except RequestsError as error:
        raise RecordingError(str(error)) from error


def read_page(page: RecordedPage, *, max_bytes: int = MAX_BODY_BYTES) -> bytes:
    """Return the recorded body, unpacked. Raises FetchProblemError when that cannot be done."""
    try:
        return _unpacked(page.path, max_bytes)
    except FetchProblemError as error:
        problem = error.problem
        raise FetchProblemError(problem.outcome, f"{page.path.name}: {problem.detail}") from error
    except BlobTooLargeError as error:
        raise FetchProblemError(FetchOutcome.TOO_LARGE, f"{page.path.name}: {error}") from error
    except (BlobDamagedError, OSError) as error:
        raise FetchProblemError(FetchOutcome.TRUNCATED, f"{page.path.name}: {error}") from error


def _unpacked(path: Path, max_bytes: int) -> bytes:
    if path.stat().st_size > max_bytes:
        raise BlobTooLargeError(f"larger than {max_bytes} bytes")
    data = path.read_bytes()
    if path.suffix == ".gz":
        return ungzip(data, max_bytes)
    return unzstd(data, max_bytes) if path.suffix == ".zst" else data


def _pages(
    folder: Path, root: Path, skipped: list[Skipped], robots: dict[str, Path]
) -> Iterator[tuple[datetime, RecordedPage]]:
    for path in sorted(folder.iterdir()):
        found = _reason_to_skip(path, root) or _recorded(path)
        if isinstance(found, str):
            skipped.append(Skipped(path, found))
        elif found is None:
            if path.name == _ROBOTS:
                robots[folder.name] = path
        else:
            yield found


def _made_by(
    now: datetime, pages: Iterable[tuple[datetime, RecordedPage]], skipped: list[Skipped]
) -> Iterator[tuple[datetime, RecordedPage]]:
    """The pages that can have been recorded by `now`."""
    for at, page in pages:
        if is_ahead(at, now):
            clock = f"{now:%Y-%m-%d %H:%M} UTC"
            reason = f"dated later than this machine's clock ({clock}): correct its name"
            skipped.append(Skipped(page.path, reason))
        else:
            yield at, page


def _reason_to_skip(path: Path, root: Path) -> str | None:
    if not path.resolve().is_relative_to(root):
        return "leads out of the recording"
    return None if path.is_file() else "not a file"


def _recorded(path: Path) -> tuple[datetime, RecordedPage] | str | None:
    """Read a file's name: the capture it holds, or why it holds none; None where none is meant."""
    if path.name in _BESIDE:
        return None
    parts = _NAME.fullmatch(path.name)
    at = time_of(parts["time"]) if parts else None
    if parts is None or at is None:
        return "its name is not a time, as in 2026-08-01T0323Z.json"
    marks = parts["marks"].split(".")[1:]
    numbers = [int(mark[1:]) for mark in marks if mark.startswith("p")]
    statuses = [int(mark) for mark in marks if not mark.startswith("p")]
    if len(numbers) > 1 or len(statuses) > 1 or 0 in numbers:
        return "its name states more than one page or status, or page 0"
    kind: Literal["json", "html"] = "json" if parts["kind"] == "json" else "html"
    return at, RecordedPage(path, kind, *(statuses or [200]), *(numbers or [1]))


def _fetches(
    source: str, found: list[tuple[datetime, RecordedPage]], skipped: list[Skipped]
) -> Iterator[RecordedFetch]:
    """Put the pages of one source together; a page is of use only when all before it are there."""
    found.sort(key=lambda item: (item[0], item[1].page, item[1].path.name))
    for at, group in groupby(found, key=lambda item: item[0]):
        pages: list[RecordedPage] = []
        for _, page in group:
            if page.page == len(pages) + 1:
                pages.append(page)
            elif page.page <= len(pages):
                skipped.append(Skipped(page.path, f"a second file for page {page.page}"))
            else:
                skipped.append(Skipped(page.path, f"page {len(pages) + 1} is missing before it"))
        if pages:
            yield RecordedFetch(source, at, tuple(pages))
