"""`snapshots`: what was published, and when."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from flows.commands.options import DataDir, Form, Limit
from flows.errors import NOT_DONE, NoSuchThingError
from flows.opening import newest
from flows.places import data_dir as find_data_dir
from flows.render import Format, note, show, text_table
from flows.tables import Column
from flows.times import readable
from flows.words import quantity, stated_when
from models.money import canonical, plain, times
from models.registry import METERS
from warehouse.read import Table

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

_FAULTS: Final = (Column("snapshot", wraps=False), Column("fault"))
_DIFFERENCES: Final = (
    Column("difference", wraps=False),
    Column("what", wraps=False),
    Column("model"),
    Column("seller"),
    Column("for", expendable=2),
    Column("counted"),
    Column("when"),
    Column("before"),
    Column("after"),
)

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
    standing = newest(directory).snapshot_id
    rows = [_row(path, standing) for path in _snapshots(published)]
    found = Table(_NAMES, tuple(rows))
    show(found, form, _text, empty="No snapshot is kept.", limit=limit)
    if form is Format.TABLE:
        note(str(published))


@snapshots.command("verify")
def verify(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SNAPSHOT]...", help="Ids; without any, all that are kept."),
    ] = None,
    *,
    form: Form = Format.TABLE,
    data_dir: DataDir = None,
) -> None:
    """Read every byte of snapshots again and hold it to checksums and schemas.

    Ends with 1 when anything is not as its manifest says.

    [bold]Examples[/bold]

        pricebook snapshots verify

        pricebook snapshots verify 20261012T060000Z-0a1b2c3d
    """
    from warehouse.verify import faults  # noqa: PLC0415 # Arrow, which other verbs do without

    published = find_data_dir(data_dir) / "published"
    standing = newest(published.parent)
    paths = [_path(published, name) for name in names or ()] or _snapshots(published)
    rows = [
        (path.name, fault)
        for path in paths
        for fault in faults(
            path,
            manifest_sha256=standing.manifest_sha256 if path.name == standing.snapshot_id else None,
        )
    ]
    show(
        Table(("snapshot_id", "fault"), tuple(rows)),
        form,
        lambda found: text_table(_FAULTS, [[row["snapshot_id"], row["fault"]] for row in found]),
        empty=f"{len(paths)} verified: every checksum and schema is as the manifest says.",
    )
    if rows:
        raise typer.Exit(NOT_DONE)


@snapshots.command("diff")
def diff(
    before: Annotated[
        str | None,
        typer.Argument(metavar="[BEFORE]", help="An id; without one, the newest but one."),
    ] = None,
    after: Annotated[
        str | None, typer.Argument(metavar="[AFTER]", help="An id; without one, the newest.")
    ] = None,
    *,
    form: Form = Format.TABLE,
    limit: Limit = None,
    data_dir: DataDir = None,
) -> None:
    """Show which models and prices differ between two snapshots.

    [bold]Examples[/bold]

        pricebook snapshots diff

        pricebook snapshots diff 20260915T060000Z-0a1b2c3d 20261012T060000Z-4e5f6071 --format csv
    """
    from warehouse.comparing import difference  # noqa: PLC0415 # opens DuckDB

    published = find_data_dir(data_dir) / "published"
    last = _path(published, after) if after else newest(published.parent).directory
    older = [path for path in _snapshots(published) if path.name < last.name]
    if before is None and not older:
        raise NoSuchThingError(f"there is no snapshot before {last.name} to compare it with")
    oldest = _path(published, before) if before else older[0]
    found = difference(oldest, last)
    show(found, form, _differences, empty="They hold the same models and prices.", limit=limit)
    if form is Format.TABLE:
        note(f"from {oldest.name} to {last.name}")


def _snapshots(published: Path) -> list[Path]:
    """The directories of all snapshots, the newest first, whatever state they are in.

    One that is being built has a name that starts with a dot.
    """
    found = [path for path in (published / "snapshots").glob("[!.]*") if path.is_dir()]
    return sorted(found, key=lambda path: path.name, reverse=True)


def _path(published: Path, name: str) -> Path:
    """The snapshot of that id, or of the only id that begins so."""
    found = [path for path in _snapshots(published) if path.name.startswith(name)]
    exact = [path for path in found if path.name == name]
    if len(exact or found) != 1:
        what = "no snapshot" if not found else f"{len(found)} snapshots"
        raise NoSuchThingError(
            f"{what} called {name}: `pricebook snapshots list` shows what there is"
        )
    return (exact or found)[0]


def _differences(rows: Sequence[Mapping[str, Any]]) -> str:
    lines = [
        [
            row["difference"],
            row["what"],
            row["model_id"],
            row["seller"],
            row["operation"],
            "" if row["meter"] is None else row["meter"].replace("_", " "),
            stated_when(row["conditions"] or "{}"),
            _side(row, "old"),
            _side(row, "new"),
        ]
        for row in rows
    ]
    return text_table(_DIFFERENCES, lines)


def _side(row: Mapping[str, Any], side: str) -> str:
    """A price as people quote it, or the status where there is no number."""
    price, meter = row[f"{side}_unit_price_usd"], METERS.get(row["meter"] or "")
    if price is None or meter is None:
        return row[f"{side}_status"] or ""
    quoted = plain(canonical(times(price, meter.quoted_per)))
    return f"{quoted} per {quantity(meter.quoted_per, meter.unit)}"


def _row(path: Path, standing: str) -> tuple[Any, ...]:
    try:
        stated: dict[str, Any] = json.loads((path / "manifest.json").read_bytes())
    except (OSError, ValueError):
        return (path.name, path.name == standing, *[None] * (len(_NAMES) - 2))
    files: list[dict[str, Any]] = stated["files"]
    return (
        path.name,
        path.name == standing,
        datetime.fromisoformat(stated["as_of"]),
        datetime.fromisoformat(stated["created_at"]),
        stated["origin"],
        len(files),
        sum(file["bytes"] for file in files),
    )


def _stated(row: Mapping[str, Any]) -> list[str]:
    if row["files"] is None:
        return ["damaged", "", "", "", ""]
    return [
        readable(row["as_of"]),
        readable(row["created_at"]),
        row["origin"],
        str(row["files"]),
        f"{row['bytes']:,}",
    ]


def _text(rows: Sequence[Mapping[str, Any]]) -> str:
    lines = [
        [
            row["snapshot_id"],
            "newest" if row["is_latest"] else "",
            *_stated(row),
        ]
        for row in rows
    ]
    return text_table(_COLUMNS, lines)
