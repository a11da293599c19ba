"""Fetch a compressed bomb and print how it ended and by how many KB the process grew.

Run in a process of its own, because the most memory a process ever had never goes down again.
"""

from __future__ import annotations

import gzip
import resource
import sys
from pathlib import Path

from spiders.capture_store import CaptureStore
from spiders.fetch import fetch_source
from spiders.fetch_settings import FetchSettings
from spiders.sites import Sites
from spiders.sources.openrouter_models import openrouter_models_plan
from tests.spiders.loopback import Said, Site, TestClock, serve


def main(root: Path) -> None:
    bomb = gzip.compress(b" " * 4_000_000, 9) * 100  # 400 MB in 0.4
    with serve(Site()) as site:
        said = Said(bomb, headers={"Content-Encoding": "gzip"})
        site.says("/api/v1/models?output_modalities=all", said)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        done = fetch_source(
            "openrouter_models",
            openrouter_models_plan,
            sites=Sites({"openrouter.ai": site.base}),
            store=CaptureStore(root),
            settings=FetchSettings(max_body_bytes=3_000_000),
            clock=TestClock(),
        )
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    sys.stdout.write(f"{done.outcome} {grown}\n")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    main(Path(sys.argv[1]))
