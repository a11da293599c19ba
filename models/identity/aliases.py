"""What a person has checked: the entries of `models/aliases.toml`, and of a user's own such file.

Two kinds of entry. One with ``targets`` says which model ids of a seller a printed name stands for;
one with ``canonical`` says which canonical model an id (or, for every seller, a key) is. Both say
why, where that can be seen, and since when. An alias is read exactly; it never matches by likeness.

Errors:

``AliasError``
    Raised when the file or an entry cannot be used; names the entry and what to do.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, cast

from models.identity.names import read_id
from models.registry import OPERATIONS, SELLERS

if TYPE_CHECKING:
    from collections.abc import Mapping

EVERY_SELLER = "*"
_TEXT_FIELDS = ("seller", "name", "operation", "canonical", "covers", "reason", "evidence", "date")
_REQUIRED = ("seller", "name", "reason", "evidence", "date")


class AliasError(Exception):
    """Raised when an alias entry cannot be used; the message names the entry and the remedy."""


@dataclass(frozen=True, slots=True)
class Alias:
    """One checked name.

    ``name`` is "Developer / Model" as printed, an id, or a key. ``targets`` are model ids; one that
    ends in ``*`` stands for every id with that beginning. More than one offering needs ``covers``,
    the words for what one printed price covers ("every voice"). ``operation`` narrows the entry to
    one kind of work; empty means any. ``canonical`` is the key that an id belongs to.
    """

    seller: str
    name: str
    targets: tuple[str, ...] = ()
    operation: str = ""
    canonical: str = ""
    covers: str = ""
    reason: str = ""
    evidence: str = ""
    date: str = ""


def parse_aliases(text: str) -> tuple[Alias, ...]:
    """The entries of an alias file.

    Raises AliasError for a file that is not TOML, and for an entry that is incomplete, contradicts
    itself or says again what another entry says.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise AliasError(f"the alias file is not TOML: {error}; correct that line") from error
    entries: object = document.get("alias", [])
    if not isinstance(entries, list) or set(document) - {"alias"}:
        raise AliasError("the alias file holds more than [[alias]] entries; remove the rest")
    found = enumerate(cast("list[object]", entries), start=1)
    aliases = tuple(_entry(number, fields) for number, fields in found)
    _refuse_doubles(aliases)
    return aliases


@cache
def load_aliases(own: str = "") -> tuple[Alias, ...]:
    """The aliases that ship with the code, and those of ``own``, the text of a user's file.

    An entry of the user's stands in place of a shipped one on the same name. Raises AliasError for
    a text that cannot be used.
    """
    shipped = parse_aliases(resources.files("models").joinpath("aliases.toml").read_text("utf-8"))
    added = parse_aliases(own)
    displaced = {_subject(alias) for alias in added}
    # The later of two entries is the one that is found, so the user's come last.
    together = (*(alias for alias in shipped if _subject(alias) not in displaced), *added)
    _refuse_doubles(together)
    return together


def alias_text(alias: Alias) -> str:
    """The entry as TOML, ready to be appended to an alias file."""
    fields: list[tuple[str, str | list[str]]] = [
        ("seller", alias.seller),
        ("name", alias.name),
        ("operation", alias.operation),
        ("targets", list(alias.targets)),
        ("canonical", alias.canonical),
        ("covers", alias.covers),
        ("reason", alias.reason),
        ("evidence", alias.evidence),
        ("date", alias.date),
    ]
    lines = [f"{name} = {_toml(value)}" for name, value in fields if value]
    return "\n".join(["[[alias]]", *lines, ""])


def _toml(value: str | list[str]) -> str:
    # JSON strings and lists are TOML too, but for one character that TOML wants escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _entry(number: int, table: object) -> Alias:
    if not isinstance(table, dict):
        raise AliasError(f"alias {number} is not a table; write it as [[alias]] with fields below")
    fields = cast("dict[str, object]", table)
    where = f"alias {number} ({fields.get('name', 'no name')})"
    unknown = sorted(set(fields) - {*_TEXT_FIELDS, "targets"})
    if unknown:
        raise AliasError(f"{where} has unknown fields {', '.join(unknown)}; remove or rename them")
    texts = {name: _text(where, fields, name) for name in _TEXT_FIELDS}
    alias = Alias(targets=_targets(where, fields), **texts)
    _check(where, alias)
    return alias


def _text(where: str, fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name, "")
    if not isinstance(value, str):
        raise AliasError(f"{where}: {name} is not text; put it in quotes")
    if name in _REQUIRED and not value.strip():
        raise AliasError(f"{where} has no {name}; every entry says who, what, why, where and when")
    return value


def _targets(where: str, fields: Mapping[str, object]) -> tuple[str, ...]:
    value = fields.get("targets", [])
    items = cast("list[object]", value) if isinstance(value, list) else [None]
    targets = tuple(item for item in items if isinstance(item, str) and item)
    if len(targets) != len(items):
        raise AliasError(f'{where}: targets is not a list of model ids; write targets = ["…"]')
    if len(set(targets)) != len(targets):
        raise AliasError(f"{where} names a target twice; keep one of the two")
    return targets


def _check(where: str, alias: Alias) -> None:
    if alias.seller not in {*SELLERS, EVERY_SELLER}:
        raise AliasError(f"{where}: no seller {alias.seller!r}; use one of {', '.join(SELLERS)}")
    if bool(alias.targets) == bool(alias.canonical):
        raise AliasError(f"{where} needs either targets or canonical; give exactly one of them")
    if alias.seller == EVERY_SELLER and alias.targets:
        raise AliasError(f'{where}: targets belong to one seller; name it instead of "*"')
    if alias.operation and alias.operation not in OPERATIONS:
        raise AliasError(f"{where}: no operation {alias.operation!r}; see operations.toml")
    several = len(alias.targets) > 1 or any(target.endswith("*") for target in alias.targets)
    if several != bool(alias.covers):
        raise AliasError(
            f"{where}: covers says what one price of several offerings covers; "
            "give it for several targets, leave it out for one"
        )
    if alias.canonical and read_id("", alias.canonical).key != alias.canonical:
        raise AliasError(
            f"{where}: {alias.canonical!r} is not a key; write {read_id('', alias.canonical).key!r}"
        )
    if not alias.evidence.startswith("https://"):
        raise AliasError(f"{where}: evidence is not a public address; give one with https://")
    try:
        date.fromisoformat(alias.date)
    except ValueError as error:
        raise AliasError(f"{where}: date is not YYYY-MM-DD; say when it was checked") from error


def _subject(alias: Alias) -> tuple[str, str, str, bool]:
    """What an entry is about; two entries about the same contradict or repeat each other."""
    return alias.seller, alias.name.casefold(), alias.operation, bool(alias.canonical)


def _refuse_doubles(aliases: tuple[Alias, ...]) -> None:
    seen: set[tuple[str, str, str, bool]] = set()
    for alias in aliases:
        what = _subject(alias)
        if what in seen:
            raise AliasError(f"alias {alias.name!r} of {alias.seller} stands twice; keep one")
        seen.add(what)
    keys = {alias.name: alias.canonical for alias in aliases if alias.seller == EVERY_SELLER}
    for alias in aliases:
        if alias.canonical in keys:
            raise AliasError(
                f"alias {alias.name!r} leads to {alias.canonical!r}, which is an alias itself; "
                f"write {keys[alias.canonical]!r}"
            )
