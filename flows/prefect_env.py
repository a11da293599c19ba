"""What Prefect is allowed to know about this machine.

Prefect 3.8 takes its settings from `PREFECT_*` variables, then `.env`, `prefect.toml` and
`pyproject.toml` in the working directory, then a profile in the user's home, and reads them again
for every process and every override. A person who uses Prefect for something else has some of
these set, and a run of ours must neither follow them (another server, another database) nor leave
anything there. So before Prefect is imported its variables are replaced, and the process moves to
Prefect's own folder inside the data directory, where no such file lies.

The user's own Prefect counts only when an address is given for pricebook on purpose; then its
profile and its variables (a key, a certificate, headers) count as well.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pydantic import SecretStr

PREFECT_FOLDER: Final = "prefect"
"""The name of Prefect's home inside the data directory."""

LOOPBACK: Final = ("127.0.0.1", "localhost")
"""The names of this machine for itself; our server listens on the first."""

_FOREIGN: Final = ("PREFECT", "UVICORN_")
"""Beginnings of the names that Prefect, and the web server under it, read (in either case)."""

_ALWAYS: Final[Mapping[str, str]] = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    # Its pages keep what it logs; on a terminal it would say again what the run's report says.
    "PREFECT_LOGGING_LEVEL": "WARNING",
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
    # We start the server ourselves; should ours be gone, an error is better than another one.
    "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
}


def home_of(data_dir: Path) -> Path:
    """Prefect's home inside `data_dir`, as an absolute path."""
    return data_dir.absolute() / PREFECT_FOLDER


def own_environment(
    base: Mapping[str, str], home: Path, api_url: str, auth: SecretStr
) -> dict[str, str]:
    """`base` for a run with our own server at `api_url`, which answers requests that carry `auth`.

    Nothing of another Prefect is left.
    """
    kept = {name: value for name, value in base.items() if not name.upper().startswith(_FOREIGN)}
    return {
        **kept,
        **_ALWAYS,
        "PREFECT_HOME": str(home),
        "PREFECT_PROFILES_PATH": str(home / "profiles.toml"),
        "PREFECT_API_URL": api_url,
        "PREFECT_API_AUTH_STRING": auth.get_secret_value(),
        **_without_proxy(base),
        **_known_home(base, home),
    }


def users_environment(base: Mapping[str, str], home: Path, api_url: str) -> dict[str, str]:
    """`base` for a run against the server a person named: their profile and variables count.

    What Prefect writes still goes to our folder, and what it reports stays as quiet as elsewhere.
    """
    ours = {
        "PREFECT_HOME": str(home),
        "PREFECT_PROFILES_PATH": base.get("PREFECT_PROFILES_PATH") or str(_users_profiles(base)),
        "PREFECT_API_URL": api_url,
        **_known_home(base, home),
    }
    # Prefect reads names in either case, so a lower-case twin would contradict ours.
    kept = {name: value for name, value in base.items() if name.upper() not in ours}
    return {**_ALWAYS, **kept, **ours}


def enter(home: Path, environment: Mapping[str, str]) -> None:
    """Give this process `environment` and move it to `home`, for good.

    Relative paths mean something else afterwards, so callers make theirs absolute first. When
    Prefect was imported before, it is told to read its settings again.
    """
    home.mkdir(parents=True, exist_ok=True)
    for name in os.environ.keys() - environment.keys():
        del os.environ[name]
    os.environ.update(environment)
    os.chdir(home)
    if "prefect.context" in sys.modules:
        from prefect.context import refresh_global_settings_context  # noqa: PLC0415

        refresh_global_settings_context()


def _without_proxy(base: Mapping[str, str]) -> dict[str, str]:
    """Keep calls to this machine off a proxy that is meant for the world."""
    stated = base.get("no_proxy") or base.get("NO_PROXY") or ""
    hosts = [host.strip() for host in stated.split(",") if host.strip()]
    value = ",".join(dict.fromkeys([*hosts, *LOOPBACK]))
    return {"no_proxy": value, "NO_PROXY": value}


def _known_home(base: Mapping[str, str], home: Path) -> dict[str, str]:
    """Prefect's import ends in an error where no home directory can be found (a bare user id)."""
    if base.get("HOME"):
        return {}
    try:
        Path.home()
    except RuntimeError:
        return {"HOME": str(home)}
    return {}


def _users_profiles(base: Mapping[str, str]) -> Path:
    stated = base.get("PREFECT_HOME")
    try:
        folder = Path(stated).expanduser() if stated else Path.home() / ".prefect"
    except RuntimeError:
        folder = Path(os.devnull)
    return folder.absolute() / "profiles.toml"
