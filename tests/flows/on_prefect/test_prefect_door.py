"""Whose requests our Prefect server answers: they carry its auth string and name this machine."""

from __future__ import annotations

import socket
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from pydantic import SecretStr
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from flows.prefect_auth import AuthFileError, basic_header
from flows.prefect_server import LocalServer

pytestmark = pytest.mark.prefect

ELSEWHERE = "elsewhere.example"


@dataclass(frozen=True)
class Door:
    """The server as somebody meets it who sends these headers."""

    server: LocalServer
    headers: dict[str, str]

    def post(self, path: str, body: object) -> httpx.Response:
        return httpx.post(
            f"{self.server.api_url}{path}", json=body, headers=self.headers, timeout=30
        )

    def order(self, flow_id: str, deployment_id: str) -> tuple[int, int]:
        """The two requests that have a shell command run by whoever started the server."""
        deployed = self.post("/deployments/", deployment(flow_id, "true"))
        started = self.post(f"/deployments/{deployment_id}/create_flow_run", {})
        return deployed.status_code, started.status_code


def deployment(flow_id: str, command: str) -> dict[str, Any]:
    step = {"prefect.deployments.steps.run_shell_script": {"script": command}}
    return {"name": "door", "flow_id": flow_id, "pull_steps": [step]}


def door(server: LocalServer, host: str | None = None, auth: SecretStr | None = None) -> Door:
    named = {} if host is None else {"Host": host}
    return Door(server, {**named, **({} if auth is None else basic_header(auth))})


@pytest.fixture(scope="module")
def goal(prefect_server: LocalServer) -> tuple[str, str]:
    """A flow and a deployment of it, as its owner made them; nobody is there to run it."""
    owner = door(prefect_server, auth=prefect_server.auth)
    flow_id = owner.post("/flows/", {"name": "door"}).json()["id"]
    deployment_id = owner.post("/deployments/", deployment(flow_id, "true")).json()["id"]
    return flow_id, deployment_id


def test_nobody_orders_a_command_without_the_auth_string(
    prefect_server: LocalServer, goal: tuple[str, str]
) -> None:
    assert door(prefect_server).order(*goal) == (401, 401)
    assert door(prefect_server, auth=SecretStr("pricebook:wrong")).order(*goal) == (401, 401)


def test_nobody_orders_a_command_by_the_name_of_another_site(
    prefect_server: LocalServer, goal: tuple[str, str]
) -> None:
    assert door(prefect_server, ELSEWHERE).order(*goal) == (400, 400)
    assert door(prefect_server, ELSEWHERE, prefect_server.auth).order(*goal) == (400, 400)


def test_whoever_has_the_auth_string_orders(
    prefect_server: LocalServer, goal: tuple[str, str]
) -> None:
    assert door(prefect_server, auth=prefect_server.auth).order(*goal) == (200, 201)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:{port}", "localhost:{port}", "LocalHost"])
def test_it_answers_by_the_names_of_this_machine(prefect_server: LocalServer, host: str) -> None:
    named = host.format(port=urlsplit(prefect_server.api_url).port)
    owner = door(prefect_server, named, prefect_server.auth)
    assert owner.post("/flows/filter", {}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "",
        "0.0.0.0:{port}",
        "[::1]:{port}",
        "127.0.0.1.elsewhere.example:{port}",
        "127.0.0.1@elsewhere.example",
        "elsewhere.example:{port}",
        "localhost.elsewhere.example",
        "www.localhost",
        "*",
    ],
)
def test_it_answers_by_no_other_name(prefect_server: LocalServer, host: str) -> None:
    named = host.format(port=urlsplit(prefect_server.api_url).port)
    owner = door(prefect_server, named, prefect_server.auth)
    assert owner.post("/flows/filter", {}).status_code == 400
    assert httpx.get(f"{prefect_server.api_url}/health", headers=owner.headers).status_code == 400


def events(server: LocalServer, host: str = "127.0.0.1") -> ClientConnection:
    """A connection over which a client would tell of events, which can start flows."""
    at = urlsplit(server.api_url)
    reached = socket.create_connection((at.hostname or "", at.port or 0))
    uri = f"ws://{host}:{at.port}/api/events/in"
    return connect(uri, sock=reached, subprotocols=["prefect"], proxy=None)  # type: ignore[list-item]


def test_events_need_the_auth_string(prefect_server: LocalServer) -> None:
    with events(prefect_server) as stranger:
        stranger.send('{"type": "auth", "token": "pricebook:wrong"}')
        with pytest.raises(ConnectionClosedError, match="1008"):
            stranger.recv(timeout=30)
    with events(prefect_server) as owner:
        owner.send(f'{{"type": "auth", "token": "{prefect_server.auth.get_secret_value()}"}}')
        assert "auth_success" in str(owner.recv(timeout=30))


def test_events_are_not_taken_by_the_name_of_another_site(prefect_server: LocalServer) -> None:
    with pytest.raises(InvalidStatus, match="400"):
        events(prefect_server, ELSEWHERE)


def test_it_does_not_tell_the_auth_string_among_its_settings(prefect_server: LocalServer) -> None:
    told = httpx.get(
        f"{prefect_server.api_url}/admin/settings", headers=basic_header(prefect_server.auth)
    )
    assert "auth_string" in told.text
    assert prefect_server.auth.get_secret_value() not in told.text


def test_a_server_that_was_started_with_another_auth_string_is_named(
    prefect_server: LocalServer,
) -> None:
    other = replace(prefect_server, auth=SecretStr("pricebook:changed"), process=None)
    with pytest.raises(AuthFileError, match="started with another string, so stop") as refused:
        other.wait_until_ready(30)
    assert "changed" not in str(refused.value)
