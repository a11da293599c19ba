"""One Prefect server for all tests of flows, and a process that is itself again after them."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from flows import prefect_env, settings
from flows.prefect_server import LocalServer, local_server
from flows.settings import Settings
from tests.flows.on_prefect.recordings import Recorder

if TYPE_CHECKING:
    from pydantic import SecretStr


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Generator[LocalServer]:
    home = tmp_path_factory.mktemp("prefect")
    before = dict(os.environ)

    def environment(url: str, auth: SecretStr) -> dict[str, str]:
        return prefect_env.own_environment(before, home, url, auth)

    with local_server(home, environment) as server:
        server.wait_until_ready()
        yield server


@pytest.fixture
def as_it_was() -> Generator[None]:
    """Runs move the process and change its environment for good; tests have to go on."""
    environment, folder = dict(os.environ), Path.cwd()
    yield
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    if "prefect.context" in sys.modules:
        sys.modules["prefect.context"].refresh_global_settings_context()


@pytest.fixture
def chosen(
    tmp_path: Path,
    prefect_server: LocalServer,
    as_it_was: None,
    monkeypatch: pytest.MonkeyPatch,
) -> Settings:
    """Settings of a new data directory, whose runs report to the session's server.

    That is a person's own server for them, so they are told its auth string as a person would.
    """
    monkeypatch.setenv("PRICEBOOK_PREFECT_API_URL", prefect_server.api_url)
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", prefect_server.auth.get_secret_value())
    return settings.load(tmp_path / "data")


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    return Recorder(tmp_path / "recording")
