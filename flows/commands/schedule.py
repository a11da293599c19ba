"""`schedule`: runs at set times, until it is stopped."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.commands.options import DataDir
from flows.commands.run import RUN, Source, known_sources
from flows.plan import DEFAULT_CRON, Plan
from flows.render import note

app = typer.Typer()


@app.command(rich_help_panel=RUN)
def schedule(
    *,
    cron: Annotated[
        str,
        typer.Option("--cron", metavar="CRON", help="When to run: a cron expression, in UTC."),
    ] = DEFAULT_CRON,
    source: Source = None,
    new_auth: Annotated[
        bool,
        typer.Option("--new-auth", help="Change the auth string of Prefect's page and server."),
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Refresh on a schedule, one run at a time, until stopped (Ctrl-C or SIGTERM).

    [bold]Examples[/bold]

        pricebook schedule

        pricebook schedule --cron "5 3 * * *"

    Brings a Prefect server of its own and names its page, unless
    PRICEBOOK_PREFECT_API_URL names your server. The page asks for the auth
    string in prefect/auth of the data directory; PRICEBOOK_PREFECT_PORT
    gives it a port that stays. Runs that were due while it
    was stopped are not made up for. Ends with 0 when it is stopped, 4 when
    the data directory has a schedule already.
    """
    from flows.schedule import run_schedule  # noqa: PLC0415 # reading verbs need none of it
    from flows.settings import load  # noqa: PLC0415

    plan = Plan(cron, sources=tuple(known_sources(source or ())))
    settings = load(data_dir)
    note(f"data directory: {settings.data_dir}")
    run_schedule(settings, plan, note, new_auth=new_auth)
