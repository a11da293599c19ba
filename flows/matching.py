"""From a name that means no id to the entry which says that it does, checked before it is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from rapidfuzz import process

from flows.errors import NoSuchThingError, UsageError
from flows.finding import Named, matches, nearest_words
from models.identity import Alias, AliasError, CatalogueEntry, Resolver, alias_text, parse_aliases
from models.identity import suggest as likely
from models.identity.suggest import why
from models.registry import SOURCES
from warehouse.read import Book, Table

UNSPECIFIED: Final = "unspecified"
COLUMNS: Final = (
    "source",
    "raw_name",
    "operation",
    "price",
    "rank",
    "model_id",
    "name",
    "score",
    "why",
)


@dataclass(frozen=True, slots=True)
class Wording:
    """What a person says of a match beside the two names."""

    reason: str
    covers: str = ""
    evidence: str = ""
    operation: str = ""


@dataclass(frozen=True, slots=True)
class _Printed:
    """A printed name that means no id."""

    seller: str
    source: str
    raw_name: str
    operation: str
    price: str

    @property
    def parts(self) -> tuple[str, str]:
        """Developer and model."""
        developer, slash, name = self.raw_name.partition(" / ")
        return (developer, name) if slash else ("", self.raw_name)


def candidates(book: Book, sources: Sequence[str] | None) -> Table:
    """Every open name with the ids it may stand for, and what speaks for and against each."""
    entries = _entries(book)
    rows: list[tuple[Any, ...]] = []
    for page in _open_names(book, sources):
        about = (page.source, page.raw_name, page.operation, page.price)
        found = likely(page.seller, *page.parts, page.operation, entries)
        known = {(e.model_id, e.operation): e for e in entries if e.seller == page.seller}
        for rank, each in enumerate(found, start=1):
            entry = known[each.model_id, each.operation]
            reason = why(*page.parts, page.operation, entry)
            rows.append((*about, rank, each.model_id, entry.name, round(each.score), reason))
        if not found:
            rows.append((*about, None, None, None, None, "nothing like it"))
    return Table(COLUMNS, tuple(rows))


def printed_name(book: Book, name: str, targets: Sequence[str], said: Wording, on: date) -> Alias:
    """The entry by which a printed name stands for ids of its seller.

    Raises NoSuchThingError for a name that is not open or an id the seller never listed, and
    UsageError for an entry that is incomplete or would have no effect.
    """
    page = _named(_open_names(book, None), name, said.operation)
    entries = [entry for entry in _entries(book) if entry.seller == page.seller]
    meant = {model_id for target in targets for model_id in _meant(entries, target)}
    alias = _checked(
        Alias(
            page.seller,
            page.raw_name,
            targets=tuple(dict.fromkeys(targets)),
            operation="" if page.operation == UNSPECIFIED else page.operation,
            covers=said.covers,
            reason=said.reason,
            evidence=said.evidence or SOURCES[page.source].url,
            date=on.isoformat(),
        )
    )
    found = Resolver(page.seller, entries, [alias]).resolve(*page.parts, page.operation)
    if {model_id for model_id, _ in found.targets} != meant:
        stands = ", ".join(model_id for model_id, _ in found.targets) or "none"
        raise UsageError(
            f"with this entry {page.raw_name!r} would stand for {stands}, not for "
            f"{', '.join(sorted(meant))}: it is printed under {page.operation}, so name ids that "
            "are called for that"
        )
    return alias


def canonical_model(book: Book, name: str, key: str, said: Wording, on: date) -> Alias:
    """The entry by which an id of a seller belongs to a canonical model that others have.

    Raises NoSuchThingError for an id or a key that nothing has, UsageError for an entry that is
    incomplete.
    """
    rows = book.records("names")
    found = [row for row in rows if name in {row["model_id"], f"{row['seller']}/{row['model_id']}"}]
    sellers = sorted({row["seller"] for row in found if not row["model_id"].startswith("page:")})
    if not sellers:
        ids = [f"{row['seller']}/{row['model_id']}" for row in rows]
        raise NoSuchThingError(f"no id is {name!r}; near it: {_near(name, ids)}")
    if len(sellers) > 1:
        ways = " or ".join(f"{seller}/{name}" for seller in sellers)
        raise UsageError(f"several sellers have an id {name!r}: name {ways}")
    known = sorted({row["canonical_id"] for row in rows if row["canonical_id"]})
    if key not in known:
        raise NoSuchThingError(f"no model is {key!r}; near it: {_near(key, known)}")
    seller = sellers[0]
    source = next(source for source in SOURCES.values() if source.seller == seller)
    return _checked(
        Alias(
            seller,
            found[0]["model_id"].partition(":")[0],
            canonical=key,
            reason=said.reason,
            evidence=said.evidence or source.url,
            date=on.isoformat(),
        )
    )


def _open_names(book: Book, sources: Sequence[str] | None) -> list[_Printed]:
    asked = {"at": None, "sources": sources}
    works = {row["offering_id"]: row["operation"] for row in book.records("names")}
    return [
        _Printed(
            SOURCES[row["source"]].seller,
            row["source"],
            row["raw_name"],
            works.get(row["offering_id"], UNSPECIFIED),
            row["price"],
        )
        for row in book.records("unmatched", asked)
    ]


def _entries(book: Book) -> list[CatalogueEntry]:
    return [
        CatalogueEntry(
            row["seller"],
            row["model_id"],
            row["operation"],
            row["name"],
            row["developer"],
            tuple(row["aliases"]),
        )
        for row in book.records("names")
    ]


def _named(pages: Sequence[_Printed], name: str, operation: str) -> _Printed:
    """The open name that is meant: as printed, or less the developer, in any spelling."""
    named = [
        Named(str(place), page.seller, page.raw_name, page.operation, "", _called(page))
        for place, page in enumerate(pages)
    ]
    found = [pages[int(each.offering_id)] for each in matches(named, name)]
    if not found:
        raise NoSuchThingError(
            f"no open name is {name!r}; {nearest_words(name, [page.raw_name for page in pages])} "
            "(`pricebook unmatched` lists them)"
        )
    chosen = [page for page in found if operation in {"", page.operation}]
    if len(chosen) != 1:
        ways = ", ".join(f"{page.raw_name} ({page.operation})" for page in found)
        raise UsageError(f"{name!r} may be any of {ways}: say which with --operation")
    return chosen[0]


def _called(page: _Printed) -> tuple[str, ...]:
    return tuple(dict.fromkeys((page.raw_name, page.parts[1])))


def _meant(entries: Iterable[CatalogueEntry], target: str) -> list[str]:
    """The ids that a target names. Raises NoSuchThingError when it names none."""
    ids = sorted({entry.model_id for entry in entries if entry.has_id})
    if target.endswith("*"):
        found = [model_id for model_id in ids if model_id.startswith(target[:-1])]
    else:
        found = [model_id for model_id in ids if model_id == target]
    if not found:
        raise NoSuchThingError(f"its seller lists no {target!r}; near it: {_near(target, ids)}")
    return found


def _near(name: str, ids: Sequence[str]) -> str:
    found = process.extract(name, ids, limit=5, score_cutoff=60)
    return ", ".join(each for each, _, _ in found) or "nothing"


def _checked(alias: Alias) -> Alias:
    """The entry, when the alias file would take it. Raises UsageError when it would not."""
    try:
        parse_aliases(alias_text(alias))
    except AliasError as error:
        said = str(error).removeprefix(f"alias 1 ({alias.name})").lstrip(": ")
        raise UsageError(f"{alias.name}: {said}") from error
    return alias
