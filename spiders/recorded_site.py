"""What a site answered at one step of a recording: from an address to an answer.

The same answers are given over HTTP in a replay and straight from memory when a history is loaded,
so both go through the very plans that ask the live sites. A source is served at its own paths:

OpenRouter      the list at `/api/v1/models`, further pages where `links.next` names them
AIML, older     the list at `/models`; `/v1/models` answers 404, as it did
AIML, newer     at both, each section only when `include` asks for it
pages           the page at its path, further pages where its links lead
any other       page by page, each at the address that the source's own plan asks for next
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from typing import cast
from urllib.parse import parse_qs, urlsplit

import orjson

from models.registry import SOURCES
from spiders.blobs import MAX_BODY_BYTES
from spiders.conversation import answer_with
from spiders.judge import document_of
from spiders.listplan import next_url as next_json_page
from spiders.listplan import rows_of
from spiders.pageplan import NEXT_PAGE, PageJob, next_pages
from spiders.plan import Received
from spiders.problem import FetchProblemError, Problem
from spiders.recording import RecordedFetch, RecordedPage, read_page
from spiders.sources import RECORDED_KEY, how_to_fetch
from spiders.sources.aiml_models import AIML_PLAIN_URL, AIML_URL, is_newer_aiml_shape
from spiders.sources.openrouter_models import OPENROUTER_URL

_SECTIONS = frozenset({"pricing", "modalities", "capabilities"})
_TYPES = {"json": "application/json", "html": "text/html"}


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of a recorded site.

    `problem` is set where the recorded file is damaged: there is no body to give then. `next_page`
    is what a Link header says: see `_linked`.
    """

    status: int
    content_type: str
    body: bytes
    problem: Problem | None = None
    next_page: str = ""

    @property
    def link(self) -> dict[str, str]:
        """The Link header, where there is one to send."""
        return {"link": f'<{self.next_page}>; rel="next"'} if self.next_page else {}

    @property
    def etag(self) -> str:
        """The validator of this body; weak, like those of the real sites."""
        return f'W/"{sha256(self.body).hexdigest()[:32]}"'


Pages = Sequence[Reply]
Route = Callable[[str, Pages], Reply | None]
NOT_FOUND = Reply(404, "application/problem+json", b'{"status":404,"title":"Not Found"}')


def reply(source: str, pages: Pages, url: str) -> Reply | None:
    """Return what `source` answered at `url` (the site's own); None when the path is not its."""
    if urlsplit(url).netloc != SOURCES[source].site:
        return None
    route = _ROUTES.get(source)
    return route(url, pages) if route else _as_asked(source, url, pages)


def recorded_pages(fetch: RecordedFetch, *, max_bytes: int = MAX_BODY_BYTES) -> Pages:
    """Read all pages of a recorded fetch."""
    return tuple(_read(page, max_bytes) for page in fetch.pages)


def _read(page: RecordedPage, max_bytes: int) -> Reply:
    content_type = _TYPES[page.kind]
    try:
        return Reply(page.status, content_type, read_page(page, max_bytes=max_bytes))
    except FetchProblemError as error:
        return Reply(page.status, content_type, b"", error.problem)


def _openrouter(url: str, pages: Pages) -> Reply | None:
    path = urlsplit(OPENROUTER_URL).path
    if urlsplit(url).path != path:
        return None
    return _linked(url, pages, OPENROUTER_URL, _next_of_list)


def _aiml(url: str, pages: Pages) -> Reply | None:
    path, page = urlsplit(url).path, pages[0]
    if path not in {urlsplit(AIML_URL).path, urlsplit(AIML_PLAIN_URL).path}:
        return None
    rows = _rows(page)
    if rows is None:
        return page
    if path == urlsplit(AIML_PLAIN_URL).path:
        return _with_sections(page, rows, frozenset())
    if not is_newer_aiml_shape(rows):
        return NOT_FOUND
    return _with_sections(page, rows, _included(url))


def _page(url: str, pages: Pages) -> Reply | None:
    start = SOURCES["aiml_pricing_page"].url
    if urlsplit(url).path != urlsplit(start).path:
        return None
    return _linked(url, pages, start, _next_of_page)


def _as_asked(source: str, url: str, pages: Pages) -> Reply | None:
    """Answer with the page at the place where the source's plan asks for this address.

    The first page also answers at its path whatever the query; what the plan asks for after the
    last page was not recorded and is not found.
    """
    asked = _asked(source, tuple(pages))
    if url in asked:
        number = asked.index(url)
        return pages[number] if number < len(pages) else NOT_FOUND
    return pages[0] if asked and urlsplit(url).path == urlsplit(asked[0]).path else None


@lru_cache(maxsize=8)
def _asked(source: str, pages: tuple[Reply, ...]) -> tuple[str, ...]:
    """The addresses that a source asks for, in order, when the pages answer one after another."""
    how = how_to_fetch(source, RECORDED_KEY)
    if isinstance(how, PageJob):
        return (how.url,)
    asked: list[str] = []
    plan = how()
    with suppress(StopIteration):
        request = next(plan)
        while True:
            number = len(asked)
            asked.append(request.url)
            page = pages[number] if number < len(pages) else NOT_FOUND
            said = {"content-type": page.content_type, **page.link}
            received = Received(request.url, page.status, said, page.body, page.problem)
            request = plan.send(answer_with(request, number, received))
    return tuple(asked)


_ROUTES: Mapping[str, Route] = {
    "openrouter_models": _openrouter,
    "aiml_models": _aiml,
    "aiml_pricing_page": _page,
}


def _linked(
    url: str, pages: Pages, start: str, links_of: Callable[[Reply, str], list[str]]
) -> Reply:
    """Find the page of `url` by following the links in the order in which a fetch does.

    The first page answers to every query that no link names; a linked page that was not recorded
    is not found. A recorded page that no page before it links to (a bare list cannot) is announced
    in the Link header of the one before it, so that nothing that was recorded is left unread.
    """
    known, announced = [start], dict[int, str]()
    for number, page in enumerate(pages):
        if page.status == 200:
            known += [link for link in links_of(page, known[number]) if link not in known]
        if number + 1 == len(known) < len(pages):
            announced[number] = f"{start}{'&' if '?' in start else '?'}recorded_page={number + 2}"
            known.append(announced[number])
    number = known.index(url) if url in known else 0
    if number >= len(pages):
        return NOT_FOUND
    return replace(pages[number], next_page=announced.get(number, ""))


def _next_of_list(page: Reply, url: str) -> list[str]:
    link = next_json_page(_document(page), url)
    return [link] if link else []


def _next_of_page(page: Reply, url: str) -> list[str]:
    return next_pages(page.body, url, NEXT_PAGE) if page.body.strip() else []


def _included(url: str) -> frozenset[str]:
    words = {w for v in parse_qs(urlsplit(url).query).get("include", []) for w in v.split(",")}
    return _SECTIONS if "all" in words else _SECTIONS & words


def _with_sections(page: Reply, rows: list[object], wanted: frozenset[str]) -> Reply:
    """Leave out the sections that were not asked for; the body is untouched when none is."""
    unwanted = _SECTIONS - wanted
    if not any(isinstance(row, dict) and unwanted & row.keys() for row in rows):
        return page
    kept = [_without(row, unwanted) for row in rows]
    document = _document(page)
    if isinstance(document, dict):
        kept_whole = cast("dict[str, object]", document) | {"data": kept}
        return Reply(page.status, page.content_type, orjson.dumps(kept_whole))
    return Reply(page.status, page.content_type, orjson.dumps(kept))


def _without(row: object, sections: frozenset[str]) -> object:
    if not isinstance(row, dict):
        return row
    fields = cast("dict[str, object]", row)
    return {name: value for name, value in fields.items() if name not in sections}


def _rows(page: Reply) -> list[object] | None:
    return rows_of(_document(page)) if page.status == 200 else None


def _document(page: Reply) -> object:
    try:
        return document_of(page.body)
    except orjson.JSONDecodeError:
        return None
