"""`unmatched` and `match`: names that mean no id of their seller yet."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from flows.commands.options import At, DataDir, Form, Limit, Sources
from flows.errors import UsageError
from flows.evidence import matches_text, unmatched_text
from flows.opening import known, opened, tell
from flows.render import Format, out, show

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
    """List the ids that each open name may stand for, the likest first, and why.

    [bold]Example[/bold]

        pricebook match list --source aiml_pricing_page

    A suggestion is only that: `pricebook match accept` says which one is meant.
    """
    from flows.matching import candidates  # noqa: PLC0415 # likeness costs 50 ms to import

    with opened(data_dir) as book:
        found = candidates(book.book, known(book.book, "source", source or ()))
        show(found, form, matches_text, empty=NONE_OPEN, limit=limit)
        tell(book, form)


@match.command("accept")
def accept(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A name as `pricebook unmatched` lists it.")
    ],
    target: Annotated[
        list[str],
        typer.Argument(
            metavar="ID…", help="What it stands for: ids of its seller; a* is every id from a on."
        ),
    ],
    *,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why they are the same.")],
    evidence: Annotated[
        str,
        typer.Option(
            "--evidence",
            metavar="URL",
            help="Where that can be seen; the source's own page when left out.",
        ),
    ] = "",
    covers: Annotated[
        str,
        typer.Option(
            "--covers",
            metavar="TEXT",
            help='With several ids: what the one price covers, such as "every voice".',
        ),
    ] = "",
    operation: Annotated[
        str,
        typer.Option(
            "--operation",
            metavar="OPERATION",
            help="Which, where a name is printed under several.",
        ),
    ] = "",
    canonical: Annotated[
        bool,
        typer.Option(
            "--canonical",
            help="Instead: NAME is an id, and ID the canonical model that it belongs to.",
        ),
    ] = False,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Then derive history again and publish.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    r"""Say what a name stands for: writes it into your own file of checked names.

    [bold]Examples[/bold]

        pricebook match accept "Moonshot / Kimi K2 Turbo" moonshot/kimi-k2-turbo-preview \
            --reason "The seller's page for this id has the name as its heading."

        pricebook match accept --canonical aimlapi/qwen-max alibaba/qwen-max-2025-01-25 \
            --reason "The alias page says which release it is." --rebuild

    The file is `aliases.toml` in the data directory, unless PRICEBOOK_ALIASES_FILE says otherwise.
    With the next rebuild or load the name's history moves to the ids, as a correction.
    """
    from flows import matching  # noqa: PLC0415 # reading verbs must not pay for these
    from flows.accepting import keep  # noqa: PLC0415
    from flows.settings import load  # noqa: PLC0415

    settings = load(data_dir)
    said = matching.Wording(reason, covers, evidence, operation)
    with opened(data_dir) as book:
        today = datetime.now(UTC).date()
        if canonical:
            if len(target) != 1:
                raise UsageError("an id belongs to one canonical model: name one")
            alias = matching.canonical_model(book.book, name, target[0], said, today)
        else:
            alias = matching.printed_name(book.book, name, target, said, today)
    out(keep(settings, alias, rebuilding=rebuild))
