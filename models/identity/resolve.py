"""What a printed name stands for among the ids of one seller."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.identity import rules
from models.identity.canonical import barer
from models.identity.names import (
    Designation,
    read_id,
    read_name,
    split_variant,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from models.identity.aliases import Alias
    from models.identity.entries import CatalogueEntry


@dataclass(frozen=True, slots=True)
class Resolution:
    """Which offerings a printed name stands for.

    ``targets`` holds (model id, operation), nothing when the name is unmatched. ``how`` is
    ``exact`` (equal by spelling), ``alias`` (checked by a person), ``page_only`` (no id has this
    name) or ``ambiguous``: then ``candidates`` holds the ids found.
    """

    targets: tuple[tuple[str, str], ...]
    how: str
    candidates: tuple[str, ...] = ()


class Resolver:
    """Resolves printed names against the ids that one seller's API has ever listed.

    A name matches an id when both, or the name and what the API calls the id, read the same. The
    page section decides which kinds of work are meant (``rules.toml``, sections). A name without a
    date matches a dated id where the seller sells no other. Two ids are no match but a question.
    """

    def __init__(
        self, seller: str, catalogue: Iterable[CatalogueEntry], aliases: Sequence[Alias]
    ) -> None:
        self._operations: dict[str, set[str]] = defaultdict(set)
        self._exact: dict[str, set[str]] = defaultdict(set)
        self._bare: dict[str, set[str]] = defaultdict(set)
        self._newer: dict[str, str] = {}
        for entry in catalogue:
            if entry.seller == seller and entry.has_id:
                self._add(entry)
        self._aliases = {
            (key, alias.operation): alias
            for alias in aliases
            if alias.seller == seller and alias.targets
            for key in _keys(_named(alias.name))
        }

    def resolve(self, developer: str, name: str, operation: str) -> Resolution:
        """What ``developer / name``, printed in a section for ``operation``, stands for."""
        printed = read_name(developer, name)
        key = _keys(printed)[0 if printed.developer else 1]
        exact = self._candidates(self._exact, key, operation)
        if len(exact) == 1:
            return self._found(exact, operation, "exact")
        alias = self._aliases.get((key, operation)) or self._aliases.get((key, ""))
        if alias is not None and (targets := self._targets(alias, operation)):
            return Resolution(targets, "alias")
        bare = self._candidates(self._bare, key, operation)
        candidates = exact or bare
        if len(candidates) == 1:
            return self._found(candidates, operation, "exact")
        if candidates:
            return Resolution((), "ambiguous", tuple(sorted(candidates)))
        return Resolution((), "page_only")

    def _add(self, entry: CatalogueEntry) -> None:
        self._operations[entry.model_id].add(entry.operation)
        self._newer.update(dict.fromkeys(entry.aliases, entry.model_id))
        if split_variant(entry.model_id)[1]:
            return
        reading = read_id(entry.developer, entry.model_id)
        readings = [reading, read_name(reading.developer, entry.name)]
        readings += [read_id(entry.developer, alias) for alias in entry.aliases]
        for found in readings:
            for key in _keys(found):
                self._exact[key].add(entry.model_id)
        for bare in barer(reading) if reading.marks else ():
            for key in _keys(bare):
                self._bare[key].add(entry.model_id)

    def _candidates(
        self, index: Mapping[str, set[str]], key: str, operation: str
    ) -> frozenset[str]:
        """The ids under a key that do such work; an id and its successor count once."""
        found = {
            self._current(model_id)
            for model_id in index.get(key, ())
            if self._operation(model_id, operation) is not None
        }
        return frozenset(found)

    def _current(self, model_id: str) -> str:
        newer = self._newer.get(model_id, model_id)
        return newer if newer in self._operations else model_id

    def _operation(self, model_id: str, operation: str) -> str | None:
        """Which of an id's operations a section means, None when it means none of them."""
        offered = self._operations[model_id]
        wanted = rules.SECTIONS.get(operation, tuple(sorted(offered)))
        return next((choice for choice in wanted if choice in offered), None)

    def _asked(self, model_id: str, operation: str) -> str | None:
        """What an id that a person named is called for: the section's work, else its only work.

        Pages print models under headings that do not fit; a person who looked knows better.
        """
        offered = self._operations[model_id]
        only = next(iter(offered)) if len(offered) == 1 else None
        return self._operation(model_id, operation) or only

    def _found(self, model_ids: Iterable[str], operation: str, how: str) -> Resolution:
        targets = [(found, self._operation(found, operation)) for found in sorted(model_ids)]
        return Resolution(tuple((found, work) for found, work in targets if work), how)

    def _targets(self, alias: Alias, operation: str) -> tuple[tuple[str, str], ...]:
        """The listed offerings an alias names; what is not listed (yet) is left out.

        An id that the seller renamed since the alias was written is found under its newer name.
        """
        known = {*self._operations, *self._newer}
        named = {
            name
            for target in alias.targets
            for name in known
            if (name.startswith(target[:-1]) if target.endswith("*") else name == target)
        }
        found = {self._current(name) for name in named} & self._operations.keys()
        work = alias.operation or operation
        return tuple(
            (model_id, chosen)
            for model_id in sorted(found)
            if (chosen := self._asked(model_id, work))
        )


def _keys(reading: Designation) -> tuple[str, str]:
    """A key with its developer and one without, for names printed without theirs."""
    return reading.key, " ".join((*reading.words, *(value for _, value in reading.marks)))


def _named(name: str) -> Designation:
    """What the name of an alias says: "Developer / Model", or a model alone."""
    developer, slash, model = name.partition(" / ")
    return read_name(developer, model) if slash else read_name("", name)
