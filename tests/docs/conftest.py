"""The price book that the documentation speaks of, on disk and over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from docs.generators.examples import Examples
from flows.serving import make_server


@pytest.fixture(scope="session")
def examples() -> Iterator[Examples]:
    with Examples() as made:
        yield made


@pytest.fixture(scope="session")
def address(examples: Examples) -> Iterator[str]:
    server = make_server(examples.data_dir / "published", 0)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    with server:
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
    thread.join()
