"""How much of a source is priced, and when that falls: a sign that its shape has moved.

A reader that no longer finds a price raises no error of its own: the price is just not there. What
tells is the difference to the fetch before it. In 53 recorded lists of OpenRouter (2024-04 to
2026-08) nearly all models were priced every time, and only one meter went from the models that had
it in one step: `input_image`, from 25 of them, when prices per image gave way to prices per token.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from models.reading import Drift, RowReading

COVERAGE_FALL: Final = "coverage_fall"
# A tenth of the models, and three of them: below that it is the models that come and go.
LARGE_FALL: Final = 0.1
FEWEST: Final = 3
# A meter is a field of the source; it has vanished when most of those that stated it do no more.
METER_SHARE: Final = 0.5
METER_FEWEST: Final = 10


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many models a fetch lists, how many of them with a price, and how many by meter."""

    listed: int
    priced: int
    meters: Mapping[str, int]

    @property
    def share(self) -> float:
        """The part of the models that have a price of any meter."""
        return self.priced / self.listed if self.listed else 0.0


def coverage_of(rows: Iterable[RowReading]) -> Coverage:
    """Count the models of a fetch, and those that have prices."""
    # Few models differ in what is priced of them.
    alike = Counter(row.meters for row in rows)
    meters: Counter[str] = Counter()
    for stated, models in alike.items():
        meters.update(dict.fromkeys(stated, models))
    listed = alike.total()
    return Coverage(listed, listed - alike[frozenset()], dict(sorted(meters.items())))


def falls(before: Coverage, now: Coverage) -> list[Drift]:
    """What fell since the fetch before: the share of priced models, and single meters."""
    found: list[Drift] = []
    lost = round((before.share - now.share) * now.listed)
    if before.share - now.share > LARGE_FALL and lost >= FEWEST:
        said = f"{now.priced} of {now.listed} models are priced, {before.priced} of {before.listed}"
        found.append(Drift(COVERAGE_FALL, f"{said} were", lost))
    for meter, many in before.meters.items():
        few = now.meters.get(meter, 0)
        # Measured by share, so that a list which shrinks as a whole is no fall of its meters.
        expected = many / before.listed * now.listed
        if many >= METER_FEWEST and few < expected * METER_SHARE:
            what = f"{meter or 'no meter'} of {few} models, it was {many}"
            found.append(Drift(COVERAGE_FALL, what, round(expected) - few))
    return found
