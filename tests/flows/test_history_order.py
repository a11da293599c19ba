"""History is a function of the set of captures: neither order nor split makes a difference."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.flows.histories import Said, World, aiml, deprecations, openrouter, page

TOKEN = ("0.000001", "0.0000010000000001", "0.000002", "0.00001", "0.001", "0.00007", "0")
SLUGS = ("acme/a", "acme/b", "acme/b:free", "acme/c", "acme/d", "acme/d2#acme/d", "acme/e")
MILLION = (0.5, 0.6, 5, 50, 500, 0)
IDS = ("acme/fox-1", "acme/fox-2", "acme/owl", "acme/lynx", "owl-v1")
ORIGINS = ("provided", "generated", "cached")
NAMES = ("Fox 1", "Fox 2", "Owl", "Lynx", "Hen")


def _pricing(draw: st.DrawFn) -> Mapping[str, Any]:
    found = {"prompt": draw(st.sampled_from(TOKEN)), "completion": draw(st.sampled_from(TOKEN))}
    for key in ("input_cache_read", "image", "request"):
        if draw(st.booleans()):
            found[key] = draw(st.sampled_from((*TOKEN, found["prompt"])))
    return found


@st.composite
def captures(draw: st.DrawFn) -> list[Said]:
    """What four sources said at up to twelve moments, some of them the same ones."""
    moments = draw(
        st.lists(st.sampled_from([0, 1, 6, 7, 12, 18, 24, 30, 48, 49, 60, 72, 96, 120, 121, 150]),
                 min_size=3, max_size=12, unique=True)
    )  # fmt: skip
    said: list[Said] = []
    for at in moments:
        sources = draw(st.sets(st.sampled_from("oapd"), min_size=1))
        if "o" in sources:
            ids = draw(st.lists(st.sampled_from(SLUGS), min_size=1, unique=True))
            said.append(openrouter(at, {each: _pricing(draw) for each in ids}))
        if "a" in sources:
            models = [
                (each, draw(st.sampled_from(((), ("owl-v1",), ("acme/fox-1",)))), {
                    origin: draw(st.sampled_from(MILLION))
                    for origin in draw(st.sets(st.sampled_from(ORIGINS)))
                })
                for each in draw(st.lists(st.sampled_from(IDS), min_size=1, unique=True))
            ]  # fmt: skip
            said.append(aiml(at, models))
        if "p" in sources:
            names = draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True))
            prices = st.sampled_from([str(each) for each in MILLION])
            said.append(page(at, [(name, draw(prices), draw(prices)) for name in names]))
        if "d" in sources:
            going = draw(st.lists(st.sampled_from(IDS), unique=True, max_size=2))
            aliases = st.sampled_from(((), ("owl-v1",)))
            until = draw(st.sampled_from([None, 12, 50, 96, 1_000]))
            status = draw(st.sampled_from(["deprecated", "superseded", "withdrawn"]))
            named = {each: draw(aliases) for each in going}
            said.append(deprecations(at, named, until=until, status=status))
    return said


@st.composite
def shuffles(draw: st.DrawFn) -> tuple[list[Said], list[list[Said]]]:
    """Captures, and the same ones shuffled and cut into loads."""
    said = draw(captures())
    shuffled = draw(st.permutations(said))
    cuts = sorted(draw(st.sets(st.integers(1, max(1, len(said) - 1)), max_size=4)))
    edges = [0, *cuts, len(shuffled)]
    chunks = [shuffled[a:b] for a, b in itertools.pairwise(edges)]
    return said, [chunk for chunk in chunks if chunk]


@given(shuffles())
@settings(max_examples=40)
def test_any_order_and_split_gives_the_same_history(
    drawn: tuple[list[Said], list[list[Said]]],
) -> None:
    said, chunks = drawn
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        at_once, in_parts = World(Path(one)), World(Path(other))
        at_once.load(*said)
        for chunk in chunks:
            in_parts.load(*chunk)
        assert in_parts.history() == at_once.history()
        assert in_parts.lives() == at_once.lives()
        assert in_parts.disputes() == at_once.disputes()


def test_a_note_counts_from_when_it_is_said_whatever_is_listed_first() -> None:
    """What is to go may be told before it is listed, and under an id that it takes later."""
    said = [
        deprecations(0, {"acme/fox-1": ("owl-v1",)}),
        aiml(1, [("acme/fox-1", (), {"provided": 1})]),
        aiml(7, [("acme/fox-1", ("owl-v1",), {"provided": 1}), ("owl-v1", (), {"provided": 2})]),
        aiml(13, [("acme/fox-2", ("acme/fox-1",), {"provided": 1})]),
    ]
    _same_in_any_split(said)


CALM = {f"acme/m-{n}": {"prompt": "0.000001", "completion": "-1"} for n in range(8)}
MOVED = {name: {**pricing, "prompt": "0.0000013"} for name, pricing in CALM.items()}


def test_what_moves_together_is_one_event_in_any_order() -> None:
    """An older fetch may show that what moved was not most of what could have."""
    five = dict(list(MOVED.items())[:5])
    more = {f"acme/x-{n}": {"prompt": "0.000003", "completion": "-1"} for n in range(3)}
    _same_in_any_split(
        [openrouter(6, CALM), openrouter(30, {**CALM, **five}), openrouter(0, {**CALM, **more})]
    )


def test_an_end_is_the_same_event_whichever_fetch_shows_it() -> None:
    gone = {"acme/gone": {"prompt": "0.000001", "completion": "0.000001"}}
    ends = [openrouter(hour, CALM) for hour in (6, 29, 31, 30)]
    _same_in_any_split([openrouter(0, {**CALM, **gone}), *ends])


def _same_in_any_split(said: list[Said]) -> None:
    """One load; and one by one: as given, forwards and backwards."""
    with tempfile.TemporaryDirectory() as folder:
        worlds = [World(Path(folder) / name) for name in ("once", "given", "forwards", "backwards")]
        worlds[0].load(*said)
        forwards = sorted(said, key=lambda one: one[1])
        for world, order in zip(worlds[1:], (said, forwards, forwards[::-1]), strict=True):
            for each in order:
                world.load(each)
            assert world.history() == worlds[0].history()
            assert world.lives() == worlds[0].lives()
            assert world.disputes() == worlds[0].disputes()


SLIPPED = {name: {**pricing, "prompt": "0.001"} for name, pricing in CALM.items()}
FREED = {name: {**pricing, "prompt": "0"} for name, pricing in CALM.items()}


def test_what_is_held_is_in_dispute_for_as_long_in_any_order() -> None:
    """Held, said again, mended in part, held for another reason, and taken back."""
    half = {**SLIPPED, **dict(list(CALM.items())[:4])}
    _same_in_any_split(
        [openrouter(0, CALM), openrouter(6, SLIPPED), openrouter(12, half), openrouter(18, FREED),
         openrouter(24, MOVED), openrouter(30, {**MOVED, "acme/new": {"prompt": "0.006"}})]
    )  # fmt: skip
