"""Fixtures shared by the tests of fetching."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from spiders.capture_store import CaptureStore
from spiders.sites import Sites
from tests.spiders.loopback import Bench, Site, TestClock, serve


@pytest.fixture
def site() -> Generator[Site]:
    with serve(Site()) as site:
        yield site


@pytest.fixture
def bench(site: Site, tmp_path: Path) -> Bench:
    """Ways to fetch from a site that stands for all hosts that sources are at."""
    hosts = ("openrouter.ai", "api.aimlapi.com", "aimlapi.com")
    sites = Sites(dict.fromkeys(hosts, site.base))
    return Bench(site, CaptureStore(tmp_path), TestClock(), sites)
