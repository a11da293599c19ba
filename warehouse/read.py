"""Reading what was published: one snapshot, opened read-only, asked with the SQL of `sql/read`.

The writer's database is never touched here. A reader resolves `latest.json` once and stays in the
snapshot that it names, so that what it shows fits together while the next run publishes.

Errors: `SnapshotError` when a snapshot is named but missing or unreadable; a data directory where
nothing was published yet is no error here (`latest` returns None).
"""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import duckdb

from warehouse.errors import SnapshotError
from warehouse.statements import sql

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from pathlib import Path

LATEST: Final = "latest.json"
DATABASE: Final = "pricebook.duckdb"
_PARAMETER: Final = re.compile(r"\$([a-z_]+)")


@dataclass(frozen=True, slots=True)
class Pointer:
    """What `latest.json` says: which snapshot is the newest, and where it lies."""

    snapshot_id: str
    directory: Path
    manifest_sha256: str


@dataclass(frozen=True, slots=True)
class Table:
    """The answer to a query: names of columns, and rows in their order."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def records(self) -> list[dict[str, Any]]:
        """The rows as dictionaries."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def head(self, count: int) -> Table:
        """The first `count` rows."""
        return Table(self.columns, self.rows[:count])


@dataclass(frozen=True, slots=True)
class Filters:
    """Which rows are asked for; None is all. `statuses` are of prices, or of lifecycles."""

    sellers: list[str] | None = None
    offerings: list[str] | None = None
    operations: list[str] | None = None
    modalities: list[str] | None = None
    meters: list[str] | None = None
    statuses: list[str] | None = None

    def parameters(self) -> dict[str, list[str] | None]:
        """As parameters of the statements."""
        return asdict(self)


class Book:
    """One open snapshot."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def table(self, name: str, parameters: Mapping[str, object] | None = None) -> Table:
        """Run `sql/read/<name>.sql` with those of the parameters that it mentions.

        Raises SnapshotError when this snapshot cannot answer it.
        """
        text = sql(f"read/{name}")
        wanted = set(_PARAMETER.findall(text))
        given = {key: value for key, value in (parameters or {}).items() if key in wanted}
        try:
            cursor = self.connection.execute(text, given or None)
            columns = tuple(str(column[0]) for column in cursor.description or ())
            return Table(columns, tuple(cursor.fetchall()))
        except duckdb.Error as error:
            raise SnapshotError(
                f"the snapshot cannot answer `{name}` ({_first_line(error)}): "
                "it was made by another version, so run `pricebook publish`"
            ) from error

    def records(
        self, name: str, parameters: Mapping[str, object] | None = None
    ) -> list[dict[str, Any]]:
        """The rows of `table` as dictionaries."""
        return self.table(name, parameters).records()


def latest(published: Path) -> Pointer | None:
    """Read which snapshot is the newest; None when nothing was published yet.

    Raises SnapshotError when `latest.json` cannot be understood or names what is not there.
    """
    path = published / LATEST
    try:
        stated: Any = json.loads(path.read_bytes())
        snapshot_id, where = str(stated["snapshot_id"]), str(stated["path"])
        sha256 = str(stated["manifest_sha256"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SnapshotError(
            f"{path} cannot be understood ({error}): run `pricebook publish`"
        ) from error
    directory = (published / where).resolve()
    if not directory.is_relative_to(published.resolve()) or not directory.is_dir():
        raise SnapshotError(f"{path} names {where}, which is not there: run `pricebook publish`")
    return Pointer(snapshot_id, directory, sha256)


@contextmanager
def open_book(directory: Path) -> Generator[Book]:
    """Open the database of one snapshot for reading, and nothing else of the machine.

    Raises SnapshotError when it cannot be opened.
    """
    path = directory / DATABASE
    try:
        connection = duckdb.connect(str(path), read_only=True, config=_CONFIG)
    except duckdb.Error as error:
        raise SnapshotError(
            f"{path} cannot be opened ({_first_line(error)}): run `pricebook publish`"
        ) from error
    try:
        connection.execute("SET TimeZone = 'UTC'; SET lock_configuration = true")
        yield Book(connection)
    finally:
        connection.close()


# What a query may not do, since people and programs hand in their own: reach files or the network,
# load code, or spill beside the snapshot.
_CONFIG: Final[dict[str, str | bool | int | float | list[str]]] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "temp_directory": "",
}


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
