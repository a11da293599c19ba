"""Whatever sources say: a stored book goes on as if it had never stopped, and rows never clash."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from models.history.bounds import Bounds
from models.history.disputes import Dispute, open_disputes
from models.history.observation import Observation, Sighting
from models.history.reviews import Decision
from models.history.thresholds import Thresholds
from tests.models.book_kit import DYNAMIC, FREE, UNREAD, Price, Story, hour, model

NAMES = ("acme/a", "acme/b", "acme/b:free", "acme/c", "acme/d")
AMOUNTS = ("1", "1.0000000001", "1.3", "2", "10", "100", "1000", FREE, DYNAMIC, "unknown", UNREAD)
PRECEDENCE = {"api": 10, "page": 20, "sheet": 30}


METERS: tuple[str, ...] = ("input_token", "cache_read_token", "input_image", "")


@st.composite
def prices(draw: st.DrawFn) -> Price:
    amount = st.sampled_from(AMOUNTS)
    shape = draw(st.sampled_from(("one", "one", "one", "tier", "windows")))
    if shape == "tier":
        return {"": draw(amount), ">200000": draw(amount)}
    if shape == "windows":
        return {"0-600": draw(amount), "600-1440": draw(st.sampled_from((*AMOUNTS, "unseen")))}
    return draw(amount)


@st.composite
def sightings(draw: st.DrawFn) -> tuple[Sighting, ...]:
    names = draw(st.lists(st.sampled_from(NAMES), unique=True))
    return tuple(
        model(
            name,
            draw(st.dictionaries(
                st.sampled_from(METERS),
                prices(),
                max_size=3,
            )),
            lineage=draw(st.sampled_from(("", "acme/a"))),
            aliases=draw(st.sampled_from(((), ("acme/a",)))),
            also=draw(st.sampled_from(((), ("acme/a",), ("acme/c",)))),
            lifecycle=draw(st.sampled_from(("listed", "deprecated"))),
            refused=draw(st.sampled_from(((), ("input_image",)))),
            printed=draw(st.booleans()),
        )
        for name in names
    )  # fmt: skip


@st.composite
def fetches(draw: st.DrawFn) -> list[Observation]:
    found: list[Observation] = []
    at = 0.0
    for _ in range(draw(st.integers(1, 14))):
        at += draw(st.sampled_from((0, 1, 6, 12, 25)))
        source = draw(st.sampled_from(sorted(PRECEDENCE)))
        scope = draw(st.sampled_from(("default", "all")))
        covers = frozenset({"default"} if scope == "all" else ())
        found.append(
            Observation(
                source, PRECEDENCE[source], scope, hour(at), draw(sightings()), "sha", covers
            )
        )
    return found


EAGER = Thresholds(
    absent_fetches=2,
    absent_for=timedelta(hours=6),
    repricing_least=2,
    slip_least=2,
    bounds={meter: Bounds(Decimal(1), Decimal(20)) for meter in METERS},
)


@given(fetches(), st.sampled_from((Thresholds(), EAGER)))
@settings(max_examples=30)
def test_a_stored_book_goes_on_as_if_it_had_never_stopped(
    observations: list[Observation], thresholds: Thresholds
) -> None:
    whole = Story(thresholds, bounded=True)
    stored = Story(thresholds, bounded=True, reloading=True)
    for observation in observations:
        whole.take(observation)
        stored.take(observation)
        assert stored.told == whole.told
    assert stored.book.reviews == whole.book.reviews
    assert stored.book.ids == whole.book.ids
    assert list(open_disputes(stored.book)) == list(open_disputes(whole.book))


PLAIN = ("1", "1.3", "0.9")
BETWEEN = (DYNAMIC, "unknown", UNREAD, None, *PLAIN)


@given(
    st.lists(st.sampled_from(BETWEEN), max_size=10),
    st.sampled_from(("1000", "0.001", "70", FREE, "zero")),
)
def test_no_interruption_lets_a_jump_in_at_once(between: list[str | None], jump: str) -> None:
    """Whatever stood between, or nothing: what was never said before is not believed."""
    story = Story()
    for n, price in enumerate(("1", *between, jump)):
        meters: dict[str, Price] = {} if price is None else {"input_token": price}
        story.tell(6 * n, model("acme/a", {"request": "5", **meters}))
    numbers = {row.rate.unit_price for row in story.rows if row.meter == "input_token"}
    assert numbers <= {None, *map(Decimal, PLAIN)}
    offering = story.book.offerings[story.book.ids["chat:acme/a"]]
    track = offering.tracks["input_token"]["api"]
    assert track.held is not None or jump == "zero"


@given(fetches(), st.sampled_from((Thresholds(), EAGER)), st.sampled_from(("", *Decision)))
@settings(max_examples=30)
def test_rows_never_clash(
    observations: list[Observation], thresholds: Thresholds, decision: str
) -> None:
    story = Story(thresholds, bounded=True)
    for observation in observations:
        story.take(observation)
        if decision in {Decision.ACCEPT, Decision.REJECT}:
            story.decisions.update(dict.fromkeys(story.book.reviews, Decision(decision)))
    rows = story.rows
    assert max(Counter((row.key, row.valid_from) for row in rows).values(), default=1) == 1
    assert all(row.changed_after is None or row.changed_after <= row.valid_from for row in rows)
    lives = story.lives
    assert max(Counter((r.offering_id, r.valid_from) for r in lives).values(), default=1) == 1
    assert all(r.changed_after is None or r.changed_after <= r.valid_from for r in lives)
    _check_the_present(story)


def _check_the_present(story: Story) -> None:
    """What stands by the rows is what the tracks say, and no meter has two headlines."""
    standing = {row.key: row for row in story.rows}
    offered = [row for row in standing.values() if row.rate.status != "not_offered"]
    headlines = Counter((row.offering_id, row.meter) for row in offered if row.rate.is_headline)
    known = {(r.offering_id, r.meter) for r in offered if r.rate.unit_price is not None}
    unknown = {(r.offering_id, r.meter) for r in offered if r.rate.status == "unknown"}
    assert known - unknown <= set(headlines)
    assert max(headlines.values(), default=1) == 1
    newest = {row.offering_id: row for row in story.lives}
    for offering in story.book.offerings.values():
        priced = {row.meter for row in offered if row.offering_id == offering.offering_id}
        assert bool(priced) == offering.is_listed
        assert (newest[offering.offering_id].lifecycle != "withdrawn") == offering.is_listed
        assert not (priced - {""} and "" in priced and "" not in offering.tracks)


@given(fetches(), st.sampled_from((Thresholds(), EAGER)))
@settings(max_examples=60)
def test_what_is_held_is_in_dispute_for_as_long(
    observations: list[Observation], thresholds: Thresholds
) -> None:
    """Watched from outside: whatever is held after a fetch is in dispute until a later one.

    A fetch with few rows waits as a whole and counts for its own time when it is believed at last,
    which cannot be watched from outside: so none waits.
    """
    story = Story(replace(thresholds, min_row_share=0), bounded=True)
    held: set[tuple[str, str, str, datetime]] = set()
    for observation in observations:
        story.take(observation)
        held |= {
            (offering.offering_id, meter, source, observation.fetched_at)
            for offering in story.book.offerings.values()
            for meter, tracks in offering.tracks.items()
            for source, track in tracks.items()
            if track.held is not None
        }
    disputes = [*story.told.disputes, *open_disputes(story.book)]
    for offering_id, meter, source, at in held:
        assert any(
            (each.offering_id, each.meter, each.source) == (offering_id, meter, source)
            and each.since <= at
            and (each.until is None or each.until >= at)
            for each in disputes
        )
    _check_the_disputes(story, disputes)


def _check_the_disputes(story: Story, disputes: list[Dispute]) -> None:
    """Each is about a price that history or its source has; those of one price and source do not
    overlap."""
    known = {row.key for row in story.told.prices}
    lines: defaultdict[tuple[str, ...], list[Dispute]] = defaultdict(list)
    for each in disputes:
        is_price = (each.offering_id, each.meter, each.conditions) in known
        assert is_price or PRECEDENCE[each.source] > min(PRECEDENCE.values())
        assert (each.outcome is None) == (each.until is None)
        lines[each.offering_id, each.meter, each.conditions, each.source].append(each)
    for line in lines.values():
        line.sort(key=lambda each: (each.since, each.until or each.since))
        for before, after in pairwise(line):
            assert before.until is not None
            assert before.until <= after.since
