"""`explain`: why a price says what it says."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.commands.looking import LOOK
from flows.commands.options import AsKnown, At, DataDir, Form
from flows.errors import NoSuchThingError
from flows.explaining import Surroundings, explain, explanation_text
from flows.finding import find
from flows.opening import known, moments, opened, tell, variant
from flows.render import Format, out, write_csv, write_objects
from flows.times import readable
from warehouse.read import Filters

app = typer.Typer()


@app.command(name="explain", rich_help_panel=LOOK)
def explain_price(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="An id, canonical id, name, alias or seller/id.")
    ],
    meter: Annotated[
        str | None, typer.Argument(metavar="METER", help="Only this: input_token …")
    ] = None,
    *,
    form: Form = Format.TABLE,
    at: At = None,
    as_known: AsKnown = None,
    data_dir: DataDir = None,
) -> None:
    """Tell why a price says what it says, down to the bytes it was read from.

    [bold]Examples[/bold]

        pricebook explain gpt-5 input_token

        pricebook explain dall-e-3 --at 2025-12-01

        pricebook explain gpt-5 --format json

    Told are the claim that stands and those that lost, the text as printed and its place, the
    capture and the file that holds it, the reading rule, the past of the price, and what was
    refused or is held for review of the same model.
    """
    with opened(data_dir) as source:
        book = source.book
        offerings = find(book, model)
        meters = known(book, "meter", [meter] if meter else [])
        chosen = Filters(offerings=offerings, meters=meters).parameters()
        times = moments(at, as_known)
        prices = book.table(variant("prices", at, as_known), {**chosen, **times})
        if not prices.rows:
            asked = f"{model!r} has no price" + (f" for {meter}" if meter else "")
            moment = at or as_known
            raise NoSuchThingError(
                f"{asked} at {readable(moment)} UTC" if moment else f"{asked} now: try --at"
            )
        until = at or as_known or source.snapshot["as_of"]
        statement = "history" if as_known is None else "history_as_known"
        past = book.records(statement, {**chosen, **moments(until, as_known)})
        found = explain(book, source.data_dir, prices.records(), past)
        around = Surroundings(
            tuple(book.records("explain_rejections", {"offerings": offerings})),
            tuple(book.records("explain_reviews", {"offerings": offerings})),
        )
        if form is Format.JSON:
            others = {"rejections": around.rejections, "reviews": around.reviews}
            write_objects([{**each.as_object(), **others} for each in found])
        elif form is Format.CSV:
            write_csv(prices)
        else:
            out(explanation_text(found, around))
        tell(source, form)
