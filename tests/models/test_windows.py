"""Overrides resolved into disjoint rates: the real entry, the edges, and a brute-force oracle."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.conditions import Conditions
from models.overrides import MAX_OVERRIDES
from models.rates import disjoint, matches, max_prompt_tokens
from models.windows import (
    GAP_NOT_OBSERVED,
    NO_BASE_PRICE,
    ResolvedRate,
    resolve_overrides,
)

NIGHT, DAY = "0.00000066", "0.00000132"
TILED: list[dict[str, Any]] = [
    {"utc_start": 1000, "utc_end": 100, "prompt": NIGHT},
    {"utc_start": 100, "utc_end": 400, "prompt": DAY},
    {"utc_start": 400, "utc_end": 600, "prompt": NIGHT},
    {"utc_start": 600, "utc_end": 1000, "prompt": DAY},
]


def window(start: int, end: int) -> dict[str, int]:
    return {"utc_from_minute": start, "utc_to_minute": end}


def as_stated(rates: tuple[ResolvedRate, ...]) -> list[tuple[dict[str, Any], str | None]]:
    return [(dict(rate.conditions.items), rate.text) for rate in rates]


@pytest.mark.parametrize("minute", [0, 59, 60, 240, 599, 600, 1439])
@pytest.mark.parametrize("top_level", [NIGHT, DAY, "0.5"])
def test_windows_that_tile_the_day_hide_the_top_level_whatever_the_hour(
    minute: int, top_level: str
) -> None:
    base = {"prompt": top_level, "image": "0.001"}

    found = resolve_overrides(base, TILED, minute)

    assert as_stated(found.rates["prompt"]) == [
        (window(60, 240), DAY),
        (window(240, 360), NIGHT),
        (window(360, 600), DAY),
        (window(600, 1500), NIGHT),
    ]
    assert [rate.origin for rate in found.rates["prompt"]] == [1, 2, 3, 0]
    assert found.superseded == ("prompt",)
    assert found.rates["image"] == (ResolvedRate(Conditions(), "0.001", None),)
    assert (found.shadowed, found.errors) == ((), ())


def test_every_minute_of_the_day_has_the_window_it_falls_in() -> None:
    rates = resolve_overrides({"prompt": NIGHT}, TILED, 0).rates["prompt"]
    for minute in range(1440):
        (hit,) = [rate.text for rate in rates if rate.conditions.holds_at(minute)]
        assert hit == (DAY if 60 <= minute < 240 or 360 <= minute < 600 else NIGHT)


def test_without_overrides_every_key_has_one_unconditional_rate() -> None:
    found = resolve_overrides({"prompt": "1", "completion": "2"}, [], 0)
    assert found.rates == {
        "prompt": (ResolvedRate(Conditions(), "1", None),),
        "completion": (ResolvedRate(Conditions(), "2", None),),
    }
    assert found.superseded == ()


def test_a_tier_leaves_the_top_level_to_the_tokens_below_it() -> None:
    found = resolve_overrides({"prompt": "1"}, [{"min_prompt_tokens": 200_000, "prompt": "2"}], 0)
    assert as_stated(found.rates["prompt"]) == [({}, "1"), ({"min_prompt_tokens": 200_000}, "2")]
    assert found.superseded == ()


@pytest.mark.parametrize(("minute", "text"), [(599, "1"), (600, None), (719, None), (720, "1")])
def test_the_gap_is_priced_only_by_a_fetch_that_fell_into_it(minute: int, text: str | None) -> None:
    found = resolve_overrides(
        {"prompt": "1"}, [{"utc_start": 1000, "utc_end": 1200, "prompt": "2"}], minute
    )
    reason = "" if text else GAP_NOT_OBSERVED
    assert found.rates["prompt"] == (
        ResolvedRate(Conditions.of(window(600, 720)), "2", 0),
        ResolvedRate(Conditions.of(window(720, 2040)), text, None, reason),
    )
    assert found.superseded == (() if text else ("prompt",))


@pytest.mark.parametrize(
    ("minute", "first", "second"), [(300, "1", None), (900, None, "1"), (30, None, None)]
)
def test_each_gap_is_seen_by_itself(minute: int, first: str | None, second: str | None) -> None:
    windows = [
        {"utc_start": 0, "utc_end": 400, "prompt": "2"},
        {"utc_start": 1000, "utc_end": 1200, "prompt": "3"},
    ]
    found = resolve_overrides({"prompt": "1"}, windows, minute)
    told = {rate.conditions: rate.text for rate in found.rates["prompt"]}
    assert told[Conditions.of(window(240, 600))] == first
    assert told[Conditions.of(window(720, 1440))] == second
    assert (found.superseded == ()) == (first is not None or second is not None)


def test_a_key_the_top_level_lacks_has_no_price_in_the_gap() -> None:
    window_only = [{"utc_start": 0, "utc_end": 1200, "prompt": "2"}]
    found = resolve_overrides({}, window_only, 900, PRICE_KEYS)
    assert found.rates["prompt"][1] == ResolvedRate(
        Conditions.of(window(720, 1440)), None, None, NO_BASE_PRICE
    )
    assert found.superseded == ()


def test_later_entries_cut_earlier_ones_only_where_they_overlap() -> None:
    overrides = [
        {"utc_start": 0, "utc_end": 1200, "prompt": "2"},
        {"utc_start": 300, "utc_end": 600, "prompt": "3"},
        {"utc_start": 1100, "utc_end": 1300, "prompt": "3"},
    ]
    found = resolve_overrides({"prompt": "1"}, overrides, 1000)
    assert as_stated(found.rates["prompt"]) == [
        (window(0, 180), "2"),
        (window(180, 360), "3"),
        (window(360, 660), "2"),
        (window(660, 780), "3"),
        (window(780, 1440), "1"),
    ]


def test_a_window_that_wraps_midnight_is_cut_on_both_sides_of_it() -> None:
    overrides = [
        {"utc_start": 2200, "utc_end": 400, "prompt": "2"},
        {"utc_start": 2300, "utc_end": 2330, "prompt": "3"},
    ]
    found = resolve_overrides({"prompt": "1"}, overrides, 1000)
    assert as_stated(found.rates["prompt"]) == [
        (window(240, 1320), "1"),
        (window(1320, 1380), "2"),
        (window(1380, 1410), "3"),
        (window(1410, 1680), "2"),
    ]


def test_equal_neighbours_stay_the_windows_they_were_stated_as() -> None:
    overrides = [
        {"utc_start": 0, "utc_end": 1200, "prompt": "2"},
        {"utc_start": 1200, "utc_end": 0, "prompt": "2"},
    ]
    found = resolve_overrides({"prompt": "2"}, overrides, 0)
    assert as_stated(found.rates["prompt"]) == [(window(0, 720), "2"), (window(720, 1440), "2")]


def test_a_tier_above_windows_ends_them_all() -> None:
    found = resolve_overrides(
        {"prompt": NIGHT}, [*TILED, {"min_prompt_tokens": 1000, "prompt": "9"}], 0
    )
    rates = found.rates["prompt"]
    assert as_stated(rates)[-1] == ({"min_prompt_tokens": 1000}, "9")
    assert max_prompt_tokens([rate.conditions for rate in rates]) == [1000] * 4 + [None]


def test_windows_stated_after_a_tier_hide_it() -> None:
    overrides = [{"min_prompt_tokens": 1000, "prompt": "9", "completion": "8"}, *TILED]
    found = resolve_overrides({"prompt": NIGHT, "completion": "1"}, overrides, 0)
    assert found.shadowed == ((0, "prompt"),)
    assert len(found.rates["prompt"]) == 4
    assert len(found.rates["completion"]) == 2


@pytest.mark.parametrize("tier", [1, 1000])
def test_a_window_above_a_tier_leaves_the_base_around_it_in_both_tiers(tier: int) -> None:
    overrides = [{"min_prompt_tokens": tier, "utc_start": 600, "utc_end": 1200, "prompt": "2"}]
    # At 07:00 the window is open, but not for the short prompts that the top level prices.
    found = resolve_overrides({"prompt": "1"}, overrides, 420)
    assert as_stated(found.rates["prompt"]) == [
        ({}, "1"),
        ({"min_prompt_tokens": tier, **window(360, 720)}, "2"),
        ({"min_prompt_tokens": tier, **window(720, 1800)}, "1"),
    ]


@pytest.mark.parametrize(
    "entry",
    [
        {"prompt": "2"},
        {"prompt": "2", "min_prompt_tokens": None},
        {"prompt": "2", "utc_start": None, "utc_end": None},
        {"prompt": "2", "min_prompt_tokens": 1000, "region": "eu"},
        {"prompt": "2", "min_prompt_tokens": 1000, "max_tokens": "5"},
    ],
)
def test_an_entry_that_does_not_say_when_it_applies_is_refused(entry: dict[str, Any]) -> None:
    found = resolve_overrides({"prompt": "1", "completion": "3"}, [entry], 0)
    assert [error.reason for error in found.errors] == ["unknown_condition"]
    assert "prompt" not in found.rates
    assert found.rates["completion"] == (ResolvedRate(Conditions(), "3", None),)


def test_a_window_to_2400_ends_with_the_day() -> None:
    late = [{"utc_start": 1200, "utc_end": 2400, "prompt": "2"}]
    found = resolve_overrides({}, late, 0, PRICE_KEYS)
    assert as_stated(found.rates["prompt"])[0] == (window(0, 720), None)
    assert as_stated(found.rates["prompt"])[1] == (window(720, 1440), "2")
    all_day = [{"utc_start": 0, "utc_end": 2400, "prompt": "2"}]
    whole = resolve_overrides({}, all_day, 0, PRICE_KEYS)
    assert as_stated(whole.rates["prompt"]) == [({}, "2")]


def test_numbers_of_a_json_reader_are_read_whatever_their_type() -> None:
    override = {
        "utc_start": Decimal("100.0"),
        "utc_end": Decimal("4E+2"),
        "min_prompt_tokens": "1000",
        "prompt": Decimal("1E-7"),
    }
    found = resolve_overrides({"prompt": "1", "completion": "2"}, [override], 0)
    assert found.errors == ()
    assert ({"min_prompt_tokens": 1000, **window(60, 240)}, "1E-7") in as_stated(
        found.rates["prompt"]
    )
    assert as_stated(found.rates["completion"]) == [({}, "2")]


@pytest.mark.parametrize(
    ("override", "reason"),
    [
        ({"utc_start": 2575, "utc_end": 100}, "bad_window"),
        ({"utc_start": 1060, "utc_end": 1200}, "bad_window"),
        ({"utc_start": 100, "utc_end": 2401}, "bad_window"),
        ({"utc_start": 100}, "bad_window"),
        ({"utc_end": 100}, "bad_window"),
        ({"utc_start": 100, "utc_end": 100}, "bad_window"),
        ({"utc_start": 0, "utc_end": 0}, "bad_window"),
        ({"utc_start": 2400, "utc_end": 100}, "bad_window"),
        ({"utc_start": -100, "utc_end": 100}, "bad_window"),
        ({"utc_start": True, "utc_end": 100}, "bad_window"),
        ({"utc_start": Decimal("100.5"), "utc_end": 200}, "bad_window"),
        ({"utc_start": Decimal("NaN"), "utc_end": 200}, "bad_window"),
        ({"utc_start": Decimal("1E+999999"), "utc_end": 200}, "bad_window"),
        ({"utc_start": "١٠٠", "utc_end": 200}, "bad_window"),
        ({"utc_start": [100], "utc_end": 200}, "bad_window"),
        ({"min_prompt_tokens": -1}, "bad_min_prompt_tokens"),
        ({"min_prompt_tokens": "many"}, "bad_min_prompt_tokens"),
        ({"min_prompt_tokens": 10**15}, "bad_min_prompt_tokens"),
        ({"max_prompt_tokens": 5}, "unknown_condition"),
        ({"region": "eu"}, "unknown_condition"),
        ({"weekend": True}, "unknown_condition"),
        ({"completion": ["2"]}, "unknown_condition"),
    ],
)
def test_a_malformed_entry_is_named_and_leaves_nothing_of_the_keys_it_names(
    override: dict[str, Any], reason: str
) -> None:
    good = {"min_prompt_tokens": 5, "prompt": "2"}
    base = {"prompt": "1", "completion": "3"}

    found = resolve_overrides(base, [{"prompt": "7", **override}, good], 0)

    assert [(error.index, error.reason) for error in found.errors] == [(0, reason)]
    assert str(found.errors[0]).startswith("override 0: ")
    is_spared = "completion" not in override
    completion = {"completion": (ResolvedRate(Conditions(), "3", None),)}
    assert found.rates == (completion if is_spared else {})
    doubtful = [(None, "prompt"), *([] if is_spared else [(None, "completion")]), (1, "prompt")]
    assert found.doubtful == tuple(doubtful)
    assert (found.superseded, found.shadowed) == ((), ())


@pytest.mark.parametrize("entry", [None, "x", 5, [1]])
def test_an_entry_that_is_no_object_is_named(entry: object) -> None:
    found = resolve_overrides({"prompt": "1"}, [entry], 0)
    assert [error.reason for error in found.errors] == ["not_an_object"]


def test_the_number_of_entries_is_bounded() -> None:
    entry = {"min_prompt_tokens": 5, "prompt": "2"}
    assert resolve_overrides({"prompt": "1"}, [entry] * MAX_OVERRIDES, 0).errors == ()
    found = resolve_overrides({"prompt": "1"}, [entry] * (MAX_OVERRIDES + 1), 0)
    assert {error.reason for error in found.errors} == {"too_many_overrides"}
    assert len(found.errors) == MAX_OVERRIDES + 1
    assert found.rates == {}


def test_an_unreadable_price_under_a_known_key_is_that_cells_fault() -> None:
    found = resolve_overrides({"prompt": "1"}, [{"min_prompt_tokens": 5, "prompt": "soon"}], 0)
    assert found.errors == ()
    assert found.rates["prompt"][1].text == "soon"


@pytest.mark.parametrize("minute", [-1, 1440])
def test_a_fetch_has_a_minute_of_the_day(minute: int) -> None:
    with pytest.raises(ValueError, match="no minute of a day"):
        resolve_overrides({}, [], minute)


# Few distinct edges, so that windows meet, nest and coincide.
TIMES = st.sampled_from([0, 1, 100, 130, 600, 1200, 2300, 2359])
PRICE_KEYS = frozenset({"prompt", "completion"})
WINDOWS = st.tuples(TIMES, TIMES).filter(lambda ends: ends[0] != ends[1])
EDGES = (0, 1, 60, 90, 360, 720, 1380, 1439)
PROBES = sorted({(edge + step) % 1440 for edge in EDGES for step in (-1, 0, 1)})
TIERS = st.sampled_from([0, 1, 10, 200])


@st.composite
def override_entries(draw: st.DrawFn) -> dict[str, Any]:
    entry: dict[str, Any] = {
        key: f"0.{draw(st.integers(1, 3))}"
        for key in draw(st.sets(st.sampled_from(["prompt", "completion"])))
    }
    has_window = draw(st.booleans())
    if has_window:
        entry["utc_start"], entry["utc_end"] = draw(WINDOWS)
    if not has_window or draw(st.booleans()):
        entry["min_prompt_tokens"] = draw(TIERS)
    return entry


def in_window(entry: dict[str, Any], minute: int) -> bool:
    if "utc_start" not in entry:
        return True
    clock = minute // 60 * 100 + minute % 60
    start, end = int(entry["utc_start"]), int(entry["utc_end"])
    return start <= clock < end if start < end else clock >= start or clock < end


def oracle(
    base: dict[str, str], entries: list[dict[str, Any]], key: str, tokens: int, minute: int
) -> tuple[int | None, str | None]:
    """The documented rule, literally: walk the entries, the last that applies wins."""
    origin, text = None, base.get(key)
    for index, entry in enumerate(entries):
        minimum = entry.get("min_prompt_tokens", 0)
        if key in entry and (minimum == 0 or tokens > minimum) and in_window(entry, minute):
            origin, text = index, entry[key]
    return origin, text


def is_in_gap_of(entries: list[dict[str, Any]], key: str, minute: int, fetched: int) -> bool:
    """Whether no window opens on the way around the clock between two minutes, one way or other."""

    def is_open(at: int) -> bool:
        return oracle({}, entries, key, 0, at % 1440)[0] is not None

    forth = range(fetched, fetched + (minute - fetched) % 1440 + 1)
    back = range(minute, minute + (fetched - minute) % 1440 + 1)
    return not any(map(is_open, forth)) or not any(map(is_open, back))


@settings(max_examples=60, deadline=None)
@given(
    entries=st.lists(override_entries(), max_size=5),
    base=st.dictionaries(st.sampled_from(["prompt", "completion"]), st.just("9")),
    fetched=st.integers(0, 1439),
)
def test_every_minute_and_token_count_has_exactly_the_rate_of_the_documented_rule(
    entries: list[dict[str, Any]], base: dict[str, str], fetched: int
) -> None:
    found = resolve_overrides(base, entries, fetched, PRICE_KEYS)
    named = {key for entry in entries for key in entry if key in {"prompt", "completion"}}
    assert set(found.rates) == base.keys() | named
    used: set[tuple[int | None, str]] = set()
    for key, rates in found.rates.items():
        conditions = [rate.conditions for rate in rates]
        ends = max_prompt_tokens(conditions)
        assert disjoint(conditions)
        for tokens in (0, 1, 2, 10, 11, 200, 201, 10**6):
            for minute in PROBES:
                request = {"prompt_tokens": tokens, "utc_minute": minute}
                hits = [
                    rate
                    for rate, end in zip(rates, ends, strict=True)
                    if matches(rate.conditions, end, request)
                ]
                origin, text = oracle(base, entries, key, tokens, minute)
                assert len(hits) == 1
                assert hits[0].origin == origin
                is_seen = origin is not None or is_in_gap_of(entries, key, minute, fetched)
                assert hits[0].text == (text if is_seen else None)
                if hits[0].text is not None:
                    used.add((origin, key))
    cells = [(index, key) for index, entry in enumerate(entries) for key in entry if key in named]
    assert sorted(found.shadowed) == sorted(cell for cell in cells if cell not in used)
    for key in base:
        assert (key in found.superseded) is ((None, key) not in used)
