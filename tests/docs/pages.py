"""The pages of the documentation, and the blocks of code on them."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("fixtures/**/*.md")],
    key=lambda path: path.relative_to(ROOT).as_posix(),
)
GUIDES = [path for path in PAGES if "reference" not in path.parts]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RUN_ELSEWHERE = {
    "docs/consumers/genai-prices.md": "formats",
    "docs/consumers/litellm.md": "formats",
    "docs/consumers/pandas.md": "pandas",
}
"""Pages whose programs need another environment of .ci/elsewhere."""


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(language: str) -> list[tuple[str, str]]:
    """Every block of a language in the guides, with the page it stands on."""
    found = [
        (name_of(path), body)
        for path in GUIDES
        for kind, body in BLOCK.findall(path.read_text(encoding="utf-8"))
        if kind == language
    ]
    assert found, f"no {language} in any guide"
    return found
