"""A list parsed piece by piece must always say what a parser of the whole says."""

from __future__ import annotations

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.jsonlist import ListParser

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.text('{}[]",:\\ id\u00e9\U0001f600', max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "data", "type", "a}", ""]), inner, max_size=3)
    ),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.sampled_from(["id", "data", "name"]), VALUES, min_size=1, max_size=3)
DOCUMENTS = (
    VALUES
    | st.lists(OBJECTS, max_size=5)
    | st.fixed_dictionaries({"data": st.lists(OBJECTS, max_size=5), "total_count": VALUES})
    | st.fixed_dictionaries({"object": st.just("list"), "data": st.lists(OBJECTS, max_size=5)})
)


def plainly(parse: ListParser, body: bytes) -> object:
    """What the parser says, or the kind of its refusal."""
    try:
        return parse(body)
    except ValueError as error:
        return type(error)


def at_once(body: bytes) -> object:
    try:
        return orjson.loads(body)
    except ValueError as error:
        return type(error)


@given(st.lists(DOCUMENTS, min_size=1, max_size=4), st.sampled_from([None, 1, 2]), st.booleans())
def test_it_says_what_a_parser_of_the_whole_says(
    documents: list[object], indent: int | None, is_cut: bool
) -> None:
    parse = ListParser(orjson.loads)
    for document in documents:
        text = json.dumps(document, indent=indent, ensure_ascii=is_cut).encode()
        for body in (text, text[:-1] if is_cut else text + b"}"):
            assert plainly(parse, body) == at_once(body)


@pytest.mark.parametrize(
    "body",
    [
        b'{"data":[{"id":1},{"id":2}],"data":[]}',
        b'{"data":[{"id":1}],"d\\u0061ta":[]}',
        b'{"data":[{"id":1}],"other":[{"id":3},{"id":4}]}',
        b'{"data":[{"id":"},{"},{"id":"\\"},{\\"id\\":"}]}',
        b'{"data":[{"id":1},{"id":2}]]}',
        b'[{"id":1},{"id":2}],[{"id":3}]',
        b'[{"id":1},{"id":2,}]',
        b'[{"id":1},{"name":2},{"id":3}]',
        b'[ { "id":1},\n { "id":2} ]',
        b'\xef\xbb\xbf[{"id":1},{"id":2}]',
        b'[{"id":1},7]',
        b'[{"id":"\xff"},{"id":2}]',
    ],
)
def test_what_looks_like_a_list_and_is_none_is_parsed_at_once(body: bytes) -> None:
    parse = ListParser(orjson.loads)
    assert plainly(parse, body) == at_once(body)
    assert plainly(parse, body) == at_once(body), "nor does memory change it"


def test_an_object_whose_text_is_known_is_the_very_object_it_was() -> None:
    parsed: list[bytes] = []

    def noted(text: bytes) -> object:
        parsed.append(text)
        return orjson.loads(text)

    parse = ListParser(noted)
    before = parse(b'{"data":[{"id":"a","price":1},{"id":"b"},{"id":"c"}],"total_count":3}')
    parsed.clear()
    after = parse(b'{"data":[{"id":"b"},{"id":"a","price":2},{"id":"c"}],"total_count":3}')
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    assert after["data"] == [{"id": "b"}, {"id": "a", "price": 2}, {"id": "c"}]
    assert after["data"][0] is before["data"][1]
    assert after["data"][2] is before["data"][2]
    assert parsed == [b'{"data":[],"total_count":3}', b'{"id":"a","price":2}']


def test_an_object_of_great_length_is_not_kept() -> None:
    parse = ListParser(orjson.loads)
    body = b'[{"id":"' + b"x" * 70_000 + b'"},{"id":"b"}]'
    first, second = parse(body), parse(body)
    assert isinstance(first, list)
    assert isinstance(second, list)
    assert first == second
    assert first[0] is not second[0]
    assert first[1] is second[1]
