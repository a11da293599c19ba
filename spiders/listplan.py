"""Lists of models as answers: following one to its last page, and when it is complete.

Facts these rest on (2026-08): OpenRouter states `total_count` and `links.next` since 2026-07-13,
before that only the list, and archives hold the bare list.
"""

from __future__ import annotations

from typing import TypeAlias, cast

from models.capture import FetchOutcome
from spiders.links import joined, refusal_of
from spiders.pageplan import linked_next
from spiders.plan import Answer, Plan, Request, Verdict, failed, incomplete

# 421 models in pages of at most 1,000 (2026-08): ten pages would be a catalogue twenty times that.
_MOST_PAGES = 20

Rows: TypeAlias = list[object]


def list_plan(start: str) -> Plan:
    """The list, page by page while it names a next one; complete when `total_count` agrees."""
    pages: list[Answer] = []
    rows: Rows = []
    asked: list[str] = []
    url: str | None = start
    while url:
        asked.append(url)
        answer = yield Request(url)
        found = rows_of(answer.document)
        if answer.problem or found is None:
            return _broken_page(answer, pages)
        pages.append(answer)
        rows += found
        url = next_url(answer.document, url) or next(iter(linked_next(answer.headers, url)), None)
        refusal = _refuse_next(url, asked)
        if refusal:
            return incomplete(pages, refusal)
    return _verdict(pages, rows)


def _broken_page(answer: Answer, pages: list[Answer]) -> Verdict:
    verdict = failed(answer) if answer.problem else no_list(answer)
    if not pages:
        return verdict
    detail = f"page {len(pages) + 1}: {verdict.outcome}: {verdict.detail}"
    return incomplete([*pages, answer], detail)


def next_url(document: object, url: str) -> str | None:
    """Return the address that `links.next` of the list read at `url` names, if it names one.

    What is no address comes back as it was printed, for `list_plan` to refuse.
    """
    target = field(field(document, "links"), "next")
    if target in (None, "", False):
        return None
    return joined(url, target) if isinstance(target, str) else str(target)


def _refuse_next(url: str | None, asked: list[str]) -> str:
    if url is None:
        return ""
    refusal = refusal_of(url, asked[0])
    if refusal:
        return f"links.next {refusal}"
    if url in asked:
        return f"links.next leads back to a page that was read: {url[:200]}"
    return f"more than {_MOST_PAGES} pages" if len(asked) >= _MOST_PAGES else ""


def _verdict(pages: list[Answer], rows: Rows) -> Verdict:
    if not rows:
        return Verdict(FetchOutcome.EMPTY, tuple(pages), "the list has no rows")
    # Each page states the total; the last one is the freshest.
    total = field(pages[-1].document, "total_count")
    if isinstance(total, int) and total != len(rows):
        return incomplete(pages, f"total_count is {total}, but {len(rows)} rows were read")
    ids = {identity for row in rows if isinstance(identity := field(row, "id"), str)}
    if len(pages) > 1 and len(ids) < len(rows):
        repeated = len(rows) - len(ids)
        return incomplete(pages, f"{repeated} rows on two pages: the list moved while it was read")
    return Verdict(FetchOutcome.OK, tuple(pages))


def rows_of(document: object) -> Rows | None:
    """Return the rows of a bare list or of an object's `data`; None when there is no list."""
    if isinstance(document, list):
        return cast("Rows", document)
    data = field(document, "data")
    return cast("Rows", data) if isinstance(data, list) else None


def no_list(answer: Answer) -> Verdict:
    """The verdict on JSON that is neither a list nor an object with a list in `data`."""
    detail = "neither a list nor an object with a list under `data`"
    return Verdict(FetchOutcome.ERROR_PAGE, (answer,), detail)


def field(value: object, name: str) -> object:
    """The member of an object; None where there is none, or where the value is no object."""
    return cast("dict[str, object]", value).get(name) if isinstance(value, dict) else None
