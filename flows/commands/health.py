"""`status` and `doctor`: is everything running, and could it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

import typer

from flows.commands.options import At, DataDir, Form
from flows.errors import OK, SHOULD_LOOK
from flows.opening import opened, tell
from flows.places import data_dir as find_data_dir
from flows.render import Format, note, out, text_table, write_table
from flows.tables import Column

HEALTH = "Is all well"

app = typer.Typer()


@app.command(rich_help_panel=HEALTH)
def status(*, form: Form = Format.TABLE, at: At = None, data_dir: DataDir = None) -> None:
    """Tell how fresh each source is, how its last run ended, and what waits for a person.

    [bold]Examples[/bold]

        pricebook status

        pricebook status --format json

    Ends with 0 when all is well, 3 when someone should look (a source failed or is late, something
    has been held for over 14 days, what was loaded is not published), 1 when nothing is published.
    --at judges as if it were then.
    """
    from flows.health import (  # noqa: PLC0415
        COLUMNS,
        as_records,
        drift_lines,
        examine,
        health_lines,
        source_cells,
    )
    from flows.oddities import oddity_lines  # noqa: PLC0415
    from flows.settings import load  # noqa: PLC0415
    from flows.stored import problems  # noqa: PLC0415
    from warehouse.findings import findings  # noqa: PLC0415

    with opened(data_dir) as source:
        stale_hold = load(data_dir).thresholds().stale_hold
        now = at or datetime.now(UTC)
        health = examine(source.book, source.data_dir / "published", now, stale_hold)
        clock = None if at else now
        health = replace(health, further=tuple(problems(source.data_dir, clock)))
        if form is Format.TABLE:
            out("\n".join(health_lines(health)) + "\n")
            out(text_table(COLUMNS, [source_cells(s, health.now) for s in health.sources]))
            for line in drift_lines(health):
                out(line)
            for line in oddity_lines(findings(source.book.connection)):
                out(line)
        else:
            write_table(as_records(health), form)
        for problem in health.problems:
            note(f"Someone should look: {problem}")
        tell(source, form)
    raise typer.Exit(SHOULD_LOOK if health.problems else OK)


@app.command(rich_help_panel=HEALTH)
def doctor(
    *,
    deep: Annotated[
        bool, typer.Option("--deep", help="Also start Prefect and check every checksum.")
    ] = False,
    form: Form = Format.TABLE,
    data_dir: DataDir = None,
) -> None:
    """Check the installation, and say what to do about each thing that is wrong.

    [bold]Examples[/bold]

        pricebook doctor

        pricebook doctor --deep --data-dir demo

    Ends with 0 when all is well, 3 when something has to be done.
    """
    from flows.doctor import check_all  # noqa: PLC0415

    found = list(check_all(find_data_dir(data_dir), deep=deep))
    if form is Format.TABLE:
        columns = (Column("check"), Column(""), Column("found"), Column("what to do"))
        out(
            text_table(
                columns,
                [[f.check, "ok" if f.is_fine else "!!", f.says, f.remedy] for f in found],
            )
        )
    else:
        write_table(
            [
                {"check": f.check, "ok": f.is_fine, "found": f.says, "remedy": f.remedy}
                for f in found
            ],
            form,
        )
    raise typer.Exit(OK if all(f.is_fine for f in found) else SHOULD_LOOK)
