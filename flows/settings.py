"""What can be set, by `PRICEBOOK_*` variables or in `pricebook.toml`; variables win.

Nothing else of the environment counts: not another tool's variables or profiles, not a `.env`, not
the working directory's name. A name that no setting has is an error, because a misspelled setting
that vanishes is worse than none.

Importing this costs a fifth of a second (pydantic-settings), so the reading verbs, which need only
the data directory, ask `flows.places` instead.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from typing_extensions import override

from flows.errors import SettingsError
from flows.places import CONFIG_VARIABLE, PREFIX, aliases_file, data_dir, settings_file
from flows.rule_settings import RuleSettings
from models.registry import ASKED, CHEAPEST, MODALITIES, SELLERS
from spiders.fetch_settings import FetchSettings

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

_FETCH: Final = FetchSettings()
_MINUTES_10: Final = 600.0
ALL: Final = "*"
"""In `recommended_seller`: every modality that is not named."""


def _listed(value: object) -> object:
    """Let a variable hold several names, separated by commas."""
    if isinstance(value, str):
        return tuple(name.strip() for name in value.split(",") if name.strip())
    return value


def _chosen(value: object) -> object:
    """Let a variable hold choices as `modality=seller,…`; a seller alone is for every modality."""
    if isinstance(value, str):
        parts = [part.strip().rpartition("=") for part in value.split(",") if part.strip()]
        return {modality.strip() or ALL: seller.strip() for modality, _, seller in parts}
    return value


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]
Choices = Annotated[Mapping[str, str], NoDecode, BeforeValidator(_chosen)]
Seconds = Annotated[float, Field(gt=0, le=_MINUTES_10 * 6)]


class Settings(RuleSettings):
    """Every setting; make one with `load`. Times are in seconds, sizes in bytes."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    data_dir: Path = Field(description="the directory of captures, database and snapshots")
    contact: str = Field(
        default="",
        max_length=200,
        # Anything else would let a setting write further header lines.
        pattern=r"^[\x20-\x7e]*$",
        description="where a site's owner can reach you, such as mailto:prices@example.org",
    )
    prefect_api_url: str | None = Field(
        default=None,
        description="the address of your Prefect server, such as http://127.0.0.1:4200/api",
    )
    prefect_port: int = Field(
        default=0,
        ge=0,
        le=65_535,
        description="the port of the Prefect page that schedule brings, such as 4200; 0 takes a "
        "free one",
    )
    enable_sources: Names = Field(
        default=(), description="names of sources to read that are off by default"
    )
    disable_sources: Names = Field(default=(), description="names of sources to leave alone")
    connect_timeout_s: Seconds = Field(
        default=_FETCH.connect_timeout_s, description="seconds to wait for a connection, such as 10"
    )
    read_timeout_s: Seconds = Field(
        default=_FETCH.read_timeout_s, description="seconds of silence allowed, such as 30"
    )
    source_timeout_s: Seconds = Field(
        default=_FETCH.source_timeout_s, description="seconds for all of one source, such as 120"
    )
    pause_s: float = Field(
        default=_FETCH.pause_s,
        ge=0,
        le=_MINUTES_10,
        description="seconds between two requests to one host, such as 1",
    )
    attempts: int = Field(
        default=_FETCH.attempts, ge=1, le=10, description="tries per request, such as 4"
    )
    max_body_bytes: int = Field(
        default=_FETCH.max_body_bytes,
        gt=0,
        le=1 << 30,
        description="bytes of one answer, such as 33554432",
    )
    snapshot_keep_days: int = Field(
        default=30,
        ge=1,
        le=36_500,
        description="days for which every snapshot is kept, such as 30",
    )
    recommended_seller: Choices = Field(
        default={},
        description="the seller to default to by modality, or cheapest, in place of the declared "
        "one, such as text-to-text=aimlapi,*=cheapest",
    )
    aliases_file: Path | None = Field(
        default=None,
        description="the file of your own checked names; aliases.toml in the data directory when "
        "left out",
    )
    keys: Mapping[str, SecretStr] = Field(
        default={}, description="a key per seller, from PRICEBOOK_<SELLER>_KEY"
    )

    @field_validator("enable_sources", "disable_sources")
    @classmethod
    def _known_sources(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if name not in ASKED:
                raise ValueError(f"{name!r} is no source; there are: {', '.join(ASKED)}")
        return names

    @field_validator("recommended_seller")
    @classmethod
    def _known_choices(cls, choices: Mapping[str, str]) -> Mapping[str, str]:
        for modality, seller in choices.items():
            if modality not in {*MODALITIES, ALL}:
                raise ValueError(f"{modality!r} is no modality; there are: {', '.join(MODALITIES)}")
            if seller not in {*SELLERS, CHEAPEST}:
                raise ValueError(f"{seller!r} is no seller; there are: {', '.join(SELLERS)}")
        return choices

    @field_validator("prefect_api_url")
    @classmethod
    def _http_address(cls, url: str | None) -> str | None:
        if url is not None:
            parts = urlsplit(url)
            if parts.scheme not in {"http", "https"} or not parts.hostname:
                raise ValueError("it is no http address")
        return url

    @classmethod
    @override
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what `load` gives, then the variables, then the file; no `.env`, no secrets."""
        values = dict(settings_file().values)
        return init_settings, env_settings, InitSettingsSource(settings_cls, values)

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources a run reads: the registry's choice, with yours laid over it."""
        return tuple(
            code
            for code, source in ASKED.items()
            if (source.enabled or code in self.enable_sources) and code not in self.disable_sources
        )

    @property
    def recommended_sellers(self) -> Mapping[str, str]:
        """The seller chosen for each modality, where the settings choose one."""
        chosen = self.recommended_seller
        if ALL not in chosen:
            return chosen
        named = [code for code, each in MODALITIES.items() if each.recommended_seller]
        return {
            **dict.fromkeys(named, chosen[ALL]),
            **{k: v for k, v in chosen.items() if k != ALL},
        }

    @property
    def own_aliases(self) -> Path:
        """The file of the user's own checked names; it need not exist."""
        return aliases_file(self.data_dir)

    @property
    def published(self) -> Path:
        """The directory that readers see."""
        return self.data_dir / "published"

    def key_for(self, seller: str) -> str | None:
        """The key for a seller's interface, None where none is set."""
        key = self.keys.get(seller)
        return None if key is None else key.get_secret_value()

    def fetch_settings(self) -> FetchSettings:
        """The limits and manners of fetching that follow from these settings."""
        return FetchSettings(
            contact=self.contact,
            connect_timeout_s=self.connect_timeout_s,
            read_timeout_s=self.read_timeout_s,
            source_timeout_s=self.source_timeout_s,
            pause_s=self.pause_s,
            attempts=self.attempts,
            max_body_bytes=self.max_body_bytes,
        )


def load(chosen_data_dir: Path | None = None) -> Settings:
    """Read the settings; `chosen_data_dir` is what `--data-dir` says.

    Raises SettingsError, which names the variable or the file and says what is expected.
    """
    _refuse_unknown_variables()
    _refuse_keys_in_file()
    try:
        return Settings(data_dir=data_dir(chosen_data_dir), keys=_keys())
    except ValidationError as error:
        raise SettingsError("; ".join(_told(each) for each in error.errors())) from error


def fields_in_order() -> dict[str, FieldInfo]:
    """Every setting by name, those of the change rules last, where few look for anything else."""
    rules = RuleSettings.model_fields
    own = {name: each for name, each in Settings.model_fields.items() if name not in rules}
    return {**own, **rules}


def key_variable(seller: str) -> str:
    """The variable that holds the key for a seller's interface."""
    return f"{PREFIX}{seller.upper()}_KEY"


def variables() -> dict[str, str]:
    """Every variable that means something, with what it is for."""
    fields = {
        PREFIX + name.upper(): field.description or ""
        for name, field in fields_in_order().items()
        if name != "keys"
    }
    keys = {key_variable(code): f"key for {seller.name}" for code, seller in SELLERS.items()}
    return {**fields, **keys, CONFIG_VARIABLE: "the settings file"}


def _keys() -> dict[str, SecretStr]:
    found = {code: os.environ.get(key_variable(code), "") for code in SELLERS}
    return {code: SecretStr(key) for code, key in found.items() if key}


def _refuse_unknown_variables() -> None:
    known = variables()
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            meant = f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}"
            raise SettingsError(f"the environment variable {name} is no setting: {meant}")


def _refuse_keys_in_file() -> None:
    file = settings_file()
    for name in file.values:
        if name == "keys" or name.endswith("_key"):
            raise SettingsError(
                f"{file.path} holds {name!r}, and keys do not belong in a file: "
                f"set {key_variable('seller')} with the seller's code in the environment"
            )


def _told(error: ErrorDetails) -> str:
    """One sentence on one fault: where it stands, what is wrong with it, what is expected."""
    name = str(error["loc"][0]) if error["loc"] else ""
    variable = PREFIX + name.upper()
    where = f"{variable} (environment)" if variable in os.environ else _place_in_file(name)
    if error["type"] == "extra_forbidden":
        near = difflib.get_close_matches(name, list(Settings.model_fields), n=1)
        meant = f"did you mean {near[0]}?" if near else "see the list in the documentation"
        return f"{where} is no setting: {meant}"
    context: dict[str, Any] = error.get("ctx", {})
    what = str(context.get("error", error["msg"])).rstrip(".")
    expected = Settings.model_fields[name].description if name in Settings.model_fields else ""
    return f"{where} cannot be used: {what[:1].lower()}{what[1:]}; give {expected}"


def _place_in_file(name: str) -> str:
    path = settings_file().path
    return f"{name} in {path}" if path else name
