"""The spellings of `rules.toml`, compiled once when this package is imported."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Developer:
    """Who makes models. ``prefixes`` are word sequences that a model's name may open with.

    ``brand`` opens every name whose first word matches ``branded``, whether it is written or not.
    """

    code: str
    prefixes: tuple[tuple[str, ...], ...]
    brand: str
    branded: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Rungs:
    """A family whose version is written before or after the rung ("4.5 Opus" = "Opus 4.5")."""

    words: frozenset[str]
    after_from: int


def squeeze(text: str) -> str:
    """Letters and digits only, lower case: what two spellings of a developer have in common."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _read() -> dict[str, Any]:
    text = resources.files("models.identity").joinpath("rules.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _developer(code: str, fields: Mapping[str, Any]) -> Developer:
    prefixes = [
        tuple(prefix.split()) for prefix in fields.get("prefixes", [code.replace("-", " ")])
    ]
    return Developer(
        code=code,
        prefixes=tuple(sorted(prefixes, key=len, reverse=True)),
        brand=fields.get("brand", ""),
        branded=re.compile(fields.get("branded") or ".*"),
    )


_RULES = _read()
_WORDS: Mapping[str, Any] = _RULES["words"]

DEVELOPERS: Mapping[str, Developer] = MappingProxyType(
    {code: _developer(code, fields) for code, fields in _RULES["developers"].items()}
)
#: Spellings that name a developer and nothing else, squeezed, to the developer's code.
SPELLINGS: Mapping[str, str] = MappingProxyType(
    {
        squeeze(name): code
        for code, fields in _RULES["developers"].items()
        for name in (code, *fields["names"])
    }
)
#: Product families printed in a developer's place, squeezed, to the developer's code.
FAMILIES: Mapping[str, str] = MappingProxyType(
    {
        squeeze(name): code
        for code, fields in _RULES["developers"].items()
        for name in fields.get("families", ())
    }
)
CORPORATE: frozenset[str] = frozenset(_WORDS["corporate"])
SAME: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {word: tuple(means.split()) for word, means in _WORDS["same"].items()}
)
PHRASES: Mapping[tuple[str, ...], str] = MappingProxyType(
    {tuple(phrase.split()): word for phrase, word in _WORDS["phrases"].items()}
)
#: Words that may or may not set a model apart from its namesake, to what kind of mark they are.
MARKS: Mapping[str, str] = MappingProxyType(
    {word: kind for kind in ("quantisation", "packaging", "pointer") for word in _WORDS[kind]}
)
MODES: frozenset[str] = frozenset(_WORDS["modes"])
ROUTES: Mapping[str, str] = MappingProxyType(dict(_WORDS["routes"]))
NOISE: tuple[str, ...] = tuple(_WORDS["noise"])
ORDER: Mapping[str, Rungs] = MappingProxyType(
    {
        family: Rungs(frozenset(fields["rungs"]), fields["after_from"])
        for family, fields in _RULES["order"].items()
    }
)
JOINED: frozenset[str] = frozenset(_RULES["spelling"]["joined"])
V_AFTER: Mapping[str, frozenset[str]] = MappingProxyType(
    {developer: frozenset(words) for developer, words in _RULES["spelling"]["v"].items()}
)
ZERO: frozenset[tuple[str, str]] = frozenset(
    (brand, version)
    for brand, versions in _RULES["spelling"]["zero"].items()
    for version in versions
)
REVISED: Mapping[str, str] = MappingProxyType(dict(_RULES["revised"]))
MOVING: frozenset[str] = frozenset(_RULES["moving"]["ids"])
SERVICE_TIERS: frozenset[str] = frozenset(_RULES["variants"]["service_tiers"])
SECTIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {section: tuple(operations) for section, operations in _RULES["sections"].items()}
)
