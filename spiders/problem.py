"""The one way in which fetching fails: a named outcome and a sentence about it.

`FetchProblemError` is the whole error tree of fetching; its outcome is a leaf of the tree drawn
in `models.capture`. Whoever raises it says what happened and where; the fetch then ends with it,
and the body, where one was received within the limits, is kept beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

from models.capture import FetchOutcome

_LONGEST_DETAIL = 500


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an answer, or a whole fetch, cannot be used."""

    outcome: FetchOutcome
    detail: str


class FetchProblemError(Exception):
    """Raised when an answer cannot be received or used; carries the `Problem`."""

    def __init__(self, outcome: FetchOutcome, detail: str) -> None:
        super().__init__(f"{outcome}: {detail}")
        self.problem = Problem(outcome, one_line(detail))


def one_line(text: str) -> str:
    """Make text that came from outside fit to be shown: one line, printable, bounded."""
    shown = "".join(c if c.isprintable() else " " for c in text[:_LONGEST_DETAIL])
    return " ".join(shown.split())
