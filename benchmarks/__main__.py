"""``python -m benchmarks [NAME]…``: run all measurements, or those named."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

APART = {"__init__", "__main__", "report"}


def main(wanted: list[str]) -> int:
    """Run and print; an unknown name is answered with the names there are."""
    known = sorted(p.stem for p in Path(__file__).parent.glob("*.py") if p.stem not in APART)
    unknown = [name for name in wanted if name not in known]
    if unknown:
        print(f"no benchmark is called {unknown[0]!r}; there are: {', '.join(known)}")
        return 2
    for name in wanted or known:
        for measured in import_module(f"benchmarks.{name}").measure():
            print(f"{name}: {measured.line()}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
