"""What an unmatched name might be: ranked for a person to judge, never used by itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rapidfuzz import fuzz

from models.identity import rules
from models.identity.names import Designation, read_id, read_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from models.identity.entries import CatalogueEntry


#: How much of a likeness remains across developers, and across kinds of work.
_OTHER_DEVELOPER = 0.6
_OTHER_WORK = 0.85
#: Less alike than this is nothing alike. Measured on 2026-11-23: relatives score 48 and more,
#: strangers 25 and less.
_LEAST = 40.0
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An offering a name might stand for; ``score`` from 0 (nothing alike) to 100 (same words)."""

    model_id: str
    operation: str
    score: float


def suggest(  # noqa: PLR0917 - a row of a page reads in this order
    seller: str,
    developer: str,
    name: str,
    operation: str,
    catalogue: Iterable[CatalogueEntry],
    limit: int = 5,
) -> list[Suggestion]:
    """The offerings of ``seller`` that read most like the name, best first; none when none does.

    Those that do another kind of work than the name's section come after equals that do not.
    """
    printed = read_name(developer, name)
    scored = {
        Suggestion(entry.model_id, entry.operation, _score(printed, operation, entry))
        for entry in catalogue
        if entry.seller == seller and entry.has_id
    }
    alike = (found for found in scored if found.score >= _LEAST)
    return sorted(alike, key=lambda found: (-found.score, found.model_id, found.operation))[:limit]


def why(developer: str, name: str, operation: str, entry: CatalogueEntry) -> str:
    """In words, what speaks for a suggestion and what against it."""
    printed = read_name(developer, name)
    by_id = read_id(entry.developer, entry.model_id)
    by_name = read_name(by_id.developer, entry.name)
    other = max((by_id, by_name), key=lambda reading: _likeness(printed, reading))
    mine, theirs = _text(printed).split(), _text(other).split()
    said = [
        _listed("shares", [word for word in mine if word in theirs]),
        _listed("lacks", [word for word in mine if word not in theirs]),
        _listed("adds", [word for word in theirs if word not in mine]),
        "" if printed.developer in {"", by_id.developer} else f"made by {by_id.developer}",
        "" if _does(entry.operation, operation) else f"is called for {entry.operation}",
    ]
    return "; ".join(part for part in said if part)


def _listed(verb: str, words: list[str]) -> str:
    return f"{verb} {', '.join(words)}" if words else ""


def _does(offered: str, section: str) -> bool:
    """Whether an operation is one of those that a page's section means."""
    return offered in rules.SECTIONS.get(section, (offered,))


def _score(printed: Designation, operation: str, entry: CatalogueEntry) -> float:
    by_id = read_id(entry.developer, entry.model_id)
    by_name = read_name(by_id.developer, entry.name)
    likeness = max(_likeness(printed, by_id), _likeness(printed, by_name))
    if printed.developer not in {"", by_id.developer}:
        likeness *= _OTHER_DEVELOPER
    if not _does(entry.operation, operation):
        likeness *= _OTHER_WORK
    return round(likeness, 2)


def _likeness(one: Designation, other: Designation) -> float:
    """Shared words weigh most, then spelling, the family's word, and how near the versions are."""
    mine, theirs = _text(one), _text(other)
    family = 100.0 if one.words[:1] == other.words[:1] else 0.0
    words = 0.5 * fuzz.token_sort_ratio(mine, theirs) + 0.3 * fuzz.ratio(mine, theirs)
    return 0.95 * (words + 0.2 * family) + 5.0 * _nearness(_version(one), _version(other))


def _nearness(one: float | None, other: float | None) -> float:
    """1 for the same version, less the further apart, 0 where one has none."""
    return 0.0 if one is None or other is None else 1 / (1 + abs(one - other))


def _version(reading: Designation) -> float | None:
    numbers = (word.rstrip("anov") for word in reading.words)
    return next((float(number) for number in numbers if _NUMBER.fullmatch(number)), None)


def _text(reading: Designation) -> str:
    return " ".join((*reading.words, *(value for _, value in reading.marks)))
