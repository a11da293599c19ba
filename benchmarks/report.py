"""How a measurement is said: what was measured against what, and what it should come to."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measured:
    """One measurement: ``ours`` and ``other`` in seconds, and the most (or least) their ratio
    should be."""

    what: str
    ours: float
    against: str
    other: float
    aim: str

    def line(self) -> str:
        """The measurement in one line."""
        ratio = self.ours / self.other
        told = f"{ratio:.2f}" if ratio > 0.5 else f"1/{1 / ratio:.0f}"
        return (
            f"{self.what}: {self.ours:.3g} s; {self.against}: {self.other:.3g} s; "
            f"ratio {told} (aim: {self.aim})"
        )


def seconds(work: Callable[[], object], times: int = 5) -> float:
    """The median time that some work takes, by the wall clock."""
    taken: list[float] = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)
