"""Money as exact decimals: reading, canonical form, comparison, rendering.

Nothing here depends on the ambient decimal context: every rounding happens in a context of this
module, so a caller that changed precision or traps changes no price.

Errors: `MoneyError` (a ValueError) is the only exception raised, always for the value, never for
the program; its `reason` is a stable word and its message quotes the text.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

SIGNIFICANT_DIGITS: Final = 12
# The public money column is DECIMAL(38,24): 24 digits after the point leave 14 before it.
COLUMN_FRACTION_DIGITS: Final = 24
COLUMN_WHOLE_DIGITS: Final = 14
# The registry of meters holds `quoted_per` to this: prices are quoted per million units at most.
LARGEST_QUOTED_PER: Final = 10**6
# Below this a price fits its column both per unit and as any meter quotes it.
_PRICE_LIMIT: Final = 10**COLUMN_WHOLE_DIGITS // LARGEST_QUOTED_PER
# The longest price in two years of recordings has 28 characters; residue could add a few.
MAX_TEXT_LENGTH: Final = 64
# Far outside any price, near enough that writing a value out in full stays cheap.
MAX_MAGNITUDE: Final = 100
_MAGNITUDES: Final = range(-MAX_MAGNITUDE, MAX_MAGNITUDE + 1)
SAME_PRICE_TOLERANCE: Final = Decimal("0.000001")

ZERO: Final = Decimal(0)
_ONE: Final = Decimal(1)

# Decimal() alone accepts "1_000", "NaN", "Infinity" and digits of every script: too much for money.
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_CANONICAL: Final = Context(
    prec=SIGNIFICANT_DIGITS, rounding=ROUND_HALF_EVEN, Emin=-999_999, Emax=999_999
)
# Wide enough to subtract and scale any two values of bounded length and magnitude exactly.
_EXACT: Final = Context(prec=400, rounding=ROUND_HALF_EVEN, Emin=-999_999, Emax=999_999)
# Of two prices that are the same, the smaller is at least this share of the larger.
_SAME_SHARE: Final = _EXACT.subtract(Decimal(1), SAME_PRICE_TOLERANCE)


class MoneyError(ValueError):
    """A value that is no usable amount of money; `reason` says in one word why.

    Reasons: `not_a_number`, `not_finite`, `out_of_bounds`, `does_not_fit`, `bad_divisor`.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason: Final = reason


def decimal_from_text(text: str) -> Decimal:
    """Read the text of a JSON number or numeric string, keeping every digit.

    Accepts an ASCII decimal with an optional exponent; space around it carries no meaning.
    Raises MoneyError for anything else: empty, NaN, Infinity, digit separators, over-long text,
    or a magnitude beyond 10^±100.
    """
    if len(text) > MAX_TEXT_LENGTH:
        raise MoneyError("out_of_bounds", f"number of {len(text)} characters: {text[:40]!r}…")
    trimmed = text.strip(" \t\r\n")
    if _NUMBER.fullmatch(trimmed) is None:
        raise MoneyError("not_a_number", f"not a decimal number: {text!r}")
    return _bounded(Decimal(trimmed))


def canonical(value: Decimal) -> Decimal:
    """Return the value at 12 significant digits, half to even, without trailing zeros.

    The exponent is never positive and zero has no sign, so equal amounts have equal digits.
    This removes the residue of binary floats that sources publish ("…8333333333333334").
    Raises MoneyError when the value is not finite or beyond 10^±100.
    """
    return _without_padding(_of_magnitude(_CANONICAL.plus(_bounded(value))))


def plain(value: Decimal) -> str:
    """Render without exponent, trailing zeros or a negative zero: `1E-7` is `0.0000001`.

    No digit is lost: use `canonical` first where twelve digits are meant.
    """
    return format(_without_padding(_bounded(value)), "f")


def fits_column(value: Decimal) -> Decimal:
    """Return the value unchanged when DECIMAL(38,24) holds it exactly, and what any meter quotes it
    as: a price of one unit may be quoted per `LARGEST_QUOTED_PER` of them.

    Raises MoneyError otherwise: a database cast would round it without saying so, or fail, and with
    it every later publish.
    """
    bare = _without_padding(_bounded(value))
    fraction_digits = -_exponent(bare)
    if fraction_digits > COLUMN_FRACTION_DIGITS:
        raise MoneyError("does_not_fit", f"{plain(value)} needs {fraction_digits} decimal places")
    if bare.copy_abs() >= _PRICE_LIMIT:
        limit = f"{_PRICE_LIMIT:,} USD and more is no price of one unit"
        raise MoneyError("does_not_fit", f"{plain(value)}: {limit}")
    return value


def quoted(unit_price: Decimal, per: int) -> Decimal | None:
    """Return the price of `per` units at 12 significant digits; None where no column holds it.

    Prices that were loaded before `fits_column` bounded them may be as large as a column holds.
    Raises MoneyError when the product is no amount at all.
    """
    amount = canonical(times(unit_price, per))
    return amount if amount.copy_abs() < 10**COLUMN_WHOLE_DIGITS else None


def same_price(left: Decimal, right: Decimal) -> bool:
    """Whether two prices differ by at most one part in a million of the larger.

    Sources publish the same price with different float residue (seen: under 3E-8 relative).
    Zero equals only zero: free is a statement, not a small price.
    """
    if not (_is_bounded(left) and _is_bounded(right)):
        return _bounded(left) == _bounded(right)  # of which one raises
    if not left or not right:
        return left == right
    if left.is_signed() or right.is_signed():
        both = left.is_signed() and right.is_signed()
        return both and same_price(left.copy_negate(), right.copy_negate())
    larger, smaller = (left, right) if left > right else (right, left)
    return _EXACT.multiply(larger, _SAME_SHARE) <= smaller


def per_unit(quoted: Decimal, per: int) -> Decimal:
    """Return the canonical price of one unit when `quoted` buys `per` units.

    One rounding only, and only where the quotient has over twelve digits.
    Raises MoneyError when `per` is not positive.
    """
    if per < 1 or per > 10**COLUMN_WHOLE_DIGITS:
        raise MoneyError("bad_divisor", f"a price cannot be quoted per {per}")
    return _without_padding(_of_magnitude(_CANONICAL.divide(_bounded(quoted), Decimal(per))))


def times(value: Decimal, factor: Decimal | int) -> Decimal:
    """Return the exact product; raises MoneyError when it leaves 10^±100."""
    if isinstance(factor, Decimal):
        return _bounded(_EXACT.multiply(_bounded(value), _bounded(factor)))
    # A whole number adds no digits after the point.
    return _of_magnitude(_EXACT.multiply(_bounded(value), _of_magnitude(Decimal(factor))))


def _bounded(value: Decimal) -> Decimal:
    """The value, which may come from anywhere: of a price's magnitude, and not too long either."""
    _of_magnitude(value)
    if _exponent(value) < -2 * MAX_MAGNITUDE:
        raise MoneyError("out_of_bounds", f"beyond any price: {str(value)[:40]}")
    return value


def _of_magnitude(value: Decimal) -> Decimal:
    """The value, which is known not to be too long, as it is after rounding."""
    if _is_bounded(value):
        return value
    if not value.is_finite():
        raise MoneyError("not_finite", f"not a finite amount: {str(value)[:40]}")
    raise MoneyError("out_of_bounds", f"beyond any price: {str(value)[:40]}")


def _is_bounded(value: Decimal) -> bool:
    """Whether a value is finite and of a magnitude that prices have; quicker than `_bounded`."""
    return value.is_finite() and value.adjusted() in _MAGNITUDES


def _without_padding(value: Decimal) -> Decimal:
    """Drop trailing zeros after the point and write out zeros before it; exact."""
    if not value:
        return ZERO
    bare = value.normalize(_EXACT)
    if bare.adjusted() < 0 or bare != bare.to_integral_value():
        return bare
    return bare.quantize(_ONE, context=_EXACT)


def _exponent(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0
