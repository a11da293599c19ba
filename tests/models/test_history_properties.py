"""Whatever sources say: a stored book goes on as if it had never stopped, and rows never clash."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from models.history.observation import Observation, Sighting
from models.history.reviews import Decision
from models.history.thresholds import Thresholds
from tests.models.book_kit import DYNAMIC, FREE, Price, Story, hour, model

NAMES = ("acme/a", "acme/b", "acme/b:free", "acme/c", "acme/d")
AMOUNTS = ("1", "1.0000000001", "1.3", "2", "10", "100", "1000", FREE, DYNAMIC, "unknown")
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


EAGER = Thresholds(absent_fetches=2, absent_for=timedelta(hours=6), repricing_least=2)


@given(fetches(), st.sampled_from((Thresholds(), EAGER)))
@settings(max_examples=30)
def test_a_stored_book_goes_on_as_if_it_had_never_stopped(
    observations: list[Observation], thresholds: Thresholds
) -> None:
    whole, stored = Story(thresholds), Story(thresholds, reloading=True)
    for observation in observations:
        whole.take(observation)
        stored.take(observation)
        assert stored.told == whole.told
    assert stored.book.reviews == whole.book.reviews
    assert stored.book.ids == whole.book.ids


@given(fetches(), st.sampled_from((Thresholds(), EAGER)), st.sampled_from(("", *Decision)))
@settings(max_examples=30)
def test_rows_never_clash(
    observations: list[Observation], thresholds: Thresholds, decision: str
) -> None:
    story = Story(thresholds)
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
