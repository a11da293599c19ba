"""`history` and `changes`: how prices moved."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from flows.commands.looking import LOOK
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
    Since,
)
from flows.finding import find
from flows.moves import changes_text, folded
from flows.opening import filters, known, moments, opened, status_words, tell
from flows.render import Format, cut_lines, show
from flows.timeline import history_text

KINDS = ("new", "increase", "decrease", "withdrawn", "returned", "status", "conditions", "meter")
DEFAULT_LINES = 60

app = typer.Typer()


@app.command(rich_help_panel=LOOK)
def history(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="An id, canonical id, name, alias or seller/id.")
    ],
    *,
    meter: Meters = None,
    plot: Annotated[
        bool, typer.Option("--plot/--no-plot", help="Draw what moved as a step line.")
    ] = True,
    form: Form = Format.TABLE,
    at: At = None,
    as_known: AsKnown = None,
    data_dir: DataDir = None,
) -> None:
    """Show every price a model has had, with the times between which it moved.

    [bold]Examples[/bold]

        pricebook history gpt-5

        pricebook history aimlapi/openai/gpt-5 --meter input_token

        pricebook history gpt-5 --as-known 2026-06-01 --format csv

    "from" is when a price was first seen; the seller moved then or earlier, but after the time
    under "moved after", when the price before it was last seen.
    """
    with opened(data_dir) as source:
        offerings = find(source.book, model)
        until = at or as_known or source.snapshot["as_of"]
        parameters = {
            **moments(until, as_known),
            "offerings": offerings,
            "meters": known(source.book, "meter", meter or ()),
        }
        statement = "history" if as_known is None else "history_as_known"
        found = source.book.table(statement, parameters)
        names = {row["offering_id"]: row["name"] for row in source.book.records("names")}
        empty = f"No prices of {model!r} are known for that time and meter."
        show(
            found,
            form,
            lambda rows: history_text(rows, names, until, draw=plot),
            empty=empty,
        )
        tell(source, form)


@app.command(rich_help_panel=LOOK)
def changes(
    *,
    since: Since = None,
    every: Annotated[
        bool,
        typer.Option("--all", help="Each price of a repricing or of a new model on its own line."),
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
    kind: Annotated[
        list[str] | None,
        typer.Option("--kind", metavar="KIND", help=f"{', '.join(KINDS[:-1])} or {KINDS[-1]}."),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Show what moved, the newest first, with kind and cause.

    [bold]Examples[/bold]

        pricebook changes --since 2026-08-01

        pricebook changes --model gpt-5 --kind increase --kind decrease

        pricebook changes --all --format csv

    Prices that a seller moved together by one factor, and the prices of a model that is new, are
    one line. A table shows 60 lines unless --limit says otherwise; JSON and CSV hold every row.
    """
    with opened(data_dir) as source:
        chosen = filters(
            source.book,
            sellers=seller or (),
            models=model or (),
            operations=operation or (),
            modalities=modality or (),
            meters=meter or (),
        )
        kinds = list(status_words(kind or (), KINDS, "--kind")) or None
        times = {"since": since, "at": at, "as_known": as_known}
        found = source.book.table("changes", {**chosen.parameters(), **times, "kinds": kinds})
        meters = source.book.records("meters")
        most = DEFAULT_LINES if limit is None else limit

        def draw(rows: list[dict[str, Any]]) -> str:
            return changes_text(cut_lines(folded(rows, meters, each=every), most))

        empty = "Nothing moved in that time, as far as these options go."
        show(found, form, draw, empty=empty, limit=limit, cuts_itself=True)
        tell(source, form)
