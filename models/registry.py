"""The vocabularies: meters, operations, modalities, sellers, sources, each a TOML file here.

Beside them stand units that a source leaves out and somebody established: `media_prompts.toml`.

They are read once, when this module is imported, from files that ship with the code: data, not
input. Adding an entry is one edit in one file; tables, docs and readers all take it from here.
"""

from __future__ import annotations

import tomllib
from decimal import Decimal
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from models.money import LARGEST_QUOTED_PER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Meter(_Entry):
    """What is counted. ``quoted_per`` is how many units people quote the price of."""

    code: str
    direction: Literal[
        "input",
        "output",
        "cache_read",
        "cache_write",
        "request",
        "tool",
        "storage",
        "compute",
        "minimum",
    ]
    content: str
    measure: str
    unit: str
    quoted_per: int = Field(gt=0, le=LARGEST_QUOTED_PER)
    otel_attribute: str
    description: str
    sources_words: dict[str, list[str]] = {}


class Operation(_Entry):
    """What a model is called for. ``output`` is what comes out, in the words of modalities."""

    code: str
    description: str
    output: list[str]
    sources_words: dict[str, list[str]] = {}


CHEAPEST: Final = "cheapest"
"""In place of a recommended seller: of each model, whoever asks the least."""


class Modality(_Entry):
    """What goes in and what comes out, with the Hugging Face task for the same work.

    ``recommended_seller`` is a seller's code, ``cheapest``, or empty where none is recommended.
    """

    code: str
    hugging_face_task: str
    recommended_seller: str


class Seller(_Entry):
    """Who charges."""

    code: str
    name: str
    url: str
    names_elsewhere: dict[str, str]

    def name_in(self, catalogue: str) -> str:
        """The seller's name in another catalogue's format; its own code where none is declared."""
        return self.names_elsewhere.get(catalogue, self.code)


NOTES_FROM: Final = 1000
"""Precedence of sources that list nothing: what they state is never a price, only beside one."""


class Source(_Entry):
    """One place that publishes. The lower ``precedence`` wins between sources of one seller."""

    code: str
    seller: str
    description: str
    site: str
    url: str
    kind: Literal["api", "page"]
    scope: str
    covers: list[str]
    expected_interval_hours: int = Field(gt=0)
    precedence: int
    enabled: bool
    precedence_reason: str
    needs_key: bool = False
    requests: int = Field(default=1, gt=0)
    """About how many requests one fetch makes at most; its time limit grows with them."""
    lists: bool = True
    """Whether its rows are offerings; otherwise it notes something of those that others list."""
    inside: str = ""
    """The source whose bodies it stands in; empty for one that is asked by itself."""

    @model_validator(mode="after")
    def _notes_come_last(self) -> Self:
        if self.lists == (self.precedence >= NOTES_FROM):
            raise ValueError(f"{self.code}: precedence from {NOTES_FROM} on is for notes only")
        return self


class UnitPrice(_Entry):
    """What one price counts: ``price`` USD, as it was seen, pay for ``per`` units of ``meter``."""

    price: Annotated[Decimal, Field(gt=0, strict=False)]
    meter: str
    per: int = Field(gt=0)


class MediaPrompt(_Entry):
    """What OpenRouter's ``prompt`` and ``completion`` count for a model without text output.

    ``code`` is the model's id or a pattern of ids. A price holds within a factor of ``band`` of the
    one that was seen.
    """

    code: str
    output: str
    prompt: UnitPrice | None = None
    completion: UnitPrice | None = None
    band: int = Field(default=3, gt=1)
    source: str
    seen: str = Field(pattern=r"^[0-9]{4}-[0-9]{2}$")

    def unit_of(self, key: str) -> UnitPrice | None:
        """The unit of a price key, None where nobody established it."""
        return {"prompt": self.prompt, "completion": self.completion}.get(key)


_T = TypeVar("_T", bound=_Entry)


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files("models").joinpath(name).read_text(encoding="utf-8"))


def _load(name: str, kind: type[_T]) -> Mapping[str, _T]:
    entries = {
        code: kind.model_validate({"code": code, **fields}) for code, fields in _table(name).items()
    }
    return MappingProxyType(entries)


METERS = _load("meters.toml", Meter)
OPERATIONS = _load("operations.toml", Operation)
MODALITIES = _load("modalities.toml", Modality)
SELLERS = _load("sellers.toml", Seller)
SOURCES = _load("sources.toml", Source)
MEDIA_PROMPTS = _load("media_prompts.toml", MediaPrompt)
ASKED: Mapping[str, Source] = MappingProxyType(
    {code: source for code, source in SOURCES.items() if not source.inside}
)
"""The sources that are asked by themselves: all but those that stand in another one's bodies."""
_INSIDE: Mapping[str, Source] = MappingProxyType(
    {source.inside: source for source in SOURCES.values() if source.inside}
)


def inside_of(source: str) -> Source | None:
    """The source that stands in the bodies of this one, if any does."""
    return _INSIDE.get(source)


@cache
def _words(registry: Literal["meters", "operations"], source: str) -> Mapping[str, str]:
    entries: Mapping[str, Meter | Operation] = METERS if registry == "meters" else OPERATIONS
    return {
        word: code
        for code, entry in entries.items()
        for word in entry.sources_words.get(source, ())
    }


def meter_for(source: str, word: str) -> str | None:
    """The meter a source's word stands for, or None when the registry does not know the word."""
    return _words("meters", source).get(word)


def operation_for(source: str, word: str) -> str | None:
    """The operation a source's word stands for, or None when the word is unknown (drift)."""
    return _words("operations", source).get(word)


def media_prompt_for(model_id: str, outputs: Sequence[str]) -> MediaPrompt | None:
    """The entry that says what a model's token keys count, None where no entry does.

    ``outputs`` are the modalities that the model puts out; an entry holds for one of them alone.
    """
    if len(outputs) != 1:
        return None
    found = (
        entry
        for entry in MEDIA_PROMPTS.values()
        if entry.output == outputs[0] and fnmatchcase(model_id, entry.code)
    )
    return next(found, None)
