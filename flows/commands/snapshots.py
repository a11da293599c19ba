"""`snapshots`: what was published, and when."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import typer

from flows.commands.options import DataDir, Form, Limit
from flows.errors import NothingPublishedError
from flows.places import data_dir as find_data_dir
from flows.render import Format, note, show, text_table
from flows.tables import Column
from flows.times import readable
from warehouse.read import Table, latest

RUN: Final = "Run"
_COLUMNS: Final = (
    Column("snapshot", wraps=False),
    Column("newest"),
    Column("as of", wraps=False),
    Column("made", wraps=False, expendable=2),
    Column("origin", expendable=1),
    Column("files", align="right", expendable=3),
    Column("bytes", align="right"),
)
_NAMES: Final = ("snapshot_id", "is_latest", "as_of", "created_at", "origin", "files", "bytes")

app = typer.Typer()
snapshots = typer.Typer(no_args_is_help=True)
app.add_typer(snapshots, name="snapshots", rich_help_panel=RUN)


@snapshots.callback()
def published_snapshots() -> None:
    """Look at what was published."""


@snapshots.command("list")
def list_snapshots(
    *, form: Form = Format.TABLE, limit: Limit = None, data_dir: DataDir = None
) -> None:
    """List the snapshots that are kept, the newest first.

    [bold]Example[/bold]

        pricebook snapshots list
    """
    directory = find_data_dir(data_dir)
    published = directory / "published"
    newest = latest(published)
    if newest is None:
        raise NothingPublishedError(
            f"nothing is published in {directory}: run `pricebook refresh` first, "
            "or name another directory with --data-dir"
        )
    rows = [_row(path, newest.snapshot_id) for path in _manifests(published)]
    found = Table(_NAMES, tuple(rows))
    show(found, form, _text, empty="No snapshot is kept.", limit=limit)
    if form is Format.TABLE:
        note(str(published))


def _manifests(published: Path) -> list[Path]:
    """Of every finished snapshot; one that is being built has a name that starts with a dot."""
    found = (published / "snapshots").glob("[!.]*/manifest.json")
    return sorted(found, key=lambda path: path.parent.name, reverse=True)


def _row(path: Path, newest: str) -> tuple[Any, ...]:
    stated: dict[str, Any] = json.loads(path.read_bytes())
    files: list[dict[str, Any]] = stated["files"]
    return (
        stated["snapshot_id"],
        stated["snapshot_id"] == newest,
        datetime.fromisoformat(stated["as_of"]),
        datetime.fromisoformat(stated["created_at"]),
        stated["origin"],
        len(files),
        sum(file["bytes"] for file in files),
    )


def _text(rows: Sequence[Mapping[str, Any]]) -> str:
    lines = [
        [
            row["snapshot_id"],
            "newest" if row["is_latest"] else "",
            readable(row["as_of"]),
            readable(row["created_at"]),
            row["origin"],
            str(row["files"]),
            f"{row['bytes']:,}",
        ]
        for row in rows
    ]
    return text_table(_COLUMNS, lines)
