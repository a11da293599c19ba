"""Witnesses: a source whose own word lets another one's held statement be believed.

A source that is in doubt itself proves nothing, and two lists of one site come from one backend:
where units slip in one, they slip in the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from models.history.gates import Gate
from models.registry import SOURCES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from models.history.state import Held, Track
    from models.history.statement import Statement

_OF_UNITS: Final = frozenset({Gate.LIST_SLIP, Gate.FIRST_SIGHT})
"""What one fault in a backend shows in all of its lists."""


def is_confirmed(tracks: Mapping[str, Track], source: str, held: Held) -> bool:
    """Whether another source vouches for what is held of a source; ``tracks`` are by source."""
    return any(
        _says(track, held.gate, held.statement)
        and not (held.gate in _OF_UNITS and _site(other) == _site(source))
        for other, track in _others(tracks, source)
    )


def is_held_beside(tracks: Mapping[str, Track], source: str, held: Held) -> bool:
    """Whether another list of the same site says the same, and repetition does not release it."""
    return any(
        track.held is not None
        and not track.held.gate.repetition_releases
        and track.held.statement.same_as(held.statement)
        and _site(other) == _site(source)
        for other, track in _others(tracks, source)
    )


def _others(tracks: Mapping[str, Track], source: str) -> Iterator[tuple[str, Track]]:
    return ((other, track) for other, track in tracks.items() if other != source)


def _says(track: Track, gate: Gate, statement: Statement) -> bool:
    said, held = track.statement, track.held
    if held is not None:
        said = None if held.gate in _OF_UNITS or held.gate is gate else held.statement
    return said is not None and said.same_as(statement)


def _site(source: str) -> str:
    return SOURCES[source].site if source in SOURCES else source
