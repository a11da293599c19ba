"""What identity needs to know of an offering."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One offering that a seller's API lists.

    ``aliases`` are other ids the seller itself accepts for it; ``lineage`` is the seller's own word
    for what several of its ids have in common: kept for display, never a key.
    """

    seller: str
    model_id: str
    operation: str
    name: str
    developer: str
    aliases: tuple[str, ...] = ()
    lineage: str = ""

    @property
    def has_id(self) -> bool:
        """Whether the seller's API gave the id; names known from a page only are not matched."""
        return not self.model_id.startswith("page:")
