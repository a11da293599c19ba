"""Prefect made ready for a command: which server, and an environment that knows no other one."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from flows import prefect_env
from flows.prefect_server import EMBEDDED, local_server
from flows.settings import Settings

if TYPE_CHECKING:
    from pydantic import SecretStr

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Server:
    """The Prefect server in use; `is_ours` when this process started it and will stop it.

    `check` raises ServerLostError once a server of ours has ended.
    """

    api_url: str
    is_ours: bool
    wait_until_ready: Callable[[], None]
    check: Callable[[], None]

    @property
    def page(self) -> str:
        """Where a person can look."""
        return self.api_url.removesuffix("/").removesuffix("/api")


@contextmanager
def prefect_ready(
    settings: Settings,
    services: Mapping[str, str] = EMBEDDED,
    more: Mapping[str, str] = _NOTHING,
    *,
    port: int = 0,
    new_auth: bool = False,
) -> Generator[Server]:
    """Prepare this process for Prefect on the settings' data directory, for good.

    The server is the one the settings name, else one of our own with these `services`; import
    Prefect first and wait for the server then, since both take seconds. `more` is what this
    process and those it starts are to know beside. `port` and `new_auth` are for a server of our
    own, as `flows.prefect_server.local_server` has them; so are SettingsError and AuthFileError.
    Raises ServerNotStartedError while waiting.
    """
    home = prefect_env.home_of(settings.data_dir)
    before = {**os.environ, **more}
    named = settings.prefect_api_url
    if named:
        prefect_env.enter(home, prefect_env.users_environment(before, home, named))
        yield Server(named, is_ours=False, wait_until_ready=_nothing, check=_nothing)
        return

    def environment(api_url: str, auth: SecretStr) -> Mapping[str, str]:
        return {**prefect_env.own_environment(before, home, api_url, auth), **more}

    with local_server(home, environment, services, port=port, new_auth=new_auth) as server:
        prefect_env.enter(home, environment(server.api_url, server.auth))
        is_ours = server.process is not None
        yield Server(server.api_url, is_ours, server.wait_until_ready, server.check)


def _nothing() -> None:
    pass
