"""Small recordings, cut from the bundled one."""

from __future__ import annotations

from pathlib import Path

BUNDLED = Path(__file__).parents[3] / "fixtures" / "captures"
FILES = {
    "aiml_models": "json",
    "aiml_pricing_page": "html",
    "openrouter_models": "json",
}
FIRST = "2025-11-28T0600Z"
SECOND = "2025-12-12T0600Z"


class Recorder:
    """Puts a recording together, a source at a step at a time."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def keep(self, step: str, *sources: str) -> Recorder:
        """Take what the bundled recording has for these sources (all, when none is named)."""
        for source in sources or FILES:
            name = f"{step}.{FILES[source]}"
            self._folder(source).joinpath(name).write_bytes((BUNDLED / source / name).read_bytes())
        return self

    def fail(self, step: str, source: str, status: int) -> Recorder:
        """Let a source answer with an error."""
        path = self._folder(source) / f"{step}.{status}.{FILES[source]}"
        path.write_text("sorry", encoding="utf-8")
        return self

    def _folder(self, source: str) -> Path:
        folder = self.root / source
        folder.mkdir(parents=True, exist_ok=True)
        return folder
