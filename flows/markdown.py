"""Words of others in Markdown: shown as they are, in one line, and never taken for markup."""

from __future__ import annotations

import re
from typing import Final

from flows.tables import printable

_SPECIAL: Final = re.compile(r"[\\`*_\[\]<>|~#&]")


def escaped(text: str) -> str:
    """The text with everything escaped that Markdown or HTML would read as more than text."""
    return _SPECIAL.sub(r"\\\g<0>", printable(text))
