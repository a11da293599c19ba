"""A record is a value: equal by what it says, usable as a key, and nothing can be hung on it."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass, field, replace
from pathlib import Path

import pytest
from mypy import api

from models.record import record


@record
class Point:
    """A place."""

    x: int
    names: tuple[str, ...] = field(default_factory=tuple[str, ...])


@dataclass(frozen=True, slots=True)
class Frozen:
    """What a record is compared with."""

    x: int


def test_it_is_equal_and_hashed_by_its_fields() -> None:
    assert Point(1) == replace(Point(2), x=1)
    assert len({Point(1), Point(1), Point(1, ("a",))}) == 2


def test_it_has_no_other_fields() -> None:
    with pytest.raises(AttributeError):
        setattr(Point(1), "y", 2)  # noqa: B010 # what no checker would let pass


def test_it_is_the_checkers_that_forbid_to_change_one(tmp_path: Path) -> None:
    """At run time nothing does, which is why making one costs so little."""
    with pytest.raises(FrozenInstanceError):
        setattr(Frozen(1), "x", 2)  # noqa: B010
    setattr(Point(1), "x", 2)  # noqa: B010
    program = tmp_path / "program.py"
    program.write_text(
        "from tests.models.test_record import Point\n\nplace = Point(1)\nplace.x = 2\n",
        encoding="utf-8",
    )
    found, _, status = api.run([str(program), "--no-incremental"])
    assert status == 1
    assert 'Property "x" defined in "Point" is read-only' in found
