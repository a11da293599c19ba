"""`models` and `prices`: what there is, and what it costs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from flows.commands.options import (
    AsKnown,
    At,
    DataDir,
    Form,
    Limit,
    Meters,
    Modalities,
    Models,
    Operations,
    Sellers,
    Statuses,
)
from flows.listing import models_text, prices_text, wide_text
from flows.opening import Opened, filters, moments, opened, status_words, tell, variant
from flows.render import Format, show
from flows.times import readable
from warehouse.read import Filters, Table

LOOK = "Look things up"
PRICE_STATUSES = ("known", "free", "unknown", "dynamic", "not_offered")
LIFECYCLES = ("listed", "missing", "withdrawn", "deprecated")

app = typer.Typer()


@app.command(rich_help_panel=LOOK)
def models(
    name: Annotated[
        list[str] | None,
        typer.Argument(metavar="MODEL", help="Only these, by any of their names."),
    ] = None,
    *,
    search: Annotated[
        str, typer.Option("--search", metavar="TEXT", help="Only ids and names that contain this.")
    ] = "",
    form: Form = Format.TABLE,
    at: At = None,
    as_known: AsKnown = None,
    limit: Limit = None,
    seller: Sellers = None,
    model: Models = None,
    operation: Operations = None,
    modality: Modalities = None,
    status: Statuses = None,
    data_dir: DataDir = None,
) -> None:
    """List the models on offer, as each seller sells them.

    [bold]Examples[/bold]

        pricebook models --seller aimlapi --modality text-to-video

        pricebook models --search kling --at 2026-03-01

    --status takes listed, missing (absent, not yet long enough to be gone), withdrawn, deprecated.
    """
    with opened(data_dir) as source:
        chosen = filters(
            source.book,
            sellers=seller or (),
            models=[*(name or ()), *(model or ())],
            operations=operation or (),
            modalities=modality or (),
            statuses=status_words(status or (), LIFECYCLES),
        )
        parameters = {**chosen.parameters(), **moments(at, as_known)}
        found = _containing(source.book.table(variant("models", at, as_known), parameters), search)
        show(found, form, models_text, empty=NO_MODELS, limit=limit)
        tell(source, form)


NO_MODELS = "No models match. `pricebook models` without options lists all."


@app.command(rich_help_panel=LOOK)
def prices(
    name: Annotated[
        list[str] | None,
        typer.Argument(metavar="MODEL", help="Only these, by any of their names."),
    ] = None,
    *,
    wide: Annotated[
        bool,
        typer.Option("--wide", help="A line for each model: input, output and caches in columns."),
    ] = False,
    form: Form = Format.TABLE,
    at: At = None,
    as_known: AsKnown = None,
    limit: Limit = None,
    seller: Sellers = None,
    model: Models = None,
    operation: Operations = None,
    modality: Modalities = None,
    meter: Meters = None,
    status: Statuses = None,
    data_dir: DataDir = None,
) -> None:
    """Show prices in US dollars, the way people quote them.

    [bold]Examples[/bold]

        pricebook prices gpt-5 --at 2025-12-01

        pricebook prices --modality text-to-image --seller aimlapi

        pricebook prices --wide --seller openrouter

        pricebook prices --format json --status unknown

    --at asks what was charged then, --as-known what we believed then; both together, what we then
    believed to be charged at that time. --status takes known, free, unknown, dynamic (set per
    request) and, with --at, not_offered. Unknown is never shown as 0.
    """
    with opened(data_dir) as source:
        chosen = filters(
            source.book,
            sellers=seller or (),
            models=[*(name or ()), *(model or ())],
            operations=operation or (),
            modalities=modality or (),
            meters=meter or (),
            statuses=status_words(status or (), PRICE_STATUSES),
        )
        parameters = {**chosen.parameters(), **moments(at, as_known)}
        found = source.book.table(variant("prices", at, as_known), parameters)

        def draw(rows: list[dict[str, Any]]) -> str:
            if wide:
                return wide_text(rows, limit)
            names = {row["offering_id"]: row["name"] for row in source.book.records("names")}
            return prices_text(rows, names)

        empty = "" if found.rows else _no_prices(source, chosen, at or as_known)
        show(found, form, draw, empty=empty, limit=limit, cuts_itself=wide)
        tell(source, form)


def _containing(table: Table, text: str) -> Table:
    """The rows whose id, canonical id or name contains the text."""
    wanted = text.casefold()
    if not wanted:
        return table
    places = [table.columns.index(name) for name in ("model_id", "canonical_id", "name")]
    rows = [row for row in table.rows if any(wanted in (row[i] or "").casefold() for i in places)]
    return Table(table.columns, tuple(rows))


def _no_prices(source: Opened, chosen: Filters, moment: datetime | None) -> str:
    """Why there may be none: too early a time, or options that exclude each other."""
    first = source.book.records("first_seen")[0]["first_seen_at"]
    if first is not None and moment is not None and moment < first:
        return f"No prices match: the first observation is of {readable(first)} UTC."
    if any(values is not None for values in chosen.parameters().values()):
        return "No prices match all of these options; try fewer of them."
    return "No prices match."
