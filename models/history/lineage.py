"""Renames: when a new id is the same offering under another name."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from models.history.state import id_key
from models.ids import offering_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.history.engine import Book
    from models.history.observation import Observation, Sighting
    from models.history.state import Offering


def variant_of(model_id: str) -> str:
    """The suffix after the colon (``free``, ``batch``), empty when there is none."""
    return model_id.partition(":")[2]


def join_renamed(book: Book, observation: Observation, keys: Sequence[str]) -> None:
    """Let new ids join the offering they rename.

    A rename needs all of: the old id gone and the new one first seen in this fetch, the same
    lineage word (OpenRouter's ``canonical_slug``), the same variant suffix, the same prices. Of
    twelve swaps of id under one slug seen until 2026-08, eleven were ``x:free`` giving way to
    ``x``, which is another offering, and one was a rename. Ids that an answer itself declares as
    aliases join by that declaration. ``keys`` are those of the sightings.
    """
    pairs = zip(keys, observation.sightings, strict=True)
    new = [sighting for key, sighting in pairs if key not in book.ids]
    if not new:
        return
    listed = set(keys)
    gone = _gone(book, observation, listed)
    for sighting in new:
        declared = [id_key(alias, sighting.operation) for alias in sighting.listing.aliases]
        known = [key for key in declared if key in book.ids and key not in listed]
        if known:
            book.name(id_key(sighting.model_id, sighting.operation), book.ids[known[0]])
            continue
        candidates = gone.get((sighting.listing.lineage, sighting.operation), [])
        same = [o for o in candidates if _is_rename(o, sighting, observation.source)]
        if len(same) == 1:
            book.name(id_key(sighting.model_id, sighting.operation), same[0].offering_id)


def _gone(
    book: Book, observation: Observation, listed: set[str]
) -> dict[tuple[str, str], list[Offering]]:
    """Offerings that this source listed last time and lists no more, by lineage."""
    found: defaultdict[tuple[str, str], list[Offering]] = defaultdict(list)
    for listed_id in book.sources[observation.source].present:
        offering = book.offerings[listed_id]
        presence = offering.presences[observation.source]
        lineage = presence.listing.lineage
        is_gone = id_key(offering.model_id, offering.operation) not in listed
        if lineage and is_gone and presence.absence is None:
            found[(lineage, offering.operation)].append(offering)
    return found


def _is_rename(offering: Offering, sighting: Sighting, source: str) -> bool:
    before = offering.presences[source].statements
    return (
        variant_of(offering.model_id) == variant_of(sighting.model_id)
        and len(before) > 0
        and before.keys() == sighting.statements.keys()
        and all(before[meter].same_as(now) for meter, now in sighting.statements.items())
    )


def find(book: Book, sighting: Sighting) -> str | None:
    """The offering that a sighting's id, or another name for it, belongs to."""
    own = book.ids.get(id_key(sighting.model_id, sighting.operation))
    if own is not None:
        return own
    others = (id_key(name, sighting.operation) for name in sighting.also)
    return next((book.ids[key] for key in others if key in book.ids), None)


def part_namesakes(book: Book, observation: Observation, keys: Sequence[str]) -> None:
    """Ids listed side by side are different models, whatever their names meant until now.

    The offering stays with the id it was first seen under; every other id begins one of its own.
    ``keys`` are those of the sightings.
    """
    owned = set(map(book.ids.get, keys))
    if len(owned) == len(keys) and None not in owned:
        return
    claimed: dict[str, Sighting] = {}
    for sighting in observation.sightings:
        found = find(book, sighting) if sighting.listing.model_id is not None else None
        if found is None:
            continue
        other = claimed.setdefault(found, sighting)
        if other is sighting:
            continue
        if _own_offering(book, sighting) == found:
            claimed[found], sighting = sighting, other  # noqa: PLW2901 # the other one parts
        own = id_key(sighting.model_id, sighting.operation)
        book.name(own, _own_offering(book, sighting))


def _own_offering(book: Book, sighting: Sighting) -> str:
    return offering_id(book.seller, sighting.model_id, sighting.operation)
