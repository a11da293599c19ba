"""`unmatched` and `match`: names that mean no id of their seller yet."""

from __future__ import annotations

import typer

from flows.commands.options import At, DataDir, Form, Limit, Sources
from flows.evidence import matches_text, unmatched_text
from flows.opening import known, opened, tell
from flows.render import Format, show

PERSON = "What needs a person"
NONE_OPEN = "Every name is matched, as far as these options go."

app = typer.Typer()
match = typer.Typer(no_args_is_help=True)
app.add_typer(match, name="match", rich_help_panel=PERSON)


@match.callback()
def match_names() -> None:
    """Say which id a printed name stands for."""


@app.command(rich_help_panel=PERSON)
def unmatched(
    *,
    form: Form = Format.TABLE,
    at: At = None,
    limit: Limit = None,
    source: Sources = None,
    data_dir: DataDir = None,
) -> None:
    """List names that mean no id of their seller, with ids they may stand for.

    [bold]Examples[/bold]

        pricebook unmatched

        pricebook unmatched --source aiml_pricing_page --format csv

    Such a row is published as an offering of its own; a suggestion is never taken by itself.
    """
    with opened(data_dir) as book:
        asked = {"at": at, "sources": known(book.book, "source", source or ())}
        found = book.book.table("unmatched", asked)
        show(found, form, unmatched_text, empty=NONE_OPEN, limit=limit)
        tell(book, form)


@match.command("list")
def list_candidates(
    *,
    form: Form = Format.TABLE,
    limit: Limit = None,
    source: Sources = None,
    data_dir: DataDir = None,
) -> None:
    """List the ids that each open name may stand for, the likest first.

    [bold]Example[/bold]

        pricebook match list --source aiml_pricing_page
    """
    with opened(data_dir) as book:
        asked = {"at": None, "sources": known(book.book, "source", source or ())}
        found = book.book.table("unmatched", asked)
        show(found, form, matches_text, empty=NONE_OPEN, limit=limit)
        tell(book, form)
