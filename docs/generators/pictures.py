"""Pictures of what the command line answers, as SVG that needs no font from anywhere."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from docs.generators.examples import Examples

PICTURES: Final[Mapping[str, tuple[str, int]]] = {
    "prices.svg": ("pricebook prices --modality text-to-video --seller aimlapi", 24),
    "history.svg": (
        "pricebook history aimlapi/openai/gpt-5 --meter input_token",
        24,
    ),
}
"""File, the command it shows, and how many lines of its answer."""

_FORMAT: Final = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{
  font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width;
}}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def draw(examples: Examples, folder: Path) -> None:
    """Write every picture into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (command, lines) in PICTURES.items():
        answer = examples.answer("console", command).splitlines()[:lines]
        width = max(map(len, [command, *answer])) + 3
        console = Console(record=True, width=width, file=io.StringIO(), color_system="truecolor")
        console.print(Text(f"$ {command}", style="bold"))
        for number, line in enumerate(answer):
            console.print(Text(line, style="bold" if number == 0 else ""), no_wrap=True)
        svg = console.export_svg(title="pricebook", code_format=_FORMAT, unique_id=Path(name).stem)
        (folder / name).write_text(svg, encoding="utf-8")
