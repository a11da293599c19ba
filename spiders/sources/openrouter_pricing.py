"""OpenRouter's ``pricing`` object: which claims it makes, and what becomes of each of its cells.

The facts behind the rules stand in :mod:`spiders.sources.openrouter_models`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from models.conditions import Conditions
from models.overrides import OverrideError
from models.reading import (
    RULE_GAP,
    RULE_REFUSED,
    RULE_ZERO_MEDIA,
    Cell,
    CellError,
    CellResult,
    Claim,
    Outcome,
    PriceStatus,
    Row,
)
from models.windows import (
    NO_BASE_PRICE,
    OVERRIDE_UNREADABLE,
    Resolution,
    ResolvedRate,
    resolve_overrides,
)
from spiders.contest import unknown_claim
from spiders.sources import catalogue, values
from spiders.sources.openrouter_media import RULE_REGISTERED_UNIT, media_price, states_no_unit
from spiders.sources.openrouter_price_keys import (
    COMPLETION,
    DYNAMIC_PRICE,
    IMAGE,
    METER_OF,
    OVERRIDES,
    PRICE_KEYS,
    PROMPT,
    TOKEN_KEYS,
    image_meter,
    is_price,
    number_or_none,
    price_of_text,
    priced_at_zero,
    qualifiers,
)

NO_METER: Final = ""
_NONE: Final[frozenset[str]] = frozenset()
_ALWAYS: Final = Conditions()

RULE_DYNAMIC: Final = "minus_one_is_dynamic"


def read_pricing(
    row: Row, fetched_at: datetime, outputs: Sequence[str]
) -> tuple[list[Claim], list[CellResult]]:
    """Every claim of a row, and one result for every cell of it.

    ``fetched_at`` tells which daily window the top-level prices show, ``outputs`` are the
    modalities the model puts out, which say whether its token keys count tokens.
    """
    return _Pricing(row, fetched_at, outputs).read()


class _Pricing:
    """One row's prices while they are being read."""

    def __init__(self, row: Row, fetched_at: datetime, outputs: Sequence[str]) -> None:
        self._row = row
        self._where = f"{row.locator}.pricing"
        self._cells = {cell.locator: cell for cell in row.cells}
        pricing = row.pricing or {}
        self._overrides = values.as_list(pricing.get(OVERRIDES)) or []
        self._results: dict[str, CellResult] = {}
        self._claims: list[Claim] = []
        self._fetched_at = fetched_at
        self._base = {
            key: values.text_of(value)
            for key, value in pricing.items()
            if key in PRICE_KEYS and is_price(value)
        }
        prices = [number_or_none(self._base.get(key, "")) for key in (PROMPT, COMPLETION)]
        self._outputs = outputs
        puts_out = set(outputs)
        self._is_zero_unproven = prices == [0, 0] and not puts_out <= {"text"}
        is_embedding = row.source_type == "embedding" or (
            "embedding" in puts_out and "text" not in puts_out
        )
        self._has_no_unit = states_no_unit(outputs)
        # Where a token key has no unit, its zero says as little as that of any other key.
        zeros = _NONE if self._has_no_unit else priced_at_zero(is_embedding=is_embedding)
        self._priced_at_zero = zeros

    def read(self) -> tuple[list[Claim], list[CellResult]]:
        """Every claim, and one result for every cell."""
        pricing = self._row.pricing or {}
        unread = qualifiers(pricing)
        if pricing.get(OVERRIDES) is not None and values.as_list(pricing[OVERRIDES]) is None:
            unread.append(OVERRIDES)  # Whatever it is, it may replace any of the prices.
        if unread:
            return self._refuse_all(f"nothing is known of {', '.join(unread)} beside the prices")
        resolution = self._resolve()
        self._reject_entries(resolution.errors)
        for key, rates in resolution.rates.items():
            if key in PRICE_KEYS:
                self._read_key(key, rates)
        for key in PRICE_KEYS & pricing.keys() - self._base.keys():
            self._leave_unknown(key)
        for origin, key in resolution.doubtful:
            self._refuse_doubtful(self._locator(origin, key))
        for key in dict.fromkeys(key for _, key in resolution.doubtful):
            self._leave_unknown(key)
        hidden = [(None, key) for key in resolution.superseded]
        for origin, key in [*hidden, *resolution.shadowed]:
            if key in PRICE_KEYS:
                self._settle(self._locator(origin, key), Outcome.SUPERSEDED_BY_WINDOW)
        return self._claims, [self._result(cell) for cell in self._row.cells]

    def _refuse_all(self, detail: str) -> tuple[list[Claim], list[CellResult]]:
        """Nothing of the row is read: what stands beside its prices may be what they depend on."""
        for locator, cell in self._cells.items():
            if cell.word in PRICE_KEYS:
                self._results[locator] = catalogue.rejected(cell, "unknown_condition", detail)
        for key in self._base:
            self._leave_unknown(key)
        return self._claims, [self._result(cell) for cell in self._row.cells]

    def _leave_unknown(self, key: str) -> None:
        """A price that is refused is not known, and no other one of its meter takes its place."""
        cell = self._cells.get(self._locator(None, key))
        is_unit_open = key == IMAGE or (self._has_no_unit and key in TOKEN_KEYS)
        if cell is not None and key in PRICE_KEYS and not is_unit_open:
            self._claims.append(unknown_claim(METER_OF[key], _ALWAYS, cell, RULE_REFUSED))

    def _resolve(self) -> Resolution:
        if self._overrides:
            utc = self._fetched_at.astimezone(UTC)
            minute = utc.hour * 60 + utc.minute
            return resolve_overrides(self._base, self._overrides, minute, PRICE_KEYS)
        return Resolution(
            {key: (ResolvedRate(_ALWAYS, text, None),) for key, text in self._base.items()}
        )

    def _locator(self, origin: int | None, key: str) -> str:
        entry = self._where if origin is None else f"{self._where}.{OVERRIDES}[{origin}]"
        return f"{entry}.{key}" if key in PRICE_KEYS else catalogue.member(entry, key)

    def _settle(self, locator: str, outcome: Outcome) -> None:
        """Give a cell its outcome; a claim stands over whatever else the cell amounted to."""
        cell = self._cells.get(locator)
        if cell is not None and (outcome is Outcome.CLAIM or locator not in self._results):
            self._results[locator] = CellResult(locator, cell.raw_text, outcome)

    def _reject_entries(self, errors: Sequence[OverrideError]) -> None:
        """Refuse all cells of entries that cannot be applied."""
        if not errors:
            return
        start = f"{self._where}.{OVERRIDES}["
        cells: dict[str, list[Cell]] = {}
        for locator, cell in self._cells.items():
            if locator.startswith(start):
                cells.setdefault(locator[len(start) :].partition("]")[0], []).append(cell)
        for error in errors:
            for cell in cells.get(str(error.index), ()):
                refused = catalogue.rejected(cell, error.reason, str(error))
                self._results[cell.locator] = refused

    def _refuse_doubtful(self, locator: str) -> None:
        cell = self._cells.get(locator)
        if cell is not None and locator not in self._results:
            detail = "an override that cannot be read may replace it, nobody knows when"
            self._results[locator] = catalogue.rejected(cell, OVERRIDE_UNREADABLE, detail)

    def _read_key(self, key: str, rates: Sequence[ResolvedRate]) -> None:
        """All rates of a price key, or none: a tier that is left out would be priced by another."""
        claims: list[tuple[str, ResolvedRate, Claim | None]] = []
        for rate in rates:
            locator = self._locator(rate.origin, key)
            try:
                claims.append((locator, rate, self._claim(key, rate, locator)))
            except CellError as error:
                cell = self._cells[locator]
                self._results[locator] = catalogue.rejected(cell, error.reason, str(error))
        if len(claims) < len(rates):
            for locator, _, _ in claims:
                self._refuse_doubtful(locator)
            self._leave_unknown(key)
            return
        for locator, rate, claim in claims:
            outcome = self._outcome(claim)
            if claim is not None and outcome is Outcome.CLAIM:
                self._claims.append(claim)
            if rate.text is not None:
                self._settle(locator, outcome)

    def _outcome(self, claim: Claim | None) -> Outcome:
        """What a cell amounts to; both token keys may say alike that the price is set per call."""
        if claim is None:
            return Outcome.NO_PRICE
        is_said = claim.meter == NO_METER and any(c.meter == NO_METER for c in self._claims)
        return Outcome.MERGED if is_said else Outcome.CLAIM

    def _claim(self, key: str, rate: ResolvedRate, locator: str) -> Claim | None:
        """The claim of one rate, or None where it says nothing: a zero, a gap without a price.

        Raises CellError when the text is no price or its meter is not established.
        """
        text = rate.text
        if text is None:
            return self._gap(key, rate)
        value = price_of_text(text)
        if value == 0 and key not in self._priced_at_zero:
            return None
        if self._has_no_unit and key in TOKEN_KEYS:
            return self._media_claim(key, rate, value, locator)
        meter, rule = self._meter(key, rate, value)
        status = PriceStatus.KNOWN if value else PriceStatus.FREE
        if value == DYNAMIC_PRICE:
            status, rule = PriceStatus.DYNAMIC, RULE_DYNAMIC
        elif value == 0 and self._is_zero_unproven:
            status, rule = PriceStatus.UNKNOWN, RULE_ZERO_MEDIA
        has_number = status in (PriceStatus.KNOWN, PriceStatus.FREE)
        unit_price = value if has_number else None
        return Claim(meter, rate.conditions, status, unit_price, text, locator, rule)

    def _media_claim(self, key: str, rate: ResolvedRate, value: Decimal, locator: str) -> Claim:
        """The claim of a token key that need not count tokens, by whoever established its unit."""
        text = rate.text or ""
        if value == DYNAMIC_PRICE:
            return Claim(NO_METER, _ALWAYS, PriceStatus.DYNAMIC, None, text, locator, RULE_DYNAMIC)
        meter, price = media_price(self._row.model_id, self._outputs, key, value)
        known = PriceStatus.KNOWN
        return Claim(meter, rate.conditions, known, price, text, locator, RULE_REGISTERED_UNIT)

    def _meter(self, key: str, rate: ResolvedRate, value: Decimal) -> tuple[str, str]:
        if self._has_no_unit and METER_OF[key].endswith("_token") and key != IMAGE:
            raise CellError("unit_not_established", f"{key} beside a prompt price of no known unit")
        if key != IMAGE:
            return METER_OF[key], ""
        if self._has_no_unit:
            raise CellError("unit_not_established", "image beside a prompt price of no known unit")
        prompt = number_or_none(self._prompt_beside(rate.origin))
        return image_meter(value, prompt)

    def _prompt_beside(self, origin: int | None) -> str:
        """The prompt price that is stated together with a rate."""
        entry = None if origin is None else values.as_object(self._overrides[origin])
        if entry is not None and PROMPT in entry:
            return values.text_of(entry[PROMPT])
        return self._base.get(PROMPT, "")

    def _gap(self, key: str, rate: ResolvedRate) -> Claim | None:
        """Between windows seen only from elsewhere: priced, but nobody knows at what."""
        is_unit_open = key == IMAGE or (self._has_no_unit and key in TOKEN_KEYS)
        if rate.reason == NO_BASE_PRICE or is_unit_open:
            return None
        meter = METER_OF[key]
        is_stated = rate.origin is not None or key in self._base
        place = self._locator(rate.origin, key) if is_stated else f"{self._where}.{OVERRIDES}"
        unknown = PriceStatus.UNKNOWN
        return Claim(meter, rate.conditions, unknown, None, "", place, RULE_GAP)

    def _result(self, cell: Cell) -> CellResult:
        done = self._results.get(cell.locator)
        if done is not None:
            return done
        if cell.word in PRICE_KEYS:
            return catalogue.rejected(cell, "not_a_number", "the price is no text or number")
        return catalogue.rejected(cell, "unknown_key", f"no meter for the key {cell.word!r}")
