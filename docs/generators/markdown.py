"""The little Markdown that generated pages are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

NOTICE: Final = "<!-- Written by docs/generate.py; `make docs` writes it again. -->"


def page(title: str, *parts: str) -> str:
    """A whole page: title, the notice that it is generated, and its parts."""
    return "\n\n".join([f"# {title}", NOTICE, *(part.strip("\n") for part in parts if part)]) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a bar or a line break in a cell would end it, so neither is left as it is."""
    lines = [_line(head), _line(["---"] * len(head)), *map(_line, rows)]
    return "\n".join(lines)


def code(text: str) -> str:
    """Inline code; nothing for nothing."""
    return f"`{text}`" if text else ""


def block(language: str, text: str) -> str:
    """A block of code."""
    return f"```{language}\n{text.rstrip()}\n```"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '&#124;').replace(chr(10), ' ') for cell in cells)} |"
