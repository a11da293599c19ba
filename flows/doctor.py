"""Checks of the installation, each with what to do when it fails."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Final

from flows.checkup import Finding
from flows.doctor_data import check_data
from flows.errors import SettingsError

_OLDEST_PYTHON: Final = (3, 11)
_LEAST_FREE_BYTES: Final = 500 * 1024 * 1024
_IMPORTED_AS: Final = {"pydantic-settings": "pydantic_settings", "price-parser": "price_parser"}
_SET_UP: Final = "set it up anew with `make clean` and then `make run`"


def check_all(data_dir: Path, *, deep: bool) -> Iterator[Finding]:
    """Run every check in turn; with `deep`, also the slow ones."""
    yield _python()
    yield _packages()
    if deep:
        yield _prefect()
    yield _settings(data_dir)
    yield _writable(data_dir)
    yield _space(data_dir)
    yield from check_data(data_dir, deep=deep)


def _python() -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < _OLDEST_PYTHON:
        return Finding("python", found, "install Python 3.11 or newer")
    return Finding("python", f"{found} at {sys.executable}")


def _packages() -> Finding:
    """Whether everything the project asks for is there; versions only as far as they are pinned."""
    missing: list[str] = []
    try:
        wanted = [text.partition(";")[0] for text in requires("pricebook") or ()]
        installed = version("pricebook")
    except PackageNotFoundError:
        return Finding("packages", "pricebook itself is not installed", _SET_UP)
    for requirement in wanted:
        name = _name(requirement)
        if importlib.util.find_spec(_IMPORTED_AS.get(name, name)) is None:
            missing.append(name)
    if missing:
        return Finding("packages", f"missing: {', '.join(missing)}", _SET_UP)
    return Finding("packages", f"pricebook {installed}, {len(wanted)} libraries found")


def _prefect() -> Finding:
    """Whether Prefect starts, under the library versions it is known to run with."""
    pins = [r for r in requires("pricebook") or () if _name(r) in {"fastapi", "sqlalchemy"}]
    found = ", ".join(f"{_name(r)} {version(_name(r))} (wanted {r})" for r in pins)
    # In a process of its own, because importing it reads and keeps its settings.
    environment = {k: v for k, v in os.environ.items() if not k.upper().startswith("PREFECT_")}
    with tempfile.TemporaryDirectory() as home:
        started = subprocess.run(
            [sys.executable, "-c", "import prefect"],
            env={**environment, "PREFECT_HOME": home, "DO_NOT_TRACK": "1"},
            cwd=home,
            capture_output=True,
            text=True,
            check=False,
        )
    if started.returncode:
        why = (started.stderr.strip().splitlines() or ["no reason given"])[-1]
        return Finding("prefect", f"cannot be imported: {why}", _SET_UP)
    wrong = [r for r in pins if not _satisfied(r)]
    says = f"{version('prefect')} starts; {found}"
    return Finding("prefect", says, f"scheduled runs would not start: {_SET_UP}" if wrong else "")


def _settings(data_dir: Path) -> Finding:
    from flows.places import settings_file  # noqa: PLC0415
    from flows.settings import load  # noqa: PLC0415 # a fifth of a second

    try:
        settings = load(data_dir)
    except SettingsError as error:
        return Finding("settings", str(error), "correct it as said")
    file = settings_file().path
    server = f", Prefect server {settings.prefect_api_url}" if settings.prefect_api_url else ""
    return Finding(
        "settings", f"{file or 'no settings file'}; sources: {', '.join(settings.sources)}{server}"
    )


def _writable(data_dir: Path) -> Finding:
    place = _existing(data_dir)
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        return Finding(
            "data directory",
            f"{data_dir} cannot be written to: {error.strerror}",
            "change its owner or permissions, or choose another with --data-dir",
        )
    state = "" if place == data_dir else " (will be made by the first run)"
    return Finding("data directory", f"{data_dir}{state}")


def _space(data_dir: Path) -> Finding:
    free = shutil.disk_usage(_existing(data_dir)).free
    says = f"{free / 1024**3:.1f} GB free"
    return Finding("disk", says, "make room" if free < _LEAST_FREE_BYTES else "")


def _existing(path: Path) -> Path:
    """The path itself, or the nearest directory above it that exists."""
    return next(place for place in (path, *path.parents) if place.is_dir())


def _name(requirement: str) -> str:
    """The distribution's name at the start of a requirement."""
    end = next((i for i, c in enumerate(requirement) if c in "<>=!~[ ;"), len(requirement))
    return requirement[:end]


def _satisfied(requirement: str) -> bool:
    """Whether the installed version lies within the requirement's bounds."""
    from packaging.requirements import Requirement  # noqa: PLC0415

    wanted = Requirement(requirement)
    return wanted.specifier.contains(version(wanted.name))
