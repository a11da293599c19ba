"""`review`: what is held until a person or further data decides."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.commands.match import PERSON
from flows.commands.options import At, DataDir, Form, Limit, Sources
from flows.evidence import reviews_text
from flows.opening import known, opened, tell
from flows.render import Format, show

app = typer.Typer()
review = typer.Typer(no_args_is_help=True)
app.add_typer(review, name="review", rich_help_panel=PERSON)


@review.callback()
def review_doubts() -> None:
    """Decide on what is held because it is hard to believe."""


@review.command("list")
def list_reviews(
    *,
    settled: Annotated[
        bool, typer.Option("--all", help="Also those that were decided or settled themselves.")
    ] = False,
    form: Form = Format.TABLE,
    at: At = None,
    limit: Limit = None,
    source: Sources = None,
    data_dir: DataDir = None,
) -> None:
    """List what is held, the oldest first: what stands, what would, and why it is doubted.

    [bold]Examples[/bold]

        pricebook review list

        pricebook review list --all --format json

    Until it is decided, the old price stands.
    """
    with opened(data_dir) as book:
        asked = {"at": at, "settled": settled, "sources": known(book.book, "source", source or ())}
        found = book.book.table("reviews", asked)
        empty = "Nothing is held." if not settled else "Nothing was ever held."
        show(found, form, reviews_text, empty=empty, limit=limit)
        tell(book, form)
