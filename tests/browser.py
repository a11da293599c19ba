"""A real browser for tests: the machine's chromium, driven by playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

REQUIRED: Final = "REQUIRE_BROWSER"
"""Set by .ci/run, where a browser is installed: without one the tests fail and are not skipped."""

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS: Final = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


@contextmanager
def browser_page() -> Generator[Page]:
    """An empty page of a browser of its own, whose waits end after a minute."""
    executable = _chromium()
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 # half a second

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=_ARGUMENTS)
        try:
            page = browser.new_page()
            page.set_default_timeout(60_000)
            yield page
        finally:
            browser.close()


def _chromium() -> str:
    for found in filter(None, map(shutil.which, _NAMES)):
        return found
    missing = "needs the browser chromium (Debian: apt-get install chromium)"
    if os.environ.get(REQUIRED):
        pytest.fail(missing)
    pytest.skip(missing)
