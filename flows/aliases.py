"""Names that a person has checked: those that ship with the code, and the user's own file.

The user's file lies outside the code, which may be installed where nobody can write. It is only
ever added to, whole or not at all.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Final

from flows.errors import SettingsError
from models.identity.aliases import Alias, AliasError, alias_text, load_aliases

_HEAD: Final = "# Names that a person here has checked; `pricebook match accept` adds to it.\n"


def read_aliases(path: Path) -> tuple[Alias, ...]:
    """All checked names: the shipped ones, and those of the user's file where there is one.

    Raises SettingsError, which names the file, for one that cannot be read or used.
    """
    return _checked(path, _text(path))


def add_alias(path: Path, alias: Alias) -> None:
    """Add an entry to the user's file.

    Raises SettingsError when the entry, or what stands there already, cannot be used; the file is
    then as it was.
    """
    before = _text(path)
    after = f"{before.rstrip()}\n\n" if before.strip() else f"{_HEAD}\n"
    after += alias_text(alias)
    _checked(path, before)
    _checked(path, after)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, after)
    except OSError as error:
        raise SettingsError(f"{path} cannot be written: {error.strerror}") from error


def _checked(path: Path, text: str) -> tuple[Alias, ...]:
    try:
        return load_aliases(text)
    except AliasError as error:
        raise SettingsError(f"{path}: {error}") from error


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}") from error


def _replace(path: Path, text: str) -> None:
    # A link to a file kept elsewhere, such as a repository, stays a link.
    target = path.resolve()
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        unfinished.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o644)
        unfinished.replace(target)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
