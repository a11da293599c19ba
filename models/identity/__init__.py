"""One model, many names: which names mean the same, and which only look alike.

``names`` reads one text, ``canonical`` gives a whole catalogue its keys, ``resolve`` finds what a
printed name stands for, ``aliases`` holds what people have checked, ``suggest`` ranks what a person
might check next. A likeness is never a match.
"""

from __future__ import annotations

from models.identity.aliases import Alias, AliasError, alias_text, load_aliases, parse_aliases
from models.identity.canonical import Canonical, canonicalise, key_of
from models.identity.entries import CatalogueEntry
from models.identity.names import page_model_id
from models.identity.resolve import Resolution, Resolver
from models.identity.suggest import Suggestion, suggest, why

__all__ = [
    "Alias",
    "AliasError",
    "Canonical",
    "CatalogueEntry",
    "Resolution",
    "Resolver",
    "Suggestion",
    "alias_text",
    "canonicalise",
    "key_of",
    "load_aliases",
    "page_model_id",
    "parse_aliases",
    "suggest",
    "why",
]
