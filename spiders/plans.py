"""What to ask of the two catalogue interfaces, and when their answer is complete.

Facts these rest on (2026-08/09): OpenRouter lists text models only unless asked for
`output_modalities=all`; since 2026-07-13 it states `total_count` and `links.next`, before that only
the list, and archives hold the bare list. AIML API serves its catalogue at `/v1/models`, with
prices only when asked by `include`, where a misspelled word loses a section silently; its older
catalogue was at `/models`, had no prices at all and other words for the types.
"""

from __future__ import annotations

from typing import cast
from urllib.parse import urljoin, urlsplit

from models.capture import FetchOutcome
from spiders.pageplan import linked_next
from spiders.plan import Answer, Plan, Request, Verdict, failed, incomplete

OPENROUTER_URL = "https://openrouter.ai/api/v1/models?output_modalities=all"
AIML_URL = "https://api.aimlapi.com/v1/models?include=pricing,modalities,capabilities"
AIML_PLAIN_URL = "https://api.aimlapi.com/models"

# 421 models in pages of at most 1,000 (2026-08): ten pages would be a catalogue twenty times that.
_MOST_PAGES = 20

Rows = list[object]


def openrouter_models_plan() -> Plan:
    """The list, page by page while it names a next one; complete when `total_count` agrees."""
    pages: list[Answer] = []
    rows: Rows = []
    asked: list[str] = []
    url: str | None = OPENROUTER_URL
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
    return _openrouter_verdict(pages, rows)


def _broken_page(answer: Answer, pages: list[Answer]) -> Verdict:
    verdict = failed(answer) if answer.problem else no_list(answer)
    if not pages:
        return verdict
    detail = f"page {len(pages) + 1}: {verdict.outcome}: {verdict.detail}"
    return incomplete([*pages, answer], detail)


def next_url(document: object, url: str) -> str | None:
    """Return the address that `links.next` of the list read at `url` names, if it names one."""
    target = _field(_field(document, "links"), "next")
    return urljoin(url, target) if isinstance(target, str) and target else None


def _refuse_next(url: str | None, asked: list[str]) -> str:
    if url is None:
        return ""
    if urlsplit(url)[:2] != urlsplit(OPENROUTER_URL)[:2]:
        return f"links.next leads to another host: {url[:200]}"
    if url in asked:
        return f"links.next leads back to a page that was read: {url[:200]}"
    return f"more than {_MOST_PAGES} pages" if len(asked) >= _MOST_PAGES else ""


def _openrouter_verdict(pages: list[Answer], rows: Rows) -> Verdict:
    if not rows:
        return Verdict(FetchOutcome.EMPTY, tuple(pages), "the list has no rows")
    # Each page states the total; the last one is the freshest.
    total = _field(pages[-1].document, "total_count")
    if isinstance(total, int) and total != len(rows):
        return incomplete(pages, f"total_count is {total}, but {len(rows)} rows were read")
    ids = {identity for row in rows if isinstance(identity := _field(row, "id"), str)}
    if len(pages) > 1 and len(ids) < len(rows):
        repeated = len(rows) - len(ids)
        return incomplete(pages, f"{repeated} rows on two pages: the list moved while it was read")
    return Verdict(FetchOutcome.OK, tuple(pages))


def aiml_models_plan() -> Plan:
    """The catalogue with its sections, or, where there is none, the older one without prices."""
    full = yield Request(AIML_URL)
    if full.problem and full.status not in {404, 410}:
        return failed(full)
    rows = rows_of(full.document)
    if rows is None and not full.problem:
        return no_list(full)
    if rows is not None and (not rows or _has_prices(rows)):
        return _listed(full, rows)
    plain = yield Request(AIML_PLAIN_URL)
    return _without_prices(full, rows, plain)


def _without_prices(full: Answer, full_rows: Rows | None, plain: Answer) -> Verdict:
    """Judge the plain list: the older shape has no prices to lose, the newer one lost them."""
    rows = rows_of(plain.document)
    if rows and _has_prices(rows):
        return _listed(plain, rows)
    if full_rows is not None and is_newer_aiml_shape(full_rows):
        return _sections_missing((full, plain))
    if plain.problem:
        return failed(plain)
    if rows is None:
        return no_list(plain)
    if is_newer_aiml_shape(rows):
        return _sections_missing((full, plain))
    return _listed(plain, rows)


def _has_prices(rows: Rows) -> bool:
    return any(_field(row, "pricing") for row in rows)


def _sections_missing(answers: tuple[Answer, ...]) -> Verdict:
    detail = "no row has `pricing`, though the rows are of the shape that has it"
    return Verdict(FetchOutcome.SECTIONS_MISSING, answers, detail)


def _listed(answer: Answer, rows: Rows) -> Verdict:
    if not rows:
        return Verdict(FetchOutcome.EMPTY, (answer,), "the list has no rows")
    return Verdict(FetchOutcome.OK, (answer,))


def is_newer_aiml_shape(rows: Rows) -> bool:
    """Whether any row bears a mark of the catalogue seen from 2026-05 on, which states prices.

    The marks: a type with a slash (`openai/chat-completions`), `aliases`, or `info.docsUrl`, where
    the older one had `chat-completion`, `endpoints` and `info.docs_url`.
    """
    return any(_is_newer(row) for row in rows)


def _is_newer(row: object) -> bool:
    kind, info = _field(row, "type"), _field(row, "info")
    has_slash = isinstance(kind, str) and "/" in kind
    return has_slash or _has(row, "aliases") or _has(info, "docsUrl")


def rows_of(document: object) -> Rows | None:
    """Return the rows of a bare list or of an object's `data`; None when there is no list."""
    if isinstance(document, list):
        return cast("Rows", document)
    data = _field(document, "data")
    return cast("Rows", data) if isinstance(data, list) else None


def no_list(answer: Answer) -> Verdict:
    """The verdict on JSON that is neither a list nor an object with a list in `data`."""
    detail = "neither a list nor an object with a list under `data`"
    return Verdict(FetchOutcome.ERROR_PAGE, (answer,), detail)


def _field(value: object, name: str) -> object:
    return cast("dict[str, object]", value).get(name) if isinstance(value, dict) else None


def _has(value: object, name: str) -> bool:
    return isinstance(value, dict) and name in value
