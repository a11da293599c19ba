"""Write the generated part of the documentation, or tell what of it is stale.

    python docs/generate.py                 write everything
    python docs/generate.py --check         end with 1 and the names of stale files
    python docs/generate.py --pictures      also draw the pictures again

Generated are the pages in docs/reference/, and in the guides the results below the queries (each
is run on the bundled recording). Pictures are only drawn on request.
"""

from __future__ import annotations

import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))

from docs.generators.cli_page import cli_page  # noqa: E402 # the path comes first
from docs.generators.examples import Examples, with_results  # noqa: E402
from docs.generators.pictures import draw  # noqa: E402
from docs.generators.registry_pages import meters_page  # noqa: E402
from docs.generators.settings_page import settings_page  # noqa: E402
from docs.generators.tables_page import tables_page  # noqa: E402

DOCS = CHECKOUT / "docs"


def generated(examples: Examples) -> dict[Path, str]:
    """What every generated file should say."""
    pages = {
        DOCS / "reference" / "cli.md": cli_page(),
        DOCS / "reference" / "tables.md": tables_page(),
        DOCS / "reference" / "meters.md": meters_page(),
        DOCS / "reference" / "settings.md": settings_page(),
    }
    guides = [CHECKOUT / "README.md", *sorted(DOCS.glob("*.md")), *DOCS.glob("consumers/*.md")]
    for guide in guides:
        pages[guide] = with_results(guide.read_text(encoding="utf-8"), examples)
    return pages


def main(arguments: list[str]) -> int:
    """Write, or check; returns the exit status."""
    with Examples() as examples:
        pages = generated(examples)
        if "--pictures" in arguments:
            draw(examples, DOCS / "img")
    stale = [path for path, text in pages.items() if _said(path) != text]
    names = [path.relative_to(CHECKOUT).as_posix() for path in stale]
    if "--check" in arguments:
        for name in names:
            print(f"stale: {name} (run `make docs`)", file=sys.stderr)
        return 1 if names else 0
    for path, name in zip(stale, names, strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(pages[path], encoding="utf-8")
        print(f"wrote {name}")
    return 0


def _said(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
