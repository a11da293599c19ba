"""Values that are made once and never changed, at the price of a plain object.

``dataclass(frozen=True)`` forbids assignment while the program runs, and pays for it at each field
of each object made: a row of twelve fields costs 1.4 microseconds instead of 0.25 (2026-11), and
one snapshot makes hundreds. A :func:`record` is as immutable to the type checkers, which read every
line there is, and costs nothing more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type[T]) -> type[T]:
    """Make a class a dataclass with slots, equal and hashed by its fields, never assigned to."""
    return dataclass(slots=True, unsafe_hash=True)(cls)
