"""Exact money: reading, canonical form, comparison, rendering."""

from __future__ import annotations

import decimal
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.money import (
    MoneyError,
    canonical,
    decimal_from_text,
    fits_column,
    per_unit,
    plain,
    quoted,
    same_price,
    times,
)
from models.registry import METERS

AMOUNTS = st.decimals(
    min_value=Decimal("-1e13"), max_value=Decimal("1e13"), allow_nan=False, places=20
)
PRICES = st.builds(
    lambda digits, shift: Decimal(digits).scaleb(-shift), st.integers(1, 10**12), st.integers(0, 22)
)
D = Decimal


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.0000005", D("0.0000005")),
        ("0.00000008333333333333334", D("0.00000008333333333333334")),
        ("1e-06", D("0.000001")),
        ("1.5E+2", D("150")),
        ("-1", D("-1")),
        ("+2", D("2")),
        (".5", D("0.5")),
        ("5.", D("5")),
        (" 7\n", D("7")),
        ("0" * 63 + "1", D("1")),
        ("1e100", D("1e100")),
    ],
)
def test_every_digit_of_a_number_is_kept(text: str, value: Decimal) -> None:
    assert decimal_from_text(text) == value


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not_a_number"),
        (" ", "not_a_number"),
        ("NaN", "not_a_number"),
        ("sNaN", "not_a_number"),
        ("Infinity", "not_a_number"),
        ("-inf", "not_a_number"),
        ("1_000", "not_a_number"),
        ("1,5", "not_a_number"),
        ("0x10", "not_a_number"),
        (".", "not_a_number"),
        ("1e", "not_a_number"),
        ("--1", "not_a_number"),
        ("1 2", "not_a_number"),
        ("\u0661\u0662", "not_a_number"),
        ("1\u00a0", "not_a_number"),
        ("$1", "not_a_number"),
        ("1e99999", "not_a_number"),
        ("1e101", "out_of_bounds"),
        ("1e-101", "out_of_bounds"),
        ("0e9999", "out_of_bounds"),
        ("0" * 65, "out_of_bounds"),
        ("9" * 100_000, "out_of_bounds"),
    ],
)
def test_what_is_no_amount_of_money_is_refused(text: str, reason: str) -> None:
    with pytest.raises(MoneyError) as refused:
        decimal_from_text(text)
    assert refused.value.reason == reason
    assert len(str(refused.value)) < 200


@given(st.text(max_size=80))
def test_no_text_raises_anything_else(text: str) -> None:
    try:
        value = decimal_from_text(text)
    except MoneyError:
        return
    assert D(plain(value)) == value


@pytest.mark.parametrize(
    ("value", "digits"),
    [
        ("0.00000010000000000000000001", "0.0000001"),
        ("0.00000008333333333333334", "0.0000000833333333333"),
        ("0.00000008333333333333333", "0.0000000833333333333"),
        ("1.000000000005", "1"),
        ("1.000000000015", "1.00000000002"),
        ("1.000000000025", "1.00000000002"),
        ("999999999999.5", "1000000000000"),
        ("1E+3", "1000"),
        ("1.2300", "1.23"),
        ("-0", "0"),
        ("0E-20", "0"),
        ("-0.5000", "-0.5"),
    ],
)
def test_canonical_values_have_twelve_digits_half_to_even(value: str, digits: str) -> None:
    found = canonical(D(value))
    assert plain(found) == digits
    assert str(found.as_tuple()) == str(D(digits).as_tuple())


@given(AMOUNTS)
def test_canonical_is_idempotent_and_close(value: Decimal) -> None:
    found = canonical(value)
    assert canonical(found) == found
    assert len(found.as_tuple().digits) <= 13 or found == found.to_integral_value()
    assert abs(Fraction(found) - Fraction(value)) * 2 * 10**11 <= abs(Fraction(value))


@given(AMOUNTS)
def test_plain_text_has_no_exponent_and_loses_nothing(value: Decimal) -> None:
    text = plain(value)
    assert decimal_from_text(text) == value
    assert set(text) <= set("-0123456789.")
    assert text != "-0"
    assert not ("." in text and text.endswith(("0", ".")))


@pytest.mark.parametrize("value", [D("NaN"), D("sNaN"), D("Infinity"), D("1e101"), D("1e-101")])
def test_arithmetic_refuses_what_no_price_is(value: Decimal) -> None:
    for call in (
        lambda: canonical(value),
        lambda: plain(value),
        lambda: fits_column(value),
        lambda: same_price(value, D(1)),
        lambda: same_price(D(1), value),
        lambda: per_unit(value, 1),
        lambda: times(value, 1),
    ):
        with pytest.raises(MoneyError):
            call()


@pytest.mark.parametrize("value", ["99999999.999999999999999999999999", "1E-24", "0", "-1"])
def test_a_column_holds_24_places_and_a_price_8_whole_digits(value: str) -> None:
    assert fits_column(D(value)) == D(value)


@given(AMOUNTS, st.sampled_from(sorted({meter.quoted_per for meter in METERS.values()})))
def test_what_fits_as_the_price_of_one_unit_fits_as_any_meter_quotes_it(
    value: Decimal, per: int
) -> None:
    try:
        price = fits_column(canonical(value))
    except MoneyError:
        return
    amount = quoted(price, per)
    assert amount == canonical(price * per)
    assert amount is not None
    assert len(f"{abs(amount):.24f}") <= 14 + 1 + 24


def test_an_older_price_that_no_column_holds_as_quoted_has_no_quoted_price() -> None:
    assert quoted(D("99999999.9999"), 10**6) == D("99999999999900")
    assert quoted(D("100000000"), 10**6) is None


def test_zeros_behind_the_last_digit_do_not_count() -> None:
    assert fits_column(D("1." + "0" * 60)) == 1


@pytest.mark.parametrize("value", ["1E-25", "1.1E-24", "100000000", "-1E+8"])
def test_what_a_cast_would_round_is_refused(value: str) -> None:
    with pytest.raises(MoneyError) as refused:
        fits_column(D(value))
    assert refused.value.reason == "does_not_fit"


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("1", "1.000001", True),
        ("1", "1.000001000002", False),
        ("1", "0.999999", True),
        ("1", "0.9999989", False),
        ("0.00000008333333333333334", "0.00000008333333333333333", True),
        ("0", "0", True),
        ("0", "-0", True),
        ("0", "1E-30", False),
        ("1E-30", "0", False),
        ("1", "-1", False),
        ("-1", "-1.000001", True),
        ("1E-7", "1.1E-7", False),
    ],
)
def test_prices_within_one_part_in_a_million_are_the_same(
    left: str, right: str, same: bool
) -> None:
    assert same_price(D(left), D(right)) is same
    assert same_price(D(right), D(left)) is same


@given(PRICES, st.sampled_from([1, 1000, 10**6, 7]))
def test_a_unit_costs_the_quoted_price_divided_by_its_number(quoted: Decimal, per: int) -> None:
    unit = per_unit(quoted, per)
    assert canonical(unit) == unit
    assert abs(Fraction(unit) * per - Fraction(quoted)) * 2 * 10**11 <= Fraction(quoted)
    if per != 7:
        assert times(unit, per) == quoted


def test_a_quotient_is_rounded_once() -> None:
    # Rounding to 13 digits first would give ...25 and then ...2.
    assert per_unit(D("1.0000000000249999"), 1) == D("1.00000000002")
    assert per_unit(D(2), 3) == D("0.666666666667")
    assert per_unit(D("1.3125"), 10**6) == D("0.0000013125")
    assert per_unit(D(1), 10**14) == D("1E-14")
    assert per_unit(D(1), 1000) == per_unit(D(1000), 10**6)


@pytest.mark.parametrize("per", [0, -1, 10**14 + 1])
def test_a_price_is_quoted_per_a_positive_number(per: int) -> None:
    with pytest.raises(MoneyError) as refused:
        per_unit(D(1), per)
    assert refused.value.reason == "bad_divisor"


def test_no_ambient_context_changes_a_price() -> None:
    long = D("1.234567890123456789012345678901234567890")
    with decimal.localcontext() as context:
        context.prec = 2
        context.rounding = decimal.ROUND_UP
        context.traps[decimal.Inexact] = True
        assert plain(canonical(long)) == "1.23456789012"
        assert plain(per_unit(D("1.3125"), 1000)) == "0.0013125"
        assert same_price(D("1.00000001"), D("1.00000002"))
        assert plain(times(D("1.2345"), 1000)) == "1234.5"
        with pytest.raises(MoneyError):
            fits_column(long)
