"""Values of a source's JSON: parsed with every number as printed, and asked for what they are.

A source may print anything anywhere, so each question has an answer for what is not expected.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from operator import is_
from typing import Final, TypeAlias, TypeGuard, cast

from models.reading import ExtractError
from spiders.bounds import displayable
from spiders.jsonlist import ListParser
from spiders.jsontext import readable

JsonObject: TypeAlias = Mapping[str, object]

_MAX_COUNT: Final = 10**12
_MOST_SHOWN: Final = 4
_LONGEST_SHOWN: Final = 80


class Printed(str):
    """A number as it was printed; it reads like a text and is none."""

    __slots__ = ()


Pairs: TypeAlias = list[tuple[str, object]]


class Doubled(dict[str, object]):
    """An object which, or below which one, states a key more than once. As a mapping it has the
    last of the values; ``pairs`` are all its members, since nobody says which value is meant."""

    __slots__ = ("pairs",)

    def __init__(self, pairs: Pairs) -> None:
        super().__init__(pairs)
        self.pairs = pairs


def _decoded(text: bytes) -> object:
    """The JSON of a text. To look at the members of every object is worth a tenth more time."""
    doubled: list[Doubled] = []

    def object_of(pairs: Pairs) -> dict[str, object]:
        members = dict(pairs)
        if len(members) == len(pairs):
            return members
        doubled.append(Doubled(pairs))
        return doubled[-1]

    decoder = json.JSONDecoder(
        parse_float=Printed, parse_constant=Printed, object_pairs_hook=object_of
    )
    value: object = decoder.decode(readable(text).decode())
    return _marked(value) if doubled else value


def _marked(value: object) -> object:
    """The value with every object around a doubled one marked like it."""
    items, fields = as_list(value), as_object(value)
    if items is not None:
        marked = [_marked(child) for child in items]
        return items if all(map(is_, marked, items)) else marked
    if fields is None:
        return value
    stated = list(members_of(fields))
    pairs = [(key, _marked(child)) for key, child in stated]
    is_as_it_was = all(new is old for (_, new), (_, old) in zip(pairs, stated, strict=True))
    return fields if is_as_it_was and not isinstance(fields, Doubled) else Doubled(pairs)


_parsed = ListParser(_decoded)


def parse(body: bytes) -> object:
    """The JSON of a body, with every fraction, exponent or NaN as printed: 0.10 stays 0.10.

    An object with equal keys is a :class:`Doubled`. A model whose text was parsed before is the
    same object again; nobody may change it. Raises ExtractError where the body is no JSON.
    """
    try:
        return _parsed(body)
    except (ValueError, RecursionError) as error:
        raise ExtractError("json", f"the body is not JSON: {error}") from error


def members_of(value: JsonObject) -> Iterable[tuple[str, object]]:
    """All members of an object, those under equal keys each."""
    return value.pairs if isinstance(value, Doubled) else value.items()


def doubled_in(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Every key at or below a value that its object states more than once: where it stands, keys
    joined by dots, and its values in words."""
    if isinstance(value, list):
        for child in cast("list[object]", value):
            yield from doubled_in(child, path)
    if not isinstance(value, Doubled):
        return
    counts = Counter(key for key, _ in value.pairs)
    for key in (key for key, count in counts.items() if count > 1):
        stated = [_in_short(child) for name, child in value.pairs if name == key]
        yield f"{path}{key}", " and ".join(stated[:_MOST_SHOWN])
    for key, child in value.pairs:
        yield from doubled_in(child, f"{path}{key}.")


def _in_short(value: object) -> str:
    text = text_of(value) if is_scalar(value) else json.dumps(value)
    return displayable(text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…")


def as_object(value: object) -> JsonObject | None:
    """The value where it is a JSON object, else None."""
    return cast("JsonObject", value) if isinstance(value, dict) else None


def as_list(value: object) -> list[object] | None:
    """The value where it is a JSON list, else None."""
    return cast("list[object]", value) if isinstance(value, list) else None


def is_text(value: object) -> TypeGuard[str]:
    """Whether the value is a text, and no number as printed."""
    return isinstance(value, str) and not isinstance(value, Printed)


def is_scalar(value: object) -> bool:
    """Whether the value is neither an object nor a list."""
    return not isinstance(value, dict | list)


def object_at(model: JsonObject, key: str) -> JsonObject:
    """The object under a key, or an empty one where the source has null or something else."""
    return as_object(model.get(key)) or {}


def text_at(model: JsonObject, key: str) -> str:
    """The text under a key without space around it, or an empty one."""
    value = model.get(key)
    return value.strip() if is_text(value) else ""


def texts_at(model: JsonObject, key: str) -> tuple[str, ...]:
    """The texts of the list under a key; whatever is no text is left out."""
    items = as_list(model.get(key)) or []
    return tuple(item for item in items if is_text(item) and item)


def count_at(model: JsonObject, key: str) -> int | None:
    """The positive whole number under a key; zero, text and absence all mean "not known".

    So does a number beyond any count: no column holds it, and a length is no reason to lose prices.
    """
    value = model.get(key)
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 < value <= _MAX_COUNT else None


def whole_number(value: object) -> int | None:
    """The whole number from 0 on that a value is, however it was printed; None for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    text = str(value).strip()
    whole, point, fraction = text.partition(".")
    is_number = whole.isascii() and whole.isdecimal() and len(whole) <= len(str(_MAX_COUNT))
    if not is_number or (point and fraction.strip("0")):
        return None
    return int(whole)


def text_of(scalar: object) -> str:
    """A JSON scalar as it was printed, a string without its quotes."""
    if isinstance(scalar, str):
        return scalar
    if isinstance(scalar, bool) or scalar is None:
        return json.dumps(scalar)
    return str(scalar)


def shown(value: object) -> str:
    """Any value for a message, shortened."""
    text = text_of(value) if is_scalar(value) else type(value).__name__
    return repr(text[:80])
