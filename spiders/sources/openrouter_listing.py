"""What OpenRouter says of a model beside its prices, the same in all its lists."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

from models.reading import Drift, Listing, Row
from models.registry import operation_for
from spiders.sources import catalogue, values
from spiders.sources.values import JsonObject

# The lists share one model object and one vocabulary, filed in the registries under this name.
WORDS_OF: Final = "openrouter_models"
TEXT: Final = "text"
CHAT: Final = "chat"
UNSPECIFIED: Final = "unspecified"
MODEL_PAGE: Final = "https://openrouter.ai/"
MODALITY_KEYS: Final = ("input_modalities", "output_modalities")

# 2098-12-31 and 9999-01-01 stand for "never"; real dates lay at most a year ahead.
NEVER_YEAR: Final = "2098"


def developer_and_name(model: JsonObject) -> tuple[str, str]:
    """Names are mostly printed "Developer: Model"; the id's author stands in where they are not."""
    model_id, printed = str(model["id"]), values.text_at(model, "name")
    developer, colon, name = printed.partition(": ")
    if colon and developer and name.strip():
        return developer.strip(), name.strip()
    author = model_id.partition("/")[0].removeprefix("~") if "/" in model_id else ""
    return author, printed or model_id


def listing_of(row: Row, operation: str) -> Listing:
    """The listing of a row whose facts are one of OpenRouter's model objects."""
    facts = row.facts
    architecture = values.object_at(facts, "architecture")
    expires_on = values.text_at(facts, "expiration_date")
    return Listing(
        model_id=row.model_id,
        name=row.name,
        developer=row.developer,
        operation=operation,
        source_type=row.source_type,
        locator=row.locator,
        lineage=values.text_at(facts, "canonical_slug"),
        context_length=values.count_at(facts, "context_length"),
        max_output_tokens=values.count_at(
            values.object_at(facts, "top_provider"), "max_completion_tokens"
        ),
        input_modalities=modalities(architecture, 0),
        output_modalities=modalities(architecture, 1),
        expires_on=expires_on if expires_on < NEVER_YEAR and _is_date(expires_on) else None,
        source_url=MODEL_PAGE + quote(row.model_id or "", safe="/:~@"),
    )


def _is_date(text: str) -> bool:
    if not text:  # which nearly all of them say
        return False
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).strftime("%Y-%m-%d") == text
    except ValueError:
        return False


def modalities(architecture: JsonObject, side: int) -> tuple[str, ...]:
    """Input (side 0) or output (1) words in our vocabulary, none where no side is stated."""
    return catalogue.modalities_of(modality_words(architecture, side))


def modality_words(architecture: JsonObject, side: int) -> tuple[str, ...]:
    """Input (side 0) or output (1) words; the older ``modality: "text+image->text"`` stands in.

    The oldest recordings have one word only, "text" or "multimodal", which tells no side.
    """
    words = values.texts_at(architecture, MODALITY_KEYS[side])
    if not words:
        sides = values.text_at(architecture, "modality").split("->")
        words = tuple(word for word in sides[side].split("+") if word) if len(sides) == 2 else ()
    return words


def type_word(architecture: JsonObject) -> str:
    """The word for what a model is called for: ``text`` where that is among its outputs.

    Otherwise its outputs as they are stated, several joined by a plus. ``chat`` stands for the
    models of 2024, which state none.
    """
    words = modality_words(architecture, 1)
    if not words:
        return CHAT
    return TEXT if TEXT in words else "+".join(dict.fromkeys(words))


def operation_of(word: str) -> str:
    """The operation of a type word; ``unspecified`` where it is unknown or stands for several.

    Nothing says which of several works the prices of such a model are for.
    """
    found = {operation_for(WORDS_OF, part) for part in word.split("+")}
    return (found.pop() or UNSPECIFIED) if len(found) == 1 else UNSPECIFIED


def type_drift(row: Row) -> tuple[Drift, ...]:
    """Output words that nobody knows, and outputs that are known and together stand for nothing."""
    words = modality_words(values.object_at(row.facts, "architecture"), 1)
    unknown = [word for word in words if operation_for(WORDS_OF, word) is None]
    if not unknown and operation_of(row.source_type) == UNSPECIFIED:
        unknown = [row.source_type]
    return catalogue.drift_of("unknown_type", unknown)
