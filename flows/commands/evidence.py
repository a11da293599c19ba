"""`captures` and `rejections`: what was received, and what of it was not believed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from flows.commands.looking import LOOK
from flows.commands.options import At, DataDir, Form, Limit, Since, Sources
from flows.evidence import captures_text, rejections_text
from flows.opening import known, opened, status_words, tell
from flows.render import Format, note, out, show
from flows.report import UNREADABLE, WITHDRAWN
from flows.times import readable
from models.capture import FetchOutcome

OUTCOMES: Final = (*FetchOutcome, UNREADABLE, WITHDRAWN)
_DONE: Final = {"withdraw": "withdrawn", "restore": "restored"}

app = typer.Typer()
captures = typer.Typer(invoke_without_command=True)
app.add_typer(captures, name="captures", rich_help_panel=LOOK)

Fetch = Annotated[
    str, typer.Argument(metavar="FETCH", help="Its id, as `captures` shows it, or its beginning.")
]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept.")]


@captures.callback()
def list_captures(
    context: typer.Context,
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

        pricebook captures withdraw 3f1c2a --reason "the answer of a test server"

    `ok` and `unchanged` are healthy. --at leaves out what came later. History does not rest on a
    fetch that is `withdrawn`; `captures restore` takes it back in.
    """
    if context.invoked_subcommand is not None:
        return
    from flows.fetch_ids import with_fetch_ids  # noqa: PLC0415 # withdrawing needs none of it

    with opened(data_dir) as book:
        asked = {
            "since": since,
            "at": at,
            "sources": known(book.book, "source", source or ()),
            "outcomes": list(status_words(outcome or (), OUTCOMES, "--outcome")) or None,
        }
        found = with_fetch_ids(book.book.table("captures", asked), book.data_dir)
        empty = "Nothing was received or tried in that time, as far as these options go."
        show(found, form, captures_text, empty=empty, limit=limit)
        tell(book, form)


@captures.command("withdraw")
def withdraw(fetch: Fetch, *, reason: Reason, data_dir: DataDir = None) -> None:
    """Take a stored fetch out of the derivation, derive history without it, and publish.

    [bold]Example[/bold]

        pricebook captures withdraw 3f1c2a --reason "dated by a clock that was a year ahead"

    The fetch stays stored; who withdrew it, when and why is kept in captures/withdrawals.jsonl.
    """
    _change(fetch, "withdraw", reason, data_dir)


@captures.command("restore")
def restore(fetch: Fetch, *, reason: Reason, data_dir: DataDir = None) -> None:
    """Take a withdrawn fetch back into the derivation, derive history with it, and publish.

    [bold]Example[/bold]

        pricebook captures restore 3f1c2a --reason "the clock was right after all"
    """
    _change(fetch, "restore", reason, data_dir)


def _change(
    fetch: str, action: Literal["withdraw", "restore"], reason: str, data_dir: Path | None
) -> None:
    from flows.settings import load  # noqa: PLC0415 # listing must not pay for deriving
    from flows.withdrawing import change  # noqa: PLC0415

    settings = load(data_dir)
    note(f"data directory: {settings.data_dir}")
    done = change(settings, fetch, action, reason)
    when = readable(done.fetch.fetched_at)
    out(f"{_DONE[action]}: {done.fetch.fetch_id}, {done.fetch.source} of {when}")
    out(done.snapshot.told() if done.snapshot else "Nothing is left to publish.")


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
