"""A data directory to publish from, and what tests do to it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from warehouse.database import open_writer
from warehouse.publish import Published, publish
from warehouse.snapshots import read_json, sha256_of

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Shop:
    """A data directory whose warehouse holds the whole recording."""

    data_dir: Path
    elsewhere: Path | None = None

    @property
    def published(self) -> Path:
        return self.elsewhere or self.data_dir / "published"

    @property
    def latest(self) -> Path:
        return (self.published / "latest").resolve()

    def publish(self, at: datetime = NOW) -> Published:
        with open_writer(self.data_dir) as connection:
            done = publish(connection, self.published, at)
        assert done is not None
        return done

    def execute(self, query: str) -> None:
        with open_writer(self.data_dir) as connection:
            connection.execute(query)

    def fetch_again(self, seconds: int = 3600) -> None:
        """The newest fetch of every source once more, so much later: freshness and nothing else."""
        self.execute(f"""
            INSERT INTO fetch_log BY NAME
            SELECT * REPLACE (
                fetch_key + 1000000 AS fetch_key,
                fetch_id || '-again' AS fetch_id,
                fetched_at + INTERVAL {seconds} SECOND AS fetched_at,
                finished_at + INTERVAL {seconds} SECOND AS finished_at
            )
            FROM fetch_log
            WHERE is_healthy
            QUALIFY row_number() OVER (PARTITION BY source ORDER BY fetched_at DESC) = 1
        """)

    def reprice(self) -> None:
        """Something an analyst would see: another rejection, as a later fetch would find."""
        self.execute("""
            INSERT INTO rejection_log BY NAME
            SELECT * REPLACE (locator || '/next' AS locator)
            FROM rejection_log
            QUALIFY row_number() OVER (ORDER BY locator DESC) = 1
        """)

    def reseal(self, path: Path, content: bytes, manifest: dict[str, Any]) -> None:
        """Replace a file and its checksum, so that only what it says can be found wrong."""
        path.write_bytes(content)
        for file in manifest["files"]:
            if file["path"] == path.relative_to(self.latest).as_posix():
                file["bytes"], file["sha256"] = len(content), sha256_of(path)
        (self.latest / "manifest.json").write_text(json.dumps(manifest))

    def manifest(self) -> dict[str, Any]:
        return read_json(self.latest / "manifest.json")

    def feed(self, name: str) -> dict[str, Any]:
        return read_json(self.latest / name)

    def feed_list(self, name: str) -> list[dict[str, Any]]:
        return list(json.loads((self.latest / name).read_bytes()))


def later(days: float) -> datetime:
    return NOW + timedelta(days=days)
