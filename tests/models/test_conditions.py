"""When rates apply: canonical spelling, tiers, windows, disjointness, the headline."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.conditions import ConditionError, Conditions, Stated, open_minutes
from models.rates import disjoint, headline, matches, max_prompt_tokens, overlaps
from models.reading import PriceStatus

D = Decimal


def when(**stated: Stated) -> Conditions:
    return Conditions.of(stated)


def hours(start: int, end: int, **more: Stated) -> Conditions:
    return when(utc_from_minute=start * 60, utc_to_minute=end * 60, **more)


@pytest.mark.parametrize(
    ("stated", "text"),
    [
        ({}, "{}"),
        ({"min_prompt_tokens": 200_000}, '{"min_prompt_tokens":200000}'),
        ({"min_prompt_tokens": 0}, "{}"),
        ({"width": "1280", "height": D("720.0")}, '{"height":720,"width":1280}'),
        ({"resolution": "720p", "has_audio": True}, '{"has_audio":true,"resolution":"720p"}'),
        ({"has_audio": "false"}, '{"has_audio":false}'),
        ({"resolution": 1080}, '{"resolution":"1080"}'),
        ({"steps": 4, "cfg": D("7.50")}, '{"cfg":"7.5","steps":4}'),
        ({"mode": "été"}, '{"mode":"été"}'),
        ({"x": D("5E+1")}, '{"x":50}'),
        (
            {"utc_from_minute": 600, "utc_to_minute": 1500},
            '{"utc_from_minute":600,"utc_to_minute":1500}',
        ),
        ({"utc_from_minute": 0, "utc_to_minute": 1440}, "{}"),
        ({"utc_from_minute": 600, "utc_to_minute": 2040}, "{}"),
    ],
)
def test_conditions_have_one_spelling(stated: dict[str, Stated], text: str) -> None:
    conditions = Conditions.of(stated)
    assert conditions.to_json() == text
    assert Conditions.from_json(text) == conditions
    assert len({conditions, Conditions.of(dict(reversed(stated.items())))}) == 1


@pytest.mark.parametrize(
    "stated",
    [
        {"min_prompt_tokens": -1},
        {"min_prompt_tokens": 2**31},
        {"min_prompt_tokens": "many"},
        {"min_prompt_tokens": "٣"},
        {"min_prompt_tokens": D("1.5")},
        {"width": D("NaN")},
        {"width": "9" * 11},
        {"steps": -(2**31)},
        {"has_audio": "yes"},
        {"has_audio": 1},
        {"utc_from_minute": 5},
        {"utc_to_minute": 5},
        {"utc_from_minute": 60, "utc_to_minute": 60},
        {"utc_from_minute": 60, "utc_to_minute": 59},
        {"utc_from_minute": 1440, "utc_to_minute": 1500},
        {"utc_from_minute": 60, "utc_to_minute": 1501},
        {"": "x"},
        {"k" * 201: "x"},
        {"x": "v" * 201},
        {"x": "\ud800"},
        {"\udfff": "x"},
        {"x": None},
        {"x": [1]},
        {"x": 1.5},
        {f"k{number}": 1 for number in range(33)},
    ],
)
def test_conditions_that_cannot_be_meant_are_refused(stated: dict[str, Any]) -> None:
    with pytest.raises(ConditionError):
        Conditions.of(stated)


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "1", "null", "{", "[" * 100_000, '{"a":' * 5000),
        *('{"a":NaN}', '{"a":1,"a":2}', '{"a":{"b":1}}', '{"a":null}', '{"a":1.5e999999999}'),
    ],
)
def test_unreadable_json_is_refused(text: str) -> None:
    with pytest.raises(ConditionError):
        Conditions.from_json(text)


def test_bounds_are_inclusive() -> None:
    assert when(min_prompt_tokens=2**31 - 1).min_prompt_tokens == 2**31 - 1
    assert when(x="v" * 200).get("x") == "v" * 200
    assert len(Conditions.of({f"k{number}": 1 for number in range(32)}).items) == 32
    assert when(utc_from_minute=1439, utc_to_minute=2878).minutes == 1439


def test_typed_columns_say_what_is_stated() -> None:
    assert when().typed() == {
        "min_prompt_tokens": 0,
        "utc_from_minute": None,
        "utc_to_minute": None,
        "resolution": None,
        "quality": None,
        "width": None,
        "height": None,
        "duration_s": None,
        "has_audio": None,
        "service_tier": None,
    }
    stated = hours(1, 4, min_prompt_tokens=7, has_audio=False, duration_s=5, quality="hd", seed=3)
    typed = stated.typed()
    assert {key: typed[key] for key in ("utc_from_minute", "utc_to_minute")} == {
        "utc_from_minute": 60,
        "utc_to_minute": 240,
    }
    assert (typed["min_prompt_tokens"], typed["has_audio"], typed["duration_s"]) == (7, False, 5)
    assert when(has_audio=True).typed()["has_audio"] is True
    assert "seed" not in typed
    assert stated.get("seed") == 3


VALUES = st.one_of(st.integers(-1000, 1000), st.text(max_size=5), st.booleans())
KEYS = st.sampled_from(["resolution", "quality", "service_tier", "steps", "mode", "ü"])


@given(st.dictionaries(KEYS, VALUES))
def test_json_is_canonical_and_round_trips(stated: dict[str, Stated]) -> None:
    try:
        conditions = Conditions.of(stated)
    except ConditionError:
        return
    text = conditions.to_json()
    assert Conditions.from_json(text) == conditions
    assert text == json.dumps(
        json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )


STARTS = st.integers(0, 1439)
WINDOWS = st.tuples(STARTS, st.integers(1, 1440)).map(
    lambda x: when(utc_from_minute=x[0], utc_to_minute=x[0] + x[1])
)


@given(WINDOWS)
def test_open_minutes_are_those_at_which_a_rate_holds(rate: Conditions) -> None:
    held = [m for m in range(1440) if rate.holds_at(m)]
    assert open_minutes(rate) == sum(1 << m for m in held)
    assert rate.minutes == len(held)


RATES = st.lists(
    st.builds(
        lambda tier, window, dimensions: Conditions.of(
            {"min_prompt_tokens": tier, **dict(window.items), **dimensions}
        ),
        st.sampled_from([0, 0, 100, 200, 300]),
        st.sampled_from([when(), when(), hours(0, 12), hours(12, 24), hours(22, 30), hours(6, 22)]),
        st.dictionaries(
            st.sampled_from(["quality", "resolution", "service_tier"]),
            st.sampled_from(["a", "b"]),
            max_size=2,
        ),
    ),
    max_size=7,
    unique=True,
)


def shared(left: Conditions, right: Conditions) -> int:
    return sum(left.holds_at(m) and right.holds_at(m) for m in range(0, 1440, 60))


def end_of(rate: Conditions, rates: Sequence[Conditions]) -> int | None:
    """Where a tier ends, looked for at every hour of every later tier."""
    alike = [each for each in rates if each.dimensions == rate.dimensions]
    for start in sorted({each.min_prompt_tokens for each in alike}):
        level = [each for each in alike if each.min_prompt_tokens == start]
        covered = sum(shared(rate, each) for each in level)
        if start > rate.min_prompt_tokens and covered * 60 >= rate.minutes:
            return start
    return None


def clash(left: Conditions, right: Conditions, rates: Sequence[Conditions]) -> bool:
    """Whether one request may match both, by trying."""
    ours, theirs = left.dimensions, right.dimensions
    if ours.get("service_tier") != theirs.get("service_tier"):
        return False
    if any(ours[key] != theirs[key] for key in ours.keys() & theirs.keys()):
        return False

    def holds(rate: Conditions, tokens: int) -> bool:
        end = end_of(rate, rates)
        start = rate.min_prompt_tokens
        return (tokens > start or start == 0) and (end is None or tokens <= end)

    at_once = any(holds(left, tokens) and holds(right, tokens) for tokens in (50, 150, 250, 350))
    return at_once and shared(left, right) > 0


@given(RATES)
def test_overlaps_and_ends_are_those_that_trying_every_request_finds(
    rates: list[Conditions],
) -> None:
    assert max_prompt_tokens(rates) == [end_of(rate, rates) for rate in rates]
    found = overlaps(rates)
    assert all(left < right and clash(rates[left], rates[right], rates) for left, right in found)
    pairs = [*combinations(range(len(rates)), 2)]
    doubtful = {n for pair in pairs if clash(rates[pair[0]], rates[pair[1]], rates) for n in pair}
    assert {n for pair in found for n in pair} == doubtful
    assert disjoint(rates) is (not doubtful)


def test_tiers_end_where_the_next_begins() -> None:
    rates = [when(min_prompt_tokens=200), when(), when(min_prompt_tokens=100)]
    assert max_prompt_tokens(rates) == [None, 100, 200]
    assert disjoint(rates)


def test_tiers_of_other_variants_end_nothing() -> None:
    rates = [when(quality="hd"), when(quality="sd", min_prompt_tokens=100)]
    assert max_prompt_tokens(rates) == [None, None]
    assert disjoint(rates)
    assert overlaps([when(), when(quality="sd", min_prompt_tokens=100)]) == [(0, 1)]


def test_a_tier_split_into_windows_ends_the_one_below_only_as_a_whole() -> None:
    night, day = hours(22, 30, min_prompt_tokens=100), hours(6, 22, min_prompt_tokens=100)
    assert max_prompt_tokens([when(), night, day]) == [100, None, None]
    assert disjoint([when(), night, day])
    assert max_prompt_tokens([when(), night]) == [None, None]
    assert overlaps([when(), night]) == [(0, 1)]
    almost = when(min_prompt_tokens=100, utc_from_minute=0, utc_to_minute=1439)
    assert max_prompt_tokens([when(), almost]) == [None, None]
    assert max_prompt_tokens([hours(23, 24), night]) == [100, None]


@pytest.mark.parametrize(
    ("left", "right", "apart"),
    [
        (when(), when(), False),
        (when(), when(resolution="720p"), False),
        (when(resolution="480p"), when(resolution="720p"), True),
        (when(resolution="480p"), when(quality="hd"), False),
        (when(resolution="480p", quality="hd"), when(resolution="480p", quality="sd"), True),
        (hours(1, 2), hours(2, 3), True),
        (hours(1, 3), hours(2, 4), False),
        (hours(23, 25), hours(0, 1), False),
        (hours(23, 25), hours(1, 2), True),
        (hours(23, 25), hours(22, 23), True),
        (when(min_prompt_tokens=5), when(min_prompt_tokens=5), False),
        (when(min_prompt_tokens=5), when(), True),
    ],
)
def test_rates_are_disjoint_when_something_sets_them_apart(
    left: Conditions, right: Conditions, apart: bool
) -> None:
    assert disjoint([left, right]) is apart
    assert disjoint([right, left]) is apart


@pytest.mark.parametrize(
    ("conditions", "end", "request_", "hit"),
    [
        (when(), None, {}, True),
        (when(), 100, {"prompt_tokens": 100}, True),
        (when(), 100, {"prompt_tokens": 101}, False),
        (when(), 100, {}, True),
        (when(min_prompt_tokens=100), None, {"prompt_tokens": 100}, False),
        (when(min_prompt_tokens=100), None, {"prompt_tokens": 101}, True),
        (when(min_prompt_tokens=100), None, {}, False),
        (hours(1, 2), None, {"utc_minute": 60}, True),
        (hours(1, 2), None, {"utc_minute": 59}, False),
        (hours(1, 2), None, {"utc_minute": 120}, False),
        (hours(1, 2), None, {}, False),
        (hours(23, 25), None, {"utc_minute": 0}, True),
        (hours(23, 25), None, {"utc_minute": 1439}, True),
        (when(has_audio=True), None, {"has_audio": True}, True),
        (when(has_audio=True), None, {"has_audio": "true"}, True),
        (when(has_audio=True), None, {"has_audio": False}, False),
        (when(has_audio=True), None, {}, False),
        (when(width=1280), None, {"width": "1280", "height": 5}, True),
        (when(resolution="720p"), None, {"resolution": "480p"}, False),
    ],
)
def test_a_request_matches_what_it_specifies(
    conditions: Conditions, end: int | None, request_: dict[str, Stated], hit: bool
) -> None:
    assert matches(conditions, end, request_) is hit


@pytest.mark.parametrize(
    "request_",
    [{"prompt_tokens": -1}, {"prompt_tokens": "5"}, {"prompt_tokens": True}, {"utc_minute": 1440}],
)
def test_a_request_with_impossible_numbers_is_refused(request_: dict[str, Stated]) -> None:
    with pytest.raises(ConditionError):
        matches(when(), None, request_)


@dataclass(frozen=True)
class Priced:
    conditions: Conditions
    unit_price: Decimal | None
    status: PriceStatus
    rule: str = ""


def priced(conditions: Conditions, price: Decimal | None, rule: str = "") -> Priced:
    status = PriceStatus.DYNAMIC if price is None else PriceStatus.KNOWN
    return Priced(conditions, price, status, rule)


@pytest.mark.parametrize(
    ("rates", "chosen"),
    [
        ([(when(min_prompt_tokens=5), D(1)), (when(), D(9))], 1),
        ([(when(quality="hd"), D(1)), (when(), None)], 1),
        ([(hours(0, 12, min_prompt_tokens=5), D(1)), (hours(0, 1), D(9))], 1),
        ([(hours(0, 11), D(1)), (hours(11, 24), D(9))], 1),
        ([(hours(0, 23), None), (hours(23, 24), D(1))], 1),
        ([(hours(0, 12), D(9)), (hours(12, 24), D(1))], 1),
        ([(when(service_tier="flex"), D(1)), (when(quality="hd"), D(9))], 1),
        ([(when(service_tier="flex"), D(1)), (when(service_tier="standard"), D(9))], 1),
        ([(when(service_tier="flex"), D(1)), (when(service_tier="default"), D(9))], 1),
        ([(when(position="additional"), D(1)), (when(position="first"), D(9))], 1),
        ([(when(resolution="1080p"), D(9)), (when(resolution="720p"), D(1))], 1),
        ([(when(resolution="720p"), D(1)), (when(resolution="1080p"), D(1))], 1),
        ([(when(resolution="720p"), None), (when(resolution="1080p"), None)], 1),
        ([(when(resolution="720p"), None), (when(resolution="480p"), D(0))], 1),
    ],
)
def test_the_headline_follows_the_declared_rule(
    rates: list[tuple[Conditions, Decimal | None]], chosen: int
) -> None:
    stated = [priced(*rate) for rate in rates]
    assert headline(stated) == chosen
    assert headline(stated[::-1]) == len(rates) - 1 - chosen


def test_windows_of_one_price_count_together_whatever_the_order() -> None:
    rates = [(hours(0, 9), D(9)), (hours(9, 17), D(1)), (hours(17, 24), D(1))]
    chosen = headline([priced(*rate) for rate in rates])
    assert chosen is not None
    assert rates[chosen][1] == 1


@pytest.mark.parametrize(
    "rates",
    [
        [],
        [priced(when(service_tier="batch"), D(1))],
        [priced(when(position="additional"), D(1))],
        [priced(when(resolution="480p"), D(1), "resolution_not_supported")],
        [priced(when(resolution="1080p"), D(1), "beside_refused_base")],
        [
            Priced(when(), None, PriceStatus.UNKNOWN),
            priced(when(min_prompt_tokens=200_000), D(4)),
        ],
        [Priced(when(), None, PriceStatus.UNKNOWN), priced(when(service_tier="batch"), D(1))],
    ],
)
def test_nothing_stands_in_for_a_headline_that_is_not_known(rates: list[Priced]) -> None:
    assert headline(rates) is None


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                [when(), when(min_prompt_tokens=5), when(service_tier="batch"), when(quality="hd")]
            ),
            st.sampled_from([D(1), D(2)]),
        ),
        min_size=1,
        unique_by=lambda rate: rate[0],
    ),
    st.data(),
)
def test_no_rate_becomes_the_headline_for_lack_of_another(
    rates: list[tuple[Conditions, Decimal]], data: st.DataObject
) -> None:
    """Whichever price is not known after all, no other rate takes the headline from it."""
    stated = [priced(*rate) for rate in rates]
    before = headline(stated)
    place = data.draw(st.integers(0, len(rates) - 1))
    unsure = [*stated]
    unsure[place] = Priced(rates[place][0], None, PriceStatus.UNKNOWN)
    after = headline(unsure)
    is_general = not rates[place][0].items
    assert after == before or (before == place and (after is None or not is_general))
