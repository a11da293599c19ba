"""AIML API's pricing page, in any of the layouts it is known or likely to have.

What the page is (third-party observation, 2025-11 to 2026-06; no body of it was ever recorded):

- in 2026 a Webflow site: items of class ``total-table-price w-dyn-item`` with the model in
  ``footer-headline``, its context in ``context-table`` and bare numbers in ``input-table`` and
  ``output-table``; every model twice, lists of at most a hundred, continued on further pages;
- in 2025 prices as phrases that carry their unit, a section for each kind of work, in markup that
  nobody wrote down: tables and any other markup are read for what they say, not how it is made.

Three steps: find rows (``page_rows``, ``page_tables``, ``page_phrases``), tell what section each
stands in (``page_sections``) and what the words around its prices say (``page_said``,
``page_labels``), read its prices (``page_prices``). Prices no model can be found for, twins and
the offers of JSON-LD blocks are settled over the whole page in ``read``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from models.pricetext import parse_context
from models.reading import (
    Cell,
    CellError,
    CellResult,
    Claim,
    Drift,
    ExtractError,
    Listing,
    Outcome,
    PageReading,
    PriceStatus,
    Row,
    RowReading,
)
from models.registry import operation_for
from spiders.contest import Refusal, contested
from spiders.pageplan import PageJob
from spiders.reader import Body, Memo, Reader, summed
from spiders.sources import page_dom, page_offers
from spiders.sources.page_labels import label_of
from spiders.sources.page_offers import Heard, Offer
from spiders.sources.page_phrases import phrase_rows, price_text
from spiders.sources.page_prices import (
    NO_PRICE,
    SOURCE,
    Place,
    claims_of,
    work_of_row,
)
from spiders.sources.page_refusals import refusals_of
from spiders.sources.page_rows import PHRASES, ROW, Draft, webflow_rows
from spiders.sources.page_said import title_said, together
from spiders.sources.page_sections import Anchor, Section, sections_of
from spiders.sources.page_tables import table_rows
from spiders.sources.page_twins import Placed, merged
from spiders.sources.page_words import developer_and_name, work_of
from spiders.twins import Owned
from spiders.walker_html import walk_html

URL: Final = "https://aimlapi.com/ai-ml-api-pricing"
NO_MODEL: Final = "no_model"
_GONE: Final = frozenset({page_dom.STRUCK_OUT, page_dom.HIDDEN})
"""Why a price is understood not to stand: it takes nothing from the others of its row."""


@dataclass(frozen=True, slots=True)
class Page:
    """One body, verbatim: its rows, the prices that stand beside no model, its JSON-LD offers."""

    rows: tuple[Row, ...]
    strays: tuple[Cell, ...] = ()
    offers: tuple[Offer, ...] = ()
    drift: tuple[Drift, ...] = ()


def extract(body: bytes, url: str = URL) -> list[Row]:
    """The rows of one page, verbatim. Raises ExtractError as `scan` does."""
    return [*scan(body, url).rows]


def scan(body: bytes, url: str = URL) -> Page:
    """Everything one page states, verbatim.

    Raises ExtractError when the body is no page, when the rows of its lists lack their names or
    prices, or when it shows no model's price in any layout: a page without prices is a page that
    could not be read, never a seller without prices.
    """
    dom = page_dom.parse(body)
    offers, drift = page_offers.offers_of(dom)
    tabled = table_rows(dom)
    marked = [*tabled, *webflow_rows(dom, tabled)]
    taken = {index for draft in marked for index in range(*dom.spans[draft.element])} | dom.read
    loose, strays = phrase_rows(dom, taken)
    drafts = sorted((*marked, *loose), key=lambda draft: draft.position)
    if not drafts:
        raise ExtractError(
            f".{ROW}", "no list of models, no table of prices, and no price beside a model's name"
        )
    anchors = {draft: Anchor(draft.element, draft.position, draft.title) for draft in drafts}
    named = [index for draft in drafts for index in draft.names]
    priced = [index for draft in drafts for index in draft.prices]
    sections = sections_of(dom, anchors.values(), named, priced)
    rows = [_row(dom, draft, sections[anchors[draft]], url) for draft in drafts]
    return Page(tuple(rows), tuple(strays), tuple(offers), tuple(drift))


def _row(dom: page_dom.Dom, draft: Draft, section: Section, url: str) -> Row:
    developer, name = developer_and_name(draft.name)
    work = work_of(draft.work) if draft.work else section.work
    priced = [_priced(cell, draft.layout, draft.name) for cell in draft.cells]
    return Row(
        locator=_locator(dom, draft),
        model_id=None,
        source_type=draft.work or section.title,
        name=name,
        developer=developer or draft.developer,
        cells=draft.cells,
        facts={
            "layout": draft.layout,
            "work": work_of_row(draft.layout, work, priced),
            "printed": draft.name,
            "terms": section.terms,
            "said": together([section.said, title_said(draft.work)]),
            "beside": {
                cell.locator: beside for cell, beside in zip(draft.cells, draft.beside, strict=True)
            },
            "context": draft.context,
            "url": url,
        },
    )


def _locator(dom: page_dom.Dom, draft: Draft) -> str:
    """A marked row's element; for phrases the text that names the model."""
    return dom.locator(dom.texts[draft.names[0]] if draft.layout == PHRASES else draft.element)


def interpret(row: Row, fetched_at: datetime | None = None) -> RowReading:
    """What a row amounts to by itself; the time of the fetch plays no part on this page."""
    del fetched_at
    place = _place(row)
    claims: list[Claim] = []
    refusals: list[Refusal] = []
    results: dict[str, CellResult] = {}
    for cell in row.cells:
        found, result = _read(cell, place, row)
        claims += found
        results[cell.locator] = result
        if result.outcome is Outcome.REJECTED and result.reason not in _GONE:
            refusals += refusals_of(_priced(cell, place.layout, row.facts["printed"]), place)

    def mark(owned: Owned, outcome: Outcome, reason: str, detail: str) -> None:
        before = results[owned[1].locator]
        results[before.locator] = replace(before, outcome=outcome, reason=reason, detail=detail)

    certain = contested(claims, refusals, mark)
    return RowReading(_listing(row), tuple(certain), (*results.values(),), tuple(_drift(row)))


def _place(row: Row) -> Place:
    facts = row.facts
    priced = [cell for cell in row.cells if not NO_PRICE.fullmatch(cell.raw_text)]
    return Place(
        layout=facts["layout"],
        work=facts["work"],
        terms=facts["terms"],
        name=row.name,
        filled=frozenset(cell.word for cell in priced),
        count=len(priced),
        said=facts["said"],
        labels={where: label_of(beside) for where, beside in facts["beside"].items()},
    )


def _priced(cell: Cell, layout: str, printed: str) -> Cell:
    """The cell without the model's name that the text of a phrase may begin with."""
    if layout != PHRASES:
        return cell
    return replace(cell, raw_text=price_text(cell.raw_text, printed))


def _read(cell: Cell, place: Place, row: Row) -> tuple[list[Claim], CellResult]:
    if NO_PRICE.fullmatch(cell.raw_text):
        return [], CellResult(cell.locator, cell.raw_text, Outcome.NO_PRICE)
    if reason := row.facts["beside"][cell.locator].gone:
        detail = "the page shows it as a price that does not stand"
        return [], CellResult(cell.locator, cell.raw_text, Outcome.REJECTED, reason, detail)
    if not row.name:
        return [], _stray(cell)
    try:
        claims = claims_of(_priced(cell, place.layout, row.facts["printed"]), place)
        claims = [replace(claim, raw_text=cell.raw_text) for claim in claims]
    except CellError as error:
        outcome = Outcome.REJECTED
        return [], CellResult(cell.locator, cell.raw_text, outcome, error.reason, str(error))
    return claims, CellResult(cell.locator, cell.raw_text, Outcome.CLAIM)


def _listing(row: Row) -> Listing:
    work = row.facts["work"]
    return Listing(
        model_id=None,
        name=row.name,
        developer=row.developer,
        operation=_operation(row),
        source_type=row.source_type or work or "",
        locator=row.locator,
        context_length=parse_context(row.facts["context"]),
        source_url=row.facts["url"],
    )


def _operation(row: Row) -> str:
    """By the row's kind of work; an image model among the text models is called for images."""
    place = _place(row)
    work = "image" if place.makes_images else place.work
    return operation_for(SOURCE, work or "") or "unspecified"


def _drift(row: Row) -> Iterable[Drift]:
    if _operation(row) == "unspecified":
        yield Drift("unknown_type", row.source_type or "(no section)")


def read(bodies: Sequence[bytes], url: str = URL) -> tuple[PageReading, ...]:
    """What the pages of one fetch amount to, page by page, with twins settled over all of them.

    Raises ExtractError as `scan` does, and when not a single price of all pages can be read.
    """
    pages = [scan(body, url) for body in bodies]
    rows = [[row for row in page.rows if _is_model(row)] for page in pages]
    placed = merged(
        Placed(number, interpret(row)) for number, found in enumerate(rows) for row in found
    )
    offers: list[Heard] = []
    for number, page in enumerate(pages):
        places = {row.locator: _place(row) for row in rows[number]}
        weighed = page_offers.heard(page.offers, number, placed, places)
        placed = weighed.rows
        offers.append(weighed)
    if not any(_is_price(claim) for one in placed for claim in one.reading.claims):
        raise ExtractError("price", "not one price of the page could be read")
    return tuple(
        _reading(page, rows[number], [one for one in placed if one.page == number], offers[number])
        for number, page in enumerate(pages)
    )


def _is_model(row: Row) -> bool:
    """Whether a row is one of a model. A name beside a price is none where no section says what it
    is for and nothing of it can be read: "Startup plan, $20 / month"."""
    if row.facts["layout"] != PHRASES or row.facts["work"]:
        return bool(row.name)
    return any(map(_is_price, interpret(row).claims))


def _is_price(claim: Claim) -> bool:
    return claim.status is not PriceStatus.UNKNOWN


def _reading(
    page: Page, models: Sequence[Row], placed: Sequence[Placed], offers: Heard
) -> PageReading:
    """One page's share: its readings, and every cell of it that stands in none of them."""
    repeated = [cell for one in placed if one.is_repeat for cell in one.reading.cells]
    places = {row.locator for row in models}
    lone = [cell for row in page.rows if row.locator not in places for cell in row.cells]
    strays = [_stray(cell) for cell in (*page.strays, *lone)]
    return PageReading(
        rows=tuple(one.reading for one in placed if not one.is_repeat),
        extra_cells=(*repeated, *strays, *offers.results),
        drift=page.drift,
        noted=tuple((row, 0) for row in offers.noted),
    )


def _stray(cell: Cell) -> CellResult:
    detail = "no model's name stands beside it"
    return CellResult(cell.locator, cell.raw_text, Outcome.REJECTED, NO_MODEL, detail)


def _read_all(bodies: Sequence[Body], fetched_at: datetime, memo: Memo) -> PageReading:
    """Read the pages of one fetch as one; the time of the fetch plays no part."""
    del fetched_at

    def read_pages() -> PageReading:
        url = bodies[0][1] if bodies else URL
        pages = read([body for body, _ in bodies], url)
        rows = tuple(row for page in pages for row in page.rows)
        drifts = [drift for page in pages for drift in page.drift]
        drifts += [drift for row in rows for drift in row.drift]
        cells = tuple(cell for page in pages for cell in page.extra_cells)
        bodies_of = tuple(body for body, page in enumerate(pages) for _ in page.rows)
        noted = tuple((row, body) for body, page in enumerate(pages) for row, _ in page.noted)
        return PageReading(rows, cells, summed(drifts), bodies_of, noted)

    return memo.page(SOURCE, bodies, read_pages)


FETCH: Final = PageJob(URL)
READER: Final = Reader(_read_all, walk_html)
