"""`sql`: a person's own question to the published database."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.asking import answer_text, ask
from flows.commands.looking import LOOK
from flows.commands.options import DataDir, Form
from flows.opening import opened, tell
from flows.render import Format, note, show

app = typer.Typer()


@app.command(rich_help_panel=LOOK)
def sql(
    query: Annotated[
        str, typer.Argument(metavar="QUERY", help="One statement of DuckDB's SQL that reads.")
    ],
    *,
    form: Form = Format.TABLE,
    limit: Annotated[
        int, typer.Option("--limit", min=0, metavar="N", help="At most so many rows; 0 is all.")
    ] = 1000,
    data_dir: DataDir = None,
) -> None:
    """Ask the published database, read-only.

    [bold]Examples[/bold]

        pricebook sql "SHOW TABLES"

        pricebook sql "SELECT model_id, quoted_price_usd FROM prices WHERE meter = 'output_image'"

        pricebook sql "FROM prices_as_of('2025-12-01')" --format csv --limit 0

    `DESCRIBE prices` lists the columns of a table; comments say what they mean:
    SELECT column_name, comment FROM duckdb_columns() WHERE table_name = 'price_history'
    """
    with opened(data_dir) as source:
        found, types, is_cut = ask(source.book, query, limit)
        show(found, form, lambda _: answer_text(found, types), empty="No rows.")
        if is_cut:
            note(f"There are more than {limit:,} rows; --limit 0 gives all.")
        tell(source, form)
