"""What a run leaves on Prefect's pages: how far it is, a table of it, and it in words.

None of it is needed by anything else, so a server that cannot take it does not fail the run.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final, cast
from uuid import UUID

import httpx
from prefect import get_run_logger
from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.exceptions import PrefectException

from flows.markdown import escaped
from flows.moves import Move, changes_markdown, folded
from flows.report import RunReport
from warehouse.read import Filters, open_book

PROGRESS_KEY: Final = "refresh-progress"
TABLE_KEY: Final = "refresh-run"
CHANGES_KEY: Final = "price-changes"
SHOWN: Final = 200
"""How many moves a page shows."""


def start_progress() -> UUID | None:
    """Show a progress bar at its start; None when the server did not take it."""
    made: list[UUID] = []
    with _optional():
        # Annotated for callers that await it, too.
        made.append(cast("UUID", create_progress_artifact(0.0, PROGRESS_KEY, "fetching")))
    return made[0] if made else None


def advance(progress: UUID | None, percent: float, doing: str) -> None:
    """Move the bar to `percent` of the run and say what comes next."""
    if progress is not None:
        with _optional():
            update_progress_artifact(progress, percent, description=doing)


def leave(report: RunReport) -> None:
    """Leave the table and the words of a finished run."""
    with _optional():
        create_table_artifact(_as_cells(report), key=TABLE_KEY, description="source by source")
    with _optional():
        create_markdown_artifact(_in_words(report), key=CHANGES_KEY, description="what moved")


def _as_cells(report: RunReport) -> list[dict[str, str | int]]:
    """The table of a run; Prefect's page reads a cell of text as Markdown."""
    return [{**row, "detail": escaped(str(row["detail"]))} for row in report.as_table_rows()]


def _in_words(report: RunReport) -> str:
    """The run, and a line for every price that moved, as far as a page holds them."""
    moves = _moves(report)
    if not moves:
        return f"{report.as_markdown()}\nNo price moved.\n"
    more = f"\n\nand {len(moves) - SHOWN} more" if len(moves) > SHOWN else ""
    table = changes_markdown(moves[:SHOWN])
    return f"{report.as_markdown()}\n## Prices that moved\n\n{table}{more}\n"


def _moves(report: RunReport) -> list[Move]:
    if not report.load.changes or report.snapshot is None:
        return []
    since = {"since": report.started_at, "at": None, "as_known": None, "kinds": None}
    with open_book(report.snapshot.path) as book:
        rows = book.records("changes", {**Filters().parameters(), **since})
        return folded(rows, book.records("meters"))


@contextmanager
def _optional() -> Generator[None]:
    try:
        yield
    except (httpx.HTTPError, PrefectException) as error:
        get_run_logger().warning("the run's page is incomplete: %s", error)
