"""What one check of the installation found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check; `remedy` is empty when all is well."""

    check: str
    says: str
    remedy: str = ""

    @property
    def is_fine(self) -> bool:
        """Whether there is nothing to do."""
        return not self.remedy
