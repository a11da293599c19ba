"""What every JSON catalogue needs: its models told apart, locators by id, a tree of known keys.

A locator is a JSONPath (RFC 9535) that selects a model by its id instead of its position, so that
it stays the same when a list is sorted anew: ``$.data[?@.id=='openai/gpt-5'].pricing.prompt``.
Where a body lists the same model twice, the second carries an ordinal after the filter (``[1]``),
and an entry without an id can only be told by its position (``$.data[3]``).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias

from models.reading import Cell, CellResult, Drift, ExtractError, Outcome, RowReading
from spiders.bounds import displayable, refuse_too_many
from spiders.sources import faults, values
from spiders.sources.faults import fault_of_id, stated_twice
from spiders.sources.values import Doubled, JsonObject

# A known key maps to the keys known below it; None where whatever stands below is not looked at.
KeyTree: TypeAlias = Mapping[str, "KeyTree | None"]

# Members under pricing which say what a price is for instead of being one; `discount` is how much
# OpenRouter's endpoints have taken off already.
METADATA: Final = frozenset(
    {
        *("kind", "currency", "dimensions", "when", "discount"),
        *("name", "content", "measure", "origin", "unit", "per"),
        *("type", "phase", "author"),
        *("tier", "service_tier", "threshold", "ttl"),
        *("min_prompt_tokens", "utc_start", "utc_end"),
    }
)

# Those of them that hold numbers, or whatever a condition holds.
_HOLDS_NUMBERS: Final = frozenset(
    {
        *("when", "dimensions", "discount", "per", "threshold", "ttl"),
        *("min_prompt_tokens", "utc_start", "utc_end"),
    }
)
_NUMBER: Final = re.compile(r"[+-]?[0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]+)?")

PRICING: Final = faults.PRICING
SKUS: Final = faults.SKUS

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ESCAPED: Final = {
    "\\": "\\\\",
    "'": "\\'",
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\f": "\\f",
    "\r": "\\r",
}
_TO_ESCAPE: Final = re.compile(r"[\\'\x00-\x1f]")


class Entry(NamedTuple):
    """One model of a list with the locator that selects it."""

    locator: str
    model: JsonObject


@dataclass(frozen=True, slots=True)
class Listed:
    """All a body lists before anything is decided.

    ``orphans`` are the price cells of entries without an id, refused because they belong to no
    model; ``drift`` is what the body as a whole has that its reader does not expect.
    """

    entries: tuple[Entry, ...]
    orphans: tuple[CellResult, ...] = ()
    drift: tuple[Drift, ...] = ()


def model_list(document: object) -> tuple[str, list[object]]:
    """The list of models and its locator: the envelope's ``data``, or a bare list.

    Raises ExtractError when neither is there, or when the list is empty: a seller without a single
    model is a broken answer, and must not end every price.
    """
    envelope = values.as_object(document)
    where, models = ("$", document) if envelope is None else ("$.data", envelope.get("data"))
    listed = values.as_list(models)
    if listed is None:
        raise ExtractError("$.data", "no list of models")
    if not listed:
        raise ExtractError("$.data[*]", "the list of models is empty")
    return where, listed


def entries(document: object) -> tuple[list[Entry], list[CellResult]]:
    """Every model with its locator, and the price cells of entries that have no id.

    An entry that states its id twice, or one that cannot be a name, is one without an id. Raises
    ExtractError when no entry at all has an id, and when there are too many.
    """
    where, models = model_list(document)
    _refuse_doubled(document)
    refuse_too_many(models, f"{where}[*]")
    found: list[Entry] = []
    orphans: list[CellResult] = []
    seen: dict[str, int] = {}
    for position, model in enumerate(models):
        fields = values.as_object(model) or {}
        fault = fault_of_id(fields)
        if fault is not None:
            orphans += refused_cells(fields, f"{where}[{position}]", *fault)
            continue
        locator = _locator(where, str(fields["id"]), _text_or_none(fields.get("type")))
        again = seen[locator] = seen.get(locator, -1) + 1
        found.append(Entry(f"{locator}[{again}]" if again else locator, fields))
    if not found:
        raise ExtractError(f"{where}[*].id", "no entry of the list has an id")
    return found, orphans


# What stands around OpenRouter's lists: `total_count` and `links` since 2026-07-13.
ENVELOPE_TREE: Final[KeyTree] = {"data": None, "total_count": None, "links": {"next": None}}


def listed(body: bytes, block: str, what: str) -> Listed:
    """The models of one of OpenRouter's lists, cells without a model, and what the list has new.

    Raises ExtractError when the body is no list of models, or when no model of it has ``block``;
    ``what`` says what that is.
    """
    document = values.parse(body)
    found, orphans = entries(document)
    if not any(block in entry.model for entry in found):
        raise ExtractError(f"$.data[*].{block}", f"no model of the list states {what}")
    return Listed(tuple(found), tuple(orphans), list_drift(document, ENVELOPE_TREE, len(found)))


def list_drift(document: object, tree: KeyTree, found: int) -> tuple[Drift, ...]:
    """What stands around a list of models that the tree does not know, and entries of it besides
    the models that were ``found``: without an id they are none, priced or not."""
    envelope = values.as_object(document) or {}
    _, models = model_list(document)
    return (
        *drift_of("new_key", new_keys(envelope, tree)),
        *drift_of("vanished_field", ["id"] * (len(models) - found)),
    )


def _refuse_doubled(document: object) -> None:
    """Raise ExtractError for an answer that states what stands around its list more than once."""
    if isinstance(document, Doubled):
        for key, stated in values.doubled_in(document):
            if "." not in key:
                raise ExtractError(f"$.{displayable(key)}", stated_twice(key, stated))


def _text_or_none(value: object) -> str | None:
    return value if values.is_text(value) else None


@lru_cache(maxsize=4096)  # a few lists' worth, which hardly differ from one fetch to the next
def _locator(where: str, model_id: str, kind: str | None) -> str:
    """What selects a model in the list: its id, and its type where it states one."""
    typed = "" if kind is None else f"&&@.type=={quoted(kind)}"
    return f"{where}[?@.id=={quoted(model_id)}{typed}]"


def price_cells(model: JsonObject, locator: str) -> Iterator[tuple[str, str]]:
    """Every price cell of a model with its text, where nothing is read of it."""
    for block, stated in values.members_of(model):
        if block in (PRICING, SKUS) and stated is not None:
            yield from scalars(stated, f"{locator}.{block}", METADATA)


def refused_cells(model: JsonObject, locator: str, reason: str, detail: str) -> list[CellResult]:
    """All price cells of an entry, refused for one reason."""
    return [
        CellResult(where, text, Outcome.REJECTED, reason, detail)
        for where, text in price_cells(model, locator)
    ]


def refused_reading(entry: Entry, reading: RowReading, reason: str, detail: str) -> RowReading:
    """The reading of a row without its prices, and all its price cells refused."""
    cells = refused_cells(entry.model, entry.locator, reason, detail)
    return replace(reading, claims=(), cells=tuple(cells), drift=())


def sku_cells(model: JsonObject, locator: str) -> Iterator[Cell]:
    """The prices under ``pricing_skus``, whose names are free-form and say no unit to rely on.

    OpenRouter documents the block for its video models (2026-08); no list was seen to have it.
    """
    if model.get(SKUS) is not None:
        for where, text in scalars(model[SKUS], f"{locator}.{SKUS}", METADATA):
            yield Cell(where, text, SKUS)


def quoted(text: str) -> str:
    """The text as a single-quoted JSONPath string."""
    return "'" + _TO_ESCAPE.sub(_escape, text) + "'"


def _escape(match: re.Match[str]) -> str:
    char = match.group()
    return _ESCAPED.get(char) or f"\\u{ord(char):04x}"


def member(locator: str, key: str) -> str:
    """The locator of a member: ``.key``, or ``['key']`` where the key is no plain name."""
    return f"{locator}.{key}" if _NAME.fullmatch(key) else f"{locator}[{quoted(key)}]"


def scalars(
    value: object, locator: str, skip: frozenset[str] = frozenset()
) -> Iterator[tuple[str, str]]:
    """Every scalar at or below a value with its locator and text, but for members named in skip."""
    if (fields := values.as_object(value)) is not None:
        for key, child in values.members_of(fields):
            if key not in skip:
                yield from scalars(child, member(locator, key), skip)
    elif (items := values.as_list(value)) is not None:
        for index, child in enumerate(items):
            yield from scalars(child, f"{locator}[{index}]", skip)
    else:
        yield locator, values.text_of(value)


def rejected(cell: Cell, reason: str, detail: str) -> CellResult:
    """The outcome of a cell that could not be read."""
    return CellResult(cell.locator, cell.raw_text, Outcome.REJECTED, reason, detail)


def new_keys(value: object, known: KeyTree, path: str = "") -> list[str]:
    """Paths of keys the tree does not know, a list's items written ``[]``.

    What stands below an unknown key is not named apart.
    """
    found: list[str] = []
    if (fields := values.as_object(value)) is not None:
        for key, child in fields.items():
            if key not in known:
                found.append(_below(path, key))
            elif (below := known[key]) is not None:
                found += new_keys(child, below, _below(path, key))
    elif (items := values.as_list(value)) is not None:
        for item in items:
            found += new_keys(item, known, f"{path}[]")
    return found


def numbers_among_words(value: object, path: str = "") -> list[str]:
    """Paths of numbers below ``pricing`` that stand under a key for words ("unit": 0.5).

    Readers and walkers both take such a key for no price; a number there may be one all the same.
    """
    found: list[str] = []
    if (fields := values.as_object(value)) is not None:
        for key, child in fields.items():
            if key in METADATA and values.is_scalar(child):
                if key not in _HOLDS_NUMBERS and _is_number(child):
                    found.append(_below(path, key))
            elif key not in _HOLDS_NUMBERS:
                found += numbers_among_words(child, _below(path, key))
    for item in values.as_list(value) or ():
        found += numbers_among_words(item, f"{path}[]")
    return found


def _is_number(value: object) -> bool:
    return not isinstance(value, bool) and bool(_NUMBER.fullmatch(values.text_of(value)))


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def drift_of(kind: str, names: Iterable[str]) -> tuple[Drift, ...]:
    """One drift per distinct name, with how often it was met."""
    met = list(names)
    if not met:  # as it is for nearly every row, and counting nothing takes its time too
        return ()
    counts = Counter(map(displayable, met))
    return tuple(Drift(kind, name, count) for name, count in sorted(counts.items()))


# Words of the sources for what our vocabulary calls otherwise; all others are kept as they are.
_MODALITY_WORDS: Final = {"file": "document", "pdf": "document", "embeddings": "embedding"}


def modalities_of(words: Iterable[str]) -> tuple[str, ...]:
    """The modality words in our vocabulary where it differs, each once."""
    return tuple(dict.fromkeys(_MODALITY_WORDS.get(word, word) for word in words))
