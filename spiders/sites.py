"""Where the sites are: on the internet, or on this machine while a recording is replayed.

Everything above the wire speaks of a site by its own address (`https://openrouter.ai/…`), which is
what captures state. Only the two transports ask for the `actual` one.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from threading import Lock
from urllib.parse import urljoin, urlsplit, urlunsplit

from models.capture import FetchOutcome
from spiders.fetch_settings import Clock
from spiders.problem import FetchProblemError


class Sites:
    """Maps a site's host to where it is served, and holds one lock per host.

    `bases` is ``{"openrouter.ai": "http://127.0.0.1:40001"}`` in a replay and empty in a live run,
    where every site is where its address says. In a replay nothing else can be reached: a request
    to any other host is a `transport_error`, never a look at the internet.
    """

    def __init__(self, bases: Mapping[str, str] | None = None) -> None:
        self.bases = dict(bases or {})
        self._locks: dict[str, Lock] = {}
        self._ended: dict[str, float] = {}
        self._guard = Lock()

    @property
    def is_local(self) -> bool:
        """Whether the sites are served by this machine."""
        return bool(self.bases)

    def actual(self, url: str) -> str:
        """Return the address to connect to for a site's own `url`."""
        if not self.is_local:
            return url
        parts = urlsplit(url)
        base = self.bases.get(parts.netloc)
        if base is None:
            raise FetchProblemError(
                FetchOutcome.TRANSPORT_ERROR, f"{parts.netloc} is not part of the recording"
            )
        there = urlsplit(base)
        return urlunsplit((there.scheme, there.netloc, parts.path, parts.query, ""))

    def canonical(self, url: str) -> str:
        """Return the site's own address for an actual one; any other url as it is."""
        parts = urlsplit(url)
        for host, base in self.bases.items():
            if urlsplit(base)[:2] == parts[:2]:
                return urlunsplit(("https", host, parts.path, parts.query, ""))
        return url

    def link(self, page_url: str, target: str, *, what: str) -> str:
        """Resolve a link or redirect found at `page_url`, both the site's own addresses.

        Raises `redirect_refused` when it leads to another host or away from https.
        """
        try:
            url = self.canonical(urljoin(page_url, target.strip()))
            there, here = urlsplit(url), urlsplit(page_url)
        except ValueError as error:
            raise FetchProblemError(
                FetchOutcome.REDIRECT_REFUSED, f"{page_url}: {what} is no address: {target!r}"
            ) from error
        if there[:2] != here[:2]:
            raise FetchProblemError(
                FetchOutcome.REDIRECT_REFUSED,
                f"{page_url}: {what} leads to {there.scheme}://{there.netloc}",
            )
        return urlunsplit((*there[:4], ""))

    @contextmanager
    def turn(self, url: str, pause_s: float, clock: Clock) -> Generator[None]:
        """Hold the url's host for one request, `pause_s` after whatever was asked of it before.

        Several sources may share a host: each keeps its distance, and this one keeps them apart.
        """
        host = urlsplit(url).netloc
        with self.lock(url):
            since = clock.monotonic() - self._ended.get(host, float("-inf"))
            if not self.is_local and since < pause_s:
                clock.sleep(pause_s - since)
            try:
                yield
            finally:
                self._ended[host] = clock.monotonic()

    def lock(self, url: str) -> Lock:
        """The lock of the url's host: one request at a time, whichever source makes it."""
        with self._guard:
            return self._locks.setdefault(urlsplit(url).netloc, Lock())
