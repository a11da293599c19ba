"""The independent count of price cells for JSON lists of models; see :mod:`spiders.walker`.

Most models of a list are printed as in the list before. A text that is known is not parsed again:
where the text of a whole JSON object begins, that object ends with it, whatever comes after. This
way of taking a list apart is another one than the readers', and shares nothing with it either.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeGuard, cast
from unicodedata import bidirectional, category

from spiders.walker import METADATA, Cells, Twice, WalkedCell, members_of, object_of

_BLOCKS: Final = ("pricing", "pricing_skus")
_TOLD_BY: Final = ("id", "type")
_LONGEST_PLAIN: Final = 200
_CONTROLS: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
_REORDERING: Final = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


class _Printed(str):
    __slots__ = ()


_DECODER: Final = json.JSONDecoder(
    parse_float=_Printed,
    parse_int=_Printed,
    parse_constant=_Printed,
    object_pairs_hook=object_of,
)
_OPENING: Final = re.compile(r'[ \t\r\n]*(\{[ \t\r\n]*"data"[ \t\r\n]*:[ \t\r\n]*)?\[[ \t\r\n]*')
_NEXT: Final = re.compile(r"[ \t\r\n]*([],])[ \t\r\n]*")
# The id stands first in every list seen (2026-11); what begins alike is only parsed again.
_BEGINNING: Final = 96
_MOST_KNOWN: Final = 4096
_LONGEST_KNOWN: Final = 16_384


@dataclass(slots=True)
class _Model:
    """An entry of a list; ``selector`` is empty where it has no id. ``cells`` stand at ``where``,
    as they were counted last."""

    text: str
    members: dict[str, object]
    selector: str
    where: str = ""
    cells: Cells = ()

    def cells_at(self, where: str) -> Cells:
        """The price cells of the model at that place."""
        if where != self.where:
            self.where, self.cells = where, tuple(_prices(self.members, where))
        return self.cells


class Known:
    """The models that were met last, by how their text begins."""

    def __init__(self) -> None:
        self._models: dict[str, _Model] = {}

    def model_at(self, text: str, place: int) -> _Model:
        """The object that begins at a place of a text; raises ValueError where none does."""
        beginning = text[place : place + _BEGINNING].partition("}")[0]
        model = self._models.get(beginning)
        if model is not None and text.startswith(model.text, place):
            return model
        value, end = cast("tuple[object, int]", _DECODER.raw_decode(text, place))
        model = _model_of(_whole(value, text[place:end]), text[place:end])
        if len(model.text) < _LONGEST_KNOWN:
            if len(self._models) >= _MOST_KNOWN:
                self._models.clear()
            self._models[beginning] = model
        return model


def walk_json(body: bytes, known: Known | None = None) -> Iterator[Cells]:
    """The price cells of a catalogue's answer by model; none where the body is not JSON."""
    root, models = _taken_apart(body, known or Known()) or _parsed_at_once(body)
    seen: dict[str, int] = {}
    for position, model in models:
        yield model.cells_at(root + _selector(model, position, seen))


def parsed(body: bytes) -> object:
    """The JSON of a body with every number as it was printed; None where it is no JSON."""
    try:
        text = body.decode("utf-8-sig")
        return _whole(_DECODER.decode(text), text)
    except (ValueError, RecursionError):
        return None


def _parsed_at_once(body: bytes) -> tuple[str, Iterable[tuple[str, _Model]]]:
    """The models of any JSON at all, each with its position, and where they stand."""
    document = parsed(body)
    root, models = ("$.data", document["data"]) if _has_data(document) else ("$", document)
    return root, [(position, _model_of(model, "")) for position, model in members_of(models)]


def _taken_apart(body: bytes, known: Known) -> tuple[str, Iterable[tuple[str, _Model]]] | None:
    """The same where the body is a list of objects only, bare or under ``data``; None elsewhere."""
    try:
        text = body.decode("utf-8-sig")
        opening = _OPENING.match(text)
        models, end = ([], 0) if opening is None else _objects(text, opening.end(), known)
        if opening is None or not models:
            return None
        around: object = _DECODER.decode(f"{opening[0]}]{text[end:]}")
    except (ValueError, RecursionError):
        return None
    if '"data"' in text[end:] or "\\" in text[end:]:
        return None  # What stands under one name twice counts once.
    root = "$.data" if _has_data(around) else "$"
    return root, [(str(position), model) for position, model in enumerate(models)]


def _objects(text: str, place: int, known: Known) -> tuple[list[_Model], int]:
    """The objects of a list from its first on, and the place after its bracket; none if there is
    anything else in it. Raises ValueError where an object is no JSON."""
    models: list[_Model] = []
    while text.startswith("{", place):
        models.append(known.model_at(text, place))
        following = _NEXT.match(text, place + len(models[-1].text))
        if following is None:
            break
        place = following.end()
        if following[1] == "]":
            return models, place
    return [], place


def _model_of(value: object, text: str) -> _Model:
    members = cast("dict[str, object]", value) if isinstance(value, dict) else {}
    named = [(key, stated) for key, stated in members_of(members) if key in _TOLD_BY]
    told = dict(named)
    identity = told.get("id")
    if not is_text(identity) or not identity or len(told) < len(named):
        return _Model(text, members, "")
    tests = [(key, told[key]) for key in _TOLD_BY if key in told]
    if not all(is_plain(stated) for _, stated in tests if is_text(stated)):
        return _Model(text, members, "")
    filters = [f"@.{key}=={quoted(stated)}" for key, stated in tests if is_text(stated)]
    return _Model(text, members, f"[?{'&&'.join(filters)}]")


def is_plain(name: str) -> bool:
    """Whether a text is one short line that looks as it is, so that a locator can hold it."""
    if len(name) > _LONGEST_PLAIN:
        return False
    return name.isprintable() or not any(
        category(each) in _CONTROLS or bidirectional(each) in _REORDERING for each in name
    )


def _whole(value: object, text: str) -> object:
    """The value with U+FFFD for every half of a character that an escape left behind."""
    return _mended(value) if "\\ud" in text or "\\uD" in text else value


def is_text(value: object) -> TypeGuard[str]:
    """Whether a value of what was parsed is a text, and no number as it was printed."""
    return isinstance(value, str) and not isinstance(value, _Printed)


def _mended(value: object) -> object:
    if is_text(value):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        members = members_of(cast("object", value))
        return object_of([(cast("str", _mended(key)), _mended(child)) for key, child in members])
    return [*map(_mended, cast("list[object]", value))] if isinstance(value, list) else value


def _has_data(document: object) -> TypeGuard[dict[str, object]]:
    return isinstance(document, dict) and "data" in document


def _selector(model: _Model, position: str, seen: dict[str, int]) -> str:
    """The filter for one model, with an ordinal when the same filter was used before."""
    if not model.selector:
        return f"[{position}]"
    again = seen[model.selector] = seen.get(model.selector, -1) + 1
    return f"{model.selector}[{again}]" if again else model.selector


def quoted(text: str) -> str:
    """A string literal of JSONPath: JSON's own escapes, but for which quote needs one."""
    inner = json.dumps(text, ensure_ascii=False)[1:-1].replace('\\"', '"').replace("'", "\\'")
    return f"'{inner}'"


def _prices(members: dict[str, object], where: str) -> Iterator[WalkedCell]:
    for block in _BLOCKS:
        stated = [members.get(block)]
        if isinstance(members, Twice):
            stated = [child for key, child in members_of(members) if key == block]
        for each in stated:
            if each is not None:
                yield from scalars(each, f"{where}.{block}")


def scalars(value: object, where: str, words: frozenset[str] = METADATA) -> Iterator[WalkedCell]:
    """Every scalar at or below a value that stands somewhere, but for members named in words."""
    if not isinstance(value, dict | list):
        yield WalkedCell(where, value if isinstance(value, str) else json.dumps(value))
        return
    for key, child in members_of(cast("object", value)):
        if isinstance(value, list):
            place = f"{where}[{key}]"
        elif key in words:
            continue
        else:
            place = where + _step(key)
        if isinstance(child, str):
            # Nearly every price: worth not descending once more for each.
            yield WalkedCell(place, child)
        else:
            yield from scalars(child, place, words)


@lru_cache(maxsize=1024)
def _step(key: str) -> str:
    """How a JSONPath goes on to a member of that name."""
    return f".{key}" if key.isascii() and key.isidentifier() else f"[{quoted(key)}]"
