"""Fixtures: a body, when and where it was answered, and what must be read from it.

A fixture is a folder ``fixtures/<source>/<UTC time>/`` with ``page.json`` or ``page.html``,
``meta.toml`` (url, fetched_at, what it shows) and ``expected.json``: the reading, or the exception.
Where a fetch has several bodies, the others are ``page.p2.json`` and so on.
``python -m spiders.fixture SOURCE FOLDER`` writes the expectation anew with today's code; what has
changed is then for a person to judge.
"""

from __future__ import annotations

import json
import sys
import tomllib
from dataclasses import dataclass, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, Final, cast

from models.conditions import Conditions
from models.money import plain
from models.reading import ExtractError
from spiders.read import read_fetch

EXPECTED: Final = "expected.json"


@dataclass(frozen=True, slots=True)
class Fixture:
    """One folder, read."""

    source: str
    url: str
    fetched_at: datetime
    bodies: tuple[bytes, ...]

    @property
    def body(self) -> bytes:
        """The first body."""
        return self.bodies[0]


def load(source: str, folder: Path) -> Fixture:
    """Read a fixture's bodies, in their order, and what is known of them."""
    meta = tomllib.loads((folder / "meta.toml").read_text(encoding="utf-8"))
    pages = sorted(folder.glob("page.*"), key=lambda page: (len(page.suffixes), page.name))
    bodies = tuple(page.read_bytes() for page in pages)
    return Fixture(source, meta["url"], meta["fetched_at"], bodies)


def outcome(fixture: Fixture) -> dict[str, Any]:
    """What the fixture's body amounts to, as JSON; an ExtractError is an outcome too."""
    try:
        bodies = [(body, fixture.url) for body in fixture.bodies]
        reading = read_fetch(fixture.source, bodies, fixture.fetched_at)
    except ExtractError as error:
        return {"exception": {"anchor": error.anchor, "message": str(error)}}
    plainly: dict[str, Any] = _plainly(reading)
    return plainly


def _plainly(value: Any) -> Any:  # noqa: ANN401
    """Dataclasses as objects without their empty fields, money and conditions as text."""
    if isinstance(value, Conditions):
        return value.to_json()
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [_plainly(item) for item in cast("tuple[object, ...]", value)]
    if is_dataclass(value) and not isinstance(value, type):
        fields = {name: getattr(value, name) for name in value.__dataclass_fields__}
        return {name: _plainly(field) for name, field in fields.items() if field not in ("", ())}
    return value


def save(source: str, folder: Path) -> None:
    """Write what today's code reads as the fixture's expectation."""
    text = json.dumps(outcome(load(source, folder)), indent=1, ensure_ascii=False)
    (folder / EXPECTED).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    save(sys.argv[1], Path(sys.argv[2]))
