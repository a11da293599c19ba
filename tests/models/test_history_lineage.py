"""Renames and aliases: when a new id is the same offering, and when it is not."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from models.history import lineage
from models.history.observation import Sighting
from tests.models.book_kit import Story, model, moves

PRICES = {"input_token": "1", "output_token": "2"}
OLD = model("reka/edge", PRICES, lineage="reka/edge")
NEW = model("rekaai/edge", PRICES, lineage="reka/edge")
CALM = [model(f"acme/calm-{n}", {"input_token": "7"}) for n in range(9)]


def swapped(before: Sequence[Sighting], after: Sequence[Sighting]) -> Story:
    story = Story()
    story.tell(0, *before, *CALM)
    story.tell(6, *after, *CALM)
    return story


def offerings(story: Story) -> set[str]:
    """The offerings of the ids this module is about."""
    return {
        found
        for key, found in story.book.ids.items()
        if key.startswith(("chat:reka", "chat:other"))
    }


def test_a_rename_is_one_lineage_and_no_change() -> None:
    story = swapped([OLD], [NEW])
    assert len(offerings(story)) == 1
    assert moves(story) == []
    assert "new" not in {kind for _, _, kind in story.kinds()}
    (offering,) = offerings(story)
    assert story.book.offerings[offering].model_id == "rekaai/edge"
    names = [row.model_id for row in story.lives if row.offering_id == offering]
    assert names == ["reka/edge", "rekaai/edge"]
    for at in (12, 30, 60):
        story.tell(at, NEW, *CALM)
    assert moves(story) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param([OLD], [OLD, NEW], id="the old id is still there"),
        pytest.param(
            [OLD], [model("rekaai/edge", PRICES, lineage="rekaai/edge")], id="another slug"
        ),
        pytest.param([OLD], [model("rekaai/edge", PRICES)], id="no slug"),
        pytest.param(
            [model("reka/edge:free", PRICES, lineage="reka/edge")], [NEW], id="another suffix"
        ),
        pytest.param(
            [OLD],
            [model("rekaai/edge", {**PRICES, "output_token": "3"}, lineage="reka/edge")],
            id="another price",
        ),
        pytest.param(
            [OLD],
            [model("rekaai/edge", {"input_token": "1"}, lineage="reka/edge")],
            id="a meter less",
        ),
        pytest.param(
            [model("reka/edge", lineage="reka/edge")],
            [model("rekaai/edge", lineage="reka/edge")],
            id="no price to go by",
        ),
        pytest.param(
            [OLD, model("other/edge", PRICES, lineage="reka/edge")],
            [NEW],
            id="two that could have been renamed",
        ),
    ],
)
def test_anything_less_is_another_offering(
    before: Sequence[Sighting], after: Sequence[Sighting]
) -> None:
    story = swapped(before, after)
    assert len(offerings(story)) == len({sighting.model_id for sighting in (*before, *after)})


def test_the_old_id_must_go_in_the_same_fetch() -> None:
    story = Story()
    story.tell(0, OLD, *CALM)
    story.tell(6, *CALM)
    story.tell(12, NEW, *CALM)
    assert len(offerings(story)) == 2


def test_an_id_that_was_known_before_is_no_rename() -> None:
    story = Story()
    story.tell(0, OLD, NEW, *CALM)
    story.tell(6, OLD, *CALM)
    story.tell(12, NEW, *CALM)
    assert len(offerings(story)) == 2


def test_without_the_rule_a_rename_would_be_a_new_offering(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def never(*_: object) -> bool:
        return False

    monkeypatch.setattr(lineage, "_is_rename", never)
    assert len(offerings(swapped([OLD], [NEW]))) == 2


def test_a_declared_alias_is_one_lineage_whatever_the_price() -> None:
    declaring = model("rekaai/edge", {"input_token": "1.5"}, aliases=["reka/edge"])
    story = swapped([OLD], [declaring])
    assert len(offerings(story)) == 1
    assert (6, "input_token", "increase") in moves(story)


def test_a_declared_alias_that_is_listed_beside_it_is_another_offering() -> None:
    declaring = model("rekaai/edge", PRICES, aliases=["reka/edge"])
    assert len(offerings(swapped([OLD], [OLD, declaring]))) == 2


def test_another_name_known_for_it_is_the_same_offering() -> None:
    story = swapped([OLD], [model("rekaai/edge", PRICES, also=["reka/edge"])])
    assert len(offerings(story)) == 1


def test_a_renamed_id_that_comes_back_beside_the_new_one_is_another_offering() -> None:
    """Two rows of one fetch never speak for one offering."""
    story = swapped([OLD], [NEW])
    cheaper = model("reka/edge", {"input_token": "0.5", "output_token": "2"}, lineage="reka/edge")
    story.tell(12, NEW, cheaper, *CALM)
    assert len(offerings(story)) == 2
    keys = [row.key for row in story.rows]
    starts = [(row.key, row.valid_from) for row in story.rows]
    assert len(set(starts)) == len(keys)
    # The offering goes on under the id it was first seen by.
    first = story.book.ids["chat:reka/edge"]
    assert first == story.rows[0].offering_id or first in {r.offering_id for r in story.rows}
    assert [str(row.rate.unit_price) for row in story.rows if row.offering_id == first] == [
        "1", "2", "0.5",
    ]  # fmt: skip
    for at in (18, 24, 60):
        story.tell(at, NEW, cheaper, *CALM)
    assert len(offerings(story)) == 2


def test_two_printed_names_of_one_model_are_read_once() -> None:
    story = Story()
    story.tell(
        0,
        model("reka/edge", PRICES, printed=True),
        model("rekaai/edge", {"input_token": "9"}, also=["reka/edge"], printed=True),
    )
    assert story.of("input_token") == [(0, "1")]
