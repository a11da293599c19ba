"""Publishing killed at any moment, read all the while: nothing missing, partial or mixed."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from typing_extensions import override

from tests.warehouse.shops import Shop
from warehouse.snapshots import sha256_of
from warehouse.verify import faults

ROOT = Path(__file__).parents[2]
PUBLISHES = int(os.environ.get("TEST_PUBLISHES", "12"))
"""How many snapshots have to come through; 200 takes minutes."""


class Reader(threading.Thread):
    """Reads what is published, over and over, in both ways that are promised to work."""

    def __init__(self, published: Path) -> None:
        super().__init__(daemon=True)
        self.published = published
        self.stopped = threading.Event()
        self.seen: set[str] = set()
        self.wrong: list[str] = []

    @override
    def run(self) -> None:
        while not self.stopped.is_set() and not self.wrong:
            try:
                self.by_pointer()
                self.by_link()
            except (OSError, ValueError, KeyError) as error:
                self.wrong.append(repr(error))

    def by_pointer(self) -> None:
        pointer = json.loads((self.published / "latest.json").read_bytes())
        snapshot = self.published / pointer["path"]
        if sha256_of(snapshot / "manifest.json") != pointer["manifest_sha256"]:
            self.wrong.append(f"{pointer['snapshot_id']}: another manifest than the pointer names")
        for file in json.loads((snapshot / "manifest.json").read_bytes())["files"]:
            if sha256_of(snapshot / file["path"]) != file["sha256"]:
                self.wrong.append(f"{pointer['snapshot_id']}: {file['path']} is not whole")
        self.seen.add(pointer["snapshot_id"])

    def by_link(self) -> None:
        feed = json.loads((self.published / "latest" / "prices.json").read_bytes())
        there = self.published / "snapshots" / feed["snapshot_id"] / "prices.json"
        if json.loads(there.read_bytes()) != feed:
            self.wrong.append(f"latest/prices.json is no file of {feed['snapshot_id']}")


def publish_until_killed(shop: Shop, seconds: float) -> list[str]:
    command = [sys.executable, str(ROOT / "tests/warehouse/publisher.py"), str(shop.data_dir)]
    child = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": "."}
    )
    assert child.stdout is not None
    try:
        first = child.stdout.readline()  # from here on it works, and is killed in its work
        time.sleep(seconds)
    finally:
        child.kill()
        rest, _ = child.communicate()
    return [first.strip(), *rest.split()]


@pytest.mark.slow
@pytest.mark.timeout(300 + 20 * PUBLISHES)
def test_a_reader_never_sees_half_of_anything(shop: Shop) -> None:
    generator = random.Random(11)
    reader = Reader(shop.published)
    reader.start()
    made: list[str] = []
    kills = 0
    while len(made) < PUBLISHES:
        made += publish_until_killed(shop, generator.uniform(0, 2))
        kills += 1
    reader.stopped.set()
    reader.join()

    assert reader.wrong == []
    assert len(reader.seen) > 1
    assert len(set(made)) == len(made)
    assert shop.publish().snapshot.snapshot_id >= max(made)
    assert list(faults(shop.latest)) == []
    assert [path.name for path in shop.published.rglob(".*")] == []
    assert kills >= 2
