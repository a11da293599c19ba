"""Python's search for reference cycles rests while history is loaded and published."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows import running, settings
from flows.cycles import no_search_for_cycles

RECORDING = Path(__file__).parents[2] / "fixtures" / "captures"


def test_the_search_goes_on_afterwards() -> None:
    with no_search_for_cycles(), no_search_for_cycles():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_the_search_goes_on_after_an_error() -> None:
    with pytest.raises(ValueError, match="in between"), no_search_for_cycles():
        raise ValueError("in between")
    assert gc.isenabled()


def test_what_was_made_meanwhile_is_not_looked_through_at_once() -> None:
    gc.collect()
    before = gc.get_stats()[0]["collections"]
    with no_search_for_cycles():
        meanwhile = [[n] for n in range(10_000)]
    assert [[n] for n in range(10)] == meanwhile[:10]
    assert gc.get_stats()[0]["collections"] == before


@pytest.fixture
def _searching_by_hand() -> Iterator[None]:
    """Otherwise a search starts by itself as soon as it may."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("_searching_by_hand")
def test_a_search_that_rested_before_rests_on() -> None:
    with no_search_for_cycles():
        pass
    assert not gc.isenabled()


@pytest.mark.usefixtures("_searching_by_hand")
def test_a_backfill_leaves_hardly_anything_to_such_a_search(tmp_path: Path) -> None:
    """What a run piles up by not searching has to stay small, however long it is."""

    def backfilled(data_dir: Path) -> None:
        running.run_backfill(settings.load(data_dir), RECORDING, lambda _done, _all: None)

    backfilled(tmp_path / "warm")  # what is imported on the way leaves cycles too
    gc.collect()
    backfilled(tmp_path / "cold")
    assert gc.collect() < 1000
