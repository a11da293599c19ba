"""`captures` and `rejections`: what was received, and what of it was not believed."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.commands.looking import LOOK
from flows.commands.options import At, DataDir, Form, Limit, Since, Sources
from flows.evidence import captures_text, rejections_text
from flows.opening import known, opened, status_words, tell
from flows.render import Format, show
from models.capture import FetchOutcome

app = typer.Typer()


@app.command(rich_help_panel=LOOK)
def captures(
    *,
    since: Since = None,
    outcome: Annotated[
        list[str] | None,
        typer.Option("--outcome", metavar="OUTCOME", help="How the fetch ended: ok, timeout …"),
    ] = None,
    form: Form = Format.TABLE,
    at: At = None,
    limit: Limit = None,
    source: Sources = None,
    data_dir: DataDir = None,
) -> None:
    """List the bodies that were received and the fetches that failed, the newest first.

    [bold]Examples[/bold]

        pricebook captures --source openrouter_models --limit 10

        pricebook captures --outcome http_error --outcome timeout

    `ok` and `unchanged` are healthy. --at leaves out what came later.
    """
    with opened(data_dir) as book:
        asked = {
            "since": since,
            "at": at,
            "sources": known(book.book, "source", source or ()),
            "outcomes": list(status_words(outcome or (), list(FetchOutcome), "--outcome")) or None,
        }
        found = book.book.table("captures", asked)
        empty = "Nothing was received or tried in that time, as far as these options go."
        show(found, form, captures_text, empty=empty, limit=limit)
        tell(book, form)


@app.command(rich_help_panel=LOOK)
def rejections(
    *,
    reason: Annotated[
        list[str] | None,
        typer.Option("--reason", metavar="REASON", help="Why it was refused."),
    ] = None,
    form: Form = Format.TABLE,
    at: At = None,
    limit: Limit = None,
    source: Sources = None,
    data_dir: DataDir = None,
) -> None:
    """List price cells that were not believed, with what is wrong with them, the newest first.

    [bold]Examples[/bold]

        pricebook rejections --source aiml_pricing_page

        pricebook rejections --format json | jq '.[].reason' | sort | uniq -c
    """
    with opened(data_dir) as book:
        asked = {
            "at": at,
            "sources": known(book.book, "source", source or ()),
            "reasons": known(book.book, "reason", reason or ()),
        }
        found = book.book.table("rejections", asked)
        empty = "Nothing was refused, as far as these options go."
        show(found, form, rejections_text, empty=empty, limit=limit)
        tell(book, form)
