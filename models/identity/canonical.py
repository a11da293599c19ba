"""Canonical keys: what the offerings of all sellers have in common.

Every id is read to a key with all its marks, so that nothing which is written differently shares a
key by itself. Four kinds of statement then say that two such keys are one model, strongest first:

``accepted``  the seller accepts one id as another name of the other;
``plain``     the seller prints the marked id under the name without the mark
              (``openai/gpt-5-2025-08-07`` is called "GPT-5");
``fuller``    the seller prints the id under a name with more in it, and somebody sells that
              (``moonshotai/kimi-k2`` is called "Kimi K2 0711");
``bare``      an id with a whole date or a packaging, and somebody sells it without, or with the
              date written short.

Statements are believed as long as no seller sells two of the models they join: a seller that sells
both ``gpt-4o`` and ``gpt-4o-2024-05-13`` knows them to differ. Where one does, the weakest kind is
given up first, for these keys only. Checked aliases have the last word.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from models.identity import rules
from models.identity.aliases import EVERY_SELLER, Alias, load_aliases
from models.identity.names import (
    Designation,
    is_size,
    read_id,
    read_name,
    route_of,
    split_variant,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from models.identity.entries import CatalogueEntry

_KINDS = ("accepted", "plain", "fuller", "bare")
_PLAIN_MARKS = {"date", "stamp", "revision", "quantisation", "packaging", "pointer"}
_FULLER_MARKS = {"date", "stamp", "revision"}


@dataclass(frozen=True, slots=True)
class Canonical:
    """What an offering is, beside how its seller names it.

    ``key`` is ``developer/model``, None for a name that stands for no id. ``variant`` is what the
    id says after its colon, or the seller's own route; ``service_tier`` the variant where it is a
    tier, None for the standard one. ``attributes`` are what the id and its key tell of the model
    beyond its name: ``date``, ``stamp``, ``revision``, ``quantisation``, ``packaging``,
    ``pointer``, ``size``, ``mode``.
    """

    key: str | None
    variant: str | None
    service_tier: str | None
    attributes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Statement:
    kind: str
    one: str
    other: str


def key_of(developer: str, name: str) -> str:
    """The key of a text by itself, with every mark it carries. The key of a key is itself."""
    designation = read_id(developer, name) if "/" in name else read_name(developer, name)
    return designation.key


def canonicalise(
    catalogue: Iterable[CatalogueEntry], aliases: Sequence[Alias] | None = None
) -> Mapping[tuple[str, str, str], Canonical]:
    """The canonical model of every entry, by seller, model id and operation.

    ``catalogue`` holds the entries of all sellers, in any order; ``aliases`` are the checked names,
    those that ship with the code when left out.
    """
    entries = list(catalogue)
    readings = _readings(entries)
    keys = _keys(entries, readings)
    checked = _Checked(load_aliases() if aliases is None else aliases)
    return {
        (entry.seller, entry.model_id, entry.operation): _canonical(
            entry, readings.get(_id(entry)), keys, checked
        )
        for entry in entries
    }


class _Checked:
    """The aliases that say which canonical model an id or a key is."""

    def __init__(self, aliases: Sequence[Alias]) -> None:
        chosen = [alias for alias in aliases if alias.canonical]
        self._ids = {
            (alias.seller, alias.name): alias.canonical
            for alias in chosen
            if alias.seller != EVERY_SELLER
        }
        self._keys = {
            alias.name: alias.canonical for alias in chosen if alias.seller == EVERY_SELLER
        }

    def key(self, entry: CatalogueEntry, key: str) -> str:
        found = self._ids.get((entry.seller, split_variant(entry.model_id)[0]), key)
        return self._keys.get(found, found)


def _id(entry: CatalogueEntry) -> tuple[str, str]:
    return entry.seller, entry.model_id


def _readings(entries: Iterable[CatalogueEntry]) -> dict[tuple[str, str], Designation]:
    """What each id says, the same whichever of its operations is met first."""
    readings: dict[tuple[str, str], Designation] = {}
    for entry in entries:
        if entry.has_id:
            reading = designation_of(entry)
            known = readings.setdefault(_id(entry), reading)
            if reading.key < known.key:
                readings[_id(entry)] = reading
    return readings


def designation_of(entry: CatalogueEntry) -> Designation:
    """What an offering's id says; where the id names a role only, what its printed name says."""
    reading = read_id(entry.developer, entry.model_id)
    if reading.key in rules.MOVING and entry.name:
        return read_name(reading.developer, entry.name)
    return reading


def _canonical(
    entry: CatalogueEntry,
    reading: Designation | None,
    keys: Mapping[str, str],
    checked: _Checked,
) -> Canonical:
    if reading is None:
        return Canonical(None, None, None, ())
    variant = split_variant(entry.model_id)[1] or route_of(entry.model_id)
    tier = variant if variant in rules.SERVICE_TIERS else None
    key = checked.key(entry, keys[reading.key])
    return Canonical(key, variant, tier, _attributes(reading))


def _attributes(reading: Designation) -> tuple[tuple[str, str], ...]:
    words = tuple(
        ("size" if is_size(word) else "mode", word)
        for word in reading.words
        if is_size(word) or word in rules.MODES
    )
    return reading.marks + words


def _keys(
    entries: Sequence[CatalogueEntry], readings: Mapping[tuple[str, str], Designation]
) -> dict[str, str]:
    """The canonical key of every key that an id is read to."""
    sold = {reading.key: reading for reading in readings.values()}
    nodes = dict(sold)
    statements = [*_accepted(entries, readings), *_bare(sold)]
    for entry in entries:
        if entry.has_id:
            statements.extend(_printed(entry, readings[_id(entry)], sold, nodes))
    sellers: dict[str, set[str]] = defaultdict(set)
    for (seller, _), reading in readings.items():
        sellers[reading.key].add(seller)
    keys = {key: key for key in sold}
    for group in _believed(statements, len(_KINDS), sellers):
        best = min(group, key=lambda key: (len(nodes[key].marks), len(nodes[key].words), key))
        keys.update(dict.fromkeys(group, best))
    return keys


def _accepted(
    entries: Sequence[CatalogueEntry], readings: Mapping[tuple[str, str], Designation]
) -> Iterable[_Statement]:
    """What the sellers say of ids they list themselves."""
    for entry in entries:
        for alias in entry.aliases:
            other = readings.get((entry.seller, alias))
            if other is not None and entry.has_id:
                yield _Statement("accepted", readings[_id(entry)].key, other.key)


def _bare(sold: Mapping[str, Designation]) -> Iterable[_Statement]:
    for reading in sold.values():
        if reading.marks:
            for bare in barer(reading):
                if bare.key in sold:
                    yield _Statement("bare", reading.key, bare.key)


def barer(reading: Designation) -> Iterable[Designation]:
    """What a marked designation may be called without saying less of the model."""
    spare = [mark for mark in reading.marks if mark[0] == "packaging"]
    if may_lose_date(reading):
        spare += [mark for mark in reading.marks if mark[0] == "date"]
    for count in range(1, len(spare) + 1):
        for lost in combinations(spare, count):
            yield reading.less(lost)
    if (short := reading.with_short_date()) != reading:
        yield short


def may_lose_date(reading: Designation) -> bool:
    """Whether a designation has a date and can be what its undated name stands for."""
    if not any(kind == "date" for kind, _ in reading.marks):
        return False
    current = rules.REVISED.get(reading.base)
    return current is None or ("date", current) in reading.marks


def _printed(
    entry: CatalogueEntry,
    reading: Designation,
    sold: Mapping[str, Designation],
    nodes: dict[str, Designation],
) -> Iterable[_Statement]:
    """What the printed name of an id says beyond the id."""
    name = entry.name
    variant = split_variant(entry.model_id)[1]
    if variant:
        name = name.removesuffix(f"({variant})")
    printed = read_name(reading.developer, name)
    if printed.words == reading.words and printed.marks == reading.marks:
        return
    if _is_plainer(printed, reading):
        nodes.setdefault(printed.key, printed)
        yield _Statement("plain", reading.key, printed.key)
    elif printed.key in sold and _is_fuller(printed, reading):
        yield _Statement("fuller", reading.key, printed.key)


def _is_plainer(printed: Designation, reading: Designation) -> bool:
    if printed.words != reading.words or not set(printed.marks) < set(reading.marks):
        return False
    lost = {kind for kind, _ in set(reading.marks) - set(printed.marks)}
    return lost <= _PLAIN_MARKS and ("date" not in lost or may_lose_date(reading))


def _is_fuller(printed: Designation, reading: Designation) -> bool:
    words = tuple(word for word in printed.words if not (is_size(word) or word == "instruct"))
    same = tuple(word for word in reading.words if not (is_size(word) or word == "instruct"))
    if words != same or not set(reading.words) <= set(printed.words):
        return False
    gained = {kind for kind, _ in set(printed.marks) - set(reading.marks)}
    return set(reading.marks) <= set(printed.marks) and gained <= _FULLER_MARKS


def _believed(
    statements: Sequence[_Statement], kinds: int, sellers: Mapping[str, set[str]]
) -> Iterable[frozenset[str]]:
    """Groups of keys that are one model, by the strongest statements that contradict no seller."""
    heard = [statement for statement in statements if statement.kind in _KINDS[:kinds]]
    for group in _groups((statement.one, statement.other) for statement in heard):
        inside = [statement for statement in heard if statement.one in group]
        if not _sold_apart(group, inside, sellers):
            yield group
        elif kinds > 1:
            yield from _believed(inside, kinds - 1, sellers)


def _sold_apart(
    group: frozenset[str], statements: Sequence[_Statement], sellers: Mapping[str, set[str]]
) -> bool:
    """Whether some seller sells two of these keys without calling them one."""
    accepted = [(s.one, s.other) for s in statements if s.kind == "accepted"]
    one_of: dict[str, str] = {key: key for key in group}
    for joined in _groups(accepted):
        one_of.update(dict.fromkeys(joined, min(joined)))
    sold: set[tuple[str, str]] = {
        (seller, one_of[key]) for key in group for seller in sellers.get(key, ())
    }
    return len(sold) > len({seller for seller, _ in sold})


def _groups(pairs: Iterable[tuple[str, str]]) -> list[frozenset[str]]:
    """The connected components of the pairs."""
    group_of: dict[str, set[str]] = {}
    for one, other in pairs:
        first, second = group_of.setdefault(one, {one}), group_of.setdefault(other, {other})
        if first is not second:
            first |= second
            group_of.update(dict.fromkeys(second, first))
    return list({id(group): frozenset(group) for group in group_of.values()}.values())
