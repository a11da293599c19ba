"""`compare` and `coverage`: sellers side by side."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from flows.commands.looking import LOOK
from flows.commands.options import At, DataDir, Form, Limit, Meters, Modalities, Models, Sellers
from flows.comparing import compared, comparison_text, coverage_text, margins_text
from flows.errors import UsageError
from flows.opening import filters, opened, tell
from flows.render import Format, note, show

app = typer.Typer()


@app.command(rich_help_panel=LOOK)
def compare(
    name: Annotated[
        list[str] | None,
        typer.Argument(metavar="MODEL", help="Only these, by any of their names."),
    ] = None,
    *,
    every: Annotated[
        bool, typer.Option("--all", help="Also models that only one seller prices.")
    ] = False,
    margins: Annotated[
        bool,
        typer.Option(
            "--margins",
            help="Instead, how far one seller's prices lie above the other's, month by month.",
        ),
    ] = False,
    form: Form = Format.TABLE,
    at: At = None,
    limit: Limit = None,
    seller: Sellers = None,
    model: Models = None,
    modality: Modalities = None,
    meter: Meters = None,
    data_dir: DataDir = None,
) -> None:
    """Compare what sellers ask for the same model.

    [bold]Examples[/bold]

        pricebook compare gpt-5

        pricebook compare --meter output_token --modality text-to-text --at 2026-06-01

        pricebook compare --margins --seller aimlapi

    Compared are headline prices of models that are known to be the same; `pricebook unmatched`
    lists names that are not established. Unless models are named, the table leaves out those that
    only one seller prices; JSON and CSV hold every row.
    """
    with opened(data_dir) as source:
        chosen = filters(
            source.book,
            sellers=seller or (),
            models=[*(name or ()), *(model or ())],
            modalities=modality or (),
            meters=meter or (),
        )
        if margins:
            if at is not None:
                raise UsageError("--margins shows every month: leave --at out")
            months = source.book.table("margins", chosen.parameters())
            empty = "No model has two sellers with a price, as far as these options go."
            show(months, form, margins_text, empty=empty, limit=limit)
            tell(source, form)
            return
        statement = "comparison_current" if at is None else "comparison_at"
        found = source.book.table(statement, {**chosen.parameters(), "at": at})
        quoting = source.book.records("meters")
        whole = every or chosen.offerings is not None

        def draw(rows: list[dict[str, Any]]) -> str:
            return comparison_text(rows if whole else compared(rows), quoting, limit)

        empty = "No model with an established identity and a price matches."
        show(found, form, draw, empty=empty, limit=limit, cuts_itself=True)
        if form is Format.TABLE and not whole:
            _tell_left_out(found.records())
        tell(source, form)


def _tell_left_out(rows: list[dict[str, Any]]) -> None:
    models = {row["canonical_id"] for row in rows}
    alone = len(models) - len({row["canonical_id"] for row in compared(rows)})
    if alone:
        note(f"{alone} models that only one seller prices are left out; see --all.")


@app.command(rich_help_panel=LOOK)
def coverage(
    *,
    form: Form = Format.TABLE,
    at: At = None,
    seller: Sellers = None,
    modality: Modalities = None,
    data_dir: DataDir = None,
) -> None:
    """Count what is listed and what has a price, by kind of work and seller.

    [bold]Examples[/bold]

        pricebook coverage

        pricebook coverage --at 2026-03-31 --format csv
    """
    with opened(data_dir) as source:
        chosen = filters(source.book, sellers=seller or (), modalities=modality or ())
        found = source.book.table("coverage", {**chosen.parameters(), "at": at})
        empty = "Nothing was listed by then, as far as these options go."
        show(found, form, coverage_text, empty=empty)
        tell(source, form)
