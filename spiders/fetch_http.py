"""Asking one address over HTTP, patiently and within limits.

One `HttpTransport` serves one fetch. `get` makes one logical request: it follows redirects that
stay on the host, tries again what may pass (a broken connection, a time-out, 429, 5xx) with
exponential, randomised waits, heeds Retry-After, and never holds more of a body than allowed.

Errors: `FetchProblemError` with `transport_error`, `timeout`, `truncated`, `too_large`,
`decompression_bomb`, `wrong_content_type` (an encoding nobody asked for) or `redirect_refused`.
An error status is not an error here: it is an answer, for others to judge. Neither is a body that
was cut off: what came of it is kept, with `problem` set.
"""

from __future__ import annotations

import ssl
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache

import httpx

from models.capture import FetchOutcome
from spiders.decoding import ACCEPT_ENCODING, BodyDecoder
from spiders.headers import REDIRECTS, USEFUL_HEADERS
from spiders.patience import Patience
from spiders.plan import Received, Request
from spiders.problem import FetchProblemError, Problem, one_line
from spiders.sites import Sites

_ACCEPT = {"json": "application/json", "html": "text/html,application/xhtml+xml"}
_PASSING = frozenset({FetchOutcome.TRANSPORT_ERROR, FetchOutcome.TIMEOUT, FetchOutcome.TRUNCATED})


class HttpTransport:
    """Sends the requests of one fetch; use it as a context manager."""

    def __init__(self, sites: Sites, patience: Patience) -> None:
        self._sites = sites
        self._patience = patience
        self._settings = settings = patience.settings
        self._clock = patience.clock
        self._client = httpx.Client(
            headers={"User-Agent": settings.user_agent, "Accept-Encoding": ACCEPT_ENCODING},
            verify=trusted(),
            # A proxy of the environment has no business between this machine and itself.
            trust_env=not sites.is_local,
        )

    def __enter__(self) -> HttpTransport:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, request: Request, conditions: Mapping[str, str]) -> Received:
        """Return the answer to `request`, having tried as often as the settings allow."""
        attempt = 1
        while True:
            outcome = self._attempt(request, conditions)
            wait = self._patience.wait_after(attempt, outcome)
            if wait is None:
                break
            self._clock.sleep(wait)
            attempt += 1
        if isinstance(outcome, FetchProblemError):
            raise outcome
        return outcome

    def _attempt(
        self, request: Request, conditions: Mapping[str, str]
    ) -> Received | FetchProblemError:
        """Make one attempt, redirects included; a failure is returned, to be weighed."""
        url = request.url
        headers = {"Accept": _ACCEPT[request.kind], **request.headers, **conditions}
        try:
            with self._sites.turn(url, self._settings.pause_s, self._clock):
                for _ in range(self._settings.max_redirects + 1):
                    received = self._send(url, headers)
                    if received.status not in REDIRECTS:
                        return replace(received, url=request.url)
                    target = received.headers.get("location", "")
                    url = self._sites.link(url, target, what="a redirect")
        except FetchProblemError as error:
            return error
        detail = f"{request.url}: more than {self._settings.max_redirects} redirects"
        return FetchProblemError(FetchOutcome.REDIRECT_REFUSED, detail)

    def _send(self, url: str, headers: Mapping[str, str]) -> Received:
        left = self._patience.seconds_left
        if left <= 0:
            raise _out_of_time(url)
        silence = min(self._settings.read_timeout_s, left)
        timeout = httpx.Timeout(silence, connect=min(self._settings.connect_timeout_s, left))
        actual = self._sites.actual(url)
        with (
            _named_failures(url),
            self._client.stream("GET", actual, headers=dict(headers), timeout=timeout) as response,
        ):
            return self._receive(url, response)

    def _receive(self, url: str, response: httpx.Response) -> Received:
        headers = _useful(response.headers)
        if response.status_code in {304, *REDIRECTS}:
            return Received(url, response.status_code, headers)
        decoder = BodyDecoder(
            response.headers.get("content-encoding", ""), self._settings.max_body_bytes
        )
        try:
            # Raw, because the library would inflate each piece whole.
            for piece in response.iter_raw():
                decoder.feed(piece)
                if self._patience.seconds_left < 0:
                    raise _out_of_time(url)
            body = decoder.finish() if decoder.received else b""
        except httpx.RemoteProtocolError as error:
            problem = Problem(FetchOutcome.TRUNCATED, one_line(f"the answer stops early: {error}"))
            return Received(url, response.status_code, headers, decoder.so_far(), problem)
        except FetchProblemError as error:
            if error.problem.outcome != FetchOutcome.TRUNCATED:
                raise
            so_far = decoder.so_far()
            return Received(url, response.status_code, headers, so_far, error.problem)
        return Received(url, response.status_code, headers, body)


@contextmanager
def _named_failures(url: str) -> Generator[None]:
    try:
        yield
    except httpx.TimeoutException as error:
        detail = f"{url}: no answer in time ({type(error).__name__})"
        raise FetchProblemError(FetchOutcome.TIMEOUT, detail) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        detail = f"{url}: {type(error).__name__}: {error}"
        raise FetchProblemError(FetchOutcome.TRANSPORT_ERROR, detail) from error


def _out_of_time(url: str) -> FetchProblemError:
    return FetchProblemError(FetchOutcome.TIMEOUT, f"{url}: the time for this source is over")


def _useful(headers: httpx.Headers) -> dict[str, str]:
    return {name: headers[name][:500] for name in sorted(USEFUL_HEADERS) if name in headers}


@cache
def trusted() -> ssl.SSLContext:
    """Whom to believe: SSL_CERT_FILE or SSL_CERT_DIR where set, else certifi's list."""
    # Reading the certificates takes 20 to 30 ms, which a replay would pay at every step.
    return httpx.create_ssl_context()
