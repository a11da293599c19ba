"""OpenRouter's list of embedding models: the model object of the chat list, called for otherwise.

An embedding puts out no tokens, so that a zero under ``completion`` says nothing, whereas
``prompt`` is what it costs. The list of all models names the same ids, for the same operation where
they put out embeddings alone: one offering, whose prices this list states before the other.
"""

from __future__ import annotations

from typing import Final

from models.reading import Row
from spiders.listplan import list_plan
from spiders.plan import Plan
from spiders.reader import Catalogue, Reader
from spiders.sources.openrouter_models import interpret, is_time_dependent, listed, typed_row_of
from spiders.sources.values import JsonObject
from spiders.walker_json import walk_json

SOURCE: Final = "openrouter_embeddings"
URL: Final = "https://openrouter.ai/api/v1/embeddings/models"
TYPE_WORD: Final = "embedding"


def openrouter_embeddings_plan() -> Plan:
    """The list of embedding models, to its last page."""
    return list_plan(URL)


def row_of(locator: str, model: JsonObject) -> Row:
    """One model of the list, verbatim."""
    return typed_row_of(locator, model, TYPE_WORD)


FETCH: Final = openrouter_embeddings_plan
READER: Final = Reader(
    Catalogue(SOURCE, listed, row_of, interpret, is_time_dependent).read, walk_json
)
