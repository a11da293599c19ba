"""Which stored fetch a published capture belongs to: its id is how a person names it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from spiders.capture_store import CaptureStore
from warehouse.read import Table

_Key = tuple[str, str, datetime, str]
_Near = tuple[str, set[str]]


def with_fetch_ids(table: Table, data_dir: Path) -> Table:
    """The table ``captures`` with ``fetch_id`` beside each row; None where the store lacks it."""
    rows = table.records()
    known = _ids(data_dir, [row["fetched_at"] for row in rows])
    ids = [_id_of(row, known.get(_key(row), [])) for row in rows]
    joined = tuple((*row, found) for row, found in zip(table.rows, ids, strict=True))
    return Table((*table.columns, "fetch_id"), joined)


def _ids(data_dir: Path, moments: Sequence[datetime]) -> Mapping[_Key, list[_Near]]:
    """The fetches of the time from the first to the last of the moments, with their bodies."""
    found: defaultdict[_Key, list[_Near]] = defaultdict(list)
    if not moments:
        return found
    end = max(moments) + timedelta(microseconds=1)
    for each in CaptureStore(data_dir).fetches(since=min(moments), before=end):
        key = each.source, each.scope, each.fetched_at, each.origin
        found[key].append((each.fetch_id, set(each.shas)))
    return found


def _key(row: Mapping[str, Any]) -> _Key:
    return row["source"], row["scope"], row["fetched_at"], row["origin"]


def _id_of(row: Mapping[str, Any], near: Sequence[_Near]) -> str | None:
    sha = row["capture_sha256"]
    return next((fetch for fetch, shas in near if sha is None or sha in shas), None)
