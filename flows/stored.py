"""What the data directory itself shows that someone should look at, in sentences."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flows.derive import reader_of
from flows.fingerprint import reader_fingerprint


def another_reader(data_dir: Path) -> Iterator[str]:
    """Whether what is published was derived by other code than this."""
    versions = _derived_by(data_dir / "published" / "status.json")
    if versions is None:
        return
    current = reader_fingerprint(data_dir)
    if any(reader_of(version) != current for version in versions):
        yield (
            "the stored history was derived by another reader than this code: "
            "the next `pricebook refresh` or `pricebook rebuild` derives it again"
        )


def _derived_by(status: Path) -> list[str] | None:
    """By which rules the histories were derived; None where nobody says so."""
    try:
        stated: Any = json.loads(status.read_bytes())
        # One that says nothing of it is older than fingerprints are.
        return list(map(str, stated.get("derived_by", [""]))) if "schema" in stated else None
    except (OSError, ValueError, TypeError, AttributeError):
        return None
