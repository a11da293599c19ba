"""Settings: where they come from, which one wins, and what is said when one cannot be used."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows import places
from flows.errors import SettingsError
from flows.settings import Settings, key_variable, load, variables
from models.registry import ASKED, SELLERS
from spiders.fetch_settings import FetchSettings

Toml = Callable[[str], Path]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def toml(tmp_path: Path) -> Toml:
    """Write a settings file in the working directory."""

    def write(text: str) -> Path:
        path = tmp_path / "pricebook.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_without_any_setting_the_data_is_in_the_checkout_and_limits_are_those_of_fetching() -> None:
    settings = load()

    assert settings.data_dir == places.CHECKOUT / "data"
    assert settings.published == places.CHECKOUT / "data" / "published"
    assert settings.fetch_settings() == FetchSettings()
    assert settings.sources == tuple(code for code, source in ASKED.items() if source.enabled)
    assert settings.prefect_api_url is None


def test_a_file_counts_and_a_variable_wins(toml: Toml, monkeypatch: pytest.MonkeyPatch) -> None:
    toml('contact = "mailto:a@example.org"\nread_timeout_s = 7\ndisable_sources = ["aiml_models"]')
    monkeypatch.setenv("PRICEBOOK_CONTACT", "mailto:b@example.org")

    settings = load()

    assert settings.contact == "mailto:b@example.org"
    assert settings.fetch_settings().read_timeout_s == 7
    assert "mailto:b@example.org" in settings.fetch_settings().user_agent
    assert "aiml_models" not in settings.sources


def test_sources_in_a_variable_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRICEBOOK_DISABLE_SOURCES", "aiml_models, aiml_pricing_page")

    assert load().disable_sources == ("aiml_models", "aiml_pricing_page")


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRICEBOOK_READ_TIMEOUT_S", "")
    monkeypatch.setenv("PRICEBOOK_DATA_DIR", "")

    assert load().read_timeout_s == FetchSettings().read_timeout_s
    assert load().data_dir == places.CHECKOUT / "data"


def test_the_data_directory_lies_beside_the_settings_file(
    toml: Toml, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toml("")
    below = tmp_path / "deep" / "er"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)

    assert load().data_dir == tmp_path / "data"


def test_relative_paths_start_beside_the_file_and_on_the_command_line_where_one_is(
    toml: Toml, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toml('data_dir = "prices"')
    below = tmp_path / "below"
    below.mkdir()
    monkeypatch.chdir(below)

    assert load().data_dir == tmp_path / "prices"
    assert load(Path("here")).data_dir == below / "here"
    monkeypatch.setenv("PRICEBOOK_DATA_DIR", "../other")
    assert load().data_dir == tmp_path.parent / "other"


@given(st.sampled_from(["data", "./x", "../y", "/srv/z", "a//b/../c", "with space"]))
def test_reading_verbs_and_runs_mean_the_same_directory(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRICEBOOK_DATA_DIR", text)

        assert places.data_dir() == load().data_dir
        assert places.data_dir().is_absolute()
        assert ".." not in places.data_dir().parts


def test_a_file_may_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = tmp_path / "etc" / "prices.toml"
    elsewhere.parent.mkdir()
    elsewhere.write_text("attempts = 2", encoding="utf-8")
    monkeypatch.setenv("PRICEBOOK_CONFIG", str(elsewhere))

    assert load().attempts == 2
    assert load().data_dir == elsewhere.parent / "data"


def test_keys_come_from_the_environment_and_are_never_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(key_variable("aimlapi"), "very-secret")

    settings = load()

    assert settings.key_for("aimlapi") == "very-secret"
    assert settings.key_for("openrouter") is None
    assert "very-secret" not in repr(settings)
    assert "very-secret" not in str(settings.model_dump())


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("READ_TIMEOUT_S", "soon", "PRICEBOOK_READ_TIMEOUT_S .* number.*such as 30"),
        ("READ_TIMEOUT_S", "nan", "PRICEBOOK_READ_TIMEOUT_S "),
        ("ATTEMPTS", "0", "PRICEBOOK_ATTEMPTS .*greater than or equal to 1"),
        ("ATTEMPS", "3", "PRICEBOOK_ATTEMPS is no setting: did you mean PRICEBOOK_ATTEMPTS"),
        ("ENABLE_SOURCES", "openruter", "'openruter' is no source; there are: openrouter_models"),
        ("PREFECT_API_URL", "localhost", "no http address; give .*http://127.0.0.1:4200/api"),
        ("CONTACT", "a\r\nCookie: b", "PRICEBOOK_CONTACT "),
        ("SNAPSHOT_KEEP_DAYS", "-1", "PRICEBOOK_SNAPSHOT_KEEP_DAYS "),
        ("CONFIG", "/nowhere/at.toml", "PRICEBOOK_CONFIG names /nowhere/at.toml"),
        ("KEYS", "{}", "PRICEBOOK_KEYS is no setting|no setting"),
    ],
)
def test_a_bad_variable_is_named_with_what_is_expected(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"PRICEBOOK_{name}", value)

    with pytest.raises(SettingsError, match=said) as caught:
        load()

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("read_timeout_s = 'soon'", "read_timeout_s in .*pricebook.toml"),
        ("read_timout_s = 3", "read_timout_s in .*is no setting: did you mean read_timeout_s"),
        ("attempts = [", "pricebook.toml cannot be read"),
        ("data_dir = 3", "data_dir in .*is not a path"),
        ("aimlapi_key = 'x'", "'aimlapi_key', and keys do not belong in a file"),
    ],
)
def test_a_bad_file_is_named_with_the_place(toml: Toml, text: str, said: str) -> None:
    toml(text)

    with pytest.raises(SettingsError, match=said):
        load()


def test_nobody_elses_settings_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("PRICEBOOK_ATTEMPTS=9\n", encoding="utf-8")
    monkeypatch.setenv("PREFECT_API_URL", "http://hostile.example/api")
    monkeypatch.setenv("DATA_DIR", "/hostile")
    monkeypatch.setenv("CONTACT", "hostile")

    settings = load()

    assert settings.attempts == FetchSettings().attempts
    assert settings.prefect_api_url is None
    assert settings.contact == ""
    assert settings.data_dir == places.CHECKOUT / "data"


def test_every_setting_says_what_it_is_for() -> None:
    assert all(variables().values())
    assert {key_variable(seller) for seller in SELLERS} <= set(variables())
    assert all(re.fullmatch(r"PRICEBOOK_[A-Z_]+", name) for name in variables())
    assert Settings.model_config.get("frozen")
