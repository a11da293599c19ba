"""What an unmatched name might be: ranked for a person to judge, never used by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rapidfuzz import fuzz

from models.identity import rules
from models.identity.names import Designation, read_id, read_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from models.identity.entries import CatalogueEntry


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
    """The offerings of ``seller`` that read most like the name, best first, of the same work only
    where there are any."""
    printed = read_name(developer, name)
    wanted = rules.SECTIONS.get(operation)
    entries = [entry for entry in catalogue if entry.seller == seller]
    fitting = [entry for entry in entries if wanted is None or entry.operation in wanted]
    scored = {
        Suggestion(entry.model_id, entry.operation, _score(printed, entry))
        for entry in fitting or entries
    }
    return sorted(scored, key=lambda found: (-found.score, found.model_id, found.operation))[:limit]


def _score(printed: Designation, entry: CatalogueEntry) -> float:
    by_id = read_id(entry.developer, entry.model_id)
    by_name = read_name(by_id.developer, entry.name)
    likeness = max(_likeness(printed, by_id), _likeness(printed, by_name))
    same_developer = printed.developer in {"", by_id.developer}
    return round(likeness if same_developer else likeness * 0.6, 1)


def _likeness(one: Designation, other: Designation) -> float:
    """Shared words weigh most, then how alike the rest is; the family's own word counts double."""
    mine, theirs = _text(one), _text(other)
    family = 100.0 if one.words[:1] == other.words[:1] else 0.0
    return 0.5 * fuzz.token_sort_ratio(mine, theirs) + 0.3 * fuzz.ratio(mine, theirs) + 0.2 * family


def _text(reading: Designation) -> str:
    return " ".join((*reading.words, *(value for _, value in reading.marks)))
