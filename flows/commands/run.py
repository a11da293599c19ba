"""`refresh`, `backfill`, `rebuild` and `publish`: the verbs that write."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.commands.options import DataDir
from flows.errors import NOT_DONE, UsageError
from flows.render import note, out
from models.registry import ASKED

RUN = "Run"

app = typer.Typer()

Source = Annotated[
    list[str] | None,
    typer.Option("--source", metavar="SOURCE", help="Only this one; may be given several times."),
]


@app.command(rich_help_panel=RUN)
def refresh(
    *,
    source: Source = None,
    replay: Annotated[
        Path | None,
        typer.Option("--replay", metavar="DIR", help="Replay a recording instead of the sites."),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Fetch every source once, load what changed, publish a snapshot.

    [bold]Examples[/bold]

        pricebook refresh

        pricebook refresh --replay fixtures/captures --data-dir demo

    Ends with 0 when every source loaded, 3 when someone should look, 1 when nothing was published,
    4 when another run holds the data directory.
    """
    from flows import running, summary  # noqa: PLC0415 # reading verbs must not pay for these
    from flows.settings import load  # noqa: PLC0415

    only = known_sources(source or ())
    settings = load(data_dir)
    note(f"data directory: {settings.data_dir}")
    if replay is None:
        report = running.run_live(settings, only)
        out(summary.of_run(report, settings.data_dir))
        raise typer.Exit(report.exit_status)
    if not replay.is_dir():
        raise UsageError(f"{replay} is no folder: name one that holds <source>/<time>.json files")
    recording = replay.absolute()
    note(f"replaying {recording}: its answers are served on this machine, nothing is live")
    reports, skipped = running.run_replay(
        settings, recording, only, lambda each: note(summary.line_of(each))
    )
    out(summary.of_replay(reports, skipped, settings.data_dir, recording))
    raise typer.Exit(summary.status_of(reports, skipped))


@app.command(rich_help_panel=RUN)
def backfill(
    folder: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="Holds <source>/<time>[.<status>].<json|html>[.gz]."),
    ],
    *,
    data_dir: DataDir = None,
) -> None:
    """Load a folder of recorded captures straight from disk, without network.

    Kill it anywhere and start it again: what is stored and loaded already is left alone.

    [bold]Examples[/bold]

        pricebook backfill ~/openrouter-archive
    """
    from flows import running, summary  # noqa: PLC0415 # reading verbs must not pay for these
    from flows.settings import load  # noqa: PLC0415

    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder: name one that holds <source>/<time>.json files")
    settings = load(data_dir)
    note(f"data directory: {settings.data_dir}")
    report = running.run_backfill(
        settings, folder, lambda done, total: note(f"loaded {done} of {total} recorded fetches")
    )
    out(summary.of_backfill(report, settings.data_dir))
    raise typer.Exit(report.exit_status)


@app.command(rich_help_panel=RUN)
def rebuild(
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Only report what would be corrected; write nothing.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Derive all history again from the stored captures with today's code and aliases.

    Differences become corrections: the old belief stays answerable with --as-known. With --check
    it ends with 3 when there would be any, or when stored captures are not loaded yet.

    [bold]Example[/bold]

        pricebook rebuild --check
    """
    from flows import running, summary  # noqa: PLC0415 # reading verbs must not pay for these
    from flows.settings import load  # noqa: PLC0415

    settings = load(data_dir)
    note(f"data directory: {settings.data_dir}")
    report = running.run_rebuild(settings, only_check=check)
    out(summary.of_rebuild(report, settings.data_dir))
    raise typer.Exit(report.exit_status)


@app.command(rich_help_panel=RUN)
def publish(
    *,
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="TARGET",
            help="Copy the newest snapshot there: a folder, or an address that fsspec can write.",
        ),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Publish what the warehouse believes; makes no snapshot when only freshness moved.

    The newest snapshot is checked first: one that is damaged, or that nothing leads to, is
    published again.

    With --to the newest snapshot is then copied: its files first, read back and compared, and
    latest.json last, so whoever reads there never finds half of one.

    [bold]Examples[/bold]

        pricebook publish

        pricebook publish --to /srv/prices

        pricebook publish --to s3://my-bucket/prices
    """
    from flows import running  # noqa: PLC0415 # reading verbs must not pay for these
    from flows.settings import load  # noqa: PLC0415
    from warehouse.copying import copy_latest  # noqa: PLC0415

    settings = load(data_dir)
    done = running.run_publish(settings)
    if done is None:
        note(f"nothing to publish in {settings.data_dir}: run `pricebook refresh` first")
        raise typer.Exit(NOT_DONE)
    out(f"{done.told()}\n{done.path}")
    if to is not None:
        out(f"copied to {copy_latest(settings.published, to)}")


def known_sources(names: list[str] | tuple[()]) -> list[str]:
    """The names when each is a source's. Raises UsageError for one that is not."""
    for name in names:
        if name not in ASKED:
            raise UsageError(f"{name!r} is no source; there are: {', '.join(ASKED)}")
    return list(names)
