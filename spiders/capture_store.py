"""The capture store: bodies first, then one small file per fetch that says what they are.

Layout below the data directory (the bodies' part is told in `spiders.blobs`)::

    captures/fetches/<source>/<YYYY-MM>/<time, microseconds>-<start of the fetch id>.json

Names sort by time, so "the last healthy fetch" is found by reading backwards a file or two. Nothing
is ever changed or removed: a fetch that is recorded again is recognised by its id and left alone.

Errors: those of `spiders.blobs`, and none of its own. A fetch file that cannot be read (a disk's
damage) is passed over and listed by `damaged`, so that one bad file never hides the rest.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from models.capture import Capture, Fetch
from spiders.blobs import MAX_BODY_BYTES, BlobStore

_NAMED = 12
"""How many digits of a fetch id its file's name ends with."""


class CaptureStore(BlobStore):
    """All captures below one data directory `root`.

    >>> store = CaptureStore(Path("data"))
    >>> sha = store.put(body)              # the body is on disk from here on
    >>> store.record(fetch)                # and now it is known what it is
    """

    def record(self, fetch: Fetch) -> bool:
        """Keep `fetch`; return False when it was recorded before.

        Its bodies have to be stored already (`put`), which is checked.
        """
        for capture in (*fetch.captures, *fetch.asides):
            if not self.has(capture.sha256):
                raise ValueError(f"{capture.url}: its body {capture.sha256} is not stored yet")
        path = self._fetch_path(fetch)
        if path.exists() and _load(path) is not None:
            return False
        self.write(path, fetch.model_dump_json(indent=1).encode() + b"\n")
        return True

    def knows(self, fetch: Fetch) -> bool:
        """Whether this very fetch is recorded."""
        path = self._fetch_path(fetch)
        return path.exists() and _load(path) is not None

    def fetches(
        self,
        source: str | None = None,
        *,
        scope: str | None = None,
        since: datetime | None = None,
        before: datetime | None = None,
        newest_first: bool = False,
        besides: Collection[str] = (),
    ) -> Iterator[Fetch]:
        """Yield recorded fetches by time, of one source or of all, in ``[since, before)``.

        Those whose ids are among ``besides`` are left out without opening their files.
        """
        known = {fetch_id[:_NAMED] for fetch_id in besides}
        for path in self._paths(source, since, before, newest_first=newest_first):
            if path.stem[-_NAMED:] in known:
                continue
            fetch = _load(path)
            if fetch is None or (scope is not None and fetch.scope != scope):
                continue
            if (since is None or fetch.fetched_at >= since) and (
                before is None or fetch.fetched_at < before
            ):
                yield fetch

    def last_healthy(
        self, source: str, scope: str, *, before: datetime | None = None
    ) -> Fetch | None:
        """Return the newest healthy fetch of `source` and `scope`, made before `before`."""
        newest = self.fetches(source, scope=scope, before=before, newest_first=True)
        return next((fetch for fetch in newest if fetch.is_healthy), None)

    def bodies(self, fetch: Fetch, *, max_bytes: int = MAX_BODY_BYTES) -> list[bytes]:
        """Return the bodies that hold the rows of `fetch`, in page order, each verified."""
        return [self.body(capture, max_bytes=max_bytes) for capture in fetch.captures]

    def body(self, capture: Capture, *, max_bytes: int = MAX_BODY_BYTES) -> bytes:
        """Return the body of one capture, verified."""
        return self.read(capture.sha256, max_bytes=max_bytes)

    def damaged(self) -> list[Path]:
        """List the fetch files that cannot be read. It reads all of them: not for every run."""
        return [path for path in self._paths(None, None, None) if _load(path) is None]

    def _fetch_path(self, fetch: Fetch) -> Path:
        folder = self._fetches / fetch.source / f"{fetch.fetched_at:%Y-%m}"
        return folder / f"{_stamp(fetch.fetched_at)}-{fetch.fetch_id[:_NAMED]}.json"

    @property
    def _fetches(self) -> Path:
        return self.root / "captures" / "fetches"

    def _paths(
        self,
        source: str | None,
        since: datetime | None,
        before: datetime | None,
        *,
        newest_first: bool = False,
    ) -> Iterator[Path]:
        """Yield the paths that can matter, in the order of their names, which is that of time."""
        months = sorted(
            {folder.name for folder in self._fetches.glob(f"{source or '*'}/*")},
            reverse=newest_first,
        )
        first = "" if since is None else _stamp(since)
        end = "~" if before is None else _stamp(before)
        for month in months:
            if not first[:7] <= month <= end[:7]:
                continue
            found = self._fetches.glob(f"{source or '*'}/{month}/*.json")
            ordered = sorted(found, key=lambda path: path.name, reverse=newest_first)
            yield from _between(ordered, first, end)


def _between(paths: Sequence[Path], first: str, end: str) -> Iterator[Path]:
    for path in paths:
        if first <= path.name and path.name[: len(end)] < end:
            yield path


def _stamp(moment: datetime) -> str:
    """Write `moment` so that it sorts by time and stands in file names of every system."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H%M%S.%f}Z"


def _load(path: Path) -> Fetch | None:
    try:
        return Fetch.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None
