"""Another Prefect on this machine has no say in a run, and a run leaves nothing there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from flows.prefect_env import home_of, own_environment, users_environment

HOME = Path("/somewhere/data/prefect")
URL = "http://127.0.0.1:4711/api"
AUTH = SecretStr("pricebook:of-this-data-directory")

# Prints what Prefect believes once a run has prepared the process.
PROBE = """
import json, os, sys
from pathlib import Path
from flows import prefect_env
home = prefect_env.home_of(Path(sys.argv[1]))
from pydantic import SecretStr
url, auth = "http://127.0.0.1:4711/api", SecretStr("pricebook:of-this-data-directory")
prefect_env.enter(home, prefect_env.own_environment(os.environ, home, url, auth))
from prefect.settings import get_current_settings
s = get_current_settings()
print(json.dumps({
    "api_url": s.api.url,
    "auth": s.api.auth_string and s.api.auth_string.get_secret_value(),
    "api_key": s.api.key and s.api.key.get_secret_value(),
    "home": str(s.home),
    "profiles": str(s.profiles_path),
    "database": s.server.database.connection_url.get_secret_value(),
    "retries": s.flows.default_retries,
    "analytics": s.server.analytics_enabled,
    "test_mode": s.testing.test_mode,
    "profile": __import__("prefect.context").context.get_settings_context().profile.name,
}))
"""

names = st.from_regex(r"(?i)\A(prefect|uvicorn)_[a-z_]{1,20}\Z")


@given(st.dictionaries(names, st.text(max_size=5), max_size=4))
def test_no_setting_of_another_prefect_is_left(foreign: dict[str, str]) -> None:
    clean = own_environment({"PATH": "/bin", "HOME": "/root"}, HOME, URL, AUTH)
    assert own_environment({"PATH": "/bin", "HOME": "/root", **foreign}, HOME, URL, AUTH) == clean
    assert clean["PREFECT_API_URL"] == URL
    assert clean["PATH"] == "/bin"


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({}, "127.0.0.1,localhost"),
        ({"no_proxy": "corp.example, localhost"}, "corp.example,localhost,127.0.0.1"),
        ({"NO_PROXY": "corp.example"}, "corp.example,127.0.0.1,localhost"),
    ],
)
def test_calls_to_this_machine_need_no_proxy(stated: dict[str, str], expected: str) -> None:
    environment = own_environment({"HTTP_PROXY": "http://proxy:1", **stated}, HOME, URL, AUTH)
    assert environment["no_proxy"] == environment["NO_PROXY"] == expected
    assert environment["HTTP_PROXY"] == "http://proxy:1"


def test_a_named_server_comes_with_its_users_key_and_profile(tmp_path: Path) -> None:
    theirs = {
        "HOME": str(tmp_path),
        "PREFECT_API_KEY": "secret",
        "PREFECT_API_AUTH_STRING": "their:own",
        "prefect_api_url": "http://elsewhere/api",
        "PREFECT_HOME": "/elsewhere",
        "PREFECT_LOGGING_LEVEL": "DEBUG",
    }
    environment = users_environment(theirs, HOME, URL)
    assert environment["PREFECT_API_KEY"] == "secret"
    assert environment["PREFECT_API_AUTH_STRING"] == "their:own"
    assert environment["PREFECT_LOGGING_LEVEL"] == "DEBUG"
    assert environment["PREFECT_API_URL"] == URL
    assert "prefect_api_url" not in environment
    assert environment["PREFECT_HOME"] == str(HOME)
    assert environment["PREFECT_PROFILES_PATH"] == "/elsewhere/profiles.toml"


def probe(data_dir: Path, cwd: Path, environment: dict[str, str]) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(data_dir)],
        cwd=cwd,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def expected(data_dir: Path) -> dict[str, object]:
    home = home_of(data_dir)
    return {
        "api_url": URL,
        "auth": AUTH.get_secret_value(),
        "api_key": None,
        "home": str(home),
        "profiles": str(home / "profiles.toml"),
        "database": f"sqlite+aiosqlite:///{home}/prefect.db",
        "retries": 0,
        "analytics": False,
        "test_mode": False,
        "profile": "ephemeral",
    }


def test_hostile_settings_everywhere_have_no_effect(tmp_path: Path) -> None:
    home, here = tmp_path / "home", tmp_path / "here"
    (home / ".prefect").mkdir(parents=True)
    here.mkdir()
    evil = 'PREFECT_API_URL="http://evil.example/api"\nPREFECT_API_KEY="stolen"\n'
    evil_profile = f'active = "evil"\n[profiles.evil]\n{evil}PREFECT_FLOWS_DEFAULT_RETRIES = "7"\n'
    (home / ".prefect" / "profiles.toml").write_text(evil_profile, encoding="utf-8")
    (here / ".env").write_text(evil, encoding="utf-8")
    (here / "prefect.toml").write_text(
        'profiles_path = "/evil.toml"\n[api]\nurl = "http://evil.example/api"\n'
        '[server.database]\nconnection_url = "sqlite+aiosqlite:////evil.db"\n'
        "[flows]\ndefault_retries = 9\n",
        encoding="utf-8",
    )
    (here / "pyproject.toml").write_text(
        '[tool.prefect.api]\nkey = "stolen"\n[tool.prefect.flows]\ndefault_retries = 8\n',
        encoding="utf-8",
    )
    before = sorted(path for path in tmp_path.rglob("*"))
    data_dir = tmp_path / "data"
    found = probe(
        data_dir,
        here,
        {
            "HOME": str(home),
            "PREFECT_API_URL": "http://evil.example/api",
            "prefect_api_key": "stolen",
            "PREFECT_API_AUTH_STRING": "somebody:else",
            "prefect_api_auth_string": "somebody:else",
            "PREFECT_PROFILE": "no-such-profile",
            "PREFECT_TEST_MODE": "1",
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": "not a database",
            "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "not a number",
        },
    )
    assert found == expected(data_dir)
    left = {path for path in tmp_path.rglob("*") if data_dir not in [path, *path.parents]}
    assert sorted(left) == before


def test_no_home_is_needed(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    assert probe(data_dir, tmp_path, {}) == expected(data_dir)
