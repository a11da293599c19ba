"""One file per source: how it is asked, and what its bodies say.

A source is complete with three things: its entry in ``models/sources.toml``, its file here, named
after it, and a folder of fixtures. The file is found by its name and has to define

``FETCH``   a plan of requests (called with the seller's key where the registry says ``needs_key``),
            or the :class:`~spiders.pageplan.PageJob` of a page to crawl;
``READER``  the :class:`~spiders.reader.Reader` of its bodies.

Errors: ``SourceFileError`` when a registered source has no such file, or the file lacks a part.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, partial
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from typing_extensions import override

from models.registry import ASKED, SOURCES
from spiders.pageplan import PageJob
from spiders.plan import KeyedPlanMaker, PlanMaker, plan_without_key

if TYPE_CHECKING:
    from spiders.reader import Reader

How: TypeAlias = PlanMaker | PageJob
RECORDED_KEY: Final = "recorded"
"""Stands for the key where a recording is asked, which needs none."""


class SourceFileError(Exception):
    """Raised when a source's file is missing, or a part of it; names both."""


def how_to_fetch(source: str, key: str | None = None) -> How:
    """How a source is asked: a plan of requests, or a page to crawl.

    ``key`` is the seller's; a source that needs one and gets none is not asked.
    """
    made = _part(source, "FETCH")
    if not SOURCES[source].needs_key:
        return cast("How", made)
    if not key:
        return partial(plan_without_key, SOURCES[source].seller)
    return partial(cast("KeyedPlanMaker", made), key)


def reader_of(source: str) -> Reader:
    """What reads the bodies of a source."""
    return cast("Reader", _part(source, "READER"))


class Recorded(Mapping[str, How]):
    """How each source is asked of a recording: as ever, and without a key of one's own."""

    @override
    def __getitem__(self, source: str) -> How:
        return how_to_fetch(source, RECORDED_KEY)

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(ASKED)

    @override
    def __len__(self) -> int:
        return len(ASKED)


def _part(source: str, name: str) -> object:
    if source not in SOURCES:
        raise SourceFileError(f"{source!r} is not in models/sources.toml")
    part = getattr(_file_of(source), name, None)
    if part is None:
        raise SourceFileError(f"spiders/sources/{source}.py defines no {name}")
    return part


@cache
def _file_of(source: str) -> ModuleType:
    """A source's file; imported when it is first needed, because reading pages takes libraries."""
    name = f"{__name__}.{source}"
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise SourceFileError(f"there is no spiders/sources/{source}.py") from error
