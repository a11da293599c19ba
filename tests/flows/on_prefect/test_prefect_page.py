"""Prefect's page of a schedule: on the port that is set, for whoever has the auth string."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from flows.prefect_auth import basic_header, ensure_auth, read_auth
from flows.prefect_env import own_environment
from flows.prefect_server import SCHEDULING, LocalServer, local_server
from tests.browser import browser_page
from tests.flows.on_prefect.processes import free_port

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pydantic import SecretStr

pytestmark = pytest.mark.prefect


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("page")


@pytest.fixture(scope="module")
def old(home: Path) -> SecretStr:
    return ensure_auth(home)


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def server(home: Path, old: SecretStr, port: int) -> Generator[LocalServer]:
    def environment(url: str, auth: SecretStr) -> Mapping[str, str]:
        known = own_environment(os.environ, home, url, auth)
        # What a client of the server is told is not what the page goes by.
        del known["PREFECT_API_URL"]
        return known

    with local_server(home, environment, SCHEDULING, port=port, new_auth=True) as started:
        started.wait_until_ready()
        yield started


def test_it_has_the_port_that_was_asked_for(server: LocalServer, port: int) -> None:
    assert server.api_url == f"http://127.0.0.1:{port}/api"


def test_a_changed_auth_string_opens_and_the_old_one_does_not(
    server: LocalServer, home: Path, old: SecretStr
) -> None:
    asked = f"{server.api_url}/admin/version"
    assert server.auth == read_auth(home) != old
    assert httpx.get(asked, headers=basic_header(server.auth)).status_code == 200
    assert httpx.get(asked, headers=basic_header(old)).status_code == 401


@pytest.mark.browser
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_person_logs_in_with_the_auth_string_alone(
    server: LocalServer, port: int, host: str
) -> None:
    with browser_page() as page:
        page.goto(f"http://{host}:{port}/")
        log_in(page, "pricebook:wrong")
        page.get_by_text("Invalid credentials").wait_for()
        assert page.get_by_text("Deployments").count() == 0
        log_in(page, server.auth.get_secret_value())
        page.get_by_role("link", name="Deployments").first.click()
        # What it says once the server has answered that there is none.
        page.get_by_text("Create a deployment to get started").wait_for()


def log_in(page: Page, auth: str) -> None:
    field = page.locator("input[type=password]")
    field.fill(auth)
    field.press("Enter")
