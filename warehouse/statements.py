"""The SQL of this package: one statement or script a file, under ``warehouse/sql``."""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def sql(name: str) -> str:
    """The text of ``warehouse/sql/<name>.sql``."""
    return resources.files("warehouse").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")


@cache
def names(folder: str) -> tuple[str, ...]:
    """The files of a folder under ``warehouse/sql``, without their ending, in order of name."""
    files = resources.files("warehouse").joinpath("sql", folder).iterdir()
    return tuple(sorted(file.name[:-4] for file in files if file.name.endswith(".sql")))
