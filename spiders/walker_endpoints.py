"""The independent count of price cells for answers about the endpoints of one model.

Like :mod:`spiders.walker`, it shares nothing with the code that reads prices. A price cell is every
scalar at any depth below an endpoint's ``pricing``, but for the words that say what a price is for.
Lists of models are counted as anywhere else, so that a fetch may hold both.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, cast

from spiders.walker import METADATA, Cells
from spiders.walker_json import Known, is_plain, is_text, parsed, quoted, scalars, walk_json

_IMAGE_WORDS: Final = METADATA | {"billable", "variant"}
_TOLD_BY: Final = ("tag", "provider_tag", "provider_slug", "provider_name")


def walk_endpoints(body: bytes, known: Known | None = None) -> Iterator[Cells]:
    """The price cells of a body about a model of words, by endpoint; none where it is not JSON."""
    return _walk(body, METADATA, known)


def walk_image_endpoints(body: bytes, known: Known | None = None) -> Iterator[Cells]:
    """The price cells of a body about an image model, or of their list."""
    return _walk(body, _IMAGE_WORDS, known)


def _walk(body: bytes, words: frozenset[str], known: Known | None) -> Iterator[Cells]:
    document = parsed(body)
    root, model = "$", document
    if isinstance(_members(document).get("data"), dict):
        root, model = "$.data", _members(document)["data"]
    endpoints = _members(model).get("endpoints")
    if not isinstance(endpoints, list):
        yield from walk_json(body, known)
        return
    identity = _members(model).get("id")
    met: dict[str, int] = {}
    for endpoint in cast("list[object]", endpoints):
        where = _selector(root, identity, _members(endpoint))
        met[where] = met.get(where, -1) + 1
        place = f"{where}[{met[where]}]" if met[where] else where
        if _members(endpoint).get("pricing") is not None:
            yield tuple(scalars(_members(endpoint)["pricing"], f"{place}.pricing", words))


def _members(value: object) -> dict[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _selector(root: str, identity: object, endpoint: dict[str, object]) -> str:
    tests: list[str] = []
    if is_text(identity) and identity and is_plain(identity):
        tests.append(f"{root}.id=={quoted(identity)}")
    for key in _TOLD_BY:
        value = endpoint.get(key)
        if is_text(value) and value.strip() and is_plain(value):
            tests.append(f"@.{key}=={quoted(value)}")
            break
    return f"{root}.endpoints[?{'&&'.join(tests)}]" if tests else f"{root}.endpoints[*]"
