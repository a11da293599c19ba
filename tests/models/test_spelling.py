"""One spelling: however a resolution is written, it is the same conditions and the same price."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.conditions import ConditionError, Conditions, Stated
from models.history.reviews import describe
from models.history.statement import statements_of
from models.ids import price_id
from models.reading import Claim, PriceStatus
from models.registry import METERS
from models.spelling import canonical_conditions, is_video, respelled

SECOND = "output_video_second"
IMAGE = "output_image"
CROSSES = ("x", "X", "×", " x ", " X ", " × ", "*", "x ")


def cases_of(text: str) -> st.SearchStrategy[str]:
    """A text in any mixture of small and capital letters, with space around it."""
    letters = st.tuples(*(st.sampled_from([each.lower(), each.upper()]) for each in text))
    spaces = st.sampled_from(["", " ", "  "])
    return st.tuples(spaces, letters.map("".join), spaces).map("".join)


@st.composite
def resolutions(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A resolution in its one spelling, and several ways to write it."""
    number = draw(st.integers(1, 9999))
    letter = draw(st.sampled_from(["p", "k"]))
    gap = draw(st.sampled_from(["", " "]))
    height = draw(st.integers(1, 9999))
    if draw(st.booleans()):
        text = f"{number}{letter}"
        return text, [draw(cases_of(f"{number}{gap}{letter}")) for _ in range(3)]
    crosses = [draw(st.sampled_from(CROSSES)) for _ in range(3)]
    return f"{number}x{height}", [f"{number}{cross}{height}" for cross in crosses]


METERS_AND_WORK = st.sampled_from(
    [(SECOND, "video"), (SECOND, ""), ("output_video_token", ""), ("request", "video"), (IMAGE, "")]
)


@given(resolutions(), METERS_AND_WORK)
def test_any_respelling_of_a_resolution_is_the_same_price(
    written: tuple[str, list[str]], asked: tuple[str, str]
) -> None:
    plain, others = written
    wanted = canonical_conditions({"resolution": plain}, *asked)
    for other in others:
        found = canonical_conditions({"resolution": other}, *asked)
        assert (found, found.size) == (wanted, wanted.size)
        assert found.to_json() == wanted.to_json()
        ids = {price_id("off_1", asked[0], each.to_json()) for each in (found, wanted)}
        assert len(ids) == 1


@given(resolutions(), METERS_AND_WORK)
def test_what_is_canonical_stays_as_it_is(
    written: tuple[str, list[str]], asked: tuple[str, str]
) -> None:
    for text in written[1]:
        found = canonical_conditions({"resolution": text, "quality": "HD"}, *asked)
        again = respelled(found, *asked)
        assert (again, again.size) == (found, found.size)


@pytest.mark.parametrize(
    ("stated", "resolution", "size"),
    [
        ({"resolution": "720P"}, "720p", None),
        ({"resolution": "720"}, "720p", None),
        ({"resolution": 1080}, "1080p", None),
        ({"resolution": "1024"}, "1024", None),
        ({"resolution": "4K"}, "4k", None),
        ({"resolution": "4 K"}, "4k", None),
        ({"resolution": "2160P"}, "4k", None),
        ({"resolution": "2k"}, "2k", None),
        ({"resolution": "HD"}, "hd", None),
        ({"resolution": "854x480"}, "480p", (854, 480)),
        ({"resolution": "1280×720"}, "720p", (1280, 720)),
        ({"resolution": "720x1280"}, "720p", (720, 1280)),
        ({"resolution": "1920 X 1080"}, "1080p", (1920, 1080)),
        ({"resolution": "2560*1440"}, "1440p", (2560, 1440)),
        ({"resolution": "3840x2160"}, "4k", (3840, 2160)),
        ({"resolution": "1792x1024"}, "1792x1024", (1792, 1024)),
        ({"width": 1280, "height": 720}, "720p", (1280, 720)),
        ({"width": 1024, "height": 1792}, "1024x1792", (1024, 1792)),
        ({"resolution": "720P", "width": 1280, "height": 720}, "720p", (1280, 720)),
    ],
)
def test_a_video_frame_is_named_by_its_shorter_side(
    stated: dict[str, Stated], resolution: str, size: tuple[int, int] | None
) -> None:
    found = canonical_conditions(stated, SECOND)
    assert found.items == (("resolution", resolution),)
    assert found.size == size
    typed = found.typed()
    assert typed["resolution"] == resolution
    assert (typed["width"], typed["height"]) == (size or (None, None))


def test_a_size_that_contradicts_its_resolution_tells_prices_apart() -> None:
    found = canonical_conditions({"resolution": "2160P", "width": 1280, "height": 720}, SECOND)
    assert found.to_json() == '{"height":720,"resolution":"4k","width":1280}'


@pytest.mark.parametrize(
    ("stated", "text"),
    [
        ({"resolution": "HD"}, '{"quality":"hd"}'),
        ({"resolution": "HD", "quality": "hd"}, '{"quality":"hd"}'),
        ({"resolution": "HD", "quality": "low"}, '{"quality":"low","resolution":"hd"}'),
        ({"resolution": "1280x720"}, '{"resolution":"1280x720"}'),
        ({"resolution": "2160p"}, '{"resolution":"2160p"}'),
        ({"width": 1280, "height": 720}, '{"height":720,"width":1280}'),
        ({"quality": " High  Definition"}, '{"quality":"high definition"}'),
        ({"service_tier": "Flex"}, '{"service_tier":"flex"}'),
        ({"provider": "DeepInfra"}, '{"provider":"DeepInfra"}'),
        ({"mode": "ÉTÉ"}, '{"mode":"ÉTÉ"}'),
        ({"size": "1024 × 1024"}, '{"size":"1024x1024"}'),
        ({"sound": "TRUE", "min_prompt_tokens": 5}, '{"min_prompt_tokens":5,"sound":true}'),
    ],
)
def test_of_an_image_a_size_stays_a_size_and_hd_is_a_quality(
    stated: dict[str, Stated], text: str
) -> None:
    assert canonical_conditions(stated, IMAGE).to_json() == text


def test_an_image_by_its_size_has_the_sides_beside_it() -> None:
    found = canonical_conditions({"resolution": "1024×1536"}, IMAGE)
    assert found.to_json() == '{"resolution":"1024x1536"}'
    assert (found.typed()["width"], found.typed()["height"]) == (1024, 1536)


def test_what_is_of_a_video_is_known_by_the_work_or_by_what_is_counted() -> None:
    videos = {meter for meter in METERS if is_video(meter, "")}
    assert videos == {meter for meter in METERS if "video" in meter}
    assert is_video("request", "video")
    assert not is_video("request", "image")
    assert not is_video("", "chat")


def test_what_cannot_be_meant_is_refused_as_ever() -> None:
    with pytest.raises(ConditionError):
        canonical_conditions({"width": "wide"}, SECOND)


@given(
    st.dictionaries(
        st.sampled_from(["resolution", "quality", "mode", "provider", "width", "height", "sound"]),
        st.one_of(st.text(max_size=200), st.integers(-5, 5000), st.booleans()),
    ),
    METERS_AND_WORK,
)
def test_whatever_a_source_states_has_a_spelling_and_it_is_stable(
    stated: dict[str, Stated], asked: tuple[str, str]
) -> None:
    try:
        conditions = Conditions.of(stated)
    except ConditionError:
        return
    found = respelled(conditions, *asked)
    assert respelled(found, *asked) == found
    assert Conditions.from_json(found.to_json()) == found


def as_before(offering: str, meter: str, stated: dict[str, str | int]) -> str:
    """A price's id as it was first made, when true and false were text."""
    text = json.dumps(stated, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    parts = f"{offering}\x1f{meter}\x1f{text}"
    return f"pri_{hashlib.sha256(parts.encode()).hexdigest()[:16]}"


@given(
    st.dictionaries(
        st.sampled_from(["has_audio", "loop", "mode", "steps"]),
        st.one_of(st.booleans(), st.integers(0, 9), st.text(max_size=9)),
    )
)
def test_truth_values_are_truth_values_and_ids_stay(stated: dict[str, Stated]) -> None:
    try:
        conditions = Conditions.of(stated)
    except ConditionError:
        return
    text = conditions.to_json()
    said = json.loads(text)
    for key, value in stated.items():
        is_truth = isinstance(value, bool) or value in ("true", "false")
        assert isinstance(said[key], bool) == is_truth
        assert said[key] == (str(value).lower() == "true" if is_truth else value)
    before = as_before("off_1", SECOND, dict(conditions.items))
    assert price_id("off_1", SECOND, text) == before


def test_true_is_not_one() -> None:
    assert Conditions.of({"loop": True}) != Conditions.of({"loop": 1})
    assert Conditions.of({"loop": True}) == Conditions.of({"loop": "true"})
    assert Conditions.of({"loop": 1}).to_json() == '{"loop":1}'
    assert Conditions.of({"loop": True}).to_json() == '{"loop":true}'


def test_a_doubt_about_a_price_with_a_truth_value_keeps_its_id() -> None:
    quiet, loud = (Conditions.of({"has_audio": sound}) for sound in (False, True))
    known = PriceStatus.KNOWN
    claims = [
        Claim(SECOND, conditions, known, price, "", "")
        for conditions, price in ((quiet, Decimal("0.1")), (loud, Decimal("0.2")))
    ]
    said = describe(statements_of(claims)[SECOND])
    assert said == '0.1 {"has_audio":"false"}, 0.2 {"has_audio":"true"}'
