"""Where things are: the settings file and the data directory.

Only the standard library, because every reading verb comes by here first and answers in a fraction
of a second; `flows.settings` builds on it, so that both always mean the same directory.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from flows.errors import SettingsError

SETTINGS_FILE: Final = "pricebook.toml"
PREFIX: Final = "PRICEBOOK_"
CONFIG_VARIABLE: Final = "PRICEBOOK_CONFIG"
DATA_DIR_VARIABLE: Final = "PRICEBOOK_DATA_DIR"
ALIASES_VARIABLE: Final = "PRICEBOOK_ALIASES_FILE"
ALIASES_FILE: Final = "aliases.toml"
CHECKOUT: Final = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """The settings file in use: its path, absent when there is none, and what it says."""

    path: Path | None
    values: Mapping[str, Any]

    @property
    def base(self) -> Path:
        """The directory that relative paths in settings start from."""
        return self.path.parent if self.path else CHECKOUT


def settings_file(environment: Mapping[str, str] | None = None) -> SettingsFile:
    """Find and read the settings file.

    It is the one `PRICEBOOK_CONFIG` names, else the nearest `pricebook.toml` in the working
    directory or above it, else the checkout's. Raises SettingsError when it cannot be read.
    """
    path = _find(os.environ if environment is None else environment)
    return SettingsFile(path, {} if path is None else _read(path))


def data_dir(chosen: Path | None = None, environment: Mapping[str, str] | None = None) -> Path:
    """The absolute data directory: `chosen`, else `PRICEBOOK_DATA_DIR`, else the settings file's.

    Without any of them it is `data/` beside the settings file or in the checkout, wherever the
    command is typed. Raises SettingsError when the settings file cannot be read.
    """
    if chosen is not None:
        return _absolute(chosen, Path.cwd())
    environment = os.environ if environment is None else environment
    file = settings_file(environment)
    stated = environment.get(DATA_DIR_VARIABLE) or file.values.get("data_dir") or "data"
    if not isinstance(stated, str):
        raise SettingsError(f'data_dir in {file.path} is not a path: write data_dir = "data"')
    return _absolute(Path(stated), file.base)


def aliases_file(directory: Path, environment: Mapping[str, str] | None = None) -> Path:
    """The file of your own checked names: as set, else `aliases.toml` in the data directory.

    Raises SettingsError when the settings file cannot be read.
    """
    environment = os.environ if environment is None else environment
    file = settings_file(environment)
    stated = environment.get(ALIASES_VARIABLE) or file.values.get("aliases_file")
    if not stated:
        return directory / ALIASES_FILE
    if not isinstance(stated, str):
        raise SettingsError(f"aliases_file in {file.path} is not a path: write it in quotes")
    return _absolute(Path(stated), file.base)


def _find(environment: Mapping[str, str]) -> Path | None:
    named = environment.get(CONFIG_VARIABLE)
    if named:
        path = _absolute(Path(named), CHECKOUT)
        if not path.is_file():
            raise SettingsError(f"{CONFIG_VARIABLE} names {path}, and there is no such file")
        return path
    here = Path.cwd()
    folders = (here, *here.parents, CHECKOUT)
    return next((f / SETTINGS_FILE for f in folders if (f / SETTINGS_FILE).is_file()), None)


def _read(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}") from error


def _absolute(path: Path, base: Path) -> Path:
    try:
        expanded = path.expanduser()
    except RuntimeError as error:
        raise SettingsError(f"{path}: the home directory of ~ is unknown") from error
    # Not resolve(): a data directory may well be a link, and its own name is the one to show.
    return Path(os.path.normpath(base / expanded))
