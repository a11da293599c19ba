"""Fetches that a person took out of the derivation, and why.

::

    captures/withdrawals.jsonl      one JSON object a line, only added to; the newest word counts

It lies beside the captures, so that it holds as long as they do. A withdrawn fetch stays stored.

Errors: ``WithdrawalsError`` when a line cannot be read.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from models.capture import UtcTime

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]


class WithdrawalsError(Exception):
    """Raised when the log of withdrawals is damaged; names the line, and what to do."""


class Withdrawal(BaseModel):
    """That a fetch was taken out of the derivation, or back into it: when, by whom, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fetch_id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{24}$")]
    action: Literal["withdraw", "restore"]
    at: UtcTime
    by: Text
    reason: Text


class Withdrawals:
    """The log of one data directory."""

    def __init__(self, root: Path) -> None:
        self.path = root / "captures" / "withdrawals.jsonl"

    def entries(self) -> Iterator[Withdrawal]:
        """Every entry, the oldest first. Raises WithdrawalsError."""
        if not self.path.exists():
            return
        lines = self.path.read_bytes().splitlines()
        for number, line in enumerate(lines, 1):
            try:
                yield Withdrawal.model_validate_json(line)
            except ValidationError as error:
                raise WithdrawalsError(
                    f"{self.path}, line {number} is no withdrawal: correct it, or restore the file "
                    "from a backup; nothing was changed"
                ) from error

    def now(self) -> dict[str, str]:
        """The ids of the fetches that are withdrawn now, each with the reason."""
        newest = {each.fetch_id: each for each in self.entries()}
        return {fetch: each.reason for fetch, each in newest.items() if each.action == "withdraw"}

    def add(self, entry: Withdrawal) -> None:
        """Add an entry, durably."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab") as file:
            file.write(entry.model_dump_json().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
