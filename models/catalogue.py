"""What a seller was ever seen to list, and which of its ids and printed names mean the same.

:class:`Catalogue` is a function of the set of fetches, not of their order: a name printed on a page
before the API lists the model resolves to the same offering as one printed after. When a fetch
brings a name or an alias that resolves earlier names differently, :meth:`Catalogue.mapping` differs
and history has to be derived again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from models.history.state import id_key
from models.identity import Alias, CatalogueEntry, Resolver, page_model_id
from models.reading import Listing


@dataclass(slots=True)
class Known:
    """An id that an API lists or listed, as it was last described."""

    model_id: str
    operation: str
    name: str
    developer: str
    aliases: tuple[str, ...]
    lineage: str
    first_seen_at: datetime
    last_seen_at: datetime


@dataclass(slots=True)
class PageName:
    """A name that a page prints, without an id."""

    developer: str
    name: str
    operation: str
    source: str
    first_seen_at: datetime


@dataclass(slots=True)
class Catalogue:
    """All ids and printed names of one seller.

    ``apart`` holds pairs of ids that were listed side by side in one answer, so that neither is
    another name for the other, whatever an alias says. ``groups`` and ``meant`` are what
    :meth:`settle` worked out: ids that mean the same, and what printed names stand for.
    """

    seller: str
    aliases: Sequence[Alias] = ()
    known: dict[str, Known] = field(default_factory=dict[str, Known])
    printed: dict[str, PageName] = field(default_factory=dict[str, PageName])
    apart: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    meant: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def add(self, source: str, listings: Sequence[Listing], at: datetime) -> None:
        """Take in what one healthy fetch lists."""
        ids: set[str] = set()
        for listing in listings:
            if listing.model_id is None:
                self._add_printed(source, listing, at)
            else:
                ids.add(self._add_known(listing.model_id, listing, at))
        for listing in listings:
            if listing.model_id is not None and listing.aliases:
                own = id_key(listing.model_id, listing.operation)
                others = (id_key(alias, listing.operation) for alias in listing.aliases)
                self.apart.update((own, other) for other in others if other in ids and other != own)

    def _add_known(self, model_id: str, listing: Listing, at: datetime) -> str:
        """Take in an id that an API lists; returns its key."""
        key = id_key(model_id, listing.operation)
        known = self.known.get(key)
        if known is None:
            known = Known(model_id, listing.operation, "", "", (), "", at, at)
            self.known[key] = known
        # What was once declared to be one model stays one, also when nobody says so any more.
        if listing.aliases:
            known.aliases = tuple(sorted({*listing.aliases, *known.aliases}))
        known.first_seen_at = min(at, known.first_seen_at)
        if at >= known.last_seen_at:
            known.name, known.developer = listing.name, listing.developer
            known.lineage, known.last_seen_at = listing.lineage, at
        return key

    def _add_printed(self, source: str, listing: Listing, at: datetime) -> None:
        key = printed_key(listing)
        old = self.printed.get(key)
        first = at if old is None else min(at, old.first_seen_at)
        self.printed[key] = PageName(
            listing.developer, listing.name, listing.operation, source, first
        )

    def settle(self) -> None:
        """Work out which names mean the same; call after the last :meth:`add`."""
        self.groups = self._grouped()
        resolver = Resolver(self.seller, self.entries(), self.aliases)
        self.meant = {}
        for key, page in self.printed.items():
            found = resolver.resolve(page.developer, page.name, page.operation)
            self.meant[key] = tuple(id_key(*target) for target in found.targets)

    def _grouped(self) -> dict[str, tuple[str, ...]]:
        """Ids joined by declared aliases, each group with its newest id first."""
        leader = {key: key for key in self.known}

        def find(key: str) -> str:
            while leader[key] != key:
                key = leader[key]
            return key

        for key, known in sorted(self.known.items()):
            for alias in known.aliases:
                other = id_key(alias, known.operation)
                if other in self.known and (key, other) not in self.apart:
                    leader[find(other)] = find(key)
        groups: dict[str, list[str]] = {}
        for key in self.known:
            groups.setdefault(find(key), []).append(key)
        newest_first = (
            sorted(group, key=lambda key: (-self.known[key].last_seen_at.timestamp(), key))
            for group in groups.values()
        )
        return {key: tuple(group) for group in newest_first for key in group}

    def entries(self) -> list[CatalogueEntry]:
        """One entry per offering: of ids that mean the same, the newest."""
        groups = sorted(set(self.groups.values()))
        return [self._entry(self.known[group[0]], group[1:]) for group in groups]

    def _entry(self, known: Known, older: Sequence[str]) -> CatalogueEntry:
        names = (*known.aliases, *(self.known[key].model_id for key in older))
        return CatalogueEntry(
            self.seller,
            known.model_id,
            known.operation,
            known.name,
            known.developer,
            tuple(dict.fromkeys(names)),
            known.lineage,
        )

    def also_named(self, model_id: str, operation: str) -> tuple[str, ...]:
        """Other ids known for the same offering."""
        own = id_key(model_id, operation)
        group = self.groups.get(own, ())
        if len(group) < 2:
            return ()  # so it is nearly always
        return tuple(self.known[key].model_id for key in group if key != own)

    def targets(self, listing: Listing) -> list[tuple[str, str]]:
        """The offerings (model id, operation) that a listing stands for.

        A printed name that resolves to no id is an offering of its own, named after the page. One
        that resolves goes by the oldest id, which later ids do not change.
        """
        if listing.model_id is not None:
            return [(listing.model_id, listing.operation)]
        keys = self.meant.get(printed_key(listing), ())
        if not keys:
            return [(page_model_id(listing.developer, listing.name), listing.operation)]
        oldest = {self._oldest(key): None for key in keys}
        return [(self.known[key].model_id, self.known[key].operation) for key in oldest]

    def _oldest(self, key: str) -> str:
        group = self.groups.get(key, (key,))
        return min(group, key=lambda each: (self.known[each].first_seen_at, each))

    def unmatched(self) -> list[PageName]:
        """Printed names that resolve to no id, in order of name."""
        return [page for key, page in sorted(self.printed.items()) if not self.meant.get(key)]

    def mapping(self) -> Mapping[str, str]:
        """Which offering every name means; two mappings that agree on a name treat it alike.

        The offering is named by the smallest member that was known in both, so growth alone is no
        difference; see :func:`same_meaning`.
        """
        names = {key: "\n".join(sorted(group)) for key, group in self.groups.items()}
        for key in self.printed:
            names[f"printed {key}"] = "\n".join(sorted(self.meant.get(key, ())))
        return names


def printed_key(listing: Listing) -> str:
    """One text for a printed name and the work it is printed under."""
    return f"{listing.operation}:{listing.developer}\t{listing.name}"


def same_meaning(before: Mapping[str, str], after: Mapping[str, str]) -> bool:
    """Whether every earlier name still means what it meant.

    A group of ids may gain ids that were not known before; a printed name may not move, and two
    offerings may not become one.
    """
    for name, meant in before.items():
        now = after.get(name, "").split("\n")
        if name.startswith("printed "):
            if not _same_targets(meant.split("\n"), now, before, after):
                return False
        elif [member for member in now if member in before] != meant.split("\n"):
            return False
    return True


def _same_targets(
    meant: Sequence[str], now: Sequence[str], before: Mapping[str, str], after: Mapping[str, str]
) -> bool:
    """Whether targets are the same offerings, perhaps under a newer id."""
    groups_before = {after.get(key, key) for key in meant if key in before}
    groups_now = {after.get(key, key) for key in now if key}
    return groups_before == groups_now
