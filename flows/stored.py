"""What the data directory itself shows that someone should look at, in sentences."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from flows.errors import DamagedDirectoryError
from flows.fingerprint import reader_fingerprint, reader_of
from flows.times import readable
from models.capture import is_ahead

SHORT_ID: Final = 12
"""How much of a fetch's id is shown; the beginning of one is enough to name it."""
_SHOWN: Final = 3


def withdrawn_in(data_dir: Path) -> Mapping[str, str]:
    """The ids of the fetches that history must not rest on, each with the reason.

    Raises DamagedDirectoryError when the log of them cannot be read.
    """
    from spiders.withdrawals import Withdrawals, WithdrawalsError  # noqa: PLC0415 # as below

    try:
        return Withdrawals(data_dir).now()
    except WithdrawalsError as error:
        raise DamagedDirectoryError(str(error)) from error


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


def problems(data_dir: Path, now: datetime | None) -> Iterator[str]:
    """Everything of this kind; ``now`` is the machine's clock, None where another time is meant."""
    yield from another_reader(data_dir)
    if now is not None:
        yield from dated_ahead(data_dir, now)


def dated_ahead(data_dir: Path, now: datetime) -> Iterator[str]:
    """Captures that cannot have been made yet, and a clock that stands before the newest one."""
    from spiders.capture_store import CaptureStore  # noqa: PLC0415 # 50 ms that reading verbs need not

    withdrawn = withdrawn_in(data_dir)
    later = CaptureStore(data_dir).fetches(since=now + timedelta(microseconds=1))
    found = [fetch for fetch in later if fetch.fetch_id not in withdrawn]
    for fetch in found[:_SHOWN]:
        if is_ahead(fetch.fetched_at, now):
            short = fetch.fetch_id[:SHORT_ID]
            yield (
                f"{fetch.source} {readable(fetch.fetched_at)} ({short}) is dated later than this "
                f"machine's clock: set it, or `pricebook captures withdraw {short} --reason …`"
            )
    if found:
        newest = found[-1].fetched_at
        yield (
            f"this machine's clock shows {readable(now)} UTC, which is before the newest capture "
            f"({readable(newest)}): set the clock, or withdraw what it misdated"
        )


def _derived_by(status: Path) -> list[str] | None:
    """By which rules the histories were derived; None where nobody says so."""
    try:
        stated: Any = json.loads(status.read_bytes())
        # One that says nothing of it is older than fingerprints are.
        return list(map(str, stated.get("derived_by", [""]))) if "schema" in stated else None
    except (OSError, ValueError, TypeError, AttributeError):
        return None
